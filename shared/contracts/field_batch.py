"""Recordings taken with no line, brought by their team: one signed file, byte for byte.

NDJSON. The first line is the manifest: who packed what, when, by the station's clock. The second is
its signature, a JWS as a JSON string. Then comes one recording a line, in the manifest's order; the
manifest holds the SHA-256 of each, so the signature covers the whole.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from shared.contracts.strict import Moment, Sha256Hex, Strict
from shared.signing import BadSignature, PinnedKeys, SigningKey, sign_message, verify_message

MEDIA_TYPE = "application/vnd.tunggal.field-batch+x-ndjson"
RECORDINGS_MAX = 1_000
BATCH_BYTES_MAX = 16 * 1024 * 1024
# Two words at least: so nobody's name and no NIK comes in here.
StationName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$", max_length=64)]


class NamedRecording(Strict):
    recording_id: UUID
    sha256: Sha256Hex = Field(description="Of its line, without the line's end")


class FieldManifest(Strict):
    format: Literal["tunggal-field"]
    version: Literal[1]
    batch_id: UUID
    station: StationName
    packed_at: Moment
    recordings: Annotated[
        tuple[NamedRecording, ...], Field(min_length=1, max_length=RECORDINGS_MAX)
    ]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.recording_id for one in self.recordings}) < len(self.recordings):
            raise ValueError("a recording is named twice")
        return self


MANIFEST = TypeAdapter(FieldManifest)


@dataclass(frozen=True, slots=True)
class FieldBatch:
    """A file that was read and found whole and signed."""

    manifest: FieldManifest
    kid: str
    bodies: tuple[bytes, ...]


class NotABatch(ValueError):
    """Not such a file, cut short, changed, or not signed by a key that is pinned here."""


def seal(
    key: SigningKey,
    batch_id: UUID,
    station: str,
    packed_at: datetime,
    recordings: Sequence[tuple[UUID, bytes]],
) -> bytes:
    """The whole file. recordings: id and body, which holds no line break."""
    named = tuple(
        NamedRecording(recording_id=one, sha256=sha256(body).hexdigest())
        for one, body in recordings
    )
    line = MANIFEST.dump_json(
        FieldManifest(
            format="tunggal-field",
            version=1,
            batch_id=batch_id,
            station=station,
            packed_at=packed_at,
            recordings=named,
        )
    )
    signature = json.dumps(sign_message(key, _purpose(batch_id), line)).encode()
    return b"\n".join((line, signature, *(body for _, body in recordings), b""))


def unseal(content: bytes, keys: PinnedKeys, now: datetime) -> FieldBatch:
    """Read and check everything before anything is used. Raises NotABatch."""
    line, _, rest = content.partition(b"\n")
    signature, _, lines = rest.partition(b"\n")
    try:
        manifest = MANIFEST.validate_json(line)
        token = json.loads(signature)
    except (ValueError, RecursionError):
        raise NotABatch("it is not a batch this program can read") from None
    if not isinstance(token, str):
        raise NotABatch("its second line is no signature")
    try:
        kid = verify_message(keys, _purpose(manifest.batch_id), line, token, now)
    except BadSignature:
        raise NotABatch("it was changed, or is not signed by a key enrolled here") from None
    bodies = tuple(lines.removesuffix(b"\n").split(b"\n"))
    if len(bodies) != len(manifest.recordings):
        raise NotABatch("it is cut short or has grown")
    for named, body in zip(manifest.recordings, bodies, strict=True):
        if sha256(body).hexdigest() != named.sha256:
            raise NotABatch("it was changed on the way")
    return FieldBatch(manifest, kid, bodies)


def _purpose(batch_id: UUID) -> str:
    return f"field-batch {batch_id}"
