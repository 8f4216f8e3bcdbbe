"""The deterministic storm: both services' pure rules on an event heap, in virtual time.

Owns: parties without databases, whose memory is either committed or gone with a crash. Takes: the
rules of the real services by way of `Protocol`. Gives: books. Never: asks a clock, opens a socket,
or decides itself what a rule of ours decides.
"""
