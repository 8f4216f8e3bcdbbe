"""Operators: officers' own irises, so that they are known under a citizen's NIK.

Owns: `operator_irises`. Takes: an officer's templates from the head of office. Gives: a gallery
that recording asks at the door, and envelopes for the centre's. Never: says whose irises it found.
"""
