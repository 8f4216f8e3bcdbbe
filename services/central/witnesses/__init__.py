"""The witnesses: signed checkpoints of the centre's audit, given to regions and shown back by them.

Owns: `audit_checkpoint`, and of `audit_witness` what regions showed. Takes: the newest checkpoint a
region holds. Gives: those that came since, each with the proof that it goes on from the one before.
Never: signs over a chain that does not hang together, or forgets a doubt.
"""
