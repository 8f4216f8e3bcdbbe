"""The audit of the whole register: who may be in it twice, by names and births alone.

Owns: nothing; it only reads. Takes: the centre's database. Gives: a report of pairs, with their
score and the level of each field. Never: a name, a date or a NIK in the report; a decision.
The linkage is Splink's: in DuckDB on this machine, or on Spark when one machine is too small.
"""
