"""Coverage: recorded / obliged / population of this region, on any day, by place, sex and age.

Owns: frozen semester snapshots. Takes: the residents' list and recordings, as they lie in tables.
Gives: figures with both numbers beside each percentage, for the office and, with small cells
hidden, for everybody. Never: hides a figure above 100 %, or changes a snapshot.
"""
