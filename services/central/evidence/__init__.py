"""Evidence: a region's images, taken in pieces after its recordings, whole only by their hash.

Owns: `evidence`, `evidence_watch`, `evidence_overdue`, the spool, the evidence store. Takes: signed
pieces at their offset. Gives: how much is on disk, and what is overdue. Never: counts a byte that
is not synced, believes an image whose hash the envelope does not name, or holds a decision back.
"""
