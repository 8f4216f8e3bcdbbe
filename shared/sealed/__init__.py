"""Sealed records: what a region writes of a person, and only the centre can read (ADR 25).

A recording's body is encrypted with a data key of its own; that key is wrapped under a session key
that lives in the region's memory, and the session key is encapsulated to the centre's public key by
HPKE (RFC 9180). Everything needed to open a body alone, years later, is in the body but the
centre's private key. What an office itself must read meanwhile is its working copy, sealed under a
key of the region that lies outside the database.
"""
