"""Amendments: a proven person's data is to be changed, or a lost card to be printed again.

Owns: `amendment`. Takes: requests from the desk, judged by the law before they are queued. Gives:
an envelope in the outbox within the same commit, and how a request stands. Never: changes data
itself (the centre's answer does), changes a NIK, lets a second request wait for one person.
"""
