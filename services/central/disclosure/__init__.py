"""Disclosure at the centre: which of its tables hold what of one person.

Owns: no table; the list of parts, and of every table it leaves out, the reason. Takes: a NIK, or a
recording of a region, in a body. Gives: rows of that person alone, with an entry in the audit.
Never: another person's evidence in a case, or keys under which people are found.
"""
