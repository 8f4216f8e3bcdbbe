"""`tunggal audit`: verify a chain, carry it away to be verified elsewhere, keep its tables apart.

Owns: nothing. Takes: a database, or an export. Gives: the first wrong entry and what to do. Never:
changes an entry.
"""
