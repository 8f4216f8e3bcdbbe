"""What removes rows past their time: found, done outside if need be, then removed or emptied."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, delete, func, select, tuple_, update

from shared.database.engine import Transaction
from shared.retention.terms import Term

Condition = Callable[[datetime], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Sweep:
    """Rows of one table that one term ends.

    is_past: the rows whose time ended before a moment; rows already emptied are not among them.
    emptied: given, the rows stay and get these values; else they are deleted.
    """

    term: Term
    table: Table
    is_past: Condition
    emptied: Callable[[datetime], Mapping[str, Any]] | None = None

    async def count(self, transaction: Transaction, before: datetime) -> int:
        asked = select(func.count()).select_from(self.table).where(self.is_past(before))
        return int(await transaction.scalar(asked) or 0)

    async def find(
        self, transaction: Transaction, before: datetime, limit: int
    ) -> Sequence[Row[Any]]:
        """Keys of rows past their time, at most `limit`."""
        key = self.table.primary_key.columns
        rows = await transaction.execute(select(*key).where(self.is_past(before)).limit(limit))
        return rows.all()

    async def outside(self, found: Sequence[Row[Any]]) -> None:
        """What has to be done before the rows say it was, outside any transaction."""

    async def finish(
        self, transaction: Transaction, found: Sequence[Row[Any]], before: datetime, now: datetime
    ) -> int:
        """Remove or empty them, whichever are still past their time; gives how many."""
        key = self.table.primary_key.columns
        these = tuple_(*key).in_([tuple(row) for row in found])
        here = these & self.is_past(before)
        if self.emptied is None:
            done = await transaction.execute(delete(self.table).where(here))
        else:
            done = await transaction.execute(
                update(self.table).where(here).values(**self.emptied(now))
            )
        return done.rowcount
