"""The law of amendments and reprints, as both services apply it: pure, and in one table.

A region asks it before it queues a request, the centre asks it again before it acts on one.
"""
