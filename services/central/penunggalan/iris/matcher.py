"""What a matcher of irises is asked and what it answers: the types, and the one promise.

The promise: a Search holds everybody at or before its position who is a candidate. Where that
cannot be said, because a part of the gallery is missing, late or behind, GalleryIncomplete is
raised instead: no answer is ever shorter than it should be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from shared.iris import Words

SHARDS = 16  # fixed: a recording's shard is its id modulo this, on every machine, for ever


@dataclass(frozen=True, slots=True)
class Probe:
    """Whose like is looked for; at least one eye."""

    recording_id: UUID
    left: Words | None
    right: Words | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table `gallery`. "removed" takes the recording out from its position on."""

    position: int
    kind: str  # "person", "operator" or "removed"
    recording_id: UUID
    region: str
    nik: int | None
    irises: bytes  # left, then right, as `shared.iris.to_bytes`; zeros where an eye is missing


@dataclass(frozen=True, slots=True)
class Likeness:
    """A recording that resembles a probe: by `thresholds.is_candidate`, or as an ABIS says."""

    recording_id: UUID
    region: str
    nik: int | None
    kind: str
    left: float | None  # as `shared.iris.distance`; None where they cannot be compared
    right: float | None
    score: str | None = None  # another matcher's own number, for whoever looks; nothing hangs on it


@dataclass(frozen=True, slots=True)
class Search:
    """Of everybody who is in the gallery at `position`."""

    position: int
    gallery_size: int  # recordings at that position, removed ones not counted
    likenesses: tuple[tuple[Likeness, ...], ...]  # one per probe, in their order; best first
    too_poor: frozenset[UUID] = frozenset()  # probes that were not searched for: see Doubt


class GalleryIncomplete(Exception):
    """A part of the gallery did not answer, or not for this position: no verdict at all."""


class Matcher(Protocol):
    """Searches a gallery, in this process or spread over several."""

    async def search(
        self, probes: Sequence[Probe], position: int, *, exhaustive: bool = False
    ) -> Search:
        """Find everybody at or before `position` who is a candidate.

        A probe's own recording is never a likeness of it. exhaustive: every comparison in full, for
        audits; slower by a factor, the same answer. Raises GalleryIncomplete.
        """
        ...


def shard_of(recording_id: UUID) -> int:
    return recording_id.int % SHARDS
