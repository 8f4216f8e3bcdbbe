"""The line between region and centre on real sockets.

Owns: the listening socket, its connections, the toxics mounted on them, the weather being obeyed.
Takes: an upstream address, toxics, a forecast.
Gives: `Line`, the address to call instead of the upstream, and counts of what happened.
Never: looks into the bytes, keeps them, or decides what a fault is (`channel` does).
"""

from services.simulator.proxy.server import Line, Tally

__all__ = ["Line", "Tally"]
