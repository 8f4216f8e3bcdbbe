"""Retention: what is kept how long, and the loop that removes what is past its time.

Owns: what a term and a sweep are, how a turn goes in bounded batches, the doors that show and start
one. Takes: sweeps of a service's own tables. Gives: counts by kind. Never: a row, a name, a NIK.
"""
