"""The search itself: who among the people kept is like a probe, in four looks, each longer.

| look | bits | turns | people who pass, of 1,000 strangers |
|---|---|---|---|
| coarse | 512 | 16, every second | about 45 |
| digest | 1,024 | 16 | about 6 |
| quarter | 4,096 | 31 | about 1 |
| whole | 16,384 | 31 | counted in whole numbers, as `shared.iris.distance` |

A look lets pass whoever may still be a candidate: by one eye within its threshold and a margin, or
by the mean of both within theirs. The margins are about four deviations of what a shorter look errs
by; what that loses is measured, not proven (docs/UNIQUENESS.md), and `compare_all` has no looks.
Both kernels give the same numbers for whoever they give.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from services.central.penunggalan.iris.layout import (
    BLOCK,
    COLUMN_ORDER,
    DIGEST_PLACES,
    DIGEST_WORDS,
    EVEN_LANES,
    LANES,
    QUARTER,
    TURNS,
    Kept,
    Turned,
)
from services.central.penunggalan.iris.popcount import fetch, popcount, windows_adder
from services.central.penunggalan.iris.thresholds import Thresholds
from shared.iris import COLUMNS, COMMON_BITS_MIN

# What a look may err by, one eye and the mean of two: coarse, digest, quarter.
MARGINS: Final = np.array([[0.070, 0.048], [0.058, 0.041], [0.050, 0.034]])
STRETCH: Final = 16 * BLOCK  # people at a time: one look after the other, all near
_ROUNDING: Final = 1e-9  # of the mean of two: the last word is `Thresholds.is_candidate`
_SCALE: Final = 1024
_ANY, _ENOUGH = np.uint64(1), np.uint64(COMMON_BITS_MIN)  # bits in common at a turn
PERSON_DIGEST: Final = 2 * DIGEST_WORDS * 2  # words
_FAR: Final = 2.0  # an eye of which nothing can be compared
_LEAST: Final = -(1 << 40)
_add_even_windows: Final = windows_adder(EVEN_LANES)
_add_windows: Final = windows_adder(LANES)
# No number here is a NaN: with this said the compiler looks for a minimum in wide steps. The
# divisions stay exact.
_smallest: Final = njit(nogil=True, cache=True, fastmath={"nnan", "nsz"})


@dataclass(frozen=True, slots=True)
class Hits:
    """Who passed: `pairs` int64[n, 2] of probe and person, `distances` float64[n, 2 eyes].

    A distance is NOT_COMPARED where the masks have too little in common, or an eye is missing.
    """

    pairs: NDArray[np.int64]
    distances: NDArray[np.float64]


def search(kept: Kept, people: int, turned: Turned, limits: Thresholds) -> Hits:
    """Candidates among the first `people`, in looks; whoever is one but for rounding, too."""
    margins = np.vstack([MARGINS, [_ROUNDING, _ROUNDING]])
    reach = np.array([[limits.one_eye, limits.mean_of_two]]) + margins
    return _gather(
        lambda pairs, distances: _search(
            (kept.coarse, kept.digest, kept.columns),
            people,
            (turned.coarse, turned.digest, turned.columns),
            reach,
            pairs,
            distances,
        ),
        people * len(turned.columns),
    )


def compare_all(kept: Kept, people: int, turned: Turned, limits: Thresholds) -> Hits:
    """The same by comparing everybody in full. Gives all whose nearer eye may make a candidate."""
    reach = max(limits.one_eye, limits.mean_of_two)
    return _gather(
        lambda pairs, distances: _compare_all(
            kept.columns, people, turned.columns, reach, pairs, distances
        ),
        people * len(turned.columns),
    )


def warm() -> None:
    """Have the kernels compiled (some 20 s, once on a machine) before somebody waits for them."""
    kept = Kept.empty(BLOCK)
    irises = np.zeros((1, 2, 2, COLUMNS), np.uint64)
    kept.fill(0, irises)
    for run in (search, compare_all):
        run(kept, 1, Turned.of(irises), Thresholds(0.0, 0.0))


def _gather(run: Any, comparisons: int) -> Hits:
    room = 1_024 + comparisons // 200
    while True:
        pairs, distances = np.empty((room, 2), np.int64), np.empty((room, 2))
        count = run(pairs, distances)
        if count <= room:
            return Hits(pairs[:count], distances[:count])
        room = count


@njit(nogil=True, cache=True)
def _search(kept: Any, people: int, turned: Any, reach: Any, pairs: Any, distances: Any) -> int:
    """Stretch by stretch, probe by probe; gives how many hits there are, kept or not."""
    columns = kept[2]
    probe_coarse, probe_digest, probe_columns = turned
    passed = np.empty(STRETCH, np.int64)
    rooms = (
        np.empty((2, BLOCK), np.int64),
        np.empty((2, BLOCK), np.int64),
        np.empty((2, BLOCK), np.float32),
    )
    few_sums, sums = np.empty((2, EVEN_LANES), np.uint64), np.empty((2, LANES), np.uint64)
    count = 0
    for first in range(0, people, STRETCH):
        last = min(first + STRETCH, people)
        for probe in range(probe_coarse.shape[0]):
            left = _pass_coarse(kept, first, last, probe_coarse[probe], reach[0], rooms, passed)
            left = _pass_digest(kept, passed[:left], probe_digest[probe], reach[1], few_sums)
            left = _pass_quarter(columns, passed[:left], probe_columns[probe], reach[2], sums)
            for person in passed[:left]:
                one = _look_whole(columns[person, 0], probe_columns[probe, 0], sums)
                other = _look_whole(columns[person, 1], probe_columns[probe, 1], sums)
                # Most who come so far are none: told here, nobody has to look at them again.
                if _passes(one, other, reach[3]):
                    if count < pairs.shape[0]:
                        pairs[count, 0], pairs[count, 1] = probe, person
                        distances[count, 0], distances[count, 1] = one, other
                    count += 1
    return count


@njit(nogil=True, cache=True)
def _compare_all(
    columns: Any, people: int, probe_columns: Any, reach: float, pairs: Any, distances: Any
) -> int:
    sums = np.empty((2, LANES), np.uint64)
    count = 0
    for person in range(people):
        for probe in range(probe_columns.shape[0]):
            left = _look_whole(columns[person, 0], probe_columns[probe, 0], sums)
            right = _look_whole(columns[person, 1], probe_columns[probe, 1], sums)
            if min(left, right) <= reach:
                if count < pairs.shape[0]:
                    pairs[count, 0], pairs[count, 1] = probe, person
                    distances[count, 0], distances[count, 1] = left, right
                count += 1
    return count


@njit(nogil=True, cache=True)
def _look_coarsely(
    block: Any, probe: Any, scaled: int, margins: Any, trusted: Any, nearest: Any
) -> None:
    """The nearest turn of each of BLOCK people, as a share of the bits trusted there.

    Nearest is where `scaled` / _SCALE of the trusted bits exceed the differing ones by most: whole
    numbers, without a division at each turn. The loop over lanes is what the compiler makes wide.
    """
    for lane in range(BLOCK):
        margins[lane], trusted[lane] = _LEAST, 0
    for nth in range(EVEN_LANES):
        c0, c1, c2, c3 = probe[nth, 0], probe[nth, 1], probe[nth, 2], probe[nth, 3]
        c4, c5, c6, c7 = probe[nth, 4], probe[nth, 5], probe[nth, 6], probe[nth, 7]
        m0, m1, m2, m3 = probe[nth, 8], probe[nth, 9], probe[nth, 10], probe[nth, 11]
        m4, m5, m6, m7 = probe[nth, 12], probe[nth, 13], probe[nth, 14], probe[nth, 15]
        for lane in range(BLOCK):
            t0, t1 = block[8 * BLOCK + lane] & m0, block[9 * BLOCK + lane] & m1
            t2, t3 = block[10 * BLOCK + lane] & m2, block[11 * BLOCK + lane] & m3
            t4, t5 = block[12 * BLOCK + lane] & m4, block[13 * BLOCK + lane] & m5
            t6, t7 = block[14 * BLOCK + lane] & m6, block[15 * BLOCK + lane] & m7
            both = np.int64(
                (popcount(t0) + popcount(t1) + popcount(t2) + popcount(t3))
                + (popcount(t4) + popcount(t5) + popcount(t6) + popcount(t7))
            )
            differing = np.int64(
                popcount((block[lane] ^ c0) & t0)
                + popcount((block[BLOCK + lane] ^ c1) & t1)
                + popcount((block[2 * BLOCK + lane] ^ c2) & t2)
                + popcount((block[3 * BLOCK + lane] ^ c3) & t3)
                + popcount((block[4 * BLOCK + lane] ^ c4) & t4)
                + popcount((block[5 * BLOCK + lane] ^ c5) & t5)
                + popcount((block[6 * BLOCK + lane] ^ c6) & t6)
                + popcount((block[7 * BLOCK + lane] ^ c7) & t7)
            )
            # Both are below 1,024; said so, the multiplication is a short one.
            margin = (scaled & 1023) * (both & 1023) - _SCALE * differing
            is_nearer = (margin > margins[lane]) & (both > 0)
            trusted[lane] = both if is_nearer else trusted[lane]
            margins[lane] = margin if is_nearer else margins[lane]
    for lane in range(BLOCK):
        known = np.float32(_SCALE * max(trusted[lane], 1))
        share = np.float32(scaled * trusted[lane] - margins[lane]) / known
        nearest[lane] = share if trusted[lane] > 0 else np.float32(_FAR)


@njit(nogil=True, cache=True)
def _passes(left: float, right: float, reach: Any) -> bool:
    return bool(left <= reach[0] or right <= reach[0] or left + right <= 2 * reach[1])


@njit(nogil=True, cache=True)
def _pass_coarse(
    kept: Any, first: int, last: int, probe: Any, reach: Any, rooms: Any, passed: Any
) -> int:
    """Write who passes into `passed`; gives how many. first: where a block begins."""
    coarse, digest, _ = kept
    margins, trusted, nearest = rooms
    scaled = int(reach[1] * _SCALE)
    count = 0
    for start in range(first, last, BLOCK):
        block = coarse[start // BLOCK]
        for eye in range(2):
            _look_coarsely(block[eye], probe[eye], scaled, margins[eye], trusted[eye], nearest[eye])
        for lane in range(min(BLOCK, last - start)):
            if _passes(nearest[0, lane], nearest[1, lane], reach):
                fetch(digest, (start + lane) * PERSON_DIGEST, PERSON_DIGEST)
                passed[count] = start + lane
                count += 1
    return count


@njit(nogil=True, cache=True)
def _pass_digest(kept: Any, passed: Any, probe: Any, reach: Any, sums: Any) -> int:
    """Keep in `passed`, in front, who passes this look, too; gives how many."""
    _, digest, columns = kept
    count = 0
    for person in passed:
        left = _look_at_digest(digest[person, 0], probe[0], sums)
        right = _look_at_digest(digest[person, 1], probe[1], sums)
        if _passes(left, right, reach):
            for eye in range(2):
                fetch(columns, (2 * person + eye) * 2 * COLUMNS, 2 * QUARTER)
            passed[count] = person
            count += 1
    return count


@njit(nogil=True, cache=True)
def _pass_quarter(columns: Any, passed: Any, probe: Any, reach: Any, sums: Any) -> int:
    count = 0
    for person in passed:
        left = _look_at_columns(columns[person, 0], probe[0], QUARTER, _ANY, sums)
        right = _look_at_columns(columns[person, 1], probe[1], QUARTER, _ANY, sums)
        if _passes(left, right, reach):
            passed[count] = person
            count += 1
    return count


@_smallest
def _look_at_digest(row: Any, probe: Any, sums: Any) -> float:
    """The share of bits that differ at the nearest turn; 1.0 where nothing can be compared."""
    sums[:] = 0
    _add_even_windows(row, DIGEST_PLACES, probe, (0, DIGEST_WORDS), sums)
    nearest = 1.0
    for lane in range(EVEN_LANES):
        nearest = min(nearest, sums[0, lane] / sums[1, lane] if sums[1, lane] else 1.0)
    return nearest


@_smallest
def _look_at_columns(row: Any, probe: Any, columns: int, enough: Any, sums: Any) -> float:
    """The same by the first `columns` of COLUMN_ORDER; turns with fewer bits are no matter."""
    sums[:] = 0
    _add_windows(row, COLUMN_ORDER, probe, (0, columns), sums)
    nearest = 1.0
    for lane in range(TURNS):
        nearest = min(nearest, sums[0, lane] / sums[1, lane] if sums[1, lane] >= enough else 1.0)
    return nearest


@njit(nogil=True, cache=True)
def _look_whole(row: Any, probe: Any, sums: Any) -> float:
    """As `shared.iris.distance`."""
    return float(_look_at_columns(row, probe, COLUMNS, _ENOUGH, sums))
