"""Print authorizations: signed, addressed to one office, for one card; and what became of them.

Owns: `card`, and the `authorization_*` columns of `registry`. Takes: unique recordings, card
receipts. Gives: permissions, and a fresh one when a blank was spoiled. Never: two live ones for one
person.
"""
