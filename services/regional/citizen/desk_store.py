"""What the printing desk did, as the queue and fairness are told of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select

from services.regional.tables import (
    card,
    print_authorization,
    print_exception,
    renewal,
    revocation,
)
from shared.database.engine import Transaction


def is_open(now: datetime) -> ColumnElement[bool]:
    """Whether a permission may still be spent: nobody took it back or gave it up."""
    permission = print_authorization.c
    return and_(
        permission.expires_at > now,
        ~exists().where(revocation.c.authorization_id == permission.authorization_id),
        ~exists().where(renewal.c.authorization_id == permission.authorization_id),
    )


async def printing_queue(transaction: Transaction, now: datetime) -> list[int]:
    """Positions of the permissions no blank was spent for, ascending; those under 17 as well."""
    rows = await transaction.scalar(
        select(func.array_agg(print_authorization.c.pos)).where(
            is_open(now),
            ~exists().where(card.c.authorization_id == print_authorization.c.authorization_id),
        )
    )
    return sorted(rows or [])


@dataclass(frozen=True, slots=True)
class UsedException:
    """Who was printed before older permissions, by whose word: for officers' eyes."""

    recording_id: UUID
    reason: str
    officer: str
    made_at: datetime


async def exceptions(transaction: Transaction, since: datetime, limit: int) -> list[UsedException]:
    """Exceptions at the printing desk, the newest first."""
    made = print_exception.c
    rows = await transaction.execute(
        select(made.recording_id, made.reason, made.officer, made.made_at)
        .where(made.made_at >= since)
        .order_by(made.made_at.desc())
        .limit(limit)
    )
    return [UsedException(*row) for row in rows]


async def exceptions_by_reason(transaction: Transaction, since: datetime) -> dict[str, int]:
    made = print_exception.c
    rows = await transaction.execute(
        select(made.reason, func.count()).where(made.made_at >= since).group_by(made.reason)
    )
    return {row[0]: row[1] for row in rows}


async def printed(transaction: Transaction, since: datetime) -> tuple[list[int], list[int]]:
    """Positions of the permissions printed from `since` on, ascending; and those out of turn."""
    is_exception = exists().where(
        print_exception.c.authorization_id == print_authorization.c.authorization_id
    )
    pos = print_authorization.c.pos
    row = (
        await transaction.execute(
            select(func.array_agg(pos), func.array_agg(pos).filter(is_exception))
            .join_from(
                card,
                print_authorization,
                print_authorization.c.authorization_id == card.c.authorization_id,
            )
            .where(card.c.printed_at >= since)
        )
    ).one()
    return sorted(row[0] or []), sorted(row[1] or [])
