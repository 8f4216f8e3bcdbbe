"""Envelopes: everything a region tells the centre, in the order it became true.

A batch on the wire is lines of UTF-8 JSON: first the manifest (who, from which `seq`, and for each
envelope its id and SHA-256), then one line per body, byte for byte as the region stored it. The
manifest is what the region signs, so one signature covers every body, and nothing is encoded twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

import orjson
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from shared.contracts.recording import ShortCode
from shared.contracts.strict import (
    DistrictCode,
    Moment,
    People,
    RegionCode,
    Sha256Hex,
    Strict,
)

BATCH_VERSION = 1
RECORDING_VERSION = 1  # in clear: of a region that has no key of the centre to seal to
SEALED_RECORDING_VERSION = 2
CARD_RECEIPT_VERSION = 1
COVERAGE_VERSION = 1
TOMBSTONE_VERSION = 1
BATCH_ENVELOPES_MAX = 2_000
BATCH_BYTES_MAX = 8 * 1024 * 1024
MEDIA_TYPE = "application/vnd.tunggal.envelopes+x-ndjson"

# Hints beside the signed words, for whoever knows them: how many envelopes a region still has, and
# how long it should wait before its next batch. Lost or forged they cost time, never a recording.
WAITING_HEADER = "Tunggal-Waiting"
PAUSE_HEADER = "Tunggal-Pause"
PAUSE_SECONDS_MAX = 120.0

Seq = Annotated[int, Field(ge=1, le=2**62)]


class EnvelopeKind(StrEnum):
    RECORDING = "recording"
    CARD_RECEIPT = "card_receipt"
    COVERAGE_BASE = "coverage_base"
    TOMBSTONE = "tombstone"
    RENEWAL_REQUEST = "renewal_request"
    DELETION_REQUEST = "deletion_request"
    VALIDATION_REPLY = "validation_reply"
    MOVE_IN = "move_in"
    OPERATOR_IRISES = "operator_irises"
    AMENDMENT = "amendment"
    REPRINT = "reprint"


class EnvelopeHead(Strict):
    """What is known of an envelope without opening it.

    `kind` and `version` are open on purpose: the centre holds what it does not know yet.
    """

    seq: Seq
    envelope_id: UUID
    kind: ShortCode
    version: Annotated[int, Field(ge=1, le=32_767)]
    happened_at: Moment = Field(description="Capture, for a recording; else when it was so")
    sha256: Sha256Hex


class BatchManifest(Strict):
    version: Literal[1]
    region: RegionCode
    epoch: Annotated[int, Field(ge=0)] = Field(description="Highest epoch of the centre known here")
    envelopes: Annotated[tuple[EnvelopeHead, ...], Field(max_length=BATCH_ENVELOPES_MAX)]


MANIFEST = TypeAdapter(BatchManifest)


class Heading(NamedTuple):
    """An envelope's head at its sender, who has no need to validate what it wrote itself."""

    seq: int
    envelope_id: UUID
    kind: str
    version: int
    happened_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Envelope:
    head: Heading | EnvelopeHead
    body: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """Envelopes of rising, gapless `seq` as they cross the line: a manifest and its bodies."""

    first_seq: int
    last_seq: int
    manifest_bytes: bytes
    bodies: tuple[bytes, ...]

    @property
    def manifest_sha256(self) -> str:
        return sha256(self.manifest_bytes).hexdigest()

    @property
    def payload_bytes(self) -> int:
        """Length of `wire_bytes`."""
        return len(self.manifest_bytes) + sum(len(body) + 1 for body in self.bodies)


@dataclass(frozen=True, slots=True)
class ReceivedBatch:
    """A batch that was read and found whole."""

    batch: Batch
    manifest: BatchManifest


class UnreadableBatch(ValueError):
    """The bytes are not a batch; `reason` is safe to show.

    is_damaged: its bodies are not those of its manifest, as when the line changed them.
    is_newer: whoever wrote it speaks a version of batches that is not known here yet.
    """

    def __init__(self, reason: str, *, is_damaged: bool = False, is_newer: bool = False) -> None:
        super().__init__(reason)
        self.is_newer = is_newer
        self.reason = reason
        self.is_damaged = is_damaged


