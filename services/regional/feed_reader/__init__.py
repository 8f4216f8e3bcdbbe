"""The feed reader: the centre's entries, each page applied once, in order, with its cursor.

Owns: `feed_position`, `decision`, `held_entry`. Takes: signed pages. Gives: decisions, permissions
to `print_authorization`, and the centre's words on requests to the tables of `remedies`. Never:
steps over a hole, applies an older epoch, or acts on what it cannot read.
"""
