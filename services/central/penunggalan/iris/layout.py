"""How irises lie in memory, so that the kernels read little and read it in a row.

An eye is kept three times, each coarser: 256 columns (16,384 bits), a digest of 16 words (every
fourth column, four radii: 1,024 bits), and the digest's first half again, in blocks of BLOCK
people with one word of all of them side by side. Each word of code has its word of mask beside it.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from shared.iris import COLUMNS, ROTATIONS_MAX
from shared.iris_keys import BITS_OF_A_RADIUS, LOOKS

Numbers = NDArray[np.uint64]

BLOCK: Final = 64
TURNS: Final = 2 * ROTATIONS_MAX + 1
LANES: Final = 32  # the turns, and one that does not count
EVEN_LANES: Final = 16  # every second turn, straight among them: -14 to 16
PROBE_COLUMNS: Final = COLUMNS + LANES  # turned as far as any lane, without a wrap
STEP: Final = 4  # columns from one to the next of the digest
DIGEST_WORDS: Final = 16
COARSE_WORDS: Final = 8
# Which radii: those that a key keeps to themselves.
DIGEST_BITS: Final = np.array(
    [
        radius * BITS_OF_A_RADIUS + bit
        for look in LOOKS
        for radius in look
        for bit in range(BITS_OF_A_RADIUS)
    ],
    np.uint64,
)
# Those of the digest first: a look at 4,096 bits reads the first quarter of an eye.
COLUMN_ORDER: Final = np.array(
    sorted(range(COLUMNS), key=lambda column: (column % STEP != 0, column)), np.uint64
)
QUARTER: Final = COLUMNS // STEP
DIGEST_PLACES: Final = np.arange(DIGEST_WORDS, dtype=np.uint64) * np.uint64(EVEN_LANES)


@dataclass(frozen=True, slots=True)
class Kept:
    """Room for people: [person, eye, …]. Eyes nobody has are zeros: nothing in them is trusted."""

    coarse: Numbers  # [block, 2, 2 * COARSE_WORDS * BLOCK]: a word of all, the next; code, mask
    digest: Numbers  # [person, 2, DIGEST_WORDS, 2]
    columns: Numbers  # [person, 2, COLUMNS, 2], in COLUMN_ORDER

    @classmethod
    def empty(cls, people: int) -> "Kept":
        """people: a multiple of BLOCK. Memory is taken as it is filled."""
        return cls(
            np.zeros((people // BLOCK, 2, 2 * COARSE_WORDS * BLOCK), np.uint64),
            np.zeros((people, 2, DIGEST_WORDS, 2), np.uint64),
            np.zeros((people, 2, COLUMNS, 2), np.uint64),
        )

    def fill(self, first: int, irises: Numbers) -> None:
        """Lay down people from place `first`. irises: [n, 2 eyes, 2 code and mask, COLUMNS]."""
        lay_down(irises, first, self.coarse, self.digest, self.columns)


@dataclass(frozen=True, slots=True)
class Turned:
    """Probes, each eye turned every way: [probe, eye, …]."""

    coarse: Numbers  # [probe, 2, EVEN_LANES, 2 * COARSE_WORDS]
    digest: Numbers  # [probe, 2, 2, DIGEST_WORDS * EVEN_LANES]: code and mask, turns of a word
    columns: Numbers  # [probe, 2, 2, PROBE_COLUMNS]: code and mask

    @classmethod
    def of(cls, irises: Numbers) -> "Turned":
        """irises: [n, 2 eyes, 2 code and mask, COLUMNS]."""
        count = len(irises)
        turned = cls(
            np.zeros((count, 2, EVEN_LANES, 2 * COARSE_WORDS), np.uint64),
            np.zeros((count, 2, 2, DIGEST_WORDS * EVEN_LANES), np.uint64),
            np.zeros((count, 2, 2, PROBE_COLUMNS), np.uint64),
        )
        turn(irises, turned.coarse, turned.digest, turned.columns)
        return turned


@njit(nogil=True, cache=True)
def _digest_word(columns: Any, turned_by: int, bit: np.uint64) -> Any:
    """One bit of every STEPth column, from a place on: the first lowest."""
    word = np.uint64(0)
    for place in range(QUARTER):
        column = columns[(place * STEP + turned_by) % COLUMNS]
        word |= ((column >> bit) & np.uint64(1)) << np.uint64(place)
    return word


@njit(nogil=True, cache=True)
def lay_down(irises: Any, first: int, coarse: Any, digest: Any, columns: Any) -> None:
    for nth in range(irises.shape[0]):
        person = first + nth
        for eye in range(2):
            for part in range(2):
                taken = irises[nth, eye, part]
                for place in range(COLUMNS):
                    columns[person, eye, place, part] = taken[COLUMN_ORDER[place]]
                for word in range(DIGEST_WORDS):
                    found = _digest_word(taken, 0, DIGEST_BITS[word])
                    digest[person, eye, word, part] = found
                    if word < COARSE_WORDS:
                        place = (part * COARSE_WORDS + word) * BLOCK + person % BLOCK
                        coarse[person // BLOCK, eye, place] = found


@njit(nogil=True, cache=True)
def turn(irises: Any, coarse: Any, digest: Any, columns: Any) -> None:
    for nth in range(irises.shape[0]):
        for eye in range(2):
            for part in range(2):
                taken = irises[nth, eye, part]
                for place in range(PROBE_COLUMNS):
                    columns[nth, eye, part, place] = taken[(place - ROTATIONS_MAX) % COLUMNS]
                for word in range(DIGEST_WORDS):
                    for lane in range(EVEN_LANES):
                        turned_by = 2 * lane - EVEN_LANES + 2
                        if lane < STEP // 2:
                            found = _digest_word(taken, turned_by, DIGEST_BITS[word])
                        else:
                            # STEP columns further is one bit further of the same word.
                            found = digest[nth, eye, part, word * EVEN_LANES + lane - STEP // 2]
                            found = (found >> np.uint64(1)) | (found << np.uint64(63))
                        digest[nth, eye, part, word * EVEN_LANES + lane] = found
                        if word < COARSE_WORDS:
                            coarse[nth, eye, lane, part * COARSE_WORDS + word] = found
