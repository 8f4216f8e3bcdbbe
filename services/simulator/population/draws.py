"""Chance by number: the same seed and number always draw the same, in any order.

A generator with a state would have to walk the city from its start to know one resident; these
draws are read from a hash instead, so residents and recordings can be made lazily, in ward order
or in order of capture, and agree.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from math import gcd
from struct import Struct
from typing import TypeVar

T = TypeVar("T")

DRAWS = 16  # draws to a number, each 0..65535
_UNPACK = Struct(f"<{DRAWS}H").unpack
_SLOTS = 2_000
_GOLDEN = 0.618_033_988_749_895


def draws(key: bytes, number: int) -> tuple[int, ...]:
    """DRAWS independent draws, each 0..65535."""
    return _UNPACK(blake2b(b"%b%d" % (key, number), digest_size=2 * DRAWS).digest())


def pick(choices: Sequence[T], draw: int) -> T:
    """One of the choices, all alike."""
    return choices[draw * len(choices) >> 16]


def below(bound: int, draw: int) -> int:
    """A whole number 0..bound-1, all alike; `bound` at most 65,536."""
    return draw * bound >> 16


def chance(share: float) -> int:
    """The bound a draw falls below in this share of cases."""
    return round(share * 65_536)


def weighted(shares: Mapping[T, float]) -> tuple[T, ...]:
    """Choices for `pick` in which each comes as often as its share says; shares sum to 1."""
    slots: list[T] = []
    upto = 0.0
    for choice, share in shares.items():
        upto += share
        slots.extend([choice] * (round(upto * _SLOTS) - len(slots)))
    if len(slots) != _SLOTS:
        raise ValueError("shares do not sum to 1")
    return tuple(slots)


class Shuffle:
    """A fixed order of 0..size-1 in which every stretch is spread evenly over the whole."""

    __slots__ = ("_back", "_step", "size")

    def __init__(self, size: int) -> None:
        step = max(1, int(size * _GOLDEN))
        while gcd(step, max(1, size)) != 1:
            step += 1
        self.size = size
        self._step = step
        self._back = pow(step, -1, size) if size > 1 else 0

    def place_of(self, item: int) -> int:
        return item * self._step % self.size

    def item_at(self, place: int) -> int:
        return place * self._back % self.size
