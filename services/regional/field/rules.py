"""Where a team goes, and who is visited at home: what may follow what. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

MINUTES_MAX = 12 * 60
AHEAD_DAYS = 400  # a visit is planned within about a year


class Kind(StrEnum):
    """What kind of place a team goes to."""

    SCHOOL = "school"
    VILLAGE = "village"
    PRISON = "prison"
    MARKET = "market"
    FACTORY = "factory"
    PESANTREN = "pesantren"
    HOSPITAL = "hospital"
    EVENING = "evening"


class SessionState(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Plan:
    """One stay at one place."""

    kind: Kind
    place: str
    ward: str
    starts_at: datetime
    ends_at: datetime
    expected_people: int | None
    team: str | None


class Condition(StrEnum):
    """Why somebody cannot come; protected data, told to nobody but the office."""

    ILL = "ill"
    ELDERLY = "elderly"
    DISABLED = "disabled"
    MENTAL_ILLNESS = "mental_illness"
    OTHER = "other"


class AskedBy(StrEnum):
    FAMILY = "family"
    NEIGHBOURHOOD = "neighbourhood"  # the head of the RT or RW
    CITIZEN = "citizen"


class VisitState(StrEnum):
    ASKED = "asked"
    PLANNED = "planned"
    RECORDED = "recorded"
    CLOSED = "closed"


OPEN_STATES = frozenset({VisitState.ASKED, VisitState.PLANNED})


class Act(StrEnum):
    """What an officer wrote down of a visit."""

    ASKED = "asked"
    PLANNED = "planned"
    RECORDED = "recorded"
    NOT_TODAY = "not_today"
    CLOSED = "closed"


class NotToday(StrEnum):
    """Why a team came home without the recording, though another day may do."""

    NOT_AT_HOME = "not_at_home"
    TOO_ILL = "too_ill"
    NOT_WILLING = "not_willing"
    NO_WAY_THERE = "no_way_there"
    EQUIPMENT_FAILED = "equipment_failed"


class ClosingReason(StrEnum):
    """Why nobody goes there any more."""

    CAME_TO_OFFICE = "came_to_office"
    WITHDRAWN = "withdrawn"
    DEAD = "dead"
    MOVED = "moved"
    RECORDED_ELSEWHERE = "recorded_elsewhere"
    NOT_APPROVED = "not_approved"


@dataclass(frozen=True, slots=True)
class Visit:
    """A wish for a home visit as it stands."""

    state: VisitState
    visit_on: date | None
    team: str | None


@dataclass(frozen=True, slots=True)
class Noted:
    """One act with what belongs to it; equal acts in a row are one."""

    act: Act
    reason: str | None = None
    visit_on: date | None = None
    team: str | None = None
    recording_id: object | None = None


_NEXT: Mapping[Act, VisitState] = {
    Act.ASKED: VisitState.ASKED,
    Act.PLANNED: VisitState.PLANNED,
    Act.RECORDED: VisitState.RECORDED,
    Act.CLOSED: VisitState.CLOSED,
}


def after(visit: Visit, noted: Noted) -> Visit | None:
    """How it stands then; None when this cannot follow: it is ended, or was never planned."""
    if visit.state not in OPEN_STATES:
        return None
    match noted.act:
        case Act.PLANNED:
            return Visit(VisitState.PLANNED, noted.visit_on, noted.team)
        case Act.NOT_TODAY:
            if visit.state is not VisitState.PLANNED:
                return None
            if noted.visit_on is None:
                return Visit(VisitState.ASKED, None, None)
            return Visit(VisitState.PLANNED, noted.visit_on, visit.team)
        case Act.RECORDED | Act.CLOSED:
            return Visit(_NEXT[noted.act], visit.visit_on, visit.team)
        case Act.ASKED:
            return None


def may_be_day(day: date, today: date) -> bool:
    """Whether somebody may be visited that day: from today on, within about a year."""
    return today <= day <= today + timedelta(days=AHEAD_DAYS)
