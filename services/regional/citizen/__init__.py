"""Citizen: what whoever was recorded may know of it, and what everybody may know of fairness.

Owns: this region's secret for receipts, and which of them were revoked. Takes: facts other rooms
have written, and the standing of one recording. Gives: a page, a receipt, a line for a short
message, and the report of overtakes and waits. Never: a name, a NIK, a promised date.
"""
