"""The only part of a region that crosses the wide-area line.

Owns: addresses, deadlines, the retries of seconds, and the check of every signature that comes
back. Gives: outcomes as values; "unknown" is one of them. Never: decides what to send or when.
"""
