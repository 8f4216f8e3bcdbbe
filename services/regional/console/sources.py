"""What other rooms tell the console: they are composed in `app.py`, and nobody imports another."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from services.regional.journey.remedies import Advice, Progress
from services.regional.journey.rules import OfficialStatus
from services.regional.journey.standing import Standing, StandingStep
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction


class Step(StandingStep, Protocol):
    """With the word officers know it by."""

    @property
    def official_status(self) -> OfficialStatus: ...


class Rival(Protocol):
    """The recording that stands in the way."""

    @property
    def recording_id(self) -> UUID: ...
    @property
    def region(self) -> str: ...
    @property
    def captured_at(self) -> datetime | None: ...


class Followed(Standing, Protocol):
    """Where one recording is, as its status document tells it."""

    @property
    def recording_id(self) -> UUID: ...
    @property
    def duplicate(self) -> str | None: ...
    @property
    def rival(self) -> Rival | None: ...
    @property
    def next_action(self) -> str | None: ...
    @property
    def next_action_id(self) -> str | None: ...
    @property
    def timeline(self) -> Sequence[Step]: ...


class Line(Protocol):
    """How the line does now."""

    @property
    def state(self) -> str: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def last_heard_at(self) -> datetime | None: ...
    @property
    def failures_in_a_row(self) -> int: ...
    @property
    def goodput_bytes_per_second(self) -> int | None: ...


class CatchUp(Protocol):
    """When what waits will be at the centre."""

    @property
    def state(self) -> str: ...
    @property
    def seconds_from(self) -> float | None: ...
    @property
    def seconds_to(self) -> float | None: ...
    @property
    def line_hours_needed(self) -> float | None: ...


class Outage(Protocol):
    """All an office must know while the line fails it."""

    @property
    def line(self) -> Line: ...
    @property
    def waiting(self) -> int: ...
    @property
    def waiting_bytes(self) -> int: ...
    @property
    def catch_up(self) -> CatchUp: ...
    @property
    def next_action(self) -> str: ...
    @property
    def next_action_id(self) -> str: ...


class Unsettled(Protocol):
    """A recording that cannot be printed as it stands."""

    @property
    def recording_id(self) -> UUID: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def rival_region(self) -> str | None: ...
    @property
    def decided_at(self) -> datetime: ...
    @property
    def progress(self) -> Progress | None: ...


class Permission(Protocol):
    """A permission nobody has spent, that may be spent now but for its holder's age."""

    @property
    def recording_id(self) -> UUID: ...
    @property
    def issued_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Problem:
    """An unsettled recording with what sets it right."""

    recording_id: UUID
    outcome: Outcome
    reason: str | None
    since: datetime
    advice: Advice


@dataclass(frozen=True, slots=True)
class Sources:
    """Questions to other rooms, each asked within a transaction of ours."""

    follow: Callable[[Transaction, UUID, date], Awaitable[Followed]]  # refuses: NotFound
    line: Callable[[Transaction], Awaitable[tuple[Line, int]]]  # with how many envelopes wait
    outage: Callable[[Transaction], Awaitable[Outage]]
    unsettled: Callable[[Transaction, int], Awaitable[Sequence[Unsettled]]]  # oldest decision first
    # Now and the office's day, as the printing desk counts; the oldest first.
    printable: Callable[[Transaction, datetime, date, int], Awaitable[Sequence[Permission]]]
    count_printable: Callable[[Transaction, datetime, date], Awaitable[int]]
    count_held: Callable[[Transaction, date], Awaitable[int]]  # until the 17th birthday
    to_withdraw: Callable[[Transaction], Awaitable[int]]
