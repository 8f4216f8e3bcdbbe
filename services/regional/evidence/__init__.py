"""Evidence: images that stations hand in; they follow their recordings when no envelope waits.

Owns: `evidence`, `evidence_watch`, `evidence_overdue`, the evidence store. Takes: images whose hash
a recording names. Gives: pieces to the centre, and which images are here, there, or overdue.
Never: sends a piece while an envelope waits, or keeps bytes that no recording vouches for.
"""
