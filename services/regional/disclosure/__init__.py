"""Disclosure at the region: which of its tables hold what of one person.

Owns: no table; the list of parts, and of every table it leaves out, the reason. Takes: a NIK or a
recording, in a body. Gives: rows of that person alone, with an entry in the audit. Never: a code
that opens a page, or pages of the feed, which hold other people too.
"""
