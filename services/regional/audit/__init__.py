"""The audit of this region: every look at a person's data and every act that matters, in one chain.

Owns: `audit_entry`, `audit_head`. Takes: who, which act, for what purpose, at whom: ids and codes.
Gives: `entries.entry(transaction, ...)` for whoever acts, in the transaction of the act. Never: a
name, a NIK, or a word somebody typed; never changes or removes an entry.
"""
