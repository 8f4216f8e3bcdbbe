"""Queries of whose turn it is: the oldest permissions, exceptions, and those held for their age."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Uuid,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from services.regional.outbox.copies import COPY, opened
from services.regional.printing.rules import CardState
from services.regional.printing.store import UNSPENT, Held, held
from services.regional.tables import (
    card,
    outbox,
    print_authorization,
    print_exception,
    recording,
    revocation,
)
from shared.database.engine import Columns, Transaction, columns_of, rows_of
from shared.sealed.copies import WorkingCopy

# Nothing is known to print with such a permission: it waits for nobody and in nobody's way.
NEVER = date.max

_spoiled, _made = card.alias("spoiled"), card.alias("made")
# A blank was spoiled on this person's turn, and no card was printed since.
IS_SECOND_TRY = exists().where(
    _spoiled.c.recording_id == print_authorization.c.recording_id,
    _spoiled.c.state == CardState.SPOILED.value,
    ~exists().where(revocation.c.authorization_id == _spoiled.c.authorization_id),
    ~exists().where(
        _made.c.recording_id == _spoiled.c.recording_id,
        _made.c.printed_at >= _spoiled.c.spoiled_at,
    ),
)
IS_EXCEPTED = exists().where(
    print_exception.c.authorization_id == print_authorization.c.authorization_id
)


@dataclass(frozen=True, slots=True)
class Moment:
    """When, and which day that is at the office."""

    now: datetime
    today: date


def _printable(when: Moment, *, is_known: bool = False) -> Select[UUID]:
    """Permissions a card can be printed on now, whoever's turn it is.

    is_known: leave out those of whom nobody looked up yet when they may be printed.
    """
    day = print_authorization.c.printable_on
    has_come = day <= when.today
    return select(print_authorization.c.authorization_id).where(
        UNSPENT,
        print_authorization.c.expires_at > when.now,
        has_come if is_known else or_(day.is_(None), has_come),
    )


def _older_than(authorization_id: UUID) -> ColumnElement[bool]:
    own = print_authorization.alias("own")
    pos = select(own.c.pos).where(own.c.authorization_id == authorization_id).scalar_subquery()
    return print_authorization.c.pos < pos


async def count_ahead(
    transaction: Transaction,
    authorization_id: UUID,
    when: Moment,
    count_max: int,
    *,
    is_known: bool = False,
) -> int:
    """Older permissions that could be printed now; nobody counts further than `count_max`."""
    older = (
        _printable(when, is_known=is_known)
        .where(_older_than(authorization_id))
        .order_by(print_authorization.c.pos)
        .limit(count_max)
        .subquery()
    )
    return int(await transaction.scalar(select(func.count()).select_from(older)) or 0)


async def count_printable(transaction: Transaction, when: Moment) -> int:
    asked = _printable(when).subquery()
    return int(await transaction.scalar(select(func.count()).select_from(asked)) or 0)


async def leave(transaction: Transaction, authorization_id: UUID) -> tuple[bool, bool]:
    """Whether there is an exception, and whether this is a second try."""
    row = (
        await transaction.execute(
            select(IS_EXCEPTED, IS_SECOND_TRY).where(
                print_authorization.c.authorization_id == authorization_id
            )
        )
    ).one()
    return bool(row[0]), bool(row[1])


@dataclass(frozen=True, slots=True)
class Turn:
    """A permission in the queue, by age."""

    held: Held
    pos: int
    ground: str | None
    is_second_try: bool
    printable_on: date | None


def _turns() -> Select[tuple[object, ...]]:
    return (
        held()
        .outerjoin(
            print_exception,
            print_exception.c.authorization_id == print_authorization.c.authorization_id,
        )
        .add_columns(
            print_authorization.c.pos,
            print_exception.c.reason,
            IS_SECOND_TRY,
            print_authorization.c.printable_on,
        )
        .where(UNSPENT)
    )


def _turn(row: Sequence[object]) -> Turn:
    values: tuple[Any, ...] = tuple(row)
    return Turn(Held(*values[:-4]), *values[-4:])


async def oldest(transaction: Transaction, when: Moment, limit: int) -> list[Turn]:
    """The queue: printable now, oldest first."""
    rows = await transaction.execute(
        _turns()
        .where(
            print_authorization.c.expires_at > when.now,
            or_(
                print_authorization.c.printable_on.is_(None),
                print_authorization.c.printable_on <= when.today,
            ),
        )
        .order_by(print_authorization.c.pos)
        .limit(limit)
    )
    return [_turn(row) for row in rows]


async def let_before(transaction: Transaction, when: Moment, limit: int) -> list[Turn]:
    """Unspent permissions with an exception or a second try, oldest first."""
    rows = await transaction.execute(
        _turns()
        .where(
            or_(print_exception.c.reason.is_not(None), IS_SECOND_TRY),
            print_authorization.c.expires_at > when.now,
        )
        .order_by(print_authorization.c.pos)
        .limit(limit)
    )
    return [_turn(row) for row in rows]


async def held_for_age(transaction: Transaction, today: date, limit: int) -> list[Turn]:
    """Permissions whose holder's day has not come, the next day first."""
    rows = await transaction.execute(
        _turns()
        .where(
            and_(
                print_authorization.c.printable_on > today,
                print_authorization.c.printable_on < NEVER,
            )
        )
        .order_by(print_authorization.c.printable_on, print_authorization.c.pos)
        .limit(limit)
    )
    return [_turn(row) for row in rows]


