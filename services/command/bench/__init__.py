"""The bench: what this machine's database can do bare, and what share of it arrives end to end.

Everything is durable on both sides and checked after each run. Ratios are to limits measured in the
same run, because the disk of a virtual machine changes from minute to minute.
"""
