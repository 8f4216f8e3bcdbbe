"""The demonstration: a whole synthetic city, recorded through a storm, then checked from both ends.

Owns: its folder, `.tunggal/demo-report.json`. Takes: how many recordings, a seed.
Gives: a report measured from both databases, and an exit code that says whether every
invariant held. Never: counts what it did not measure, or reaches into a service except by its doors
(the audit reads both databases, and only reads).
"""
