"""Queries of the schedule and of home visits."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, insert, literal, or_, select, update

from services.regional.field.checks import Listed
from services.regional.field.rules import (
    Act,
    AskedBy,
    Condition,
    Kind,
    Noted,
    Plan,
    SessionState,
    Visit,
    VisitState,
)
from services.regional.journey.domicile import STANDS_HERE
from services.regional.journey.identities import changing
from services.regional.tables import (
    amendment,
    deletion_named,
    field_session,
    home_visit,
    home_visit_event,
    move_entry,
    outreach,
    recording,
    resident,
)
from shared.database.engine import Transaction

ROWS_MAX = 500


@dataclass(frozen=True, slots=True)
class Session:
    """A stay at a place, planned, done or cancelled."""

    session_id: UUID
    plan: Plan
    state: SessionState
    officer: str
    changed_at: datetime


async def session_of(transaction: Transaction, session_id: UUID) -> Session | None:
    """Locked until the transaction ends."""
    row = (
        await transaction.execute(
            select(field_session).where(field_session.c.session_id == session_id).with_for_update()
        )
    ).one_or_none()
    return _session(row) if row else None


async def sessions_between(
    transaction: Transaction, since: datetime, until: datetime, *, only_planned: bool = False
) -> list[Session]:
    """Those that touch this span of time, in order; at most ROWS_MAX."""
    wanted = select(field_session).where(
        field_session.c.ends_at > since, field_session.c.starts_at < until
    )
    if only_planned:
        wanted = wanted.where(field_session.c.state == SessionState.PLANNED)
    rows = await transaction.execute(
        wanted.order_by(field_session.c.starts_at, field_session.c.session_id).limit(ROWS_MAX)
    )
    return [_session(row) for row in rows]


async def save_session(transaction: Transaction, one: Session, *, is_new: bool) -> None:
    """A unique violation means another door was faster: the transaction is to be repeated."""
    values = {
        "kind": one.plan.kind.value,
        "place": one.plan.place,
        "ward": one.plan.ward,
        "starts_at": one.plan.starts_at,
        "ends_at": one.plan.ends_at,
        "expected_people": one.plan.expected_people,
        "team": one.plan.team,
        "state": one.state.value,
        "officer": one.officer,
        "changed_at": one.changed_at,
    }
    if is_new:
        await transaction.execute(insert(field_session).values(session_id=one.session_id, **values))
    else:
        await transaction.execute(
            update(field_session)
            .where(field_session.c.session_id == one.session_id)
            .values(**values)
        )


def _session(row: Row[Any]) -> Session:
    plan = Plan(
        Kind(row.kind),
        row.place,
        row.ward,
        row.starts_at,
        row.ends_at,
        row.expected_people,
        row.team,
    )
    return Session(row.session_id, plan, SessionState(row.state), row.officer, row.changed_at)


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A wish for a home visit; name and address as the residents' list has them, if it does."""

    visit_id: UUID
    nik: int
    condition: Condition
    asked_by: AskedBy
    asked_on: date
    visit: Visit
    recording_id: UUID | None
    reason: str | None
    changed_at: datetime
    name: str | None
    street: str | None
    rt: str | None
    rw: str | None
    ward: str | None


@dataclass(frozen=True, slots=True)
class VisitEvent:
    noted: Noted
    officer: str
    at: datetime


def _visits() -> Select[Any]:
    return select(
        home_visit,
        resident.c.name,
        resident.c.street,
        resident.c.rt,
        resident.c.rw,
        resident.c.ward,
    ).outerjoin(resident, resident.c.nik == home_visit.c.nik)


def _visit(row: Row[Any]) -> VisitRow:
    return VisitRow(
        visit_id=row.visit_id,
        nik=row.nik,
        condition=Condition(row.condition),
        asked_by=AskedBy(row.asked_by),
        asked_on=row.asked_on,
        visit=Visit(VisitState(row.state), row.visit_on, row.team),
        recording_id=row.recording_id,
        reason=row.reason,
        changed_at=row.changed_at,
        name=row.name,
        street=row.street,
        rt=row.rt,
        rw=row.rw,
        ward=row.ward,
    )


async def visit_of(transaction: Transaction, visit_id: UUID) -> VisitRow | None:
    """Locked until the transaction ends."""
    row = (
        await transaction.execute(
            _visits().where(home_visit.c.visit_id == visit_id).with_for_update(of=home_visit)
        )
    ).one_or_none()
    return _visit(row) if row else None


async def visits_in(
    transaction: Transaction, state: VisitState, limit: int = ROWS_MAX
) -> list[VisitRow]:
    """By the day somebody goes there, else by the day they were asked for."""
    rows = await transaction.execute(
        _visits()
        .where(home_visit.c.state == state.value)
        .order_by(home_visit.c.visit_on, home_visit.c.asked_on, home_visit.c.visit_id)
        .limit(limit)
    )
    return [_visit(row) for row in rows]


async def newest_visits(transaction: Transaction, limit: int) -> list[VisitRow]:
    """Those that ended, the latest first."""
    ended = [VisitState.RECORDED.value, VisitState.CLOSED.value]
    rows = await transaction.execute(
        _visits()
        .where(home_visit.c.state.in_(ended))
        .order_by(home_visit.c.changed_at.desc(), home_visit.c.visit_id)
        .limit(limit)
    )
    return [_visit(row) for row in rows]


async def open_visit(transaction: Transaction, nik: int) -> UUID | None:
    found = await transaction.scalar(
        select(home_visit.c.visit_id).where(
            home_visit.c.nik == nik,
            home_visit.c.state.in_([VisitState.ASKED.value, VisitState.PLANNED.value]),
        )
    )
    return found if isinstance(found, UUID) else None


