"""The centre's epoch and its barrier: nothing is settled until every region is heard again.

Raising takes the lock of every region's settled row, and settling holds its own: whoever settles
after the raise sees it, and whoever settled before it had ended.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, insert, select, update
from sqlalchemy.sql.selectable import ScalarSelect

from services.central.tables import incarnation, region_life, resync, settled_head
from shared.database.engine import Transaction
from shared.refusals import DatabaseUnavailable

SETTLED_BY_ITSELF = "the centre"


@dataclass(frozen=True, slots=True)
class Standing:
    """How things are for one region in the present epoch."""

    epoch: int
    is_barred: bool  # some region is awaited: no fresh permission leaves
    is_open: bool  # this region has not handed back what it holds
    is_waived: bool
    is_rebuilding: bool  # of what regions handed back some is not settled again yet
    witnessed_seq: int  # up to here its recordings may have been decided in a lost life

    @property
    def may_settle(self) -> bool:
        return not self.is_barred and not self.is_open


def _newest() -> ScalarSelect[int]:
    return select(func.max(incarnation.c.epoch)).scalar_subquery()


def _is_awaited() -> ColumnElement[bool]:
    return and_(
        resync.c.epoch == _newest(), resync.c.synced_at.is_(None), resync.c.waived_at.is_(None)
    )


async def current(transaction: Transaction) -> int:
    """The epoch in which the centre speaks now: whoever answers reads it in its transaction.

    Refuses: DatabaseUnavailable, while the centre starts for the first time.
    """
    epoch = await transaction.scalar(select(func.max(incarnation.c.epoch)))
    return _begun(epoch)


def _begun(epoch: int | None) -> int:
    """Before the first epoch was written down there is nothing to say to anybody."""
    if epoch is None:
        raise DatabaseUnavailable("The centre is starting.")
    return int(epoch)


async def is_barred(transaction: Transaction) -> bool:
    return bool(await transaction.scalar(select(exists().where(_is_awaited()))))


def _is_rebuilding() -> ColumnElement[bool]:
    """Irises come back with recordings, later than permissions: until then a search sees gaps."""
    return exists().where(
        resync.c.region_code == settled_head.c.region_code,
        settled_head.c.settled_seq < resync.c.witnessed_seq,
    )


async def standing(transaction: Transaction, region: str) -> Standing:
    own = resync.c.region_code == region
    open_still = and_(own, resync.c.epoch == _newest(), resync.c.synced_at.is_(None))
    row = (
        await transaction.execute(
            select(
                _newest().label("epoch"),
                exists().where(_is_awaited()).label("is_barred"),
                exists().where(open_still).label("is_open"),
                exists().where(open_still, resync.c.waived_at.is_not(None)).label("is_waived"),
                _is_rebuilding().label("is_rebuilding"),
                select(func.coalesce(func.max(resync.c.witnessed_seq), 0))
                .where(own)
                .scalar_subquery()
                .label("witnessed_seq"),
            )
        )
    ).one()
    return Standing(
        _begun(row.epoch),
        row.is_barred,
        row.is_open,
        row.is_waived,
        row.is_rebuilding,
        row.witnessed_seq,
    )


async def raise_to(
    transaction: Transaction, after: int, officer: str, reason: str, now: datetime
) -> int | None:
    """Begin the epoch after `after` and await every enrolled region; gives the new epoch.

    None when the present epoch is another already: somebody raised it first.
    """
    codes = list(
        await transaction.scalars(
            select(settled_head.c.region_code)
            .order_by(settled_head.c.region_code)
            .with_for_update()
        )
    )
    if await current(transaction) != after:
        return None
    epoch = after + 1
    await transaction.execute(
        insert(incarnation).values(epoch=epoch, began_at=now, officer=officer, reason=reason)
    )
    if codes:
        await transaction.execute(
            insert(resync),
            [
                {
                    "epoch": epoch,
                    "region_code": code,
                    "awaiting_since": now,
                    "witnessed_seq": 0,
                    "compared_pos": 0,
                }
                for code in codes
            ],
        )
    # Which start of a server speaks for a region may be among what was lost: each says it again.
    await transaction.execute(
        update(region_life).where(region_life.c.ended_at.is_(None)).values(ended_at=now)
    )
    return epoch
