"""Recording: a person came, a station recorded, this room keeps it for good.

Owns: `recording`. Takes: recordings from stations, one or many. Gives: receipts, and an envelope in
the outbox within the same commit. Never: answers before the commit, changes a recording, sends
anything.
"""
