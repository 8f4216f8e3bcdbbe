"""Whether a recording carries an officer's irises. Pure: arrays in, a yes or no out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.contracts.recording import Modality, Recording, RecordingContent, Template
from shared.iris import (
    COLUMNS,
    COMMON_BITS_MIN,
    FORMAT,
    NOT_COMPARED,
    ROTATIONS_MAX,
    UnreadableTemplate,
    Words,
    words_of,
)
from shared.iris_keys import NO_KEYS, GalleryKeys

# Two strangers' eyes differ by .499 (sd .0317) at one rotation, by .46 at the best of all. For a
# handful of officers these limits call one stranger in 29,000 alike (50 officers, two eyes each)
# and lose one officer's eye in 150; `docs/UNIQUENESS.md` says more.
ONE_EYE_MAX = 0.33
TWO_EYES_MEAN_MAX = 0.37

_TURNS = range(-ROTATIONS_MAX, ROTATIONS_MAX + 1)
Distances = NDArray[np.float64]  # [officers], 1.0 where an eye is not enrolled


@dataclass(frozen=True, slots=True)
class Eyes:
    """One officer's irises, at least one, and the NIK they are rightly recorded under."""

    left: Words | None
    right: Words | None
    own_nik: int | None = None


class Gallery:
    """Officers' irises turned in all the ways an eye may be held, ready to be compared."""

    def __init__(self, officers: Sequence[Eyes] = (), keys: GalleryKeys = NO_KEYS) -> None:
        """keys: under which the officers' eyes are."""
        self._keys = keys
        self.size = len(officers)
        self._niks = np.array([-1 if one.own_nik is None else one.own_nik for one in officers])
        self._left = _turned([one.left for one in officers])
        self._right = _turned([one.right for one in officers])

    def holds(self, left: Words | None, right: Words | None, nik: int) -> bool:
        """Whether these irises, at least one, are an officer's, who is not recorded as `nik`.

        They are under the same key as the officers' are.
        """
        lefts = _distances(left, self._left, self.size)
        rights = _distances(right, self._right, self.size)
        alike = np.minimum(lefts, rights) <= ONE_EYE_MAX
        alike |= (lefts + rights) / 2 <= TWO_EYES_MEAN_MAX
        return bool((alike & (self._niks != nik)).any())

    def carried_by(self, recording: RecordingContent | Recording) -> bool:
        """Whether a recording carries them. One without readable irises costs nothing."""
        templates = recording.biometrics.templates
        if not self.size or not templates:
            return False
        left = read(templates.get(Modality.IRIS_LEFT))
        right = read(templates.get(Modality.IRIS_RIGHT))
        if left is None and right is None:
            return False
        left, right = (None if eye is None else self._keys.protect(eye) for eye in (left, right))
        return self.holds(left, right, recording.nik.number)


def read(template: Template | None) -> Words | None:
    """None for what is not there, or cannot be read here."""
    if template is None or template.format != FORMAT:
        return None
    try:
        return words_of(template.data)
    except UnreadableTemplate:
        return None


def _turned(eyes: Sequence[Words | None]) -> NDArray[np.uint64]:
    """uint64[officers, 2, rotations, columns]: code and mask at every turn; zeros for no eye."""
    none = np.zeros((2, COLUMNS), np.uint64)
    turned = [
        np.stack([np.roll(none if eye is None else eye, turn, axis=1) for turn in _TURNS], axis=1)
        for eye in eyes
    ]
    shape = (0, 2, len(_TURNS), COLUMNS)
    return np.stack(turned) if turned else np.zeros(shape, np.uint64)


def _distances(probe: Words | None, turned: NDArray[np.uint64], size: int) -> Distances:
    """As `shared.iris.distance` for each officer: the best turn."""
    best: Distances = np.full(size, NOT_COMPARED)
    if probe is None:
        return best
    # One officer at a time: what is compared then stays in the processor's cache.
    for place, (codes, masks) in enumerate(turned):
        trusted = masks & probe[1]
        counts = np.bitwise_count(trusted).sum(axis=-1, dtype=np.int64)
        enough = counts >= COMMON_BITS_MIN
        if enough.any():
            codes_differ = (codes ^ probe[0]) & trusted
            differing = np.bitwise_count(codes_differ).sum(axis=-1, dtype=np.int64)
            shares = differing[enough] / counts[enough]
            best[place] = shares.min()
    return best
