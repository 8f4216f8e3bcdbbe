"""The journey of a recording through a region: its stages, and the status officers know it by.

A stage is never stored: it follows from facts that rooms have written with their own times (the
outbox, the receipts, the decisions, the cards), folded through one transition table. Never:
residency status.
"""
