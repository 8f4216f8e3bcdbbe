"""Queries of one chain. Append last in a transaction: the head's lock is held until its commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Row, Text, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_once
from structlog.contextvars import get_contextvars

from shared.audit.entries import BEGINNING, Calls, Deed, Entry, canonical, chained, entries_of
from shared.audit.tables import AuditTables
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class Head:
    position: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry as it lies there, with the hash beside it."""

    entry: Entry
    hash: bytes


@dataclass(frozen=True, slots=True)
class Ledger:
    """One chain in one service's tables."""

    chain: str
    tables: AuditTables

    async def append(
        self, transaction: Transaction, who: Calls, deeds: Sequence[Deed], now: datetime
    ) -> int:
        """Append in this order; gives the position of the last. Call it last before the commit."""
        head = await self._lock(transaction)
        trace = get_contextvars().get("trace_id")
        hashed, rows = head.hash, []
        for entry in entries_of(who, deeds, head.position, now, trace):
            hashed = chained(hashed, canonical(self.chain, entry))
            rows.append(_row(self.chain, entry, hashed))
        if not rows:
            return head.position
        last = head.position + len(rows)
        await transaction.execute(insert(self.tables.entry), rows)
        await transaction.execute(
            update(self.tables.head)
            .where(self.tables.head.c.chain == self.chain)
            .values(last_position=last, last_hash=hashed)
        )
        return last

    async def head(self, transaction: Transaction) -> Head:
        """As the head's row says; of nothing, before the first entry."""
        table = self.tables.head
        row = (
            await transaction.execute(select(table).where(table.c.chain == self.chain))
        ).one_or_none()
        return Head(row.last_position, bytes(row.last_hash)) if row else Head(0, BEGINNING)

    async def after(self, transaction: Transaction, position: int, limit: int) -> list[Kept]:
        """Entries after a position, in order; there may be holes where somebody made them."""
        table = self.tables.entry
        rows = await transaction.execute(
            select(table)
            .where(table.c.chain == self.chain, table.c.position > position)
            .order_by(table.c.position)
            .limit(limit)
        )
        return [kept_of(row) for row in rows]

    async def naming(
        self, transaction: Transaction, subjects: Sequence[str], limit: int
    ) -> list[Kept]:
        """The latest entries that name one of these subjects, newest first."""
        table = self.tables.entry
        wanted = bindparam("wanted", list(subjects), type_=ARRAY(Text))
        rows = await transaction.execute(
            select(table)
            .where(table.c.chain == self.chain, table.c.subjects.bool_op("&&")(wanted))
            .order_by(table.c.position.desc())
            .limit(limit)
        )
        return [kept_of(row) for row in rows]

    async def _lock(self, transaction: Transaction) -> Head:
        table = self.tables.head
        locked = select(table).where(table.c.chain == self.chain).with_for_update()
        row = (await transaction.execute(locked)).one_or_none()
        if row is None:  # the very first entry
            await transaction.execute(
                insert_once(table)
                .values(chain=self.chain, last_position=0, last_hash=BEGINNING)
                .on_conflict_do_nothing()
            )
            row = (await transaction.execute(locked)).one()
        return Head(row.last_position, bytes(row.last_hash))


def _row(chain: str, entry: Entry, hashed: bytes) -> dict[str, Any]:
    return {
        "chain": chain,
        "position": entry.position,
        "at": entry.at,
        "actor": entry.actor,
        "roles": list(entry.roles),
        "region": entry.region,
        "act": entry.act,
        "purpose": entry.purpose,
        "subjects": list(entry.subjects),
        "detail": entry.detail,
        "trace": entry.trace,
        "hash": hashed,
    }


def kept_of(row: Row[Any]) -> Kept:
    return Kept(
        Entry(
            position=row.position,
            at=row.at,
            actor=row.actor,
            roles=tuple(row.roles),
            region=row.region,
            act=row.act,
            purpose=row.purpose,
            subjects=tuple(row.subjects),
            detail=row.detail,
            trace=row.trace,
        ),
        bytes(row.hash),
    )
