"""Blanks: each one counted from its delivery to the card it became, or to the fire.

Owns: `blank_delivery`, `blank`, `blank_burning`, `burnt_blank`. Takes: deliveries, blanks put
aside before use, minutes with a witness. Gives: the stock, and how long it lasts. Never: spends
one, which is printing's; reads use from anything but `card`.
"""
