"""What the doors of field work take and answer. Examples are invented."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.regional.field.checks import Finding, VisitFound
from services.regional.field.rules import (
    MINUTES_MAX,
    Act,
    AskedBy,
    ClosingReason,
    Condition,
    Kind,
    Noted,
    NotToday,
    Plan,
    SessionState,
    VisitState,
)
from services.regional.field.store import Session, VisitEvent, VisitRow, Wish
from shared.contracts.recording import Line
from shared.contracts.strict import Moment, Strict, WardCode
from shared.nik import NikText

SESSION = "01890a5d-c0de-7f1e-8bbb-6a1b0e3e2f10"
VISIT = "01890a5d-c0de-7f1e-8bbb-6a1b0e3e2f11"
RECORDING = "01890a5d-ac96-774b-bcce-b302099a8057"
PERSON = "01890a5d-c0de-7f1e-8bbb-6a1b0e3e2f12"
WARD = "61.72.02.1001"
NIK = "6172025207900003"
# Two words at least, `tim-1`: so nobody's name and no NIK comes in here.
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$", max_length=64)]


class PlannedSession(Strict):
    kind: Kind
    place: Line = Field(description="The place's name, as people know it")
    ward: WardCode
    starts_at: Moment
    minutes: Annotated[int, Field(ge=15, le=MINUTES_MAX, description="How long the team stays")]
    expected_people: Annotated[int, Field(ge=0, le=10_000)] | None = None
    team: Code | None = Field(None, description="Team or station: `tim-1`")

    def plan(self) -> Plan:
        return Plan(
            self.kind,
            self.place,
            self.ward,
            self.starts_at,
            self.starts_at + timedelta(minutes=self.minutes),
            self.expected_people,
            self.team,
        )


class EndedSession(Strict):
    state: Literal["done", "cancelled"]


class SessionNote(BaseModel):
    session_id: UUID
    state: SessionState
    changed_at: datetime

    @classmethod
    def of(cls, one: Session) -> Self:
        return cls(session_id=one.session_id, state=one.state, changed_at=one.changed_at)


class SessionView(SessionNote):
    kind: Kind
    place: str
    ward: str
    starts_at: datetime
    ends_at: datetime
    expected_people: int | None
    team: str | None

    @classmethod
    def of(cls, one: Session) -> Self:
        plan = one.plan
        return cls(
            session_id=one.session_id,
            state=one.state,
            changed_at=one.changed_at,
            kind=plan.kind,
            place=plan.place,
            ward=plan.ward,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            expected_people=plan.expected_people,
            team=plan.team,
        )


class SessionList(BaseModel):
    items: list[SessionView] = Field(description="In order of time")


class WhoIsVisited(Strict):
    nik: NikText


class AskedVisit(WhoIsVisited):
    condition: Condition
    asked_by: AskedBy
    asked_on: date


class FindingView(BaseModel):
    found: VisitFound
    stands_in_way: bool = Field(description="Nobody is sent before it is set right")
    remedy: str
    remedy_id: str = Field(description="The same in Indonesian")
    recording_id: UUID | None

    @classmethod
    def of(cls, one: Finding) -> Self:
        return cls(
            found=one.found,
            stands_in_way=one.stands_in_way,
            remedy=one.remedy,
            remedy_id=one.remedy_id,
            recording_id=one.recording_id,
        )


class CheckedView(BaseModel):
    may_be_visited: bool
    findings: list[FindingView] = Field(description="What stands in the way first")

    @classmethod
    def of(cls, found: list[Finding]) -> Self:
        return cls(
            may_be_visited=not any(one.stands_in_way for one in found),
            findings=[FindingView.of(one) for one in found],
        )


class VisitPlan(Strict):
    visit_on: date = Field(description="By the office's calendar")
    team: Code

    def noted(self) -> Noted:
        return Noted(Act.PLANNED, visit_on=self.visit_on, team=self.team)


class VisitOutcome(Strict):
    """Exactly one of the three."""

    recorded: UUID | None = Field(None, description="The recording taken at the visit")
    not_today: NotToday | None = Field(None, description="Why it was not possible this time")
    again_on: date | None = Field(None, description="With `not_today`: the next try")
    closed: ClosingReason | None = Field(None, description="Why nobody goes there any more")

    def noted(self) -> Noted | None:
        """None unless it says exactly one thing."""
        told = [one for one in (self.recorded, self.not_today, self.closed) if one is not None]
        if len(told) != 1 or (self.again_on is not None and self.not_today is None):
            return None
        if self.recorded is not None:
            return Noted(Act.RECORDED, recording_id=self.recorded)
        if self.not_today is not None:
            return Noted(Act.NOT_TODAY, self.not_today.value, self.again_on)
        assert self.closed is not None
        return Noted(Act.CLOSED, self.closed.value)


class VisitView(BaseModel):
    visit_id: UUID
    state: VisitState
    condition: Condition
    asked_by: AskedBy
    asked_on: date
    ward: str | None = Field(description="As the residents' list has it")
    visit_on: date | None
    team: str | None
    recording_id: UUID | None
    reason: str | None
    changed_at: datetime

    @classmethod
    def of(cls, one: VisitRow) -> Self:
        return cls(
            visit_id=one.visit_id,
            state=one.visit.state,
            condition=one.condition,
            asked_by=one.asked_by,
            asked_on=one.asked_on,
            ward=one.ward,
            visit_on=one.visit.visit_on,
            team=one.visit.team,
            recording_id=one.recording_id,
            reason=one.reason,
            changed_at=one.changed_at,
        )


class AskedVisitView(VisitView):
    findings: list[FindingView] = Field(
        default_factory=list, description="What a team should know; none of it stands in the way"
    )


class VisitList(BaseModel):
    items: list[VisitView] = Field(description="By the day somebody goes there")


class VisitEventView(BaseModel):
    act: Act
    reason: str | None
    visit_on: date | None
    team: str | None
    recording_id: UUID | None
    officer: str
    at: datetime

    @classmethod
    def of(cls, one: VisitEvent) -> Self:
        return cls(
            act=one.noted.act,
            reason=one.noted.reason,
            visit_on=one.noted.visit_on,
            team=one.noted.team,
            recording_id=one.noted.recording_id,
            officer=one.officer,
            at=one.at,
        )


class VisitHistory(BaseModel):
    items: list[VisitEventView] = Field(description="In order of time")


class WishView(BaseModel):
    person_id: UUID = Field(description="Of outreach: whom the letters know under it")
    ward: str | None
    heard_on: date | None
    source: str | None

    @classmethod
    def of(cls, one: Wish) -> Self:
        return cls(person_id=one.person_id, ward=one.ward, heard_on=one.heard_on, source=one.source)


class WishList(BaseModel):
    items: list[WishView] = Field(description="The oldest first")


SESSION_BODY: dict[str, Any] = {
    "kind": "school",
    "place": "SMA Contoh 1",
    "ward": WARD,
    "starts_at": "2017-10-16T08:00:00+07:00",
    "minutes": 240,
    "expected_people": 150,
    "team": "tim-1",
}
SESSION_NOTE = {"session_id": SESSION, "state": "planned", "changed_at": "2017-10-13T02:15:09Z"}
SESSION_EXAMPLE = {
    **SESSION_NOTE,
    "kind": "school",
    "place": "SMA Contoh 1",
    "ward": WARD,
    "starts_at": "2017-10-16T01:00:00Z",
    "ends_at": "2017-10-16T05:00:00Z",
    "expected_people": 150,
    "team": "tim-1",
}
VISIT_BODY = {"nik": NIK, "condition": "elderly", "asked_by": "family", "asked_on": "2017-10-13"}
FINDING_EXAMPLE = {
    "found": "blocked",
    "stands_in_way": False,
    "remedy": "Services to this person are blocked: recording re-activates them.",
    "remedy_id": "Layanannya diblokir: perekaman mengaktifkannya kembali.",
    "recording_id": None,
}
VISIT_EXAMPLE = {
    "visit_id": VISIT,
    "state": "planned",
    "condition": "elderly",
    "asked_by": "family",
    "asked_on": "2017-10-13",
    "ward": WARD,
    "visit_on": "2017-10-17",
    "team": "tim-1",
    "recording_id": None,
    "reason": None,
    "changed_at": "2017-10-13T02:15:09Z",
}
EVENT_EXAMPLE = {
    "act": "not_today",
    "reason": "not_at_home",
    "visit_on": "2017-10-18",
    "team": None,
    "recording_id": None,
    "officer": "officer-12",
    "at": "2017-10-17T03:00:00Z",
}
WISH_EXAMPLE = {
    "person_id": PERSON,
    "ward": WARD,
    "heard_on": "2017-10-12",
    "source": "neighbourhood",
}