async def events_of(transaction: Transaction, visit_id: UUID) -> list[VisitEvent]:
    """Everything that happened to it, in order."""
    rows = await transaction.execute(
        select(home_visit_event)
        .where(home_visit_event.c.visit_id == visit_id)
        .order_by(home_visit_event.c.nth)
    )
    return [
        VisitEvent(
            Noted(Act(row.act), row.reason, row.visit_on, row.team, row.recording_id),
            row.officer,
            row.at,
        )
        for row in rows
    ]


async def ask(
    transaction: Transaction,
    visit_id: UUID,
    wish: tuple[int, Condition, AskedBy, date],
    officer: str,
    now: datetime,
) -> None:
    """A unique violation means another door was faster: the transaction is to be repeated."""
    nik, condition, asked_by, asked_on = wish
    await transaction.execute(
        insert(home_visit).values(
            visit_id=visit_id,
            nik=nik,
            condition=condition.value,
            asked_by=asked_by.value,
            asked_on=asked_on,
            state=VisitState.ASKED.value,
            changed_at=now,
        )
    )
    await write_event(transaction, visit_id, Noted(Act.ASKED), officer, now)


async def write_event(
    transaction: Transaction, visit_id: UUID, noted: Noted, officer: str, now: datetime
) -> None:
    nth = select(func.coalesce(func.max(home_visit_event.c.nth), 0) + 1).where(
        home_visit_event.c.visit_id == visit_id
    )
    await transaction.execute(
        insert(home_visit_event).values(
            visit_id=visit_id,
            nth=nth.scalar_subquery(),
            act=noted.act.value,
            reason=noted.reason,
            visit_on=noted.visit_on,
            team=noted.team,
            recording_id=noted.recording_id,
            officer=officer,
            at=now,
        )
    )


async def move_visit(
    transaction: Transaction, visit_id: UUID, visit: Visit, noted: Noted, now: datetime
) -> None:
    await transaction.execute(
        update(home_visit)
        .where(home_visit.c.visit_id == visit_id)
        .values(
            state=visit.state.value,
            visit_on=visit.visit_on,
            team=visit.team,
            recording_id=noted.recording_id,
            reason=noted.reason,
            changed_at=now,
        )
    )


async def listed(transaction: Transaction, nik: int) -> Listed | None:
    row = (
        await transaction.execute(
            select(
                resident.c.birth_date,
                resident.c.marital_status,
                resident.c.residency,
                resident.c.obliged,
            ).where(resident.c.nik == nik)
        )
    ).one_or_none()
    return Listed(*row) if row else None


async def live_recording(transaction: Transaction, nik: int) -> tuple[UUID, bool] | None:
    """The recording that stands here, and whether it was taken here or moved here."""
    own = select(recording.c.recording_id, literal(True)).where(
        recording.c.nik == nik, recording.c.is_live
    )
    moved = select(move_entry.c.recording_id, literal(False)).where(
        move_entry.c.nik == nik, STANDS_HERE
    )
    row = (await transaction.execute(own)).first() or (await transaction.execute(moved)).first()
    return (row[0], bool(row[1])) if row else None


async def recording_nik(transaction: Transaction, recording_id: UUID) -> int | None:
    found = await transaction.scalar(
        select(recording.c.nik).where(recording.c.recording_id == recording_id)
    )
    return int(found) if found is not None else None


async def is_deletion_open(transaction: Transaction, nik: int) -> bool:
    asked = exists().where(
        deletion_named.c.recording_id == recording.c.recording_id,
        deletion_named.c.is_open,
        ~deletion_named.c.is_kept,
        recording.c.nik == nik,
    )
    return bool(await transaction.scalar(select(asked)))


async def is_amendment_open(transaction: Transaction, nik: int) -> bool:
    return bool(await transaction.scalar(select(exists().where(changing, amendment.c.nik == nik))))


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody unrecorded of whom outreach heard that they are ill."""

    person_id: UUID
    nik: int
    source: str | None
    heard_on: date | None
    name: str | None
    street: str | None
    rt: str | None
    rw: str | None
    ward: str | None


def _wishes() -> Select[Any]:
    is_open = exists().where(
        home_visit.c.nik == outreach.c.nik,
        or_(
            home_visit.c.state.in_([VisitState.ASKED.value, VisitState.PLANNED.value]),
            # What was heard before somebody went there is answered.
            home_visit.c.asked_on >= outreach.c.heard_on,
        ),
    )
    return (
        select(
            outreach.c.person_id,
            outreach.c.nik,
            outreach.c.source,
            outreach.c.heard_on,
            resident.c.name,
            resident.c.street,
            resident.c.rt,
            resident.c.rw,
            resident.c.ward,
        )
        .outerjoin(resident, resident.c.nik == outreach.c.nik)
        .where(
            outreach.c.whereabouts == "ill",
            outreach.c.closed.is_(None),
            ~exists().where(recording.c.nik == outreach.c.nik, recording.c.is_live),
            ~is_open,
        )
    )


async def wishes(transaction: Transaction, limit: int) -> list[Wish]:
    """The oldest first."""
    rows = await transaction.execute(
        _wishes().order_by(outreach.c.heard_on, outreach.c.person_id).limit(limit)
    )
    return [Wish(*row) for row in rows]


async def wish_of(transaction: Transaction, person_id: UUID) -> Wish | None:
    row = (
        await transaction.execute(_wishes().where(outreach.c.person_id == person_id))
    ).one_or_none()
    return Wish(*row) if row else None
