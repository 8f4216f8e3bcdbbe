"""Queries of blanks. What a blank was used for is read from `card`, and written nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from services.regional.blanks.rules import State
from services.regional.tables import blank, blank_burning, blank_delivery, burnt_blank, card
from shared.database.engine import Columns, Transaction, columns_of, rows_of


@dataclass(frozen=True, slots=True)
class Delivery:
    delivery_id: UUID
    received_on: date
    source: str
    reference: str
    first_serial: str
    last_serial: str
    blanks: int
    officer: str
    entered_at: datetime


_DELIVERY = select(
    blank_delivery.c.delivery_id,
    blank_delivery.c.received_on,
    blank_delivery.c.source,
    blank_delivery.c.reference,
    blank_delivery.c.first_serial,
    blank_delivery.c.last_serial,
    blank_delivery.c.blanks,
    blank_delivery.c.officer,
    blank_delivery.c.entered_at,
)


async def delivery(transaction: Transaction, delivery_id: UUID) -> Delivery | None:
    row = (
        await transaction.execute(_DELIVERY.where(blank_delivery.c.delivery_id == delivery_id))
    ).one_or_none()
    return Delivery(*row) if row else None


async def deliveries(transaction: Transaction, limit: int) -> list[Delivery]:
    """The newest first."""
    rows = await transaction.execute(
        _DELIVERY.order_by(
            blank_delivery.c.received_on.desc(), blank_delivery.c.entered_at.desc()
        ).limit(limit)
    )
    return [Delivery(*row) for row in rows]


_SERIALS: Columns = {"serial": Text()}
_serials = rows_of("serials", _SERIALS)


async def save_delivery(transaction: Transaction, one: Delivery, serials: Sequence[str]) -> int:
    """Gives how many of the serials no delivery had before."""
    await transaction.execute(
        insert(blank_delivery).values(
            delivery_id=one.delivery_id,
            received_on=one.received_on,
            source=one.source,
            reference=one.reference,
            first_serial=one.first_serial,
            last_serial=one.last_serial,
            blanks=one.blanks,
            officer=one.officer,
            entered_at=one.entered_at,
        )
    )
    rows = [{"serial": serial} for serial in serials]
    entered = await transaction.execute(
        insert_or_not(blank)
        .from_select(["serial", "delivery_id"], select(_serials.c.serial, literal(one.delivery_id)))
        .on_conflict_do_nothing(),
        columns_of(rows, list(_SERIALS)),
    )
    return int(entered.rowcount)


async def serials_of(transaction: Transaction, delivery_id: UUID) -> list[str]:
    rows = await transaction.scalars(
        select(blank.c.serial).where(blank.c.delivery_id == delivery_id).order_by(blank.c.serial)
    )
    return list(rows)


_is_burnt = blank_burning.c.burnt_at.is_not(None)
_is_spoiled = (card.c.state == "spoiled") | blank.c.spoiled_at.is_not(None)
_STATE = case(
    (_is_burnt, State.BURNT.value),
    (_is_spoiled, State.SPOILED.value),
    (card.c.state == "printing", State.PRINTING.value),
    (card.c.state.is_not(None), State.USED.value),
    else_=State.LEFT.value,
)
_serial = func.coalesce(blank.c.serial, card.c.blank_serial)
_ALL = (
    blank.join(card, card.c.blank_serial == blank.c.serial, full=True)
    .outerjoin(burnt_blank, burnt_blank.c.serial == _serial)
    .outerjoin(blank_burning, blank_burning.c.burning_id == burnt_blank.c.burning_id)
)


async def counts(transaction: Transaction) -> Mapping[tuple[bool, State], int]:
    rows = await transaction.execute(
        select(blank.c.serial.is_not(None), _STATE, func.count())
        .select_from(_ALL)
        .group_by(blank.c.serial.is_not(None), _STATE)
    )
    return {(bool(row[0]), State(row[1])): int(row[2]) for row in rows}


@dataclass(frozen=True, slots=True)
class Known:
    """One blank as it stands. cause: why it was spoiled. burning_id: of minutes that name it."""

    serial: str
    state: State
    delivery_id: UUID | None
    recording_id: UUID | None
    cause: str | None
    spoiled_at: datetime | None
    burning_id: UUID | None


_KNOWN = select(
    _serial,
    _STATE,
    blank.c.delivery_id,
    card.c.recording_id,
    func.coalesce(card.c.cause, blank.c.cause),
    func.coalesce(card.c.spoiled_at, blank.c.spoiled_at),
    burnt_blank.c.burning_id,
).select_from(_ALL)


def _known(row: Sequence[Any]) -> Known:
    return Known(row[0], State(row[1]), *row[2:])


async def known(transaction: Transaction, serial: str) -> Known | None:
    row = (await transaction.execute(_KNOWN.where(_serial == serial))).one_or_none()
    return _known(row) if row else None


def _to_burn() -> Select[tuple[Any, ...]]:
    return _KNOWN.where(_is_spoiled, burnt_blank.c.serial.is_(None))


async def to_burn(transaction: Transaction, limit: int) -> list[Known]:
    """Spoiled, and in no minutes yet, the longest lying first."""
    rows = await transaction.execute(
        _to_burn()
        .order_by(func.coalesce(card.c.spoiled_at, blank.c.spoiled_at), _serial)
        .limit(limit)
    )
    return [_known(row) for row in rows]


async def burnable(transaction: Transaction, serials: Sequence[str]) -> list[Known]:
    """Those of the serials that may be burnt."""
    rows = await transaction.execute(_to_burn().where(_serial.in_(serials)))
    return [_known(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Received:
    spoiled_at: datetime | None


async def lock(transaction: Transaction, serial: str) -> Received | None:
    """A received blank, held until commit. None: no delivery brought it."""
    row = (
        await transaction.execute(
            select(blank.c.spoiled_at).where(blank.c.serial == serial).with_for_update()
        )
    ).one_or_none()
    return Received(row.spoiled_at) if row else None


async def is_used(transaction: Transaction, serial: str) -> bool:
    return bool(await transaction.scalar(select(exists().where(card.c.blank_serial == serial))))


async def put_aside(
    transaction: Transaction, serial: str, cause: str, officer: str, now: datetime
) -> None:
    await transaction.execute(
        update(blank)
        .where(blank.c.serial == serial)
        .values(spoiled_at=now, cause=cause, officer=officer)
    )


async def taken_by_day(transaction: Transaction, zone: str, since: datetime) -> Mapping[date, int]:
    """Blanks that left the stock, by the office's days. zone: as PostgreSQL names it."""
    moments = union_all(
        select(card.c.intended_at.label("at")).where(card.c.intended_at >= since),
        select(blank.c.spoiled_at.label("at")).where(blank.c.spoiled_at >= since),
    ).subquery()
    day = cast(func.timezone(zone, moments.c.at), Date)
    rows = await transaction.execute(select(day, func.count()).group_by(day))
    return {row[0]: int(row[1]) for row in rows}


