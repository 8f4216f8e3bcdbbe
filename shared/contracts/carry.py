"""Carried by disk: one signed file with what would have crossed the line, byte for byte.

A file is three things in a row: a head of one line of JSON, a signature of one line over that head,
and the bytes of the parts the head names, by length and SHA-256. So the signature covers the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from shared.contracts.strict import RegionCode, Sha256Hex, Strict
from shared.signing import (
    BadSignature,
    ExpiredKey,
    PinnedKeys,
    SigningKey,
    sign_message,
    verify_message,
)

Direction = Literal["up", "down"]
# A receipt travels with the manifest it is for: the region need not remember what it gave away.
PartKind = Literal["envelopes", "receipt", "page"]


class CarriedPart(Strict):
    kind: PartKind
    part_bytes: Annotated[int, Field(ge=1)]
    sha256: Sha256Hex
    signature: str = Field(description="As the line's header beside these bytes")


class CarriedHead(Strict):
    format: Literal["tunggal-carry"]
    version: Literal[1]
    direction: Direction
    region: RegionCode
    feed_after: Annotated[int, Field(ge=0)] = Field(description="Last pos the region has applied")
    first_seq: Annotated[int, Field(ge=0)]
    last_seq: Annotated[int, Field(ge=0)]
    parts: tuple[CarriedPart, ...]


HEAD = TypeAdapter(CarriedHead)


@dataclass(frozen=True, slots=True)
class Part:
    kind: PartKind
    content: bytes
    signature: str


@dataclass(frozen=True, slots=True)
class Carried:
    """A file that was read and found whole and signed."""

    head: CarriedHead
    parts: tuple[Part, ...]
    kid: str


class NotCarried(ValueError):
    """Not such a file, cut short, changed, or not signed by a key that is pinned here."""


def seal(
    key: SigningKey,
    direction: Direction,
    region: str,
    feed_after: int,
    seqs: tuple[int, int],
    parts: Sequence[Part],
) -> bytes:
    """The whole file."""
    head = CarriedHead(
        format="tunggal-carry",
        version=1,
        direction=direction,
        region=region,
        feed_after=feed_after,
        first_seq=seqs[0],
        last_seq=seqs[1],
        parts=tuple(
            CarriedPart(
                kind=part.kind,
                part_bytes=len(part.content),
                sha256=sha256(part.content).hexdigest(),
                signature=part.signature,
            )
            for part in parts
        ),
    )
    line = HEAD.dump_json(head)
    signature = sign_message(key, f"carry {direction} {region}", line)
    return b"\n".join((line, signature.encode(), b"".join(part.content for part in parts)))


def unseal(content: bytes, keys: PinnedKeys, direction: Direction, now: datetime) -> Carried:
    """Read and check everything before anything is used. Raises NotCarried."""
    line, _, rest = content.partition(b"\n")
    signature, _, body = rest.partition(b"\n")
    try:
        head = HEAD.validate_json(line)
    except ValidationError:
        raise NotCarried("it is not a carried file this program can read") from None
    if head.direction != direction:
        raise NotCarried(f"it goes {head.direction}, and this side takes what goes {direction}")
    try:
        kid = verify_message(
            keys, f"carry {direction} {head.region}", line, signature.decode("latin-1"), now
        )
    except (BadSignature, ExpiredKey):
        raise NotCarried("it was changed, or is not signed by a key pinned here") from None
    if len(body) != sum(part.part_bytes for part in head.parts):
        raise NotCarried("it is cut short or has grown")
    parts, begin = [], 0
    for one in head.parts:
        piece = body[begin : begin + one.part_bytes]
        begin += one.part_bytes
        if sha256(piece).hexdigest() != one.sha256:
            raise NotCarried("it was changed on the way")
        parts.append(Part(one.kind, piece, one.signature))
    return Carried(head, tuple(parts), kid)
