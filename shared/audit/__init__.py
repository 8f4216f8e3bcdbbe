"""The audit: who looked at whom and who did what, in one chain that cannot be changed unseen.

Owns: how an entry is written in bytes, the chain of hashes over entries, the Merkle tree (RFC 9162)
over the same bytes, and the queries of a ledger, which are the same at the centre and at a region.
Never: a name, a NIK, an address or a picture; ids and codes only.
"""
