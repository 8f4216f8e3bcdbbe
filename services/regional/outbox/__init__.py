"""The outbox: everything this region tells the centre, in the order it became true.

Owns: `outbox`, `outbox_head`; `seq`, which is gapless because a counter row gives it inside the
transaction. Takes: envelopes from the rooms, in their own transactions. Gives: the oldest
unacknowledged prefix. Never: changes or forgets an envelope.
"""
