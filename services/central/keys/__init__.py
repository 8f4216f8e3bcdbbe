"""Keys: the centre's public keys for regions and printers to pin.

Owns: nothing. Gives: a JWKS. Never: a private key.
"""
