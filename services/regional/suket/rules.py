"""When a suket may be given, until when it counts, and what ends it. Pure."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.regional.journey.rules import OfficialStatus

VALID_MONTHS = 6  # domain facts, §3
RENEW_DAYS = 30  # before its end, and any time after

# The corner of the paper says where the recording is, in the words offices use (domain facts, §1).
_CODES = {
    OfficialStatus.BIO_CAPTURED: "Pro",
    OfficialStatus.PROCESSING: "Pro",
    OfficialStatus.SENT_FOR_ENROLLMENT: "SFE",
    OfficialStatus.RECEIVED_AT_CENTRAL: "SFE",
    OfficialStatus.ENROLL_FAILURE_AT_REGIONAL: "Efac",
    OfficialStatus.ENROLL_FAILURE_AT_CENTRAL: "Efac",
    OfficialStatus.SEARCH_FAILURE_AT_CENTRAL: "SFE",
    OfficialStatus.ADJUDICATE_RECORD: "DUP",
    OfficialStatus.REQUEST_VALIDATION: "DUP",
    OfficialStatus.DUPLICATE_RECORD: "DUP",
    OfficialStatus.PRINT_READY_RECORD: "PRR",
    OfficialStatus.SENT_FOR_CARD_PRINTING: "PRR",
    OfficialStatus.CARD_PRINTED: "PRR",
}


def status_code(status: OfficialStatus) -> str:
    """Pro, SFE, DUP, Efac or PRR; the official word for what offices have no short one."""
    return _CODES.get(status, status.value)


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which sukets may be given, both included; last: None for no end."""

    first: date
    last: date | None

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def periods_of(text: str) -> tuple[Period, ...]:
    """Read `2016-09-29/2020-03-01, 2026-01-01/`. Raises ValueError."""
    found = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        first, slash, last = part.partition("/")
        if not slash:
            raise ValueError("a period is first/last, or first/ without an end")
        found.append(Period(date.fromisoformat(first), date.fromisoformat(last) if last else None))
    return tuple(found)


def is_allowed(periods: Sequence[Period], day: date) -> bool:
    return any(one.holds(day) for one in periods)


def valid_until(issued_on: date) -> date:
    """The same day six months on, or that month's last."""
    months = issued_on.year * 12 + issued_on.month - 1 + VALID_MONTHS
    year, month = divmod(months, 12)
    return date(year, month + 1, min(issued_on.day, monthrange(year, month + 1)[1]))


class End(StrEnum):
    CARD_ISSUED = "card-issued"
    WITHDRAWN = "withdrawn"
    RENEWED = "renewed"
    RECORDING_ENDED = "recording-ended"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one suket, from wherever it is written."""

    valid_until: date
    card_issued_at: datetime | None
    withdrawn_at: datetime | None
    is_renewed: bool
    is_recording_live: bool


def end_of(facts: Facts, today: date) -> End | None:
    """What ended it first and for good; None: it counts today."""
    if facts.card_issued_at is not None:
        return End.CARD_ISSUED
    if facts.withdrawn_at is not None:
        return End.WITHDRAWN
    if facts.is_renewed:
        return End.RENEWED
    if not facts.is_recording_live:
        return End.RECORDING_ENDED
    return End.EXPIRED if today > facts.valid_until else None


def may_renew(end: End | None, until: date, today: date) -> bool:
    """Whether another may follow one that was given before."""
    return end is not None or (until - today).days <= RENEW_DAYS
