"""An issuer for development (OpenID Connect): synthetic officers, and no password at all.

Owns: its officers, and codes until they are used. Takes: who may ask, and where answers go. Gives:
ID tokens and access tokens. Never: anything beyond this machine; whoever opens its page may be
any of its officers.
"""
