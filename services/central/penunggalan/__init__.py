"""Penunggalan: one person, one recording. Cheapest check first; no guess is called "unique".

Owns: `registry`, `duplicate`. Takes: received recordings, in a region's order. Gives: one outcome
each, and a permission with the unique ones. Never: rejects for a NIK that disagrees with birth date
or sex.
"""
