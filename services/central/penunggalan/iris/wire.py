"""What a coordinator and the processes that hold parts of the gallery say to each other.

Probes go as bytes: of each its id, then left and right as a gallery has them in memory, zeros where
an eye is missing, under the key that is named beside them. Answers are JSON; a distance
is the shortest text that reads back the same.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.central.penunggalan.iris.matcher import SHARDS, Likeness, Probe
from shared.iris import TEMPLATE_BYTES, Words, from_bytes, to_bytes
from shared.iris_keys import GalleryKeys

# Not the name from before there were keys: whoever knew none must refuse, not compare.
MEDIA_TYPE: Final = "application/vnd.tunggal.probes.v2"
PROBES_MAX: Final = 256
_ID_BYTES: Final = 16
PROBE_BYTES: Final = _ID_BYTES + 2 * TEMPLATE_BYTES
_NO_EYE: Final = bytes(TEMPLATE_BYTES)


class UnreadableProbes(ValueError):
    """The bytes are not whole probes, or too many."""


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Standing(Message):
    """A part of the gallery as it is at a position."""

    shards: tuple[int, ...] = Field(description="Which it holds", examples=[(0, 1, 2, 3)])
    position: int = Field(ge=0, description="The position that was asked for")
    rows: int = Field(ge=0, description="Rows of any kind it has taken up to there")
    size: int = Field(ge=0, description="Recordings in it there, removed ones not counted")


class Alike(Message):
    recording_id: UUID
    region: str
    nik: int | None
    kind: str
    left: float | None
    right: float | None


class Answer(Message):
    """Candidates among one part's people, one list per probe, at the position asked for."""

    standing: Standing
    likenesses: tuple[tuple[Alike, ...], ...]


STANDING: Final = TypeAdapter(Standing)
ANSWER: Final = TypeAdapter(Answer)


def pack(probes: Sequence[Probe]) -> bytes:
    return b"".join(
        part
        for probe in probes
        for part in (probe.recording_id.bytes, _kept(probe.left), _kept(probe.right))
    )


def unpack(body: bytes, keys: GalleryKeys, key_id: str | None) -> list[Probe]:
    """Probes under `key_id`, put under the key of here. Raises UnreadableProbes, KeyMissing."""
    count, rest = divmod(len(body), PROBE_BYTES)
    if rest or not 0 < count <= PROBES_MAX:
        raise UnreadableProbes
    kept = [body[nth * PROBE_BYTES : (nth + 1) * PROBE_BYTES] for nth in range(count)]
    return [_probe(one, keys, key_id) for one in kept]


def told(likenesses: Sequence[Sequence[Likeness]]) -> tuple[tuple[Alike, ...], ...]:
    return tuple(
        tuple(
            Alike(
                recording_id=one.recording_id,
                region=one.region,
                nik=one.nik,
                kind=one.kind,
                left=one.left,
                right=one.right,
            )
            for one in alike
        )
        for alike in likenesses
    )


def heard(alike: Alike) -> Likeness:
    return Likeness(
        alike.recording_id, alike.region, alike.nik, alike.kind, alike.left, alike.right
    )


def shards_of(text: str) -> frozenset[int]:
    """Read "0-7" or "0,3,8-15". Raises ValueError."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    if not found or not found <= set(range(SHARDS)):
        raise ValueError(f"Shards are 0 to {SHARDS - 1}.")
    return frozenset(found)


def _kept(eye: Words | None) -> bytes:
    return _NO_EYE if eye is None else to_bytes(eye)


def _probe(kept: bytes, keys: GalleryKeys, key_id: str | None) -> Probe:
    eyes = (
        kept[_ID_BYTES : _ID_BYTES + TEMPLATE_BYTES],
        kept[_ID_BYTES + TEMPLATE_BYTES :],
    )
    left, right = (keys.taken_over(from_bytes(eye), key_id) if any(eye) else None for eye in eyes)
    return Probe(UUID(bytes=kept[:_ID_BYTES]), left, right)
