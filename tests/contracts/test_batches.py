"""A batch crosses the line whole, or it is found out."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.envelopes import (
    MANIFEST,
    Envelope,
    Heading,
    UnreadableBatch,
    pack,
    unpack,
    wire_bytes,
)
from shared.signing import BadSignature, PinnedKeys, jwks_of, new_key, sign_message, verify_message
from tests.recordings import NOON
from tests.town import REGION

pytestmark = pytest.mark.rules

KEY = new_key(REGION)
PINNED = PinnedKeys(jwks_of([KEY]))
PURPOSE = f"envelopes {REGION}"

moments = st.datetimes(
    datetime(2009, 1, 1),  # noqa: DTZ001 hypothesis adds the zone
    datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=7)), timezone(timedelta(hours=-9))]),
)
bodies = st.binary(max_size=200).filter(lambda body: b"\n" not in body)


@st.composite
def envelopes_of(draw: st.DrawFn, least: int = 1) -> list[Envelope]:
    first_seq = draw(st.integers(1, 2**40))
    made = []
    for seq, body in enumerate(draw(st.lists(bodies, min_size=least, max_size=6)), first_seq):
        head = Heading(
            seq,
            draw(st.uuids()),
            draw(st.sampled_from(["recording", "card_receipt", "something.newer"])),
            draw(st.integers(1, 9)),
            draw(moments),
            sha256(body).hexdigest(),
        )
        made.append(Envelope(head, body))
    return made


@given(envelopes=envelopes_of(), epoch=st.integers(0, 9))
def test_what_is_packed_comes_out_as_it_went_in(envelopes: Sequence[Envelope], epoch: int) -> None:
    batch = pack(REGION, epoch, envelopes)
    payload = wire_bytes(batch)

    received = unpack(payload)

    assert received.batch == batch
    assert batch.payload_bytes == len(payload)
    assert batch.manifest_bytes == payload.partition(b"\n")[0]
    assert (received.manifest.region, received.manifest.epoch) == (REGION, epoch)
    assert len(received.manifest.envelopes) == len(envelopes)
    for head, envelope in zip(received.manifest.envelopes, envelopes, strict=True):
        assert tuple(head.model_dump().values()) == tuple(envelope.head)


@given(envelopes=envelopes_of())
def test_a_senders_headings_need_no_model_to_be_a_manifest(envelopes: Sequence[Envelope]) -> None:
    manifest = MANIFEST.validate_json(pack(REGION, 1, envelopes).manifest_bytes)

    assert [head.seq for head in manifest.envelopes] == [one.head.seq for one in envelopes]


def is_found_out(payload: bytes, signature: str) -> bool:
    """Whether the centre, which checks the signature and then reads, refuses these bytes."""
    try:
        verify_message(PINNED, PURPOSE, payload.partition(b"\n")[0], signature, NOON)
        unpack(payload)
    except (BadSignature, UnreadableBatch):
        return True
    return False


def signed(envelopes: Sequence[Envelope]) -> tuple[bytes, str]:
    batch = pack(REGION, 1, envelopes)
    return wire_bytes(batch), sign_message(KEY, PURPOSE, batch.manifest_bytes)


@settings(max_examples=300)
@given(envelopes=envelopes_of(), data=st.data())
def test_any_flipped_bit_is_found(envelopes: Sequence[Envelope], data: st.DataObject) -> None:
    payload, signature = signed(envelopes)
    place = data.draw(st.integers(0, len(payload) - 1))
    flipped = bytearray(payload)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))

    assert not is_found_out(payload, signature)
    assert is_found_out(bytes(flipped), signature)


@given(envelopes=envelopes_of(), data=st.data())
def test_any_cut_is_found(envelopes: Sequence[Envelope], data: st.DataObject) -> None:
    payload, signature = signed(envelopes)

    cut = payload[: data.draw(st.integers(0, len(payload) - 1))]

    # Empty bodies have empty lines: cut at the very end, what is left can still be whole.
    assert is_found_out(cut, signature)


@given(envelopes=envelopes_of(least=2), data=st.data())
def test_lines_lost_doubled_or_in_another_order_are_found(
    envelopes: Sequence[Envelope], data: st.DataObject
) -> None:
    payload, signature = signed(envelopes)
    manifest, *lines = payload.split(b"\n")
    place = data.draw(st.integers(0, len(lines) - 1))
    lost = [*lines[:place], *lines[place + 1 :]]
    doubled = [*lines[: place + 1], *lines[place:]]
    shuffled = data.draw(st.permutations(lines))

    for damaged in (lost, doubled):
        assert is_found_out(b"\n".join((manifest, *damaged)), signature)
    assert is_found_out(b"\n".join((manifest, *shuffled)), signature) is (shuffled != lines)


@given(envelopes=envelopes_of(least=2), data=st.data())
def test_seqs_that_do_not_rise_by_one_are_no_batch(
    envelopes: list[Envelope], data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(envelopes) - 1))
    other = data.draw(st.integers(1, 2**41).filter(lambda seq: seq != envelopes[place].head.seq))
    head = Heading(other, *tuple(envelopes[place].head)[1:])
    envelopes[place] = Envelope(head, envelopes[place].body)

    with pytest.raises(UnreadableBatch, match="seq does not rise by one"):
        unpack(wire_bytes(pack(REGION, 1, envelopes)))


@given(payload=st.binary(max_size=300))
def test_bytes_that_are_no_batch_are_refused_and_nothing_of_them_is_repeated(
    payload: bytes,
) -> None:
    with pytest.raises(UnreadableBatch) as refused:
        unpack(payload)

    assert refused.value.reason.startswith("manifest: ")


def test_a_reason_names_the_place_and_not_what_stood_there() -> None:
    manifest = b'{"version":1,"region":"6172015307990001","epoch":1,"envelopes":[]}'

    with pytest.raises(UnreadableBatch) as refused:
        unpack(manifest)

    assert refused.value.reason == "manifest: string_pattern_mismatch at /region"


def test_a_batch_of_nothing_is_refused() -> None:
    manifest = b'{"version":1,"region":"61.72","epoch":1,"envelopes":[]}'

    with pytest.raises(UnreadableBatch, match="empty"):
        unpack(manifest)
