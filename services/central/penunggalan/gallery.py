"""Queries of the gallery: rows in one gapless order, and the ticket that keeps it.

The head's lock is the ticket to search and append. Whoever holds it has seen every iris before its
own, so of two recordings of one person the second always finds the first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    insert,
    select,
    update,
)

from services.central.penunggalan.iris.keeping import bare, opened, sealed
from services.central.penunggalan.iris.matcher import Row, shard_of
from services.central.tables import gallery, gallery_head
from shared.database.engine import Columns, Transaction, rows_of
from shared.iris_keys import NO_KEYS, GalleryKeys

PERSON, OPERATOR, REMOVED = "person", "operator", "removed"

_COLUMNS: Columns = {
    "shard": SmallInteger(),
    "pos": BigInteger(),
    "kind": Text(),
    "recording_id": Uuid(),
    "region_code": Text(),
    "nik": BigInteger(),
    "irises": LargeBinary(),
    "key_id": Text(),
}
_rows = rows_of("rows", _COLUMNS)
_APPEND = insert(gallery).from_select(
    [*_COLUMNS, "added_at"],
    select(
        *(_rows.c[name] for name in _COLUMNS),
        bindparam("now", type_=DateTime(timezone=True)),
    ),
)


async def head(transaction: Transaction) -> int:
    """The last position committed."""
    return int(await transaction.scalar(select(gallery_head.c.last_pos)) or 0)


async def lock_head(transaction: Transaction) -> int:
    """Take the ticket; gives the last position. Held until the transaction ends."""
    found = await transaction.execute(select(gallery_head.c.last_pos).with_for_update())
    return int(found.scalar_one())


async def rows_between(
    transaction: Transaction, after: int, upto: int, keys: GalleryKeys
) -> list[Row]:
    """Rows after one position and up to another, in order. Raises NotOpened."""
    if after >= upto:
        return []
    rows = await transaction.execute(
        select(gallery).where(gallery.c.pos.between(after + 1, upto)).order_by(gallery.c.pos)
    )
    return [opened(one, keys) for one in rows]


async def rows_of_recordings(
    transaction: Transaction, recording_ids: Sequence[UUID], keys: GalleryKeys
) -> dict[UUID, Row]:
    """What the gallery holds of these recordings, where nothing was removed. Raises NotOpened."""
    found = await _standing(transaction, recording_ids)
    return {one: opened(row, keys) for one, row in found.items()}


async def known(transaction: Transaction, recording_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The same without their irises."""
    found = await _standing(transaction, recording_ids)
    return {one: bare(row) for one, row in found.items()}


async def _standing(transaction: Transaction, recording_ids: Sequence[UUID]) -> dict[UUID, Any]:
    if not recording_ids:
        return {}
    rows = await transaction.execute(
        select(gallery)
        .where(
            gallery.c.shard == any_(bindparam("shards", type_=ARRAY(SmallInteger))),
            gallery.c.recording_id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        )
        .order_by(gallery.c.pos),
        {
            "shards": sorted({shard_of(one) for one in recording_ids}),
            "ids": list(recording_ids),
        },
    )
    found: dict[UUID, Any] = {}
    for row in rows:
        if row.kind == REMOVED:
            found.pop(row.recording_id, None)
        else:
            found[row.recording_id] = row
    return found


async def append(
    transaction: Transaction, rows: Sequence[Row], now: datetime, keys: GalleryKeys
) -> None:
    """Write rows whose positions follow the head. Call it with the ticket in hand."""
    if not rows:
        return
    kept = [sealed(one, keys) for one in rows]
    await transaction.execute(
        _APPEND,
        {
            "shard": [shard_of(one.recording_id) for one in rows],
            "pos": [one.position for one in rows],
            "kind": [one.kind for one in rows],
            "recording_id": [one.recording_id for one in rows],
            "region_code": [one.region for one in rows],
            "nik": [one.nik for one in rows],
            "irises": [one.irises for one in kept],
            "key_id": [one.kid for one in kept],
            "now": now,
        },
    )
    await transaction.execute(update(gallery_head).values(last_pos=rows[-1].position))


async def enter_operator(
    transaction: Transaction,
    region: str,
    entry_id: UUID,
    irises: bytes,
    now: datetime,
    *,
    keys: GalleryKeys,
) -> None:
    """An officer's irises, as they were taken: who carries them in a recording is looked at."""
    position = await lock_head(transaction) + 1
    row = Row(position, OPERATOR, entry_id, region, None, keys.protected(irises))
    await append(transaction, [row], now, keys)


async def remove(transaction: Transaction, recording_ids: Sequence[UUID], now: datetime) -> int:
    """Take recordings (or operators' entries) out from here on; gives how many were in."""
    if not recording_ids:
        return 0
    position = await lock_head(transaction)
    standing = await known(transaction, recording_ids)
    ended = [
        Row(position + place, REMOVED, one.recording_id, one.region, one.nik, b"")
        for place, one in enumerate(standing.values(), 1)
    ]
    # Nothing of an iris is in them, so no key is needed.
    await append(transaction, ended, now, NO_KEYS)
    return len(ended)


async def erase(transaction: Transaction, recording_ids: Sequence[UUID], now: datetime) -> None:
    """Take recordings out, and their irises out of every row; that they were there stays.

    What is in memory is found by no search from here on, and gone at the next start.
    """
    if not recording_ids:
        return
    await remove(transaction, recording_ids, now)
    await transaction.execute(
        update(gallery)
        .where(
            gallery.c.shard.in_(sorted({shard_of(one) for one in recording_ids})),
            gallery.c.recording_id.in_(recording_ids),
        )
        .values(irises=None, key_id=None)
    )


async def size(transaction: Transaction) -> int:
    """Recordings in the gallery, removed ones not counted."""
    counted = await transaction.execute(
        select(gallery.c.kind, func.count()).group_by(gallery.c.kind)
    )
    by_kind = {row[0]: int(row[1]) for row in counted}
    return by_kind.get(PERSON, 0) + by_kind.get(OPERATOR, 0) - by_kind.get(REMOVED, 0)
