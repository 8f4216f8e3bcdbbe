"""Queries of the unrecorded: who they are, how far each is, what was heard of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.regional.outreach.rules import Heard, Reason, Source, Standing, Whereabouts
from services.regional.tables import (
    move_entry,
    outreach,
    outreach_event,
    recording,
    resident,
)
from shared.database.engine import Transaction
from shared.ids import new_id

MOVED_IN = "moved"
# Whoever the registry counts as gone is not looked for; who is blocked is freed by recording.
STILL_HERE = ("active", "blocked")
IN_ORDER = (
    resident.c.ward,
    resident.c.rw,
    resident.c.rt,
    resident.c.street,
    resident.c.family_card,
    resident.c.name,
    resident.c.nik,
)


@dataclass(frozen=True, slots=True)
class Person:
    """One resident who is not recorded, with how far we are."""

    nik: int
    ward: str
    sex: str
    name: str | None
    street: str | None
    rw: str | None
    rt: str | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """The unrecorded of one place; the other counts are among them."""

    code: str  # of a district or ward; of a neighbourhood "003/012", RW and RT
    unrecorded: int
    lettered: int
    answered: int
    home_visits: int
    to_check: int
    closed: int


@dataclass(frozen=True, slots=True)
class Event:
    event_id: UUID
    act: str
    whereabouts: str | None
    reason: str | None
    source: str | None
    heard_on: date | None
    forward_to: str | None
    remark: str | None
    officer: str | None
    noted_at: datetime


def is_recorded(nik: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a live recording stands, or one moved here with its person."""
    return or_(
        exists().where(recording.c.nik == nik, recording.c.is_live),
        exists().where(move_entry.c.nik == nik, move_entry.c.verdict == MOVED_IN),
    )


def is_unrecorded() -> ColumnElement[bool]:
    return and_(
        resident.c.obliged,
        resident.c.residency.in_(STILL_HERE),
        ~is_recorded(resident.c.nik),
    )


def _people() -> Select[Any]:
    return select(
        resident.c.nik,
        resident.c.ward,
        resident.c.sex,
        resident.c.name,
        resident.c.street,
        resident.c.rw,
        resident.c.rt,
        outreach.c.letters,
        outreach.c.lettered_on,
        outreach.c.whereabouts,
        outreach.c.source,
        outreach.c.heard_on,
        outreach.c.forward_to,
        outreach.c.closed,
    ).outerjoin(outreach, outreach.c.nik == resident.c.nik)


async def people_of(
    transaction: Transaction, ward: str, rw: str | None, rt: str | None, offset: int, limit: int
) -> list[Person]:
    """The unrecorded of a ward, or of one of its neighbourhoods, in the order letters go."""
    wanted = _people().where(is_unrecorded(), resident.c.ward == ward)
    if rw is not None:
        wanted = wanted.where(resident.c.rw == rw)
    if rt is not None:
        wanted = wanted.where(resident.c.rt == rt)
    found = await transaction.execute(wanted.order_by(*IN_ORDER).offset(offset).limit(limit))
    return [_person(row) for row in found]


async def perhaps_due(
    transaction: Transaction, ward: str, day: date, again_days: int, offset: int, limit: int
) -> list[Person]:
    """Of a ward's unrecorded, in the order letters go, some who are due a letter on a day.

    Nobody who is due is missing; `rules.next_step` says who is.
    """
    is_perhaps_due = or_(
        outreach.c.lettered_on.is_(None),
        outreach.c.lettered_on <= day - timedelta(days=again_days),
        outreach.c.forward_to.is_not(None),
    )
    found = await transaction.execute(
        _people()
        .where(
            is_unrecorded(),
            resident.c.ward == ward,
            outreach.c.closed.is_(None),
            is_perhaps_due,
        )
        .order_by(*IN_ORDER)
        .offset(offset)
        .limit(limit)
    )
    return [_person(row) for row in found]


def _person(row: Row[Any]) -> Person:
    return Person(
        row.nik, row.ward, row.sex, row.name, row.street, row.rw, row.rt, standing_of(row)
    )


def standing_of(row: Row[Any]) -> Standing:
    """Of a row with a resident's name and street, and an outreach's columns or nothing."""
    heard = None
    if row.whereabouts is not None:
        heard = Heard(
            Whereabouts(row.whereabouts), Source(row.source), row.heard_on, row.forward_to
        )
    return Standing(
        has_address=bool(row.name and row.street),
        letters=row.letters or 0,
        lettered_on=row.lettered_on,
        heard=heard,
        closed=Reason(row.closed) if row.closed is not None else None,
    )


async def wards(transaction: Transaction) -> list[str]:
    """Wards in which somebody is unrecorded, by code."""
    found = await transaction.execute(
        select(resident.c.ward).where(is_unrecorded()).distinct().order_by(resident.c.ward)
    )
    return [row.ward for row in found]


