"""What a region seals only the centre opens, whole and in its place, or not at all."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import ManualClock
from shared.contracts.recording import RECORDING, Recording, canonical_bytes
from shared.ids import new_id
from shared.sealed import body as sealed_body
from shared.sealed.copies import open_copy
from shared.sealed.faults import Erased
from shared.sealed.keys import SealingKeys, SealingTo, add_first, next_sealing_jwk
from shared.sealed.opener import Opener
from shared.sealed.sealer import SESSION_AGE_MAX, SESSION_RECORDINGS_MAX, Sealed
from shared.sealing import Harmed, KeyMissing
from tests.recordings import NOON, a_recording
from tests.seals import sealing_keys, seals_to, secret_keys

pytestmark = [pytest.mark.rules, pytest.mark.security]

GOLDEN = Path(__file__).parent.parent / "contracts" / "golden"
KEYS = sealing_keys()
OPENER = Opener(KEYS)
SEALS = seals_to(KEYS)


def canonical(one: Recording) -> bytes:
    return canonical_bytes(one.recording_id, one)


def seal(one: Recording) -> Sealed:
    plain = canonical(one)
    assert SEALS.sealer is not None
    return SEALS.sealer.seal(one.recording_id, sha256(plain).digest(), plain, one.biometrics.images)


names = st.text(
    st.characters(blacklist_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Zs"]),
    min_size=1,
    max_size=60,
)


@given(name=names, street=names, templates=st.lists(st.binary(max_size=400), max_size=5))
def test_whatever_is_said_opens_as_it_was_and_stays_one_line(
    name: str, street: str, templates: list[bytes]
) -> None:
    one = a_recording(7, card={"name": name}, mother_name=street)

    sealed = seal(one)

    assert OPENER.open(sealed.body) == canonical(one)
    assert b"\n" not in sealed.body
    assert sealed.sha256 == sha256(sealed.body).digest()
    assert sealed_body.content_sha256_of(sealed.body) == sha256(canonical(one)).digest()


@given(ciphertext=st.binary(max_size=300))
def test_no_ciphertext_breaks_a_line(ciphertext: bytes) -> None:
    sealed = sealed_body.SealedBody(new_id(), b"h" * 32, "k", b"s", b"w", (ciphertext, b"\n\xdb"))

    line = sealed_body.put_together(sealed)

    assert b"\n" not in line
    assert sealed_body.take_apart(line) == sealed


def test_a_name_that_looks_like_the_next_part_is_a_name() -> None:
    one = a_recording(8, card={"name": 'Sri ,"biometrics":{ Wati'})

    assert OPENER.open(seal(one).body) == canonical(one)


def test_no_byte_can_be_changed() -> None:
    whole = seal(a_recording(9)).body

    for place in range(0, len(whole), 7):
        changed = whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :]
        with pytest.raises((Harmed, KeyMissing)):
            OPENER.open(changed)


@pytest.mark.parametrize("part", [0, 1])
def test_a_part_of_another_recording_is_refused_even_with_its_key(part: int) -> None:
    mine, other = (sealed_body.take_apart(seal(a_recording(n)).body) for n in (10, 11))
    parts = [mine.parts[0], mine.parts[1]]
    parts[part] = other.parts[part]

    for mixed in (
        replace(mine, parts=(parts[0], parts[1])),
        replace(mine, parts=other.parts, wrapped_key=other.wrapped_key, session=other.session),
        replace(mine, parts=(mine.parts[1], mine.parts[0])),
        replace(mine, recording_id=other.recording_id),
        replace(mine, content_sha256=other.content_sha256),
    ):
        with pytest.raises(Harmed):
            OPENER.open(sealed_body.put_together(mixed))


@pytest.mark.parametrize("version", [b"1", b"3", b"null"])
def test_another_schema_version_is_refused(version: bytes) -> None:
    whole = seal(a_recording(12)).body

    with pytest.raises(Harmed):
        OPENER.open(whole.replace(b'{"sealed":2', b'{"sealed":' + version, 1))


def test_another_key_of_the_centre_does_not_open_it() -> None:
    whole = seal(a_recording(13)).body

    with pytest.raises(Harmed):
        Opener(sealing_keys("centre-seal-1")).open(whole)
    with pytest.raises(KeyMissing):
        Opener(sealing_keys("centre-seal-2")).open(whole)


def test_a_retired_key_still_opens_while_its_file_has_it(tmp_path: Path) -> None:
    path = tmp_path / "sealing.json"
    keys = SealingKeys.load_or_create(path)
    sealer = seals_to(keys).sealer
    assert sealer is not None
    one = a_recording(14)
    plain = canonical(one)
    old = sealer.seal(one.recording_id, sha256(plain).digest(), plain, {}).body

    add_first(path, next_sealing_jwk(path))
    both = SealingKeys.read(path)

    assert both.kids == ("centre-seal-2", "centre-seal-1")
    assert Opener(both).open(old) == plain
    assert path.stat().st_mode & 0o077 == 0


def test_a_session_seals_few_and_not_for_long() -> None:
    clock = ManualClock(NOON)
    sealer = seals_to(KEYS, clock).sealer
    assert sealer is not None
    one = a_recording(15)
    plain = canonical(one)

    def session() -> bytes:
        made = sealer.seal(one.recording_id, sha256(plain).digest(), plain, {})
        return sealed_body.take_apart(made.body).session

    first = {session() for _ in range(SESSION_RECORDINGS_MAX)}
    second = session()
    clock.advance(SESSION_AGE_MAX)
    third = session()

    assert len(first) == 1
    assert len({*first, second, third}) == 3


def test_what_was_erased_says_so_and_still_tells_a_repeat() -> None:
    stone = sealed_body.erased(new_id(), b"h" * 32)

    with pytest.raises(Erased):
        OPENER.open(stone)
    assert sealed_body.content_sha256_of(stone) == b"h" * 32


def test_an_office_reads_its_copy_and_nothing_of_the_body() -> None:
    one = a_recording(16)
    copy = seal(one).working_copy

    read = open_copy(SEALS.copies, one.recording_id, copy)

    assert read.biodata.card == one.card
    assert read.images == one.biometrics.images
    assert not hasattr(read.biodata, "biometrics")
    for keys in (None, secret_keys("another-1")):
        with pytest.raises(KeyMissing):
            open_copy(keys, one.recording_id, copy)
    with pytest.raises(Harmed):
        open_copy(secret_keys(SEALS.copies.kid), one.recording_id, copy)


def test_a_copy_cannot_be_laid_under_another_recording() -> None:
    copy = seal(a_recording(17)).working_copy

    with pytest.raises(Harmed):
        open_copy(SEALS.copies, new_id(), copy)
    for place in range(0, len(copy), 5):
        changed = copy[:place] + bytes((copy[place] ^ 1,)) + copy[place + 1 :]
        with pytest.raises((Harmed, KeyMissing)):
            open_copy(SEALS.copies, new_id(), changed)


def test_what_version_two_sealed_is_opened_for_ever() -> None:
    keys = SealingKeys.read(GOLDEN / "sealing-keys.json")
    written = (GOLDEN / "recording-2.sealed").read_bytes()

    opened = Opener(keys).open(written)

    assert opened == (GOLDEN / "recording-1.json").read_bytes()
    assert sealed_body.put_together(sealed_body.take_apart(written)) == written
    assert sealed_body.take_apart(written).recording_id == UUID(
        str(orjson.loads(opened)["recording_id"])
    )
    assert SealingTo.of({"keys": keys.public_jwks}) is not None
    assert RECORDING.validate_json(opened)
