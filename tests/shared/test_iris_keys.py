"""Irises under a key: as far apart as before, and strangers to what they were."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from services.central.penunggalan.iris import thresholds
from services.central.penunggalan.iris.layout import COARSE_WORDS, DIGEST_BITS
from services.simulator.irises import captures, first_captures
from shared.iris import (
    COLUMNS,
    NOT_COMPARED,
    ROTATIONS_MAX,
    TEMPLATE_BYTES,
    Words,
    distance,
    to_bytes,
)
from shared.iris_keys import NO_KEYS, GalleryKey, GalleryKeys, Kept
from shared.sealing import Harmed, KeyMissing, KeyRing, Secret, new_secret

pytestmark = pytest.mark.security

secrets_ = st.binary(min_size=32, max_size=32).map(lambda raw: Secret("a key", raw))
eyes = arrays.arrays(np.uint64, (2, COLUMNS))
# A mask of few bits, so that turns with nothing to compare are met, too.
spare = st.integers(0, 2**64 - 1).map(np.uint64)


def counts(one: Words, other: Words) -> list[tuple[int, int]]:
    """(bits that differ, bits both trust) at every rotation there is."""
    found = []
    for turn in range(COLUMNS):
        code, mask = np.roll(other, turn, axis=1)
        trusted = one[1] & mask
        differing = (one[0] ^ code) & trusted
        found.append((int(np.bitwise_count(differing).sum()), int(np.bitwise_count(trusted).sum())))
    return found


@given(secret=secrets_, one=eyes, other=eyes, few=spare)
@settings(max_examples=25, deadline=None)
def test_distances_are_the_same_at_every_turn_and_under_every_mask(
    secret: Secret, one: Words, other: Words, few: np.uint64
) -> None:
    key = GalleryKey.of(secret)
    other[1] &= few

    under_key = key.protect(one), key.protect(other)

    assert counts(*under_key) == counts(one, other)
    assert distance(*under_key) == distance(one, other)


@given(secret=secrets_, eye=eyes)
@settings(max_examples=25, deadline=None)
def test_the_original_comes_back_to_the_bit(secret: Secret, eye: Words) -> None:
    eye[1, 0] |= np.uint64(1)  # something is trusted
    key = GalleryKey.of(secret)

    assert (key.original(key.protect(eye)) == eye).all()


@given(secret=secrets_)
@settings(max_examples=25, deadline=None)
def test_a_look_sees_the_same_bits_under_any_key(secret: Secret) -> None:
    key = GalleryKey.of(secret)
    for look in (DIGEST_BITS[:COARSE_WORDS], DIGEST_BITS[COARSE_WORDS:]):
        mask = np.bitwise_or.reduce(np.uint64(1) << look)
        eye = np.stack([np.zeros(COLUMNS, np.uint64), np.full(COLUMNS, mask)])

        assert (key.protect(eye)[1] == mask).all()


def test_under_a_key_an_eye_is_a_stranger_to_itself_and_to_itself_under_another() -> None:
    """100 eyes, each against itself without a key and under another: nearest of 31 turns."""
    taken = first_captures(5, np.arange(100))
    again = captures(5, np.arange(100), np.ones(100, int), np.full(100, 0.05), np.zeros(100, int))
    key, other = GalleryKey.of(new_secret()), GalleryKey.of(new_secret())

    same = [distance(*pair) for pair in zip(key.protect(taken), key.protect(again), strict=True)]
    for strange in (taken, again, other.protect(taken)):
        apart = np.array(
            [distance(*pair) for pair in zip(key.protect(taken), strange, strict=True)]
        )
        # Two strangers lie .458 apart (sd .018); nearer than a threshold comes one in 10^9.
        assert apart.min() > thresholds.for_gallery(1).mean_of_two
        assert 0.43 < apart.mean() < 0.52
    assert max(same) < 0.15


def test_an_eye_that_is_missing_is_missing_under_a_key() -> None:
    key = GalleryKey.of(new_secret())
    nothing_trusted = np.stack([np.full(COLUMNS, 7, np.uint64), np.zeros(COLUMNS, np.uint64)])

    assert not key.protect(nothing_trusted).any()
    assert distance(key.protect(nothing_trusted), key.protect(nothing_trusted)) == NOT_COMPARED


def an_eye(seed: int) -> Words:
    return first_captures(9, [seed])[0]


def test_a_row_opens_under_the_key_of_whoever_reads_it(tmp_path: Path) -> None:
    before = GalleryKeys.load_or_create(tmp_path / "ring.json")
    kept = before.seal(before.protected(to_bytes(an_eye(1))), "gallery", b"1")
    KeyRing.load(tmp_path / "ring.json").add()
    after = GalleryKeys.load_or_create(tmp_path / "ring.json")

    opened = after.open(kept, "gallery", b"1")

    assert opened == to_bytes(after.protect(an_eye(1)))
    assert after.original(opened) == to_bytes(an_eye(1))
    # Whoever started before the renewal reads what came after it, under its own key.
    renewed = after.seal(opened, "gallery", b"1")
    assert before.open(renewed, "gallery", b"1") == to_bytes(before.protect(an_eye(1)))
    assert len({before.kid, after.kid}) == 2


def test_a_row_from_before_there_were_keys_is_put_under_one(tmp_path: Path) -> None:
    keys = GalleryKeys.load_or_create(tmp_path / "ring.json")

    opened = keys.open(Kept(None, to_bytes(an_eye(1)) + bytes(TEMPLATE_BYTES)), "gallery", b"1")

    assert opened == to_bytes(keys.protect(an_eye(1))) + bytes(TEMPLATE_BYTES)


def test_nothing_opens_elsewhere_or_without_its_key(tmp_path: Path) -> None:
    keys = GalleryKeys.load_or_create(tmp_path / "ring.json")
    stranger = GalleryKeys.load_or_create(tmp_path / "another.json")
    kept = keys.seal(keys.protected(to_bytes(an_eye(1))), "gallery", b"1")

    with pytest.raises(Harmed):
        keys.open(kept, "gallery", b"2")
    for without in (stranger, NO_KEYS):
        with pytest.raises(KeyMissing):
            without.open(kept, "gallery", b"1")
    with pytest.raises(Harmed):
        keys.open(Kept(None, b"no irises"), "gallery", b"1")


def test_what_a_row_keeps_tells_nothing(tmp_path: Path) -> None:
    keys = GalleryKeys.load_or_create(tmp_path / "ring.json")
    taken = to_bytes(an_eye(1))

    kept = keys.seal(keys.protected(taken), "gallery", b"1")

    pieces = {taken[at : at + 8] for at in range(0, len(taken), 8) if any(taken[at : at + 8])}
    assert not any(piece in kept.irises for piece in pieces if len(set(piece)) > 4)
    assert len(kept.irises) - len(taken) == 29


def test_turning_an_eye_and_putting_it_under_a_key_may_change_places() -> None:
    key, eye = GalleryKey.of(new_secret()), an_eye(2)

    for turn in range(-ROTATIONS_MAX, ROTATIONS_MAX + 1):
        assert (key.protect(np.roll(eye, turn, axis=1)) == np.roll(key.protect(eye), turn, 1)).all()
