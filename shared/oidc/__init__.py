"""Signing in at an issuer of the office's own (OpenID Connect), and its tokens at the API.

Owns: what is believed of an issuer (its metadata, its keys, ID tokens, access tokens), and how its
roles become ours. Takes: settings. Gives: `Issuer`. Never: a password, and never a key, or an
address of one, that a token brings itself.
"""
