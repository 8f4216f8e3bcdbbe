"""Sealed bytes: they open under their key, at their place, whole, or not at all."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sealing import Harmed, KeyMissing, KeyRing, Sealer, new_secret, place_of

PLACE = place_of("gallery", "some recording")


@given(plain=st.binary(max_size=200), parts=st.lists(st.text(max_size=10), max_size=4))
def test_what_was_sealed_opens_at_its_place(plain: bytes, parts: list[str]) -> None:
    sealer = Sealer(new_secret().secret)

    sealed = sealer.seal(plain, place_of(*parts))

    assert sealer.open(sealed, place_of(*parts)) == plain


@pytest.mark.security
def test_whatever_was_changed_moved_or_cut_off_does_not_open() -> None:
    sealer, other = Sealer(new_secret().secret), Sealer(new_secret().secret)
    sealed = sealer.seal(b"an iris", PLACE)
    changed = [
        sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        for place in range(len(sealed))
    ]

    for harmed in (*changed, sealed[:-1], sealed[:10], b"", sealed + b"\0"):
        with pytest.raises(Harmed):
            sealer.open(harmed, PLACE)
    with pytest.raises(Harmed):
        sealer.open(sealed, place_of("gallery", "another recording"))
    with pytest.raises(Harmed):
        other.open(sealed, PLACE)


def test_places_that_read_alike_when_joined_are_different_ones() -> None:
    assert place_of("ab", "c") != place_of("a", "bc") != place_of("abc")


def test_the_same_bytes_are_never_sealed_alike() -> None:
    sealer = Sealer(new_secret().secret)

    assert sealer.seal(b"an iris", PLACE) != sealer.seal(b"an iris", PLACE)


def test_what_is_derived_hangs_on_the_secret_and_the_purpose() -> None:
    secret, other = new_secret(), new_secret()

    assert secret.derive("seal") == secret.derive("seal")
    assert len({secret.derive("seal"), secret.derive("turn"), other.derive("seal")}) == 3


def test_a_ring_is_made_once_whoever_else_starts(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ring.json"

    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: KeyRing.load_or_create(path), range(16)))

    assert len({ring.newest.kid for ring in rings}) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["ring.json"]


def test_a_key_that_another_process_added_is_found(tmp_path: Path) -> None:
    here = KeyRing.load_or_create(tmp_path / "ring.json")
    there = KeyRing.load(here.path)

    added = there.add()

    assert here.find(added.kid) == added
    assert here.newest != added  # whoever holds a ring goes on as it began
    assert KeyRing.load(here.path).newest == added


def test_a_dropped_key_is_gone_and_the_newest_never_is(tmp_path: Path) -> None:
    ring = KeyRing.load_or_create(tmp_path / "ring.json")
    first = ring.newest.kid
    ring.add()

    assert ring.drop_all_but([]) == 1
    assert list(KeyRing.load(ring.path).kids) == [ring.newest.kid]
    with pytest.raises(KeyMissing):
        ring.find(first)


@pytest.mark.parametrize("text", ["", "{}", '{"keys": []}', '{"keys": [{"kid": "a", "k": "AA"}]}'])
def test_a_key_file_that_is_none_is_said_to_be_missing(tmp_path: Path, text: str) -> None:
    (tmp_path / "ring.json").write_text(text)

    with pytest.raises(KeyMissing):
        KeyRing.load(tmp_path / "ring.json")
    with pytest.raises(KeyMissing):
        KeyRing.load(tmp_path / "none.json")
