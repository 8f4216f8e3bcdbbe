"""Print authorizations: signed, addressed to one office, for one card; and what became of them.

Owns: `card`, `revocation`, and the `authorization_*` columns of `registry`. Takes: unique
recordings, card receipts, renewal requests, an officer's revocation. Gives: permissions, a fresh
one when a blank was spoiled or time ran out, revocations. Never: two live ones for one person.
"""
