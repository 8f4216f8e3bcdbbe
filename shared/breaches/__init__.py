"""Breaches: incidents with personal data, the 72 hours the law gives, and the letters it asks for.

Owns: what a breach is, its clock, its letters, the queries of its one table, which is the same at
the centre and at a region. Takes: an officer's words. Gives: what is overdue. Never: whose data it
was; the letters are filled in and sent by people.
"""