@dataclass(frozen=True, slots=True)
class Burning:
    """Minutes of a burning; burnt_at: None until a second officer bore witness."""

    burning_id: UUID
    year: int
    number: int
    place: str
    officer: str
    written_at: datetime
    witness: str | None
    burnt_at: datetime | None
    blanks: int


_count_burnt = (
    select(func.count())
    .where(burnt_blank.c.burning_id == blank_burning.c.burning_id)
    .scalar_subquery()
)
_BURNING = select(
    blank_burning.c.burning_id,
    blank_burning.c.year,
    blank_burning.c.number,
    blank_burning.c.place,
    blank_burning.c.officer,
    blank_burning.c.written_at,
    blank_burning.c.witness,
    blank_burning.c.burnt_at,
    _count_burnt,
)


async def burnings(transaction: Transaction, limit: int) -> list[Burning]:
    """The newest first."""
    rows = await transaction.execute(
        _BURNING.order_by(blank_burning.c.year.desc(), blank_burning.c.number.desc()).limit(limit)
    )
    return [Burning(*row) for row in rows]


async def burning(transaction: Transaction, burning_id: UUID) -> Burning | None:
    """Held until commit."""
    row = (
        await transaction.execute(
            _BURNING.where(blank_burning.c.burning_id == burning_id).with_for_update(
                of=blank_burning
            )
        )
    ).one_or_none()
    return Burning(*row) if row else None


@dataclass(frozen=True, slots=True)
class Burnt:
    serial: str
    cause: str
    spoiled_at: datetime


async def burnt(transaction: Transaction, burning_id: UUID) -> list[Burnt]:
    rows = await transaction.execute(
        select(burnt_blank.c.serial, burnt_blank.c.cause, burnt_blank.c.spoiled_at)
        .where(burnt_blank.c.burning_id == burning_id)
        .order_by(burnt_blank.c.serial)
    )
    return [Burnt(*row) for row in rows]


async def next_number(transaction: Transaction, year: int) -> int:
    """Two at once get the same: the second to save is told by the unique index."""
    last = await transaction.scalar(
        select(func.max(blank_burning.c.number)).where(blank_burning.c.year == year)
    )
    return int(last or 0) + 1


async def save_burning(transaction: Transaction, one: Burning, blanks: Sequence[Burnt]) -> None:
    await transaction.execute(
        insert(blank_burning).values(
            burning_id=one.burning_id,
            year=one.year,
            number=one.number,
            place=one.place,
            officer=one.officer,
            written_at=one.written_at,
        )
    )
    await transaction.execute(
        insert(burnt_blank),
        [
            {
                "serial": each.serial,
                "burning_id": one.burning_id,
                "cause": each.cause,
                "spoiled_at": each.spoiled_at,
            }
            for each in blanks
        ],
    )


async def bear_witness(
    transaction: Transaction, burning_id: UUID, witness: str, now: datetime
) -> None:
    await transaction.execute(
        update(blank_burning)
        .where(and_(blank_burning.c.burning_id == burning_id, blank_burning.c.burnt_at.is_(None)))
        .values(witness=witness, burnt_at=now)
    )
