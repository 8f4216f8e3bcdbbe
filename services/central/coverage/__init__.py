"""National coverage: recorded / obliged / population, from regions' counts and settlements.

Owns: `coverage_base`. Takes: regions' denominators. Gives: percentages with both numbers beside
them, above 100 % included: offices also record people of elsewhere. Never: one percentage alone.
"""
