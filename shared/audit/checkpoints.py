"""Queries of checkpoints and witnesses, and the making of a checkpoint; the same on both sides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from shared.audit.entries import BEGINNING, canonical, chained
from shared.audit.ledger import Ledger
from shared.audit.merkle import HASH_BYTES, Frontier, consistency_proof, leaf_hash
from shared.audit.witnessing import GRAVE, Doubt, Mark
from shared.database.engine import Transaction

PAGE_ENTRIES = 2_000
ENTRIES_MAX = 50_000
_DOUBTED = "#"
Sign = Callable[[int, int, bytes], str]  # epoch, size, root -> JWS


class ChainBroken(Exception):
    """What came since the last checkpoint does not hang together: nothing is signed over it."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


@dataclass(frozen=True, slots=True)
class Made:
    """A checkpoint as it lies there."""

    mark: Mark
    frontier: bytes
    previous_size: int
    proof: tuple[bytes, ...]
    jws: str


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Checkpoints of a ledger's own chain."""

    ledger: Ledger

    async def last(self, transaction: Transaction) -> Made | None:
        table = self.ledger.tables.checkpoint
        row = (
            await transaction.execute(
                select(table)
                .where(table.c.chain == self.ledger.chain)
                .order_by(table.c.epoch.desc(), table.c.size.desc())
                .limit(1)
            )
        ).one_or_none()
        return _made(row) if row else None

    async def after(
        self, transaction: Transaction, epoch: int, size: int, limit: int
    ) -> list[Made]:
        table = self.ledger.tables.checkpoint
        rows = await transaction.execute(
            select(table)
            .where(
                table.c.chain == self.ledger.chain,
                or_(table.c.epoch > epoch, (table.c.epoch == epoch) & (table.c.size > size)),
            )
            .order_by(table.c.epoch, table.c.size)
            .limit(limit)
        )
        return [_made(row) for row in rows]

    async def at(self, transaction: Transaction, epoch: int, size: int) -> Made | None:
        table = self.ledger.tables.checkpoint
        row = (
            await transaction.execute(
                select(table).where(
                    table.c.chain == self.ledger.chain,
                    table.c.epoch == epoch,
                    table.c.size == size,
                )
            )
        ).one_or_none()
        return _made(row) if row else None

    async def make(
        self, transaction: Transaction, epoch: int, sign: Sign, now: datetime
    ) -> Made | None:
        """Sign what came since the last one, at most ENTRIES_MAX; None when nothing did.

        Raises ChainBroken: over a chain that does not hang together nobody signs.
        """
        last = await self.last(transaction)
        size = last.mark.size if last else 0
        frontier = Frontier.of(size, last.frontier) if last else Frontier()
        leaves = await self._leaves_after(transaction, size)
        if not leaves and last is not None and last.mark.epoch == epoch:
            return None
        proof = consistency_proof(frontier, leaves)
        frontier.extend(leaves)
        mark = Mark(epoch, frontier.size, frontier.root())
        made = Made(
            mark, frontier.to_bytes(), size, tuple(proof), sign(epoch, mark.size, mark.root)
        )
        table = self.ledger.tables.checkpoint
        inserted = await transaction.execute(
            insert(table)
            .values(
                chain=self.ledger.chain,
                epoch=epoch,
                size=mark.size,
                root=mark.root,
                frontier=made.frontier,
                previous_size=size,
                proof=b"".join(proof),
                jws=made.jws,
                made_at=now,
            )
            .on_conflict_do_nothing()
        )
        return made if inserted.rowcount else None

    async def _leaves_after(self, transaction: Transaction, size: int) -> list[bytes]:
        before = await self.ledger.after(transaction, size - 1, 1) if size else []
        if size and (not before or before[0].entry.position != size):
            raise ChainBroken(size)
        hashed = before[0].hash if before else BEGINNING
        leaves: list[bytes] = []
        while len(leaves) < ENTRIES_MAX:
            at = size + len(leaves)
            found = await self.ledger.after(transaction, at, PAGE_ENTRIES)
            for position, one in enumerate(found, at + 1):
                written = canonical(self.ledger.chain, one.entry)
                hashed = chained(hashed, written)
                if one.entry.position != position or one.hash != hashed:
                    raise ChainBroken(position)
                leaves.append(leaf_hash(written))
            if len(found) < PAGE_ENTRIES:
                break
        return leaves


def _made(row: Row[Any]) -> Made:
    raw = bytes(row.proof)
    return Made(
        Mark(row.epoch, row.size, bytes(row.root)),
        bytes(row.frontier),
        row.previous_size,
        tuple(raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)),
        row.jws,
    )


@dataclass(frozen=True, slots=True)
class Testimony:
    """One checkpoint of somebody else's chain that is kept, and why it is doubted."""

    mark: Mark
    jws: str
    doubt: Doubt | None
    told_by: str
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class Witness:
    """Checkpoints of the chain `chain` as somebody told them, in the ledger's database."""

    ledger: Ledger
    chain: str

    async def keep(
        self,
        transaction: Transaction,
        told_by: str,
        mark: Mark,
        jws: str,
        doubt: Doubt | None,
        now: datetime,
    ) -> bool:
        """Once each; gives whether it is new."""
        inserted = await transaction.execute(
            insert(self.ledger.tables.witness)
            .values(
                chain=self.chain,
                told_by=_teller(told_by, doubt),
                epoch=mark.epoch,
                size=mark.size,
                root=mark.root,
                jws=jws,
                doubt=doubt,
                kept_at=now,
            )
            .on_conflict_do_nothing()
        )
        return bool(inserted.rowcount)

    async def last(self, transaction: Transaction, told_by: str) -> Testimony | None:
        """The newest that is believed: without a doubt, or gone on from after a restore."""
        table = self.ledger.tables.witness
        row = (
            await transaction.execute(
                select(table)
                .where(
                    table.c.chain == self.chain,
                    table.c.told_by.in_([told_by, _teller(told_by, Doubt.RESTORED)]),
                )
                .order_by(table.c.epoch.desc(), table.c.size.desc())
                .limit(1)
            )
        ).one_or_none()
        return _testimony(row) if row else None

    async def doubts(self, transaction: Transaction, limit: int = 50) -> Sequence[Testimony]:
        """The newest first."""
        table = self.ledger.tables.witness
        rows = await transaction.execute(
            select(table)
            .where(table.c.chain == self.chain, table.c.doubt.is_not(None))
            .order_by(table.c.kept_at.desc())
            .limit(limit)
        )
        return [_testimony(row) for row in rows]

    async def count_grave(self, transaction: Transaction) -> int:
        table = self.ledger.tables.witness
        found = await transaction.scalar(
            select(func.count())
            .select_from(table)
            .where(table.c.chain == self.chain, table.c.doubt.in_([one.value for one in GRAVE]))
        )
        return int(found or 0)


def _teller(told_by: str, doubt: Doubt | None) -> str:
    """A mark that was believed once may be doubted later: both stay, each a row of its own."""
    return f"{told_by}{_DOUBTED}{doubt}" if doubt else told_by


def _testimony(row: Row[Any]) -> Testimony:
    return Testimony(
        Mark(row.epoch, row.size, bytes(row.root)),
        row.jws,
        Doubt(row.doubt) if row.doubt else None,
        row.told_by.partition(_DOUBTED)[0],
        row.kept_at,
    )
