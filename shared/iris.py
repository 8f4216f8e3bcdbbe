"""Iris templates as open-iris writes them, and the distance between two: the definition.

A template is 16 radii by 256 angles by two complex filters: 16,384 bits of code, and a mask of the
same shape that says which of them can be trusted. Here it is turned column by column: one 64-bit
word per angle, so that turning the eye is moving by whole words. Layout, the 31 rotations and the
masked distance follow open-iris 1.11 (MIT), whose own matcher gives the same numbers.
"""

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

FORMAT = "open-iris.v1"
ROTATIONS_MAX = 15  # columns either way: about 21 degrees
COLUMNS = 256
CODE_BYTES = COLUMNS * 8
TEMPLATE_BYTES = 2 * CODE_BYTES

# Few bits in common agree by chance: a quarter of a code is 156 coins instead of 343, still enough
# for a case, and less is no comparison. Whose own mask trusts less than half has too little in
# common with too many to be called searched for. Synthetic captures trust 61 % and more, and have
# 46 % and more in common.
TRUSTED_BITS_MIN = 8_192
NOT_COMPARED = 1.0  # no pair of eyes is that far apart
COMMON_BITS_MIN = 4_096

Words = NDArray[np.uint64]  # [2, 256]: code, mask; one word per angle

_WIRE_SHAPE = (2, 2, 16, COLUMNS, 2)  # code and mask, filters, radii, angles, real and imaginary
_BY_COLUMN = (0, 3, 2, 1, 4)
_BACK = (0, 3, 2, 1, 4)


class UnreadableTemplate(ValueError):
    """The bytes are not a template of this format."""


class NothingTrusted(UnreadableTemplate):
    """A template whose mask trusts not a single bit."""


def words_of(data: str) -> Words:
    """Read a template as a recording carries it: base64 of 4,096 bytes, code then mask.

    Each half is bool[2 filters, 16 radii, 256 angles, 2] in C order, eight to a byte, first bit
    highest (`numpy.packbits`). Raises UnreadableTemplate, NothingTrusted where its mask is empty.
    """
    try:
        packed = base64.b64decode(data, validate=True)
    except binascii.Error:
        raise UnreadableTemplate from None
    if len(packed) != TEMPLATE_BYTES:
        raise UnreadableTemplate
    bits = np.unpackbits(np.frombuffer(packed, np.uint8)).reshape(_WIRE_SHAPE)
    words = np.packbits(bits.transpose(_BY_COLUMN), bitorder="little").view(np.uint64)
    found = words.reshape(2, COLUMNS)
    if not found[1].any():
        raise NothingTrusted
    return found


def data_of(words: Words) -> str:
    """The opposite of `words_of`."""
    bits = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), bitorder="little")
    by_column = bits.reshape(2, COLUMNS, 16, 2, 2)
    return base64.b64encode(np.packbits(by_column.transpose(_BACK)).tobytes()).decode()


def is_good(words: Words) -> bool:
    """Whether enough of an eye can be trusted to compare it with others."""
    return int(np.bitwise_count(words[1]).sum()) >= TRUSTED_BITS_MIN


def to_bytes(words: Words) -> bytes:
    """As a gallery keeps it: 4,096 bytes, little-endian words, code then mask."""
    return words.astype("<u8", copy=False).tobytes()


def from_bytes(kept: bytes) -> Words:
    return np.frombuffer(kept, "<u8").reshape(2, COLUMNS)


def distance(left: Words, right: Words) -> float:
    """Share of bits that differ where both masks trust them, at the best of 31 rotations: 0..1.

    Turns at which less than COMMON_BITS_MIN can be compared are no matter; NOT_COMPARED where that
    is so at all of them. Two eyes differ by about .46, one eye from itself
    by about .11 (`docs/UNIQUENESS.md`).
    """
    best = NOT_COMPARED
    for turn in range(-ROTATIONS_MAX, ROTATIONS_MAX + 1):
        code, mask = np.roll(right, turn, axis=1)
        trusted = left[1] & mask
        count = int(np.bitwise_count(trusted).sum())
        if count >= COMMON_BITS_MIN:
            differing = int(np.bitwise_count((left[0] ^ code) & trusted).sum())
            best = min(best, differing / count)
    return best
