"""Publish: give entries their positions and write them, as the last act of a transaction."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    LargeBinary,
    Text,
    Uuid,
    any_,
    bindparam,
    insert,
    literal_column,
    select,
    update,
)

from services.central.journey.entries import DECISION, NewEntry
from services.central.tables import feed, feed_head
from shared.database.engine import Columns, Transaction, rows_of

_COLUMNS: Columns = {
    "kind": Text(),
    "recording_id": Uuid(),
    "outcome": Text(),
    "body": LargeBinary(),
}
_entries = rows_of("entries", _COLUMNS)
# All rows are one region's, so on Citus they go to one shard: there, too, this is one statement.
_SAVE = insert(feed).from_select(
    ["region_code", "pos", *_COLUMNS, "written_at"],
    select(
        bindparam("region", type_=Text),
        bindparam("first_pos", type_=BigInteger) + literal_column("entries.ord") - 1,
        *(_entries.c[name] for name in _COLUMNS),
        bindparam("written_at", type_=DateTime(timezone=True)),
    ),
)


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
            _SAVE,
            {
                "region": region,
                "first_pos": first_pos,
                "written_at": now,
                "kind": [entry.kind for entry in entries],
                "recording_id": [entry.recording_id for entry in entries],
                "outcome": [entry.outcome for entry in entries],
                "body": [entry.body for entry in entries],
            },
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


async def lock_head(transaction: Transaction, region: str) -> int:
    """The last pos, locked until commit: nobody publishes meanwhile."""
    return int(
        await transaction.scalar(
            select(feed_head.c.last_pos).where(feed_head.c.region_code == region).with_for_update()
        )
        or 0
    )


async def bodies_between(
    transaction: Transaction, region: str, first_pos: int, last_pos: int
) -> dict[int, bytes]:
    rows = await transaction.execute(
        select(feed.c.pos, feed.c.body).where(
            feed.c.region_code == region, feed.c.pos.between(first_pos, last_pos)
        )
    )
    return {row.pos: bytes(row.body) for row in rows}


async def decided_among(
    transaction: Transaction, region: str, recording_ids: Sequence[UUID]
) -> dict[UUID, bytes]:
    """The newest decision's body of those recordings that have one."""
    rows = await transaction.execute(
        select(feed.c.recording_id, feed.c.body)
        .where(
            feed.c.region_code == region,
            feed.c.recording_id == any_(bindparam("ids", recording_ids, type_=ARRAY(Uuid()))),
            feed.c.kind == DECISION,
        )
        .order_by(feed.c.pos)
    )
    return {row.recording_id: bytes(row.body) for row in rows}
