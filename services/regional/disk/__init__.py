"""The disk: how much room this region's data has, and whether new recordings may still be taken.

Owns: the ballast file. Takes: free bytes, a budget, sizes of our tables. Gives: room in recordings,
a yes or no for the door, cheap enough to ask at each commit. Never: deletes data, or says yes to a
recording that might not be kept.
"""
