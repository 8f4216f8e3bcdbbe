"""The witness: this region keeps what the centre signed of its audit, and tells when it changes.

Owns: of `audit_witness` the centre's checkpoints. Takes: checkpoints and proofs over the line.
Gives: the newest it believes, shown back to the centre with each question, and doubts. Never:
forgets a doubt, or believes a checkpoint that does not go on from the one before.
"""
