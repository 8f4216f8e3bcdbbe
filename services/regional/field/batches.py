"""What a batch says of itself: flags of its clocks, and how often what could not be taken. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.contracts.recording import Recording

# A clock that is a little fast says nothing about a recording.
CLOCK_SLACK = timedelta(minutes=5)


class ItemOutcome(StrEnum):
    TAKEN = "taken"
    HELD = "held"
    REFUSED = "refused"


class Flag(StrEnum):
    """What an officer should look at; none of these refuses a recording."""

    CAPTURED_IN_FUTURE = "captured_in_future"
    CAPTURED_BEFORE_ENROLMENT = "captured_before_enrolment"
    CAPTURED_AFTER_PACKING = "captured_after_packing"
    OTHER_STATION = "other_station"


@dataclass(frozen=True, slots=True)
class Station:
    """One key of one station; ended, it signs for nobody any more."""

    key_id: UUID
    station: str
    public_key: bytes
    enrolled_by: str
    enrolled_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One recording of a batch. captured_at: by the station's clock; None: not readable."""

    recording_id: UUID
    captured_at: datetime | None
    outcome: ItemOutcome
    code: str | None
    earlier_id: UUID | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class ExceptionCount:
    """How many recordings of a batch lack this modality for this reason."""

    modality: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a batch: packed by the station's clock, received by ours."""

    batch_id: UUID
    key_id: UUID
    station: str
    packed_at: datetime
    received_at: datetime
    officer: str
    exceptions: tuple[ExceptionCount, ...]
    items: tuple[Item, ...]

    def count(self, outcome: ItemOutcome) -> int:
        return sum(one.outcome is outcome for one in self.items)


def flags_of(
    recording: Recording, station: Station, packed_at: datetime, now: datetime
) -> tuple[Flag, ...]:
    """The recording keeps its station's time whatever is found here."""
    captured_at = recording.captured_at
    found = {
        Flag.CAPTURED_IN_FUTURE: captured_at > now + CLOCK_SLACK,
        Flag.CAPTURED_BEFORE_ENROLMENT: captured_at < station.enrolled_at,
        Flag.CAPTURED_AFTER_PACKING: captured_at > packed_at + CLOCK_SLACK,
        Flag.OTHER_STATION: recording.station != station.station,
    }
    return tuple(flag for flag, is_so in found.items() if is_so)


def count_exceptions(recordings: Iterable[Recording]) -> tuple[ExceptionCount, ...]:
    """By modality and reason, the most frequent first."""
    counts = Counter(
        (modality.value, reason.value)
        for one in recordings
        for modality, reason in one.biometrics.exceptions.items()
    )
    in_order: Sequence[tuple[tuple[str, str], int]] = sorted(
        counts.items(), key=lambda pair: (-pair[1], pair[0])
    )
    return tuple(ExceptionCount(*what, count) for what, count in in_order)
