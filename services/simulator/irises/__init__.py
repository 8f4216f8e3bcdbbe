"""Synthetic irises: templates of eyes that nobody has, with the statistics real ones are known for.

Owns: the generator and what is published about real irises.
Takes: a seed, numbers of eyes, sessions, and how alike two captures are to be.
Gives: `first_captures`, `captures`, `drawn_distances`, the profiles `DAUGMAN` and `OPEN_IRIS`.
The same seed gives the same bytes. Never: an image, a person's data, a clock, a database.
"""

from services.simulator.irises.making import TURN_MAX, captures, first_captures
from services.simulator.irises.profiles import (
    DAUGMAN,
    OPEN_IRIS,
    Profile,
    drawn_distances,
    drawn_pairs,
)

__all__ = [
    "DAUGMAN",
    "OPEN_IRIS",
    "TURN_MAX",
    "Profile",
    "captures",
    "drawn_distances",
    "drawn_pairs",
    "first_captures",
]
