"""Put the gallery's rows under the newest key, some at a time; killed anywhere, it goes on.

A row says which key it is under, and whoever reads it changes it to the key it works under itself.
So searches go on meanwhile, and none of them ever compares irises under two keys.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    SmallInteger,
    Text,
    and_,
    func,
    select,
    update,
)

from services.central.penunggalan import probing, search, store
from services.central.penunggalan.gallery import PERSON, REMOVED
from services.central.penunggalan.iris.keeping import opened, sealed
from services.central.penunggalan.iris.matcher import SHARDS, Row
from services.central.penunggalan.probing import Probed
from services.central.penunggalan.rules import Candidate
from services.central.settings import Irises
from services.central.tables import gallery
from shared.database.engine import Columns, Database, Transaction, rows_of
from shared.iris_keys import GalleryKeys
from shared.sealing import NotOpened

ROWS_AT_ONCE: Final = 500  # 8 KiB each
_BEGINNING: Final = 0

_COLUMNS: Columns = {
    "of_shard": SmallInteger(),
    "at": BigInteger(),
    "sealed": LargeBinary(),
    "kid": Text(),
}
_rows = rows_of("rows", _COLUMNS)
_REWRITE = (
    update(gallery)
    .where(gallery.c.shard == _rows.c.of_shard, gallery.c.pos == _rows.c.at)
    .values(irises=_rows.c.sealed, key_id=_rows.c.kid)
)


@dataclass(frozen=True, slots=True)
class Renewed:
    """renewed: rows rewritten, of which `rebuilt` from recordings. lost: opened by no key here."""

    renewed: int = 0
    rebuilt: int = 0
    lost: int = 0

    def plus(self, other: "Renewed") -> "Renewed":
        return Renewed(
            self.renewed + other.renewed, self.rebuilt + other.rebuilt, self.lost + other.lost
        )


async def renew(
    database: Database, keys: GalleryKeys, *, may_rebuild: bool, batches_max: int | None = None
) -> Renewed:
    """Put every row under the key of `keys`.

    may_rebuild: what no key opens is made anew from its recording; an officer's entry has none and
    is lost until the region enrols them again. batches_max: stop after so many, as a kill would.
    """
    told, batches = Renewed(), 0
    for shard in range(SHARDS):
        after: int | None = _BEGINNING
        while after is not None:
            if batches == batches_max:
                return told
            async with database.begin() as transaction:
                some, after = await _renew_some(transaction, keys, shard, after, may_rebuild)
            told, batches = told.plus(some), batches + 1
    return told


async def count_elsewhere(transaction: Transaction, keys: GalleryKeys) -> int:
    """Rows whose irises are not under the key of `keys`."""
    counted = select(func.count()).select_from(gallery).where(_is_elsewhere(keys))
    return int(await transaction.scalar(counted) or 0)


async def keys_in_use(transaction: Transaction) -> set[str]:
    """Every key a row is under."""
    found = await transaction.execute(
        select(gallery.c.key_id).where(gallery.c.key_id.is_not(None)).distinct()
    )
    return set(found.scalars())


async def _renew_some(
    transaction: Transaction, keys: GalleryKeys, shard: int, after: int, may_rebuild: bool
) -> tuple[Renewed, int | None]:
    """Some rows of a shard after a position; and where to go on, or None at the shard's end."""
    found = (
        await transaction.execute(
            select(gallery)
            .where(gallery.c.shard == shard, gallery.c.pos > after, _is_elsewhere(keys))
            .order_by(gallery.c.pos)
            .limit(ROWS_AT_ONCE)
            .with_for_update()
        )
    ).all()
    if not found:
        return Renewed(), None
    rows, closed = [], []
    for one in found:
        try:
            rows.append(opened(one, keys))
        except NotOpened:
            closed.append(one)
    rebuilt = await _rebuilt(transaction, closed, keys) if may_rebuild else []
    await _rewrite(transaction, shard, [*rows, *rebuilt], keys)
    renewed = Renewed(len(rows) + len(rebuilt), len(rebuilt), len(closed) - len(rebuilt))
    return renewed, int(found[-1].pos)


async def _rebuilt(
    transaction: Transaction, closed: Collection[Any], keys: GalleryKeys
) -> list[Row]:
    """The rows of people, made anew from the recordings they were made from."""
    people = {one.recording_id: one for one in closed if one.kind == PERSON}
    wanted: set[tuple[str, UUID]] = {(one.region_code, one.recording_id) for one in people.values()}
    held = await store.held_recordings(transaction, wanted)
    rows = []
    for recording_id, recording in held.items():
        probed = probing.probe_of(Candidate(0, recording), Irises.WHERE_READABLE, keys)
        if isinstance(probed, Probed):
            found = people[recording_id]
            rows.append(search.row_of(probed, found.region_code, int(found.pos)))
    return rows


async def _rewrite(
    transaction: Transaction, shard: int, rows: Sequence[Row], keys: GalleryKeys
) -> None:
    if not rows:
        return
    kept = [sealed(one, keys) for one in rows]
    await transaction.execute(
        _REWRITE,
        {
            "of_shard": [shard] * len(rows),
            "at": [one.position for one in rows],
            "sealed": [one.irises for one in kept],
            "kid": [one.kid for one in kept],
        },
    )


def _is_elsewhere(keys: GalleryKeys) -> Any:
    return and_(
        gallery.c.kind != REMOVED,
        gallery.c.irises.is_not(None),
        gallery.c.key_id.is_distinct_from(keys.kid),
    )
