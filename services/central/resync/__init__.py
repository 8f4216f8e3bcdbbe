"""Re-sync after a restore: regions hand back what the centre signed and no longer holds.

Owns: `incarnation`, `resync`, `displaced_entry`, `contested`. Takes: witnesses, an officer's word
that the centre was restored, waivers. Gives: the feed gapless again, permissions back in the
registry, the barrier lifted. Never: lifts it by a clock, or believes what the centre did not sign.
"""
