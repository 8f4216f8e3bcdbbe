"""Whether a request can stand, and what follows from an officer's word. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.contracts.feed import Decision
from shared.contracts.outcomes import Outcome
from shared.contracts.remedies import (
    DeletionRequest,
    MoveIn,
    RecordingAt,
    ValidationReply,
    ValidationResult,
)

# The office's day may be ahead of ours: it lies up to nine hours east.
EAST = timedelta(hours=9)
MOVED = "moved"


class State(StrEnum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Known:
    """A recording the centre holds."""

    at: RecordingAt
    nik: int
    captured_at: datetime


def flaw(
    request: DeletionRequest,
    region: str,
    known: Mapping[RecordingAt, Known],
    linked: Collection[RecordingAt],
    now: datetime,
) -> str | None:
    """Why no officer need look at a request; None when one must.

    known: those of its recordings the centre holds. linked: recordings that a finding ties to one
    of the region's own among them.
    """
    named = named_by(request)
    if any(one not in known for one in named):
        return "recording-unknown"
    if not any(one.region == region for one in named):
        return "not-a-party"
    if any(one.region != region and one not in linked for one in named):
        return "not-a-party"
    kept = request.keeps_recording
    possible = {known[kept].nik} if kept is not None else {one.nik for one in known.values()}
    if int(request.keeps_nik) not in possible:
        return "nik-is-no-partys"
    if request.consent.given_on > (now + EAST).date():
        return "consent-not-yet-given"
    return None


def named_by(request: DeletionRequest) -> tuple[RecordingAt, ...]:
    """Every recording a request speaks of, in the order in which all take their locks."""
    kept = (request.keeps_recording,) if request.keeps_recording is not None else ()
    return tuple(
        sorted((*request.recordings, *kept), key=lambda one: (one.region, one.recording_id))
    )


def contradiction(request: DeletionRequest, deleted: Collection[RecordingAt]) -> RecordingAt | None:
    """The recording that was to be kept, if another request has deleted it meanwhile."""
    kept = request.keeps_recording
    return kept if kept is not None and kept in deleted else None


def may_record_again(
    request: DeletionRequest, known: Sequence[Known], held_niks: Collection[int]
) -> dict[str, tuple[UUID, ...]]:
    """By region: the deleted recordings of the NIK the person keeps, if nobody holds it now.

    One that is kept stands in the way of another recording, wherever it was taken.
    """
    nik = int(request.keeps_nik)
    if request.keeps_recording is not None or nik in held_niks:
        return {}
    deleted = set(request.recordings)
    found: dict[str, tuple[UUID, ...]] = {}
    for one in known:
        if one.at in deleted and one.nik == nik:
            found[one.at.region] = (*found.get(one.at.region, ()), one.at.recording_id)
    return found


def was_in_the_way(request: DeletionRequest, newest: Decision) -> bool:
    """Whether the recording that stays was held up by one that is deleted."""
    rival = newest.rival
    if rival is None or newest.outcome is Outcome.PRINT_READY_RECORD:
        return False
    return rival.recording_id in {one.recording_id for one in request.recordings}


class Effect(StrEnum):
    """What became of an answer to a validation."""

    DECIDED_AGAIN = "decided_again"
    NO_NEWS = "no_news"  # nothing was asked, or it was answered before


def basis_of(reply: ValidationReply) -> str:
    """On what the recording is decided again."""
    is_confirmed = reply.result is ValidationResult.CONFIRMED
    return "validated" if is_confirmed else "not_confirmed"


@dataclass(frozen=True, slots=True)
class Proven:
    """The recording of a NIK that stands: the office it is for, and where it was taken."""

    recording_id: UUID
    region: str
    taken_in: str
    is_revoked: bool


def move_flaw(asked: MoveIn, region: str, proven: Proven | None, now: datetime) -> str | None:
    """Why a move is refused; None when it is taken."""
    if proven is None:
        return "nobody-recorded"
    if proven.region == region:
        return "already-here"
    if asked.recording is not None and asked.recording.recording_id != proven.recording_id:
        return "another-recording-stands"
    if not asked.address.ward.startswith(f"{region}."):
        return "address-not-here"
    if asked.moved_on > (now + EAST).date():
        return "not-moved-yet"
    return "permission-taken-back" if proven.is_revoked else None
