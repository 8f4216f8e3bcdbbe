"""Irises under a key: other codes, which lie exactly as far apart as before.

A key permutes the 64 bits of every column alike and flips some of them. Both masks and codes move
together and turning moves whole columns, so each distance stays what it was, to the last bit; but a
code under one key and the same eye's under another, or under none, are two strangers. A gallery
that leaks is of no use elsewhere, and a new key makes it new. Whoever holds the key, or enough eyes
both with and without it, can undo it: that is what sealing, below, and the key's file are for.

The centre's first looks at a code read some radii only. These keep to themselves, so that a look
sees the same bits under any key: 8! * 8! * 48! * 2^64 keys are left of 64! * 2^64.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.iris import COLUMNS, TEMPLATE_BYTES, Words
from shared.sealing import Harmed, KeyMissing, KeyRing, Sealer, Secret, place_of

BITS: Final = 64  # of a column: 16 radii of two filters, real and imaginary
BITS_OF_A_RADIUS: Final = 4
# Radii that the centre's looks read: the first look, and what the second one adds to it.
LOOKS: Final = ((3, 9), (6, 12))
_TAG_BYTES: Final = 16
_WORD_BYTES: Final = 8

Columns = NDArray[np.uint64]  # [..., 2, COLUMNS]: code and mask
_Tables = NDArray[np.uint64]  # [8, 256]: where the bits of each byte of a column go


def groups() -> list[list[int]]:
    """Bits of a column that are permuted among themselves."""
    looks = [
        [radius * BITS_OF_A_RADIUS + bit for radius in look for bit in range(BITS_OF_A_RADIUS)]
        for look in LOOKS
    ]
    looked_at = {bit for look in looks for bit in look}
    return [*looks, [bit for bit in range(BITS) if bit not in looked_at]]


@dataclass(frozen=True, slots=True)
class GalleryKey:
    """One key: how codes are changed, and what seals them."""

    kid: str
    sealer: Sealer
    _there: _Tables
    _back: _Tables
    _flips: np.uint64

    @classmethod
    def of(cls, secret: Secret) -> "GalleryKey":
        tags = secret.derive("tunggal iris permutation", BITS * _TAG_BYTES)
        targets = list(range(BITS))
        for group in groups():
            # Random tags, sorted: every order is as likely, and the same on every machine.
            drawn = sorted(group, key=lambda bit: tags[bit * _TAG_BYTES : (bit + 1) * _TAG_BYTES])
            for bit, target in zip(group, drawn, strict=True):
                targets[bit] = target
        sources = sorted(range(BITS), key=lambda bit: targets[bit])
        return cls(
            secret.kid,
            Sealer(secret.derive("tunggal iris sealing")),
            _tables(targets),
            _tables(sources),
            np.frombuffer(secret.derive("tunggal iris flips", _WORD_BYTES), "<u8")[0],
        )

    def protect(self, eyes: Columns) -> Columns:
        """Eyes that were taken, under this key. One of which nothing is trusted becomes zeros."""
        moved = _moved(self._there, eyes)
        moved[..., 0, :] ^= self._flips
        return _nothing_untrusted(moved)

    def original(self, eyes: Columns) -> Columns:
        """The opposite of `protect`."""
        flipped = np.array(eyes)
        flipped[..., 0, :] ^= self._flips
        return _nothing_untrusted(_moved(self._back, flipped))


@dataclass(frozen=True, slots=True)
class Kept:
    """Irises as a row has them. kid: the key they are under; None: from before there were keys."""

    kid: str | None
    irises: bytes


class GalleryKeys:
    """The key a process works under, for as long as it lives, and others its rows may be under.

    Irises in memory are all under that one key; what a row has under another is changed as it is
    read. So codes under two keys never meet, whatever a renewal is doing to the rows meanwhile.
    """

    def __init__(self, ring: KeyRing | None) -> None:
        """ring: None where irises are left as they are: nothing is changed, nothing is sealed."""
        self._ring = ring
        self._keys: dict[str, GalleryKey] = {}
        self._own = self._key(ring.newest.kid) if ring is not None else None

    @classmethod
    def load_or_create(cls, path: Path) -> "GalleryKeys":
        return cls(KeyRing.load_or_create(path))

    @property
    def kid(self) -> str | None:
        """Of the key this process works under."""
        return self._own.kid if self._own is not None else None

    def protect(self, eyes: Words) -> Words:
        """An eye as it was taken, under this process's key."""
        return self._own.protect(eyes) if self._own is not None else eyes

    def protected(self, irises: bytes) -> bytes:
        """The same for eyes as `shared.iris.to_bytes` writes them, one after the other."""
        return self._changed(irises, None)

    def original(self, irises: bytes) -> bytes:
        """The opposite of `protected`."""
        return irises if self._own is None else _bytes(self._own.original(_columns(irises)))

    def seal(self, irises: bytes, *place: str | bytes) -> Kept:
        """What a row keeps of irises that are under this process's key; only there it opens."""
        if self._own is None or not irises:
            return Kept(None, irises)
        return Kept(self._own.kid, self._own.sealer.seal(irises, place_of(*place, self._own.kid)))

    def open(self, kept: Kept, *place: str | bytes) -> bytes:
        """Irises of a row, under this process's key. Raises KeyMissing, Harmed."""
        if kept.kid is None:
            return self._changed(kept.irises, None)
        sealer = self._key(kept.kid).sealer
        return self._changed(sealer.open(kept.irises, place_of(*place, kept.kid)), kept.kid)

    def taken_over(self, eyes: Words, kid: str | None) -> Words:
        """An eye another process has under its key, under this one's. Raises KeyMissing."""
        if kid == self.kid:
            return eyes
        return self.protect(eyes if kid is None else self._key(kid).original(eyes))

    def _changed(self, irises: bytes, kid: str | None) -> bytes:
        if kid == self.kid or not irises:
            return irises
        return _bytes(self.taken_over(_columns(irises), kid))

    def _key(self, kid: str) -> GalleryKey:
        if kid not in self._keys:
            if self._ring is None:
                raise KeyMissing("this process was given no gallery key")
            self._keys[kid] = GalleryKey.of(self._ring.find(kid))
        return self._keys[kid]


NO_KEYS: Final = GalleryKeys(None)


def _tables(targets: Sequence[int]) -> _Tables:
    """For each byte of a column and each value of it: where its bits go, as a word."""
    values = np.arange(256, dtype=np.uint64)
    tables = np.zeros((BITS // 8, 256), np.uint64)
    for bit, target in enumerate(targets):
        is_set = (values >> np.uint64(bit % 8)) & np.uint64(1)
        tables[bit // 8] |= is_set << np.uint64(target)
    return tables


def _moved(tables: _Tables, columns: Columns) -> Columns:
    taken = np.ascontiguousarray(columns, "<u8").view(np.uint8).reshape(*columns.shape, 8)
    moved: Columns = tables[0][taken[..., 0]]
    for nth in range(1, 8):
        moved |= tables[nth][taken[..., nth]]
    return moved


def _nothing_untrusted(eyes: Columns) -> Columns:
    """Zeros say that an eye is missing: under a key, too."""
    eyes[~eyes[..., 1, :].any(axis=-1)] = 0
    return eyes


def _columns(irises: bytes) -> Columns:
    if len(irises) % TEMPLATE_BYTES:
        raise Harmed
    return np.frombuffer(irises, "<u8").reshape(-1, 2, COLUMNS)


def _bytes(eyes: Columns) -> bytes:
    return eyes.astype("<u8", copy=False).tobytes()
