"""Set aside: an envelope that cannot be settled keeps its place, and nobody waits behind it.

Owns: `settled_head` but for `settled_seq`, and `set_aside`. Takes: how each try to settle ended.
Gives: how many envelopes to try next, and the orders to try one again. Never: drops an envelope,
or shows what is in it.
"""
