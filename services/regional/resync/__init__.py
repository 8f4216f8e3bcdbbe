"""Re-sync: a centre that was restored is given back what it signed and no longer holds.

Owns: nothing; it reads the kept pages and receipts. Takes: the centre's word on where it stands.
Gives: witnesses in order, and the word that all was handed back. Never: applies an entry, or speaks
of a position that an older page could still move.
"""