async def counts(transaction: Transaction, within: str) -> list[PlaceCount]:
    """The unrecorded by the places of the next level within a region, district or ward."""
    place: ColumnElement[str]
    if within.count(".") >= 3:
        place = func.coalesce(resident.c.rw, "?") + "/" + func.coalesce(resident.c.rt, "?")
        inside = resident.c.ward == within
    else:
        place = func.substr(resident.c.ward, 1, 8 if within.count(".") == 1 else 13)
        inside = resident.c.ward.startswith(within + ".", autoescape=True)
    is_open = outreach.c.closed.is_(None)
    closing = [one.value for one in (Whereabouts.DEAD, Whereabouts.MOVED)]
    closing.append(Whereabouts.RECORDED_ELSEWHERE.value)
    found = await transaction.execute(
        select(
            place.label("code"),
            func.count().label("unrecorded"),
            func.count().filter(outreach.c.letters > 0).label("lettered"),
            func.count(outreach.c.whereabouts).label("answered"),
            func.count()
            .filter(outreach.c.whereabouts == Whereabouts.ILL.value, is_open)
            .label("home_visits"),
            func.count().filter(outreach.c.whereabouts.in_(closing), is_open).label("to_check"),
            func.count(outreach.c.closed).label("closed"),
        )
        .select_from(resident)
        .outerjoin(outreach, outreach.c.nik == resident.c.nik)
        .where(is_unrecorded(), inside)
        .group_by(place)
        .order_by(place)
    )
    return [
        PlaceCount(
            row.code,
            row.unrecorded,
            row.lettered,
            row.answered,
            row.home_visits,
            row.to_check,
            row.closed,
        )
        for row in found
    ]


@dataclass(frozen=True, slots=True)
class Looked:
    """One resident however recorded, locked so that nobody else acts on them meanwhile."""

    nik: int
    person_id: UUID
    is_listed: bool  # on the residents' list
    is_recorded: bool
    standing: Standing


async def lock(transaction: Transaction, nik: int) -> Looked | None:
    """A person's standing, made on the first touch; None of a NIK that nobody here has."""
    known = await transaction.scalar(
        select(func.count()).select_from(resident).where(resident.c.nik == nik)
    )
    if known:
        await transaction.execute(
            insert(outreach)
            .values(nik=nik, person_id=new_id(), letters=0)
            .on_conflict_do_nothing(index_elements=["nik"])
        )
    row = (
        await transaction.execute(
            select(
                outreach,
                resident.c.name,
                resident.c.street,
                resident.c.nik.is_not(None).label("is_listed"),
                is_recorded(outreach.c.nik).label("is_recorded"),
            )
            .outerjoin(resident, resident.c.nik == outreach.c.nik)
            .where(outreach.c.nik == nik)
            .with_for_update(of=outreach)
        )
    ).one_or_none()
    if row is None:
        return None
    return Looked(row.nik, row.person_id, row.is_listed, row.is_recorded, standing_of(row))


async def nik_of(transaction: Transaction, person_id: UUID) -> int | None:
    found = await transaction.scalar(
        select(outreach.c.nik).where(outreach.c.person_id == person_id)
    )
    return None if found is None else int(found)


async def person(transaction: Transaction, nik: int) -> Person | None:
    """Somebody on the residents' list, recorded or not."""
    row = (await transaction.execute(_people().where(resident.c.nik == nik))).one_or_none()
    return _person(row) if row else None


async def event(transaction: Transaction, event_id: UUID) -> tuple[int, Event] | None:
    row = (
        await transaction.execute(
            select(outreach_event).where(outreach_event.c.event_id == event_id)
        )
    ).one_or_none()
    return (row.nik, _event(row)) if row else None


async def history(transaction: Transaction, nik: int) -> list[Event]:
    """Everything noted of a person, the newest first."""
    found = await transaction.execute(
        select(outreach_event)
        .where(outreach_event.c.nik == nik)
        .order_by(outreach_event.c.noted_at.desc(), outreach_event.c.event_id.desc())
    )
    return [_event(row) for row in found]


def _event(row: Row[Any]) -> Event:
    return Event(
        row.event_id,
        row.act,
        row.whereabouts,
        row.reason,
        row.source,
        row.heard_on,
        row.forward_to,
        row.remark,
        row.officer,
        row.noted_at,
    )


async def save_event(transaction: Transaction, nik: int, one: Event) -> None:
    await transaction.execute(
        insert(outreach_event).values(
            event_id=one.event_id,
            nik=nik,
            act=one.act,
            whereabouts=one.whereabouts,
            reason=one.reason,
            source=one.source,
            heard_on=one.heard_on,
            forward_to=one.forward_to,
            remark=one.remark,
            officer=one.officer,
            noted_at=one.noted_at,
        )
    )


async def save_standing(transaction: Transaction, nik: int, standing: Standing) -> None:
    heard = standing.heard
    await transaction.execute(
        update(outreach)
        .where(outreach.c.nik == nik)
        .values(
            whereabouts=heard.whereabouts.value if heard else None,
            source=heard.source.value if heard else None,
            heard_on=heard.on if heard else None,
            forward_to=heard.forward_to if heard else None,
            closed=standing.closed.value if standing.closed else None,
        )
    )


async def to_visit(
    transaction: Transaction, whereabouts: Sequence[Whereabouts], limit: int
) -> list[tuple[UUID, Person]]:
    """Unrecorded people of whom this was heard and whose search is open, the oldest word first."""
    found = await transaction.execute(
        _people()
        .add_columns(outreach.c.person_id)
        .where(
            is_unrecorded(),
            outreach.c.whereabouts.in_([one.value for one in whereabouts]),
            outreach.c.closed.is_(None),
        )
        .order_by(outreach.c.heard_on, outreach.c.person_id)
        .limit(limit)
    )
    return [(row.person_id, _person(row)) for row in found]
