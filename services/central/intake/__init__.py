"""Intake: a region's envelopes, in order, each exactly once in effect, receipted when on disk.

Owns: `intake_head`, `envelope`. Takes: signed batches. Gives: signed receipts, and waiting
envelopes to whoever settles them. Never: opens a body, leaves a gap, or forgets what it receipted.
"""
