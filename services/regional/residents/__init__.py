"""The residents' list: taken from the civil registry's own system, compared, applied, remembered.

Owns: `resident`, change sets with what they staged, named and changed. Takes: CSV, by streams.
Gives: a preview of what a list would change, the list itself to other rooms' tables, and the
denominators of coverage to the centre. Never: guesses at a damaged NIK, repeats a line, or lets
somebody go who is recorded here unless an officer said so.
"""
