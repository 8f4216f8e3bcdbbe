"""Coverage: recorded / obliged / population of this region, from the civil registry's own list.

Owns: `resident`. Takes: the residents' list as CSV. Gives: figures by district, ward and sex with
both numbers beside each percentage, and the denominators to the centre. Never: hides a figure above
100 %.
"""
