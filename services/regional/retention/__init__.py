"""Retention at the region: which of its rows and images go when, as the settings say.

Owns: no table; the schedule and, of every table it does not touch, the reason why. Takes: days from
the settings. Gives: sweeps for the loop that obeys. Never: a body the centre may not have, or an
entry of the audit, which is for ever.
"""
