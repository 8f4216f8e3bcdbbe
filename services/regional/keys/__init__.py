"""Keys: this region's own key is handed in, renewed before it ends, and replaced in one step.

Owns: the key file and the next key beside it. Takes: the centre's signed word on each. Gives: a key
that counts. Never: lets a private key out, or drops the present key before the next one counts.
"""
