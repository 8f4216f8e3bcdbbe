"""Amendments: what is asked to be changed of proven people is judged again, kept, and told.

Owns: `amendment`, `identity_version`. Takes: amendment and reprint requests of the region where the
recording stands. Gives: one decision each, and what a card shows now. Never: changes a NIK, forgets
an old value, searches for uniqueness again, signs a permission itself.
"""
