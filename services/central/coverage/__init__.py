"""National coverage: recorded / obliged / population, from what regions counted and what was settled.

Owns: `coverage_base`. Takes: regions' denominators. Gives: percentages with both numbers beside them,
above 100 % included: offices also record people of elsewhere. Never: one percentage alone.
"""
