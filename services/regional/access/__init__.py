"""Access reports: who looked at a person's data here, when, in which role and what for.

Owns: nothing; it is built from entries of the audit alone. Takes: a NIK, in a body. Gives: the
report, as a document and as a page to print for whoever asks for their own. Never: more of the
person than the entries know, which is ids.
"""
