"""Suket: a temporary certificate for somebody who is recorded and has no card yet.

Owns: `suket`. Takes: a NIK at the desk, the periods in which the law allows it. Gives: a PDF with a
code, and to whoever scans it whether it counts. Never: tells a name to the public, or writes that a
card ended one: that follows from the card.
"""
