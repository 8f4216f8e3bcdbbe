"""The uplink: the oldest unacknowledged prefix of the outbox, one batch in flight, until it is receipted.

Owns: `uplink_position`, `uplink_batch`. Takes: envelopes from the outbox. Gives: the line's state and the
signed receipts. Never: skips an envelope, sends two batches at once, or guesses what a silence meant.
"""
