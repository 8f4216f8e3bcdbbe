"""The feed's door: a region reads its entries after a position, waiting a while for the next.

Owns: nothing; entries are published by `journey`. Takes: a cursor. Gives: signed pages, and the
position of a region for its probes. Never: shows one region another's entries.
"""
