"""What crosses the line between a region and the centre, as strict models with a version.

Envelopes climb, entries descend, nothing else crosses. Models refuse unknown members: a newer
version is announced by its number, and an unknown number is held and flagged, never dropped and
never guessed at.
"""
