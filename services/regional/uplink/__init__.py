"""The uplink: the outbox's oldest unacknowledged prefix, one batch in flight, until receipted.

Owns: `uplink_position`, `uplink_batch`. Takes: envelopes from the outbox. Gives: the line's state
and the signed receipts. Never: skips an envelope, sends two batches at once, or guesses what a
silence meant.
"""
