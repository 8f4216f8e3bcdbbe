"""How alike is alike, by the size of the gallery. Pure.

The model: two different eyes agree like DEGREES coins tossed (Daugman 2003, PR 36:279, 9.1 million
comparisons; he finds 249 for 2,048 bits, the 16,384 bits of this format give more), and the best of
31 rotations like the best of TURNS independent ones. A whole search may raise FALSE_ALARMS false
candidates: half of them by one eye, half by the mean of two. docs/UNIQUENESS.md has the table, and
what was measured against it.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

DEGREES = 343
TURNS = 15
FALSE_ALARMS = 1e-3  # candidates per search of one person in a gallery without that person
FALSE_ALARMS_DECIBELS = round(-10 * math.log10(FALSE_ALARMS))  # as other matchers are told it
# A small gallery could afford looser ones; the evidence that nothing is lost on the way ends here.
SMALLEST_SIZE = 100_000
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Distances up to which, inclusive, somebody is a candidate."""

    one_eye: float
    mean_of_two: float

    def is_candidate(self, left: float | None, right: float | None) -> bool:
        """Alike by either eye, or by both together: worth evidence, not yet a verdict."""
        if any(eye is not None and eye <= self.one_eye for eye in (left, right)):
            return True
        return left is not None and right is not None and (left + right) / 2 <= self.mean_of_two

    def is_match(self, left: float | None, right: float | None) -> bool:
        """Both eyes alike, each by itself: the same person, unless other evidence contradicts."""
        return all(eye is not None and eye <= self.one_eye for eye in (left, right))


def for_gallery(size: int) -> Thresholds:
    """For a gallery of `size` recordings, rounded up to a power of two: they move in few steps."""
    return _for_power(max(size, SMALLEST_SIZE, 1).bit_length())


@lru_cache
def _for_power(power: int) -> Thresholds:
    size = 1 << power
    share = math.log(FALSE_ALARMS / 2 / size)
    return Thresholds(
        one_eye=_distance_at(DEGREES, share - math.log(2 * TURNS)),
        mean_of_two=_distance_at(2 * DEGREES, share - 2 * math.log(TURNS)),
    )


def _distance_at(degrees: int, log_share: float) -> float:
    """The distance that this share (its logarithm) of comparisons stays below, to five digits."""
    low, high = 0.0, 0.5
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _log_share_below(degrees, middle) < log_share:
            low = middle
        else:
            high = middle
    return math.floor(low * 100_000) / 100_000


def _log_share_below(degrees: int, distance: float) -> float:
    """Of the binomial distribution with p = 1/2, between whole counts by a straight line."""
    count = distance * degrees
    whole = math.floor(count)
    below, above = _log_tail(degrees, whole), _log_tail(degrees, whole + 1)
    return below + (above - below) * (count - whole)


@lru_cache(maxsize=4_096)
def _log_tail(degrees: int, count: int) -> float:
    ways = sum(math.comb(degrees, heads) for heads in range(count + 1))
    return math.log(ways) - degrees * math.log(2)
