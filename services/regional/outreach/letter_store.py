"""Queries of letters: a day's deliveries, who is in each, whose reply comes by which token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, SmallInteger, Text, Uuid, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.regional.outreach.store import is_unrecorded
from services.regional.tables import invitation, invitation_delivery, outreach, resident
from shared.database.engine import Columns, Transaction, columns_of, rows_of

_COLUMNS: Columns = {
    "delivery_id": Uuid(),
    "place": SmallInteger(),
    "nik": BigInteger(),
    "token": Text(),
    "forward_to": Text(),
}
_invitations = rows_of("invitations", _COLUMNS)
_SAVE = insert(invitation).from_select(
    [*_COLUMNS, "wrong_tries"],
    select(*(_invitations.c[name] for name in _COLUMNS), text("0")),
)
_LETTERED: Columns = {"nik": BigInteger(), "person_id": Uuid(), "lettered_on": Date()}
_lettered = rows_of("lettered", _LETTERED)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One ward's letters of one day. `letters` as made; some may not be printed any more."""

    delivery_id: UUID
    ward: str
    deliver_on: date
    letters: int
    officer: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    place: int
    nik: int
    token: str
    forward_to: str | None


@dataclass(frozen=True, slots=True)
class Addressed:
    """A letter that is still to go: its person is not recorded and the search is open."""

    place: int
    nik: int
    person_id: UUID
    token: str
    forward_to: str | None
    sex: str
    name: str
    street: str
    rw: str
    rt: str
    whereabouts: str | None
    heard_on: date | None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a token names, and how often the birth date given with it was wrong."""

    nik: int
    birth_date: date | None  # None: not on the list any more
    wrong_tries: int


async def hold_makers(transaction: Transaction) -> None:
    """Let one transaction at a time choose who is written to; readers are not kept waiting."""
    await transaction.execute(text("LOCK TABLE invitation_delivery IN SHARE ROW EXCLUSIVE MODE"))


async def of_day(transaction: Transaction, day: date) -> list[Delivery]:
    found = await transaction.execute(
        select(invitation_delivery)
        .where(invitation_delivery.c.deliver_on == day)
        .order_by(invitation_delivery.c.ward)
    )
    return [Delivery(*row) for row in found]


async def newest_days(transaction: Transaction, limit: int) -> list[tuple[date, int, int]]:
    """Days with letters, the newest first: the day, its wards, its letters."""
    found = await transaction.execute(
        select(
            invitation_delivery.c.deliver_on,
            func.count().label("wards"),
            func.sum(invitation_delivery.c.letters).label("letters"),
        )
        .group_by(invitation_delivery.c.deliver_on)
        .order_by(invitation_delivery.c.deliver_on.desc())
        .limit(limit)
    )
    return [(row.deliver_on, row.wards, int(row.letters)) for row in found]


async def delivery(transaction: Transaction, delivery_id: UUID) -> Delivery | None:
    row = (
        await transaction.execute(
            select(invitation_delivery).where(invitation_delivery.c.delivery_id == delivery_id)
        )
    ).one_or_none()
    return Delivery(*row) if row else None


async def save(
    transaction: Transaction, made: Delivery, people: Sequence[tuple[Invitation, UUID]]
) -> None:
    """Keep a ward's letters of a day, and that each of these people was written to.

    people: with the id of whoever was never touched before.
    """
    await transaction.execute(
        insert(invitation_delivery).values(
            delivery_id=made.delivery_id,
            ward=made.ward,
            deliver_on=made.deliver_on,
            letters=made.letters,
            officer=made.officer,
            made_at=made.made_at,
        )
    )
    rows: list[dict[str, Any]] = [
        {
            "delivery_id": made.delivery_id,
            "place": one.place,
            "nik": one.nik,
            "token": one.token,
            "forward_to": one.forward_to,
            "person_id": person_id,
            "lettered_on": made.deliver_on,
        }
        for one, person_id in people
    ]
    await transaction.execute(_SAVE, columns_of(rows, list(_COLUMNS)))
    touched = insert(outreach).from_select(
        [*_LETTERED, "letters"], select(*(_lettered.c[name] for name in _LETTERED), text("1"))
    )
    await transaction.execute(
        touched.on_conflict_do_update(
            index_elements=["nik"],
            set_={
                "letters": outreach.c.letters + 1,
                "lettered_on": touched.excluded.lettered_on,
            },
        ),
        columns_of(rows, list(_LETTERED)),
    )


async def addressed(transaction: Transaction, delivery_id: UUID) -> list[Addressed]:
    """A delivery's letters that are still to go, in their order."""
    found = await transaction.execute(
        select(
            invitation.c.place,
            invitation.c.nik,
            outreach.c.person_id,
            invitation.c.token,
            invitation.c.forward_to,
            resident.c.sex,
            resident.c.name,
            func.coalesce(resident.c.street, "").label("street"),
            func.coalesce(resident.c.rw, "-").label("rw"),
            func.coalesce(resident.c.rt, "-").label("rt"),
            outreach.c.whereabouts,
            outreach.c.heard_on,
        )
        .join(resident, resident.c.nik == invitation.c.nik)
        .join(outreach, outreach.c.nik == invitation.c.nik)
        .where(
            invitation.c.delivery_id == delivery_id,
            resident.c.name.is_not(None),
            outreach.c.closed.is_(None),
            is_unrecorded(),
        )
        .order_by(invitation.c.place)
    )
    return [Addressed(**row) for row in found.mappings()]


async def addressee(transaction: Transaction, token: str) -> Addressee | None:
    """Whom a letter's token names, locked so that tries are counted one by one."""
    row = (
        await transaction.execute(
            select(invitation.c.nik, resident.c.birth_date, invitation.c.wrong_tries)
            .outerjoin(resident, resident.c.nik == invitation.c.nik)
            .where(invitation.c.token == token)
            .with_for_update(of=invitation)
        )
    ).one_or_none()
    return Addressee(row.nik, row.birth_date, row.wrong_tries) if row else None


async def count_wrong_try(transaction: Transaction, token: str) -> None:
    await transaction.execute(
        update(invitation)
        .where(invitation.c.token == token)
        .values(wrong_tries=invitation.c.wrong_tries + 1)
    )
