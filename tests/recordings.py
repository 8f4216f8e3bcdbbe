"""Recordings, envelopes and batches for tests. Every person in them is invented."""

import copy
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from services.regional.recording.examples import CONTENT_EXAMPLE
from services.regional.recording.rules import Arrival
from shared.contracts.envelopes import (
    CARD_RECEIPT,
    CARD_RECEIPT_VERSION,
    RECORDING_VERSION,
    CardReceipt,
    CardResult,
    Envelope,
    EnvelopeKind,
    Heading,
    ReceivedBatch,
    pack,
    unpack,
    wire_bytes,
)
from shared.contracts.recording import RECORDING, Recording, canonical_bytes
from shared.ids import new_id

NOON = datetime(2017, 10, 13, 5, tzinfo=UTC)  # 12:00 in Singkawang


def nik(number: int) -> str:
    """Another person's NIK for every number up to ten thousand million."""
    return f"617202{number:010d}"


def content(number: int = 3, **changes: Any) -> dict[str, Any]:
    """What a station sends of person `number`; `card` changes elements of the card."""
    made = copy.deepcopy(CONTENT_EXAMPLE)
    made["card"] |= {"nik": nik(number)} | changes.pop("card", {})
    return made | changes


def a_recording(number: int = 3, recording_id: UUID | None = None, **changes: Any) -> Recording:
    made = content(number, **changes) | {"recording_id": str(recording_id or new_id())}
    return RECORDING.validate_json(orjson.dumps(made))


def an_arrival(number: int = 3, recording_id: UUID | None = None, **changes: Any) -> Arrival:
    one = a_recording(number, recording_id, **changes)
    return Arrival.of(one.recording_id, one, "officer-12")


def envelope(
    seq: int,
    body: bytes,
    envelope_id: UUID | None = None,
    kind: str = EnvelopeKind.RECORDING,
    version: int = RECORDING_VERSION,
    happened_at: datetime = NOON,
) -> Envelope:
    head = Heading(
        seq,
        envelope_id or new_id(),
        str(kind),
        version,
        happened_at,
        sha256(body).hexdigest(),
    )
    return Envelope(head, body)


def recording_envelope(seq: int, recording: Recording) -> Envelope:
    return envelope(
        seq,
        canonical_bytes(recording.recording_id, recording),
        recording.recording_id,
        happened_at=recording.captured_at,
    )


def card_envelope(
    seq: int, authorization_id: UUID, recording_id: UUID, result: CardResult
) -> Envelope:
    receipt = CardReceipt(
        authorization_id=authorization_id,
        recording_id=recording_id,
        blank_serial=f"BLK-{seq}",
        result=result,
        cause=None,
        happened_at=NOON,
    )
    body = CARD_RECEIPT.dump_json(receipt)
    return envelope(seq, body, kind=EnvelopeKind.CARD_RECEIPT, version=CARD_RECEIPT_VERSION)


def received(region: str, envelopes: Sequence[Envelope]) -> ReceivedBatch:
    """A batch as the centre reads it off the wire."""
    return unpack(wire_bytes(pack(region, 1, envelopes)))


def batch_of(region: str, first_seq: int, recordings: Sequence[Recording]) -> ReceivedBatch:
    return received(
        region, [recording_envelope(seq, one) for seq, one in enumerate(recordings, first_seq)]
    )
