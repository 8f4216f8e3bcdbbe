"""Queries for an ABIS: how far it has been told, who its candidates are, what it may fetch."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    SmallInteger,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from services.central import epochs
from services.central.penunggalan import probing, search, store
from services.central.penunggalan.gallery import REMOVED
from services.central.penunggalan.iris.keeping import opened
from services.central.penunggalan.iris.matcher import SHARDS, Row, shard_of
from services.central.penunggalan.rules import Candidate
from services.central.settings import Irises
from services.central.tables import abis_mark, envelope, gallery, intake_head
from shared.database.engine import Transaction
from shared.iris_keys import NO_KEYS, GalleryKeys

_SHARDS = list(range(SHARDS))


@dataclass(frozen=True, slots=True)
class Mark:
    """What an ABIS has been told in this epoch: every row of the gallery up to a position.

    After a restore it begins anew, for the lost life may have told the ABIS other things.
    """

    epoch: int
    position: int = 0
    people: int = 0  # in the gallery there, removed ones not counted
    refused: frozenset[UUID] = frozenset()  # of these: too poor for the ABIS, compared here
    times_begun: int = 0  # anew, because the ABIS had forgotten

    @property
    def held(self) -> int:
        """How many the ABIS must hold, at least."""
        return self.people - len(self.refused)


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the gallery without its irises."""

    position: int
    is_removal: bool
    recording_id: UUID
    is_erased: bool = False  # there are no irises to be told of


async def mark_of(transaction: Transaction, abis: str) -> Mark:
    epoch = await epochs.current(transaction)
    row = (
        await transaction.execute(
            select(abis_mark).where(abis_mark.c.abis == abis, abis_mark.c.epoch == epoch)
        )
    ).one_or_none()
    if row is None:
        return Mark(epoch)
    refused = frozenset(row.refused)
    return Mark(epoch, int(row.position), int(row.people), refused, row.times_begun or 0)


async def move_mark(transaction: Transaction, abis: str, before: Mark, after: Mark) -> bool:
    """False where somebody else has moved it meanwhile: what they told stands."""
    values = {
        "position": after.position,
        "people": after.people,
        "refused": sorted(after.refused),
        "times_begun": after.times_begun,
    }
    moved = await transaction.execute(
        insert(abis_mark)
        .values(abis=abis, epoch=before.epoch, **values)
        .on_conflict_do_update(
            index_elements=["abis", "epoch"],
            set_=values,
            where=and_(
                abis_mark.c.position == before.position,
                func.coalesce(abis_mark.c.times_begun, 0) == before.times_begun,
            ),
        )
        .returning(abis_mark.c.position)
    )
    return moved.one_or_none() is not None


async def changes_between(transaction: Transaction, after: int, upto: int) -> list[Change]:
    """The gallery's rows after one position and up to another, in order."""
    rows = await transaction.execute(
        select(
            gallery.c.pos,
            gallery.c.kind,
            gallery.c.recording_id,
            gallery.c.irises.is_(None).label("is_erased"),
        )
        .where(
            gallery.c.shard == any_(bindparam("shards", _SHARDS, type_=ARRAY(SmallInteger))),
            gallery.c.pos > after,
            gallery.c.pos <= upto,
        )
        .order_by(gallery.c.pos)
    )
    return [
        Change(int(one.pos), one.kind == REMOVED, one.recording_id, one.is_erased) for one in rows
    ]


async def growth_between(transaction: Transaction, after: int, upto: int) -> int:
    """How many more are in the gallery at `upto` than at `after`."""
    step = case((gallery.c.kind == REMOVED, -1), else_=1)
    grown = await transaction.scalar(
        select(func.coalesce(func.sum(step), 0)).where(
            gallery.c.shard == any_(bindparam("shards", _SHARDS, type_=ARRAY(SmallInteger))),
            gallery.c.pos > after,
            gallery.c.pos <= upto,
        )
    )
    return int(grown or 0)


async def people_at(
    transaction: Transaction, recording_ids: Collection[UUID], position: int, keys: GalleryKeys
) -> dict[UUID, Row | None]:
    """Who of these is in the gallery at this position; None: only before it, or only after it.

    Raises NotOpened.
    """
    known: dict[UUID, Row | None] = {}
    if not recording_ids:
        return known
    ids = sorted(recording_ids)
    rows = await transaction.execute(
        select(gallery)
        .where(
            gallery.c.shard == any_(bindparam("shards", type_=ARRAY(SmallInteger))),
            gallery.c.recording_id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        )
        .order_by(gallery.c.pos),
        {"shards": sorted({shard_of(one) for one in ids}), "ids": ids},
    )
    for row in rows:
        if row.pos > position:
            known.setdefault(row.recording_id, None)
        elif row.kind == REMOVED:
            known[row.recording_id] = None
        else:
            known[row.recording_id] = opened(row, keys)
    return known


async def received(transaction: Transaction, recording_ids: Collection[UUID]) -> set[UUID]:
    """Which of these came to the centre at all, in the gallery or not."""
    return {one for _, one in await _homes(transaction, recording_ids)}


async def irises_of(
    transaction: Transaction, recording_id: UUID, keys: GalleryKeys
) -> bytes | None:
    """What an ABIS may fetch of a recording: from the gallery, or before it is entered.

    The eyes as they were taken: an ABIS of somebody else's knows nothing of our key.

    Also of one that was removed later: an ABIS is told of all rows in their order, of the removal
    too, and could not come past a row that it may not fetch.
    """
    entered = (
        await transaction.execute(
            select(gallery)
            .where(
                gallery.c.shard == shard_of(recording_id),
                gallery.c.recording_id == recording_id,
                gallery.c.kind != REMOVED,
            )
            .order_by(gallery.c.pos.desc())
            .limit(1)
        )
    ).one_or_none()
    if entered is not None:
        irises = opened(entered, keys).irises
        return keys.original(irises) if irises else None
    held = await store.held_recordings(transaction, await _homes(transaction, [recording_id]))
    recording = held.get(recording_id)
    if recording is None:
        return None
    probed = probing.probe_of(Candidate(0, recording), Irises.REQUIRED, NO_KEYS)
    if not isinstance(probed, probing.Probed):
        return None
    return search.row_of(probed, "", 0).irises


async def _homes(
    transaction: Transaction, recording_ids: Collection[UUID]
) -> set[tuple[str, UUID]]:
    """Where these were recorded: (region, id)."""
    if not recording_ids:
        return set()
    regions = (await transaction.execute(select(intake_head.c.region_code))).scalars()
    rows = await transaction.execute(
        select(envelope.c.region_code, envelope.c.envelope_id).where(
            # The index begins with the region: all are named, so that it is used.
            envelope.c.region_code == any_(bindparam("regions", list(regions), ARRAY(Text()))),
            envelope.c.envelope_id == any_(bindparam("ids", list(recording_ids), ARRAY(Uuid()))),
        )
    )
    return {(row.region_code, row.envelope_id) for row in rows}
