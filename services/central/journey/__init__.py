"""The journey of a recording through the centre: received, settled, published.

Owns: `feed`, `feed_head`; `pos`, gapless per region because a counter row gives it last in the
transaction. Takes: what rooms decided. Gives: entries. Never: changes or takes back an entry.
"""
