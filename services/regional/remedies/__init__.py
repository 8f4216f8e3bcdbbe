"""Remedies: what this office asks of the centre about recordings that cannot be printed.

Owns: `deletion_request`, `deletion_named`, `validation`, `move_in`. Takes: an officer's request
with the person's consent, an officer's findings, a moving letter. Gives: envelopes in the outbox
within the same commit. Never: frees a NIK itself; that is the centre's word, and comes by the feed.
"""
