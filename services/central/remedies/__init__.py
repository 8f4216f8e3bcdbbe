"""Remedies: what sets right a recording that cannot be printed; a named officer decides deletions.

Owns: `deletion_request`, `deletion`, `validation`, `operator`. Takes: requests and answers of
regions, officers' irises, an officer's word. Gives: freed NIKs, and entries that tell every region
concerned. Never: deletes without consent evidence, or whose data is no party's; forgets that there
was a recording.
"""
