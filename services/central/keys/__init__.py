"""Keys: regions' own, handed in by them and approved by two officers; and the centre's to pin.

Owns: `region_key`. Takes: a region's new key, the word of its present one, officers' words. Gives:
a JWKS, and the standing of each key. Never: a private key, a key that one officer alone let in, or
one that counts again after it was revoked.
"""