def pack(region: str, epoch: int, envelopes: Sequence[Envelope]) -> Batch:
    """Make a batch of 1..BATCH_ENVELOPES_MAX envelopes of rising, gapless `seq`."""
    manifest = {
        "version": BATCH_VERSION,
        "region": region,
        "epoch": epoch,
        "envelopes": [
            {
                "seq": head.seq,
                "envelope_id": str(head.envelope_id),
                "kind": head.kind,
                "version": head.version,
                "happened_at": head.happened_at,
                "sha256": head.sha256,
            }
            for head in (envelope.head for envelope in envelopes)
        ],
    }
    return Batch(
        envelopes[0].head.seq,
        envelopes[-1].head.seq,
        orjson.dumps(manifest, option=orjson.OPT_UTC_Z),
        tuple(envelope.body for envelope in envelopes),
    )


def wire_bytes(batch: Batch) -> bytes:
    return b"\n".join((batch.manifest_bytes, *batch.bodies))


def unpack(payload: bytes) -> ReceivedBatch:
    """Read a batch and check it is whole: order, count and every hash.

    Raises UnreadableBatch, with a reason that repeats nothing of the payload.
    """
    manifest_bytes, *bodies = payload.split(b"\n")
    try:
        manifest = MANIFEST.validate_json(manifest_bytes)
    except ValidationError as unreadable:
        if _is_newer(manifest_bytes):
            raise UnreadableBatch("a newer version of batches", is_newer=True) from None
        first = unreadable.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        raise UnreadableBatch(f"manifest: {first['type']} at /{place}") from None
    heads = manifest.envelopes
    if not heads:
        raise UnreadableBatch("the batch is empty")
    if len(heads) != len(bodies):
        raise UnreadableBatch("the manifest counts other bodies than follow it", is_damaged=True)
    for expected_seq, head in enumerate(heads, heads[0].seq):
        if head.seq != expected_seq:
            raise UnreadableBatch("seq does not rise by one")
    for head, body in zip(heads, bodies, strict=True):
        if sha256(body).hexdigest() != head.sha256:
            raise UnreadableBatch("a body does not match its hash", is_damaged=True)
    batch = Batch(heads[0].seq, heads[-1].seq, manifest_bytes, tuple(bodies))
    return ReceivedBatch(batch, manifest)


def _is_newer(manifest_bytes: bytes) -> bool:
    try:
        told = orjson.loads(manifest_bytes)
    except orjson.JSONDecodeError:
        return False
    version = told.get("version") if isinstance(told, dict) else None
    return type(version) is int and version > BATCH_VERSION


class EnvelopeNote(Strict):
    """An envelope the centre took but will not act on as it stands."""

    seq: Seq
    note: Literal["held", "repeat", "conflict"] = Field(
        description="held: kind or version unknown here; repeat: came before under an earlier seq; "
        "conflict: this id came before with other bytes"
    )


class BatchReceipt(Strict):
    """The signed word of the centre that all up to `accepted_seq` is on its disk."""

    version: Literal[1]
    region: RegionCode
    epoch: Annotated[int, Field(ge=1)]
    accepted_seq: Annotated[int, Field(ge=0)]
    manifest_sha256: Sha256Hex
    received_at: AwareDatetime
    notes: tuple[EnvelopeNote, ...] = ()


class RegionPosition(Strict):
    """Where the centre stands with one region: what a probe learns."""

    version: Literal[1]
    region: RegionCode
    epoch: Annotated[int, Field(ge=1)]
    accepted_seq: Annotated[int, Field(ge=0)]
    last_pos: Annotated[int, Field(ge=0)]


class CardResult(StrEnum):
    PRINTED = "printed"
    SPOILED = "spoiled"
    ISSUED = "issued"


class CardReceipt(Strict):
    """What became of one print authorization at the printing office."""

    authorization_id: UUID
    recording_id: UUID
    blank_serial: ShortCode
    result: CardResult
    cause: ShortCode | None = Field(description="Why a blank was spoiled; else null")
    happened_at: Moment


class DistrictBase(Strict):
    """How many people live in a district and how many of them must hold a card."""

    district: DistrictCode
    population: People
    obliged: People


class CoverageBase(Strict):
    """The denominators of coverage, from a region's list of residents."""

    counted_at: Moment
    districts: tuple[DistrictBase, ...]


class Tombstone(Strict):
    """Stands at the seq of an envelope the centre's door refuses, whose original stays here."""

    envelope_id: UUID
    sha256: Sha256Hex
    reason: ShortCode = Field(description="The code of the centre's refusal")


CARD_RECEIPT = TypeAdapter(CardReceipt)
TOMBSTONE = TypeAdapter(Tombstone)
COVERAGE_BASE = TypeAdapter(CoverageBase)
RECEIPT = TypeAdapter(BatchReceipt)
POSITION = TypeAdapter(RegionPosition)
