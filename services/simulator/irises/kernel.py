"""The kernel that makes iris templates: white noise, averaged into a field, cut at a threshold.

A field is int32[64, 256], one column per angle, rows in the order of the bits of a template's word
(`shared.iris`). Sums of integers, and no sum of floats: any machine makes the same bytes.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

COLUMNS = 256
RADII = 16
CHANNELS = 4  # two filters, real and imaginary
ROWS = RADII * CHANNELS

Words = NDArray[np.uint64]
Values = NDArray[np.int32]
ALONG_ANGLE = (1, 2, 3, 3, 2, 1)  # weights of neighbouring columns
STEPS = 5  # passes along the radius, each averaging two neighbours

_NOISE_ROWS = RADII + STEPS
_MARGIN = 8
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_EYELID = np.uint64(0xA0761D6478BD642F)
_BENEATH = np.uint64(0xE7037ED1A0B428DB)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)

_UPPER, _LOWER = 0.25, 0.75  # where on the circle the lids are
_UPPER_DEPTH, _LOWER_DEPTH = 1.1, 0.5
_SPOT_RADII, _SPOT_COLUMNS = 3, 8


@njit(cache=True)
def _mixed(number: np.uint64) -> np.uint64:
    """SplitMix64's finish: every bit of the answer hangs on every bit of the number."""
    z = (number ^ (number >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


@njit(cache=True)
def _share(key: np.uint64, place: int) -> np.float64:
    """The draw at this place: 0 or more, below 1."""
    return np.float64(_mixed(key + np.uint64(place) * _GOLDEN) >> np.uint64(11)) * 2.0**-53


@njit(cache=True)
def _noise(
    key: np.uint64, row: int, softness: int, words: Words, wide: Values, spare: Values, out: Values
) -> None:
    """One row of white bytes, averaged along the circle twice. wide: room for the row and more."""
    first = key + np.uint64(row * words.size + 1) * _GOLDEN
    for word in range(words.size):
        words[word] = _mixed(first + np.uint64(word) * _GOLDEN)
    for byte in range(8):
        part = wide[byte * words.size : (byte + 1) * words.size]
        shift = np.uint64(8 * byte)
        for word in range(words.size):
            part[word] = 2 * np.int32((words[word] >> shift) & np.uint64(255)) - 255
    for column in range(_MARGIN):
        wide[COLUMNS + column] = wide[column]
    for _ in range(softness):
        for a in range(spare.size):
            spare[a] = wide[a]
        beside = spare[1:]
        for a in range(beside.size):  # the end is worn off, a column each time
            wide[a] += beside[a]
    second, third = wide[1:], wide[2:]
    fourth, fifth, sixth = wide[3:], wide[4:], wide[5:]
    # ALONG_ANGLE, spelt out: the compiler makes it wide.
    for a in range(COLUMNS):
        ends, inner = wide[a] + sixth[a], second[a] + fifth[a]
        out[a] = ends + 2 * inner + 3 * (third[a] + fourth[a])


@njit(cache=True)
def _field(
    key: np.uint64,
    softness: int,
    furrows: int,
    words: Words,
    wide: Values,
    spare: Values,
    rows: Values,
    out: Values,
) -> None:
    """The field of a key. furrows: weight of what all radii of a channel share."""
    shared = rows[_NOISE_ROWS]
    for channel in range(CHANNELS):
        first = channel * (_NOISE_ROWS + 1)
        for row in range(_NOISE_ROWS + 1):
            _noise(key, first + row, softness, words, wide, spare, rows[row])
        for step in range(STEPS):
            for row in range(_NOISE_ROWS - 1 - step):
                upper, lower = rows[row], rows[row + 1]
                for a in range(COLUMNS):
                    upper[a] += lower[a]
        for radius in range(RADII):
            local, to = rows[radius], out[radius * CHANNELS + channel]
            for a in range(COLUMNS):
                to[a] = local[a] + furrows * shared[a]


@njit(cache=True)
def _uncovered(key: np.uint64, lids: float, out: Words) -> None:
    """Which bits of each column are iris: two lids from outside, and one spot of a lamp."""
    upper, lower = _share(key, 1) * _UPPER_DEPTH * lids, _share(key, 2) * _LOWER_DEPTH * lids
    upper_width, lower_width = 0.18 + 0.06 * _share(key, 3), 0.14 + 0.05 * _share(key, 4)
    upper_at = _UPPER + 0.02 * (_share(key, 5) - 0.5)
    lower_at = _LOWER + 0.02 * (_share(key, 6) - 0.5)
    for a in range(COLUMNS):
        x = (a + 0.5) / COLUMNS
        above = upper * (1.0 - ((x - upper_at) / upper_width) ** 2)
        below = lower * (1.0 - ((x - lower_at) / lower_width) ** 2)
        covered = min(max(above, below, 0.0), 1.0)
        radii = RADII - int(covered * RADII + 0.5)
        out[a] = _ALL >> np.uint64(ROWS - CHANNELS * radii) if radii else np.uint64(0)
    if lids > 0.0:
        spot = np.uint64((1 << (_SPOT_RADII * CHANNELS)) - 1)
        spot <<= np.uint64(CHANNELS * int(_share(key, 7) * (RADII - _SPOT_RADII)))
        at = int(_share(key, 8) * COLUMNS)
        for column in range(_SPOT_COLUMNS):
            out[(at + column) % COLUMNS] &= ~spot


@njit(cache=True)
def _cut(field: Values, even: int, fragile: int, codes: Words, trusted: Words) -> None:
    """Bits of a field: above `even` or not, and whether far enough from it to be trusted."""
    codes[:] = np.uint64(0)
    trusted[:] = np.uint64(0)
    for row in range(ROWS):
        place, values = np.uint64(row), field[row]
        for a in range(COLUMNS):
            value = values[a] - even
            codes[a] |= np.uint64(value > 0) << place
            trusted[a] |= np.uint64(abs(value) >= fragile) << place


@njit(cache=True, nogil=True)
def fill(
    eyes: Words,
    captures: Words,
    kept: NDArray[np.float64],
    turns: NDArray[np.int64],
    shape: tuple[int, int, int, int, float],
    out: Words,
) -> None:
    """Write one template for each eye: out is uint64[n, 2, 256].

    eyes, captures: uint64[n] keys; kept: float64[n], the correlation of a capture with the eye's
    own field; turns: int64[n] columns. shape: softness, furrows, and in the field's own units
    where it is cut and how near to the cut is fragile; lids.
    """
    softness, furrows, even, fragile, lids = shape
    words = np.empty(COLUMNS // 8, np.uint64)
    rows = np.empty((_NOISE_ROWS + 1, COLUMNS), np.int32)
    wide, spare = np.empty(COLUMNS + _MARGIN, np.int32), np.empty(COLUMNS + _MARGIN, np.int32)
    fields = np.empty((2, ROWS, COLUMNS), np.int32)
    field, other = fields[0], fields[1]
    codes, trusted, iris = (
        np.empty(COLUMNS, np.uint64),
        np.empty(COLUMNS, np.uint64),
        np.empty(COLUMNS, np.uint64),
    )
    for i in range(eyes.size):
        for part in range(2 if kept[i] < 1.0 else 1):
            key = captures[i] if part else eyes[i]
            _field(key, softness, furrows, words, wide, spare, rows, fields[part])
        if kept[i] < 1.0:
            own = np.float32(kept[i])
            rest = np.float32(math.sqrt(1.0 - kept[i] * kept[i]))
            for row in range(ROWS):
                values, others = field[row], other[row]
                for a in range(COLUMNS):
                    values[a] = np.int32(own * np.float32(values[a]) + rest * np.float32(others[a]))
        _cut(field, even, fragile, codes, trusted)
        _uncovered(captures[i] ^ _EYELID, lids, iris)
        beneath = captures[i] ^ _BENEATH
        for a in range(COLUMNS):
            to = (a + turns[i]) % COLUMNS
            # Under a lid a camera sees skin and lashes: bits that say nothing.
            skin = _mixed(beneath + np.uint64(a + 1) * _GOLDEN)
            out[i, 0, to] = (codes[a] & iris[a]) | (skin & ~iris[a])
            out[i, 1, to] = trusted[a] & iris[a]


def deviation(softness: int, furrows: int) -> float:
    """The standard deviation of a field's values, by the sums it is made of."""
    along_angle = np.array(ALONG_ANGLE, float)
    for _ in range(softness):
        along_angle = np.convolve(along_angle, np.ones(2))
    along_radius = np.array([math.comb(STEPS, k) for k in range(STEPS + 1)], float)
    byte = math.sqrt((256**2 - 1) / 12) * 2
    one_row = byte * math.sqrt(float(along_angle @ along_angle))
    return one_row * math.sqrt(float(along_radius @ along_radius) + furrows**2)