async def count_held(transaction: Transaction, today: date) -> int:
    asked = (
        select(print_authorization.c.authorization_id)
        .where(
            UNSPENT,
            print_authorization.c.printable_on > today,
            print_authorization.c.printable_on < NEVER,
        )
        .subquery()
    )
    return int(await transaction.scalar(select(func.count()).select_from(asked)) or 0)


async def one(transaction: Transaction, authorization_id: UUID) -> Turn | None:
    row = (
        await transaction.execute(
            _turns().where(print_authorization.c.authorization_id == authorization_id)
        )
    ).one_or_none()
    return _turn(row) if row else None


async def without_day(
    transaction: Transaction, limit: int, before: UUID | None = None
) -> list[tuple[Held, WorkingCopy | None]]:
    """Unspent permissions of whom nobody looked up yet when they may be printed, oldest first.

    Each with its recording's copy, if it was taken here. before: only older ones than this.
    """
    asked = (
        held()
        .outerjoin(outbox, outbox.c.seq == recording.c.seq)
        .add_columns(outbox.c.envelope_id, COPY)
    )
    if before is not None:
        asked = asked.where(_older_than(before))
    rows = await transaction.execute(
        asked.where(
            print_authorization.c.spent_at.is_(None), print_authorization.c.printable_on.is_(None)
        )
        .order_by(print_authorization.c.pos)
        .limit(limit)
        .with_for_update(of=print_authorization, skip_locked=True)
    )
    found: list[tuple[Held, WorkingCopy | None]] = []
    for row in rows:
        values: tuple[Any, ...] = tuple(row)
        found.append((Held(*values[:-2]), opened(transaction, *values[-2:])))
    return found


_DAYS: Columns = {"permission": Uuid(), "day": Date()}
_days = rows_of("days", _DAYS)


async def set_days(transaction: Transaction, days: Sequence[tuple[UUID, date]]) -> None:
    rows = [{"permission": one, "day": day} for one, day in days]
    if rows:
        await transaction.execute(
            update(print_authorization)
            .where(print_authorization.c.authorization_id == _days.c.permission)
            .values(printable_on=_days.c.day),
            columns_of(rows, list(_DAYS)),
        )


@dataclass(frozen=True, slots=True)
class LetBefore:
    """Why somebody was let before others, and who said so."""

    authorization_id: UUID
    recording_id: UUID
    reason: str
    words: str
    officer: str
    made_at: datetime
    state: str | None  # of the card printed on it; None: not yet


_EXCEPTIONS = select(
    print_exception.c.authorization_id,
    print_exception.c.recording_id,
    print_exception.c.reason,
    print_exception.c.words,
    print_exception.c.officer,
    print_exception.c.made_at,
    card.c.state,
).outerjoin(card, card.c.authorization_id == print_exception.c.authorization_id)


async def exceptions(transaction: Transaction, limit: int) -> list[LetBefore]:
    """The newest first."""
    rows = await transaction.execute(
        _EXCEPTIONS.order_by(
            print_exception.c.made_at.desc(), print_exception.c.authorization_id
        ).limit(limit)
    )
    return [LetBefore(*row) for row in rows]


async def exception_of(transaction: Transaction, authorization_id: UUID) -> LetBefore | None:
    row = (
        await transaction.execute(
            _EXCEPTIONS.where(print_exception.c.authorization_id == authorization_id)
        )
    ).one_or_none()
    return LetBefore(*row) if row else None


async def save_exception(transaction: Transaction, made: LetBefore) -> None:
    await transaction.execute(
        insert(print_exception).values(
            authorization_id=made.authorization_id,
            recording_id=made.recording_id,
            reason=made.reason,
            words=made.words,
            officer=made.officer,
            made_at=made.made_at,
        )
    )
