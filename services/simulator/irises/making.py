"""Irises by number: the same seed, eye, session and distance give the same template, anywhere."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.simulator.irises import kernel
from services.simulator.irises.profiles import OPEN_IRIS, Profile, correlations

Templates = NDArray[np.uint64]  # [n, 2, 256]: code and mask, one word per angle (`shared.iris`)

TURN_MAX = 13  # columns either way: what a head tilts, and less than a matcher must try

_EYE, _SESSION = 1, 2


def first_captures(seed: int, eyes: ArrayLike, profile: Profile = OPEN_IRIS) -> Templates:
    """The first, upright capture of each eye: uint64[n, 2, 256].

    eyes: whole numbers of 0 or more, one per template.
    """
    numbers = np.asarray(eyes)
    return captures(seed, numbers, 0, 0.0, 0, profile)


def captures(
    seed: int,
    eyes: ArrayLike,
    sessions: ArrayLike,
    distances: ArrayLike,
    turns: ArrayLike,
    profile: Profile = OPEN_IRIS,
) -> Templates:
    """A capture of each eye in a session: uint64[..., 2, 256] in the shape of `eyes`.

    distances: how far it is to lie from the eye's first capture, over the bits that are trusted, at
    the right rotation; on average over captures. Two captures of one eye at d1 and d2 lie further
    from one another than either from the first. turns: columns, at most TURN_MAX either way; lids
    and the reflection of a lamp are a session's own. Whatever is single holds for all.
    """
    shape = np.shape(eyes)
    columns = np.full(shape, turns, np.int64)
    if np.abs(columns).max(initial=0) > TURN_MAX:
        raise ValueError("an eye does not turn that far")
    deviation = kernel.deviation(profile.softness, profile.furrows)
    out = np.empty((math.prod(shape), 2, kernel.COLUMNS), np.uint64)
    kernel.fill(
        _keys(seed, shape, _EYE, eyes).ravel(),
        _keys(seed, shape, _SESSION, eyes, sessions).ravel(),
        correlations(np.full(shape, distances, float), profile).ravel(),
        columns.ravel(),
        (
            profile.softness,
            profile.furrows,
            int(profile.brightness * deviation),
            int(profile.fragile * deviation),
            profile.lids,
        ),
        out,
    )
    return out.reshape(*shape, 2, kernel.COLUMNS)


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _keys(seed: int, shape: tuple[int, ...], *numbers: ArrayLike) -> NDArray[np.uint64]:
    """A key of 64 bits for the seed and each row of numbers."""
    key = np.full(shape, seed, np.uint64)
    for number in numbers:
        key = _mixed(key + _GOLDEN ^ np.asarray(number, np.uint64))
    return key


def _mixed(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64: a one-to-one scramble of 64 bits."""
    z = number + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
