"""When a piece of an image may go, how large it is, and what an answer means. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.contracts.evidence import APPEND_BYTES_MAX

# A cut costs a piece at most, and an envelope that comes in the middle of one waits for its end.
PIECE_SECONDS_AIMED = 2.0
PIECE_BYTES_FIRST = 16 * 1024
PIECE_BYTES_MIN = 4 * 1024
GOODPUT_MEMORY = 0.7
REFUSED_FIRST_WAIT = timedelta(minutes=1)
REFUSED_WAIT_MAX = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """One image that waits here."""

    recording_id: UUID
    part: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Pace:
    """What images have seen of the line."""

    piece_bytes: int = PIECE_BYTES_FIRST
    goodput_bytes_per_second: float | None = None
    failures_in_a_row: int = 0


@dataclass(frozen=True, slots=True)
class Upload:
    """The image under way, and how much of it the centre has synced."""

    part: Part
    offset: int


@dataclass(frozen=True, slots=True)
class Rest:
    """No image waits, or something more important does."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Where this image stands is not known: at its beginning, and after any doubt."""

    part: Part


@dataclass(frozen=True, slots=True)
class Append:
    """Send `length` bytes (0 only to finish what stands at its end)."""

    part: Part
    offset: int
    length: int
    is_last: bool


Move = Rest | Ask | Append


def plan(
    part: Part | None,
    upload: Upload | None,
    pace: Pace,
    *,
    envelopes_waiting: int,
    is_line_down: bool,
) -> Move:
    """The next move for the oldest image. Envelopes, and the uplink's probes, always come first."""
    if part is None or envelopes_waiting > 0 or is_line_down:
        return Rest()
    if upload is None or upload.part != part:
        return Ask(part)
    left = max(0, part.size_bytes - upload.offset)
    length = min(left, pace.piece_bytes)
    return Append(part, upload.offset, length, is_last=length == left)


def key_of(recording_id: UUID, part: str) -> str:
    """Where an image lies in the region's store."""
    return f"{recording_id}/{part}"


def pace_from(
    goodput_bytes_per_second: float | None, aimed_seconds: float = PIECE_SECONDS_AIMED
) -> Pace:
    """What the uplink saw of the line is a good first guess."""
    if goodput_bytes_per_second is None:
        return Pace()
    wanted = int(goodput_bytes_per_second * aimed_seconds)
    return Pace(min(max(wanted, PIECE_BYTES_MIN), PIECE_BYTES_FIRST), goodput_bytes_per_second)


def after_piece(
    pace: Pace, sent_bytes: int, seconds: float, aimed_seconds: float = PIECE_SECONDS_AIMED
) -> Pace:
    """The centre has synced `sent_bytes` within `seconds`; the next piece fits what was seen."""
    seen = sent_bytes / max(seconds, 0.001)
    before = pace.goodput_bytes_per_second
    is_telling = sent_bytes >= pace.piece_bytes / 2 or seconds > aimed_seconds
    if before is None:
        goodput = seen
    elif is_telling:
        goodput = GOODPUT_MEMORY * before + (1 - GOODPUT_MEMORY) * seen
    else:
        goodput = max(before, seen)
    wanted = int(goodput * aimed_seconds)
    bounded = min(max(wanted, PIECE_BYTES_MIN), 2 * pace.piece_bytes, APPEND_BYTES_MAX)
    return Pace(bounded, goodput)


def after_answer(pace: Pace) -> Pace:
    """The centre answered a question: the line is there."""
    return replace(pace, failures_in_a_row=0)


def after_failure(pace: Pace) -> Pace:
    return replace(
        pace,
        piece_bytes=max(PIECE_BYTES_MIN, pace.piece_bytes // 2),
        failures_in_a_row=pace.failures_in_a_row + 1,
    )


def put_aside_for(refusals: int) -> timedelta:
    """How long an image waits that was refused `refusals` (1 or more) times; others go on."""
    times: int = 2 ** min(refusals - 1, 16)
    return min(REFUSED_FIRST_WAIT * times, REFUSED_WAIT_MAX)


class PartState(StrEnum):
    AWAITED = "awaited"
    WAITING = "waiting"
    RECEIVED = "received"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is held of one image."""

    size_bytes: int
    received_at: datetime | None
    is_damaged: bool


def state_of(kept: Kept | None) -> PartState:
    if kept is None:
        return PartState.AWAITED
    if kept.received_at is not None:
        return PartState.RECEIVED
    return PartState.DAMAGED if kept.is_damaged else PartState.WAITING


def is_overdue(
    named: Mapping[str, str], kept: Mapping[str, Kept], due_at: datetime, now: datetime
) -> bool:
    """Whether an image is not at the centre past its time."""
    states = (state_of(kept.get(part)) for part in named)
    return now > due_at and any(state is not PartState.RECEIVED for state in states)


def overdue_before(now: datetime, days_max: int) -> datetime:
    """Recordings of before this moment should have all their images at the centre."""
    return now - timedelta(days=days_max)
