"""Publish: give entries their positions and write them, as the last act of a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from services.central.tables import feed, feed_head
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry before it has its pos; `body` is what the region will read."""

    kind: str
    recording_id: UUID
    outcome: str | None
    body: bytes


async def publish(
    transaction: Transaction, region: str, entries: Sequence[NewEntry], now: datetime
) -> int:
    """Append entries in this order; gives the region's last pos.

    Call it last: the counter row stays locked until the commit, so commit order is position order.
    """
    last_pos = int(
        (
            await transaction.execute(
                update(feed_head)
                .where(feed_head.c.region_code == region)
                .values(last_pos=feed_head.c.last_pos + len(entries))
                .returning(feed_head.c.last_pos)
            )
        ).scalar_one()
    )
    first_pos = last_pos - len(entries) + 1
    if entries:
        await transaction.execute(
            insert(feed),
            [
                {
                    "region_code": region,
                    "pos": pos,
                    "kind": entry.kind,
                    "recording_id": entry.recording_id,
                    "outcome": entry.outcome,
                    "written_at": now,
                    "body": entry.body,
                }
                for pos, entry in enumerate(entries, first_pos)
            ],
        )
    return last_pos


async def last_pos(transaction: Transaction, region: str) -> int:
    found = await transaction.scalar(
        select(feed_head.c.last_pos).where(feed_head.c.region_code == region)
    )
    return int(found or 0)


async def page_after(
    transaction: Transaction, region: str, after: int, entries_max: int
) -> list[tuple[int, bytes]]:
    """Entries after a position, in order, as they were written."""
    rows = await transaction.execute(
        select(feed.c.pos, feed.c.body)
        .where(feed.c.region_code == region, feed.c.pos > after)
        .order_by(feed.c.pos)
        .limit(entries_max)
    )
    return [(row.pos, row.body) for row in rows]
