"""The vault: the one place that opens what lies sealed at the centre.

Owns: `data_key`. Takes: bodies as regions sealed them, and states of a person's data to be sealed
under a key of their own. Gives: what they say, to whoever decides, looks or audits; wrapping all
data keys anew; erasure of one recording by destroying its keys. Never: changes a byte of what came,
but to erase it.
"""
