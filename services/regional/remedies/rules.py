"""Whether an office may ask this now. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.outcomes import Outcome
from shared.contracts.remedies import DeletionContent, RecordingAt


@dataclass(frozen=True, slots=True)
class Own:
    """A recording of this region, with its newest decision."""

    recording_id: UUID
    officer: str
    pos: int | None  # None: not decided yet
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class UnknownHere:
    """No recording of this office is named, or one that was never taken here."""


@dataclass(frozen=True, slots=True)
class NotDecided:
    """The centre has not said anything about it yet."""

    recording_id: UUID


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """Another request that is not decided names the same recording."""

    request_id: UUID


@dataclass(frozen=True, slots=True)
class NotYetGiven:
    """The consent's day has not come."""


Objection = UnknownHere | NotDecided | AskedBefore | NotYetGiven


def named_by(content: DeletionContent) -> tuple[RecordingAt, ...]:
    kept = (content.keeps_recording,) if content.keeps_recording is not None else ()
    return (*content.recordings, *kept)


def objection(
    content: DeletionContent,
    region: str,
    own: Mapping[UUID, Own],
    open_requests: Sequence[UUID],
    today: date,
) -> Objection | None:
    """Why a request may not leave; None when it may. `today` is the office's date."""
    here = [one.recording_id for one in named_by(content) if one.region == region]
    if not here or any(one not in own for one in here):
        return UnknownHere()
    if content.consent.given_on > today:
        return NotYetGiven()
    for one in here:
        if own[one].outcome is None:
            return NotDecided(one)
    return AskedBefore(open_requests[0]) if open_requests else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of this office, and how it stands."""

    request_id: UUID
    seq: int
    sha256: bytes
    officer: str
    asked_at: datetime
    state: str
    reason: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Checked:
    """An officer's answer to a validation."""

    recording_id: UUID
    asked_pos: int
    seq: int
    sha256: bytes
    result: str
    officer: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Moving:
    """A move asked for here, and how it stands."""

    move_id: UUID
    seq: int
    sha256: bytes
    recording_id: UUID | None
    letter_number: str
    officer: str
    asked_at: datetime
    state: str
    reason: str | None
    decided_at: datetime | None
