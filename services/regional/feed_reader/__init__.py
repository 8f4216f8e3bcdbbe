"""The feed reader: the centre's entries, each page applied once, in order, with its cursor.

Owns: `feed_position`, `decision`, `held_entry`. Takes: signed pages. Gives: decisions, and
permissions to `print_authorization`. Never: steps over a hole, applies an older epoch, or acts on
what it cannot read.
"""
