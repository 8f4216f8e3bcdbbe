"""Fencing: each start of a regional server takes its region's name over from the start before it.

Owns: `region_life`. Takes: claims, and an officer's word who is to have the name. Gives: whether a
life is the current one. Never: two current ones for one region.
"""
