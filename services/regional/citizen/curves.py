"""How long people wait here, learnt from waits that ended and from those that have not. Pure.

The estimate is Kaplan and Meier's (1958): whoever waits still counts for as long as they have
waited, so a line that is down for a week does not look quick because only the lucky ones are done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, floor, log

import numpy as np
from numpy.typing import NDArray

# Sixteen buckets for each factor of e: a wait is told to within seven percent.
BUCKETS_PER_E = 16
# Fewer waits that ended say nothing about the next one.
ENOUGH = 20
# What eight in ten waits lie between.
EARLY_SHARE, LATE_SHARE = 0.1, 0.9


def bucket_of(seconds: float) -> int:
    """The bucket of a wait, as the database counts it; under a second is none."""
    return floor(BUCKETS_PER_E * log(max(1.0, seconds)))


def seconds_of(bucket: int) -> float:
    """The middle of a bucket."""
    return exp((bucket + 0.5) / BUCKETS_PER_E)


@dataclass(frozen=True, slots=True)
class Curve:
    """seconds: float64[n], ascending, when waits ended. left: share that waits longer than each."""

    seconds: NDArray[np.float64]
    left: NDArray[np.float64]
    ended: NDArray[np.int64]
    waiting: int

    @property
    def count(self) -> int:
        """Waits that ended."""
        return int(self.ended.sum())

    def share_left(self, waited: float) -> float:
        """Share of waits longer than `waited` seconds."""
        place = int(np.searchsorted(self.seconds, waited, side="right"))
        return float(self.left[place - 1]) if place else 1.0

    def when_left(self, share: float) -> float | None:
        """Seconds after which at most `share` wait still; None: not within what was seen."""
        below = np.flatnonzero(self.left <= share + 1e-12)
        return float(self.seconds[below[0]]) if below.size else None


NOTHING_SEEN = Curve(
    np.empty(0, np.float64), np.empty(0, np.float64), np.empty(0, np.int64), waiting=0
)


def learn(counted: Iterable[tuple[bool, int, int]]) -> Curve:
    """From (has ended, bucket, how many waits)."""
    rows: Sequence[tuple[bool, int, int]] = list(counted)
    ended: dict[int, int] = {}
    waiting: dict[int, int] = {}
    for has_ended, bucket, count in rows:
        into = ended if has_ended else waiting
        into[bucket] = into.get(bucket, 0) + count
    if not ended:
        return Curve(
            NOTHING_SEEN.seconds, NOTHING_SEEN.left, NOTHING_SEEN.ended, sum(waiting.values())
        )
    at_risk = sum(ended.values()) + sum(waiting.values())
    share, places, shares = 1.0, [], []
    for bucket in sorted(ended.keys() | waiting.keys()):
        if bucket in ended:
            share *= 1 - ended[bucket] / at_risk
            places.append(bucket)
            shares.append(share)
        at_risk -= ended.get(bucket, 0) + waiting.get(bucket, 0)
    return Curve(
        np.array([seconds_of(bucket) for bucket in places]),
        np.array(shares),
        np.array([ended[bucket] for bucket in places], np.int64),
        sum(waiting.values()),
    )


@dataclass(frozen=True, slots=True)
class Range:
    """Seconds still to wait, for eight in ten. to_seconds: None when the longest were not seen."""

    from_seconds: float
    to_seconds: float | None


def remaining(curve: Curve, waited: float) -> Range | None:
    """What is left of a wait that has lasted `waited` seconds; None when too little was seen."""
    longer = int(curve.ended[curve.seconds > waited].sum())
    if longer < ENOUGH:
        return None
    left_now = curve.share_left(waited)
    early = curve.when_left(left_now * (1 - EARLY_SHARE))
    late = curve.when_left(left_now * (1 - LATE_SHARE))
    if early is None:
        return None
    return Range(early - waited, late - waited if late is not None else None)


def usual(curve: Curve) -> Range | None:
    """A whole wait; None when too few ended."""
    return remaining(curve, 0.0)


def middle(curve: Curve) -> float | None:
    """Seconds after which half were done; None when too few were seen, or half wait still."""
    return curve.when_left(0.5) if curve.count >= ENOUGH else None
