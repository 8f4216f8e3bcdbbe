"""Distances of many templates at once, to measure what was made: `shared.iris.distance`."""

import numpy as np
from numpy.typing import NDArray

from shared.iris import ROTATIONS_MAX

Templates = NDArray[np.uint64]  # [n, 2, 256]
Numbers = NDArray[np.float64]

_PAIRS_AT_ONCE = 256  # of 4 KiB each side: they stay in the cache


def of_pairs(lefts: Templates, rights: Templates, turns_max: int = ROTATIONS_MAX) -> Numbers:
    """Distance of each left from the right in the same place: float64[n].

    turns_max: columns either way; with 0 they are compared as they stand. 1.0 where two masks have
    nothing in common.
    """
    out = np.ones(len(lefts))
    for start in range(0, len(lefts), _PAIRS_AT_ONCE):
        place = slice(start, start + _PAIRS_AT_ONCE)
        for turn in range(-turns_max, turns_max + 1):
            turned = np.roll(rights[place], turn, axis=2) if turn else rights[place]
            np.minimum(out[place], _as_they_stand(lefts[place], turned), out=out[place])
    return out


def of_all(templates: Templates) -> Numbers:
    """Distance of each template from every one after it as they stand: float64[n * (n - 1) / 2]."""
    return np.concatenate(
        [
            _as_they_stand(templates[place], templates[place + 1 :])
            for place in range(len(templates) - 1)
        ]
    )


def _as_they_stand(lefts: Templates, rights: Templates) -> Numbers:
    trusted = lefts[..., 1, :] & rights[..., 1, :]
    differing = (lefts[..., 0, :] ^ rights[..., 0, :]) & trusted
    count = np.bitwise_count(trusted).sum(axis=-1, dtype=np.int64)
    different = np.bitwise_count(differing).sum(axis=-1, dtype=np.int64)
    return np.where(count, different / np.maximum(count, 1), 1.0)
