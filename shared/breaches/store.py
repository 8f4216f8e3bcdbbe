"""Queries of the breach register."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, insert, or_, select, update

from shared.breaches.rules import TELL_WITHIN, Breach
from shared.database.engine import Transaction

LISTED_MAX = 500


def _breach(row: Any) -> Breach:
    return Breach(**row)


async def locked(transaction: Transaction, table: Table, breach_id: UUID) -> Breach | None:
    asked = select(table).where(table.c.breach_id == breach_id).with_for_update()
    row = (await transaction.execute(asked)).mappings().one_or_none()
    return None if row is None else _breach(row)


async def newest(transaction: Transaction, table: Table) -> list[Breach]:
    asked = select(table).order_by(table.c.found_at.desc()).limit(LISTED_MAX)
    return [_breach(row) for row in (await transaction.execute(asked)).mappings()]


async def add(transaction: Transaction, table: Table, one: Breach) -> None:
    await transaction.execute(insert(table).values(**asdict(one)))


async def change(transaction: Transaction, table: Table, breach_id: UUID, **facts: Any) -> None:
    await transaction.execute(update(table).where(table.c.breach_id == breach_id).values(**facts))


async def count_overdue(transaction: Transaction, table: Table, now: datetime) -> int:
    """Whose 72 hours are over while somebody was not told."""
    row = table.c
    asked = (
        select(func.count())
        .select_from(table)
        .where(
            row.closed_at.is_(None),
            row.found_at < now - TELL_WITHIN,
            or_(row.authority_told_at.is_(None), row.subjects_told_at.is_(None)),
        )
    )
    return int(await transaction.scalar(asked) or 0)
