"""The rows of the table `gallery`, read for a gallery in memory."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from sqlalchemy import ARRAY, SmallInteger, any_, bindparam, select

from services.central.penunggalan.iris.matcher import SHARDS
from services.central.tables import gallery
from shared.database.engine import Database

ROWS_AT_ONCE = 1_000  # 8 KiB each

_BETWEEN = (
    select(
        gallery.c.pos,
        gallery.c.kind,
        gallery.c.recording_id,
        gallery.c.region_code,
        gallery.c.nik,
        gallery.c.irises,
        gallery.c.key_id,
    )
    .where(
        # The key begins with the shard: all of them are named, so that it is used.
        gallery.c.shard == any_(bindparam("shards", type_=ARRAY(SmallInteger))),
        gallery.c.pos > bindparam("after"),
        gallery.c.pos <= bindparam("upto"),
    )
    .order_by(gallery.c.pos)
)


async def rows_after(
    database: Database, shards: Collection[int], after: int, upto: int
) -> AsyncIterator[Sequence[Any]]:
    """Rows of some shards after one position up to another, in order, some at a time, sealed.

    Each part is read in a transaction of its own: rows only ever come after the last.
    """
    step = ROWS_AT_ONCE * SHARDS // max(len(shards), 1)
    for start in range(after, upto, step):
        async with database.begin() as transaction:
            found = await transaction.execute(
                _BETWEEN,
                {"shards": sorted(shards), "after": start, "upto": min(start + step, upto)},
            )
            yield found.all()
