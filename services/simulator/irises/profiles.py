"""What synthetic irises are to look like: the published numbers, and what the kernel needs of them.

Sources: Daugman, Pattern Recognition 36 (2003) 279, 9.1 million comparisons of strangers; Daugman,
IEEE CSVT 14 (2004) 21, for one eye under conditions far from ideal.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# Two strangers' codes at one rotation.
STRANGERS_MEAN = 0.499
STRANGERS_SD = 0.0317
STRANGERS_FREEDOM = 249  # of a binomial with this mean and deviation

# Two captures of one eye at the rotation that fits.
SAME_EYE_MEAN = 0.110
SAME_EYE_SD = 0.065
SAME_EYE_LEAST, SAME_EYE_MOST = 0.005, 0.45  # beyond these a capture is no capture any more


@dataclass(frozen=True, slots=True)
class Profile:
    """How the field of an iris hangs together, and what hides it.

    softness: averagings of neighbouring columns. furrows: weight of what all radii of a channel
    have in common. Both take degrees of freedom away. brightness: how far the cut lies from the
    middle, in deviations, so that strangers agree a little more often than a coin. lids: strength
    of eyelids, 0 for wide open. fragile: bits nearer to the cut than this, in deviations, are not
    trusted. scatter: what a capture's chance adds to the deviation of distances; measured.
    """

    softness: int
    furrows: int
    brightness: float
    lids: float
    fragile: float
    scatter: float


# Tuned until strangers' masked distances have the published mean, deviation and freedom.
DAUGMAN = Profile(softness=3, furrows=45, brightness=0.046, lids=0.5, fragile=0.25, scatter=0.0175)
# More freedom, as masked codes of open-iris have, and still less than its filters give (1,500 and
# more on random textures): a matcher's work is a little harder here than in life.
OPEN_IRIS = Profile(softness=0, furrows=31, brightness=0.0, lids=0.5, fragile=0.25, scatter=0.0157)


def drawn_distances(
    chance: np.random.Generator, count: int, profile: Profile = OPEN_IRIS
) -> Numbers:
    """Distances to make second captures for, so that theirs are as published: float64[count]."""
    variance = SAME_EYE_SD**2 - profile.scatter**2
    spread = SAME_EYE_MEAN * (1 - SAME_EYE_MEAN) / variance - 1
    drawn = chance.beta(SAME_EYE_MEAN * spread, (1 - SAME_EYE_MEAN) * spread, count)
    return np.clip(drawn, SAME_EYE_LEAST, SAME_EYE_MOST)


# Two eyes fail together more often than by chance: NIST IREX 10 (one developer) has one eye missed
# 4.8 times as often as two, independence would have it 70 times. So their distances go together.
TWO_EYES_TOGETHER = 0.7


def drawn_pairs(chance: np.random.Generator, count: int, profile: Profile = OPEN_IRIS) -> Numbers:
    """Distances of second captures of both eyes of a person: float64[count, 2].

    Each as `drawn_distances` has it; their ranks go together as two normal draws of correlation
    TWO_EYES_TOGETHER.
    """
    of_capture = chance.standard_normal((count, 1))
    of_eye = chance.standard_normal((count, 2))
    own = math.sqrt(1 - TWO_EYES_TOGETHER)
    ranks = _below((math.sqrt(TWO_EYES_TOGETHER) * of_capture + own * of_eye).ravel())
    found: Numbers = _quantiles(profile)[(ranks * _QUANTILES).astype(int)]
    return found.reshape(count, 2)


_QUANTILES = 20_000


@cache
def _quantiles(profile: Profile) -> Numbers:
    """The distribution, to be read backwards: float64[_QUANTILES], rising."""
    return np.sort(drawn_distances(np.random.default_rng(_QUANTILES), _QUANTILES, profile))


def correlations(distances: Numbers, profile: Profile) -> Numbers:
    """How much of the first field a capture must keep to show these distances where it is trusted.

    Untrusted bits are those that would have differed most often, so that a trusted distance needs
    more noise than the same distance over all bits.
    """
    shown, kept = _table(profile.fragile)
    found: Numbers = np.round(np.interp(distances, shown, kept) * _STEPS) / _STEPS
    return found


_STEPS = 1 << 20  # coarser than what mathematical libraries differ by


_GRID_STEP = 0.01
_GRID_END = 6.0
_TABLE_SIZE = 400


@cache
def _table(fragile: float) -> tuple[Numbers, Numbers]:
    """Trusted distance, rising, and the correlation that gives it: two normal fields, integrated.

    With x and y of correlation r, each beyond the threshold t: P(y < -t, x > t) over
    P(|y| > t, x > t).
    """
    x = np.arange(fragile + _GRID_STEP / 2, _GRID_END, _GRID_STEP)
    density = np.exp(-(x**2) / 2)
    kept = np.cos(np.linspace(0.0, 0.5, _TABLE_SIZE) * math.pi)
    shown = np.zeros(_TABLE_SIZE)
    for place, r in enumerate(kept[1:], 1):
        rest = math.sqrt(1 - r * r)
        differs = density @ _below((-fragile - r * x) / rest)
        agrees = density @ (1 - _below((fragile - r * x) / rest))
        shown[place] = differs / (differs + agrees)
    return shown, kept


def _below(values: Numbers) -> Numbers:
    """The normal distribution."""
    return np.array([math.erfc(-value / math.sqrt(2)) / 2 for value in values])
