"""Queries of what is awaited, what is put back, and what stands in its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.central.resync.displaced import Entry
from services.central.resync.rules import Return
from services.central.tables import (
    contested,
    displaced_entry,
    duplicate,
    feed,
    feed_head,
    incarnation,
    intake_head,
    registry,
    resync,
    settled_head,
)
from shared.contracts.feed import Rival
from shared.database.engine import Transaction


async def lock_settled(transaction: Transaction, region: str) -> bool:
    """The lock a settler takes first, so that both take theirs in one order; False: no region."""
    found = await transaction.scalar(
        select(settled_head.c.settled_seq)
        .where(settled_head.c.region_code == region)
        .with_for_update()
    )
    return found is not None


async def accepted_seq(transaction: Transaction, region: str) -> int:
    found = await transaction.scalar(
        select(intake_head.c.accepted_seq).where(intake_head.c.region_code == region)
    )
    return int(found or 0)


async def witness_seq(transaction: Transaction, region: str, epoch: int, seq: int) -> None:
    await transaction.execute(
        update(resync)
        .where(resync.c.region_code == region, resync.c.epoch == epoch)
        .values(witnessed_seq=func.greatest(resync.c.witnessed_seq, seq))
    )


async def compared_pos(transaction: Transaction, region: str, epoch: int) -> int:
    found = await transaction.scalar(
        select(resync.c.compared_pos).where(resync.c.region_code == region, resync.c.epoch == epoch)
    )
    return int(found or 0)


async def save_compared(transaction: Transaction, region: str, epoch: int, pos: int) -> None:
    await transaction.execute(
        update(resync)
        .where(resync.c.region_code == region, resync.c.epoch == epoch)
        .values(compared_pos=func.greatest(resync.c.compared_pos, pos))
    )


async def displace(transaction: Transaction, region: str, epoch: int, from_pos: int) -> None:
    """Take the feed's tail out and keep it: the region applied others in its place."""
    tail = [feed.c.region_code == region, feed.c.pos >= from_pos]
    await transaction.execute(
        insert(displaced_entry)
        .from_select(
            [
                "region_code",
                "epoch",
                "pos",
                "kind",
                "recording_id",
                "outcome",
                "written_at",
                "body",
            ],
            select(
                feed.c.region_code,
                literal(epoch),
                feed.c.pos,
                feed.c.kind,
                feed.c.recording_id,
                feed.c.outcome,
                feed.c.written_at,
                feed.c.body,
            ).where(*tail),
        )
        .on_conflict_do_nothing()
    )
    await transaction.execute(delete(feed).where(*tail))
    await transaction.execute(
        update(feed_head).where(feed_head.c.region_code == region).values(last_pos=from_pos - 1)
    )


async def displaced(
    transaction: Transaction, region: str, epoch: int
) -> Sequence[Row[Any, Any, Any, Any, Any]]:
    rows = await transaction.execute(
        select(
            displaced_entry.c.pos,
            displaced_entry.c.kind,
            displaced_entry.c.recording_id,
            displaced_entry.c.outcome,
            displaced_entry.c.body,
        )
        .where(
            displaced_entry.c.region_code == region,
            displaced_entry.c.epoch == epoch,
            displaced_entry.c.published_again.is_(None),
        )
        .order_by(displaced_entry.c.pos)
    )
    return rows.all()


async def mark_displaced(
    transaction: Transaction, region: str, epoch: int, published: Sequence[int]
) -> None:
    await transaction.execute(
        update(displaced_entry)
        .where(displaced_entry.c.region_code == region, displaced_entry.c.epoch == epoch)
        .values(published_again=displaced_entry.c.pos.in_(published))
    )


async def told_since(
    transaction: Transaction, region: str, recording_ids: Sequence[UUID], from_pos: int
) -> list[Entry]:
    """The feed's entries about these recordings from a pos on, in order."""
    rows = await transaction.execute(
        select(feed.c.kind, feed.c.recording_id, feed.c.outcome, feed.c.body)
        .where(
            feed.c.region_code == region,
            feed.c.recording_id.in_(recording_ids),
            feed.c.pos >= from_pos,
        )
        .order_by(feed.c.pos)
    )
    return [Entry(row.kind, row.recording_id, row.outcome, bytes(row.body)) for row in rows]


async def enter(transaction: Transaction, region: str, returned: Sequence[Return]) -> set[UUID]:
    """Put permissions back whose NIK nobody holds; gives the recordings entered."""
    if not returned:
        return set()
    entered = await transaction.execute(
        insert(registry)
        .values(
            [
                {
                    "nik": one.nik,
                    "recording_id": one.recording_id,
                    "region_code": region,
                    # Of the capture the permission says nothing; its envelope will, when it comes.
                    "captured_at": one.admitted_at,
                    "admitted_at": one.admitted_at,
                    "authorization_id": one.authorization_id,
                    "authorization_expires_at": one.expires_at,
                    "authorizations_given": one.given,
                }
                for one in returned
            ]
        )
        .on_conflict_do_nothing()
        .returning(registry.c.recording_id)
    )
    return set(entered.scalars())


async def holders(
    transaction: Transaction, niks: Sequence[int]
) -> dict[int, tuple[UUID, str, datetime]]:
    """Who holds these NIKs: recording, region, captured at."""
    rows = await transaction.execute(
        select(
            registry.c.nik, registry.c.recording_id, registry.c.region_code, registry.c.captured_at
        )
        .where(registry.c.nik.in_(niks))
        .order_by(registry.c.nik)
        .with_for_update()
    )
    return {row.nik: (row.recording_id, row.region_code, row.captured_at) for row in rows}


async def replace(transaction: Transaction, region: str, one: Return) -> bool:
    """The permission the region holds takes the place of the one here, for the same recording.

    If the person moved, two offices hold one: the later counts. False: nothing is changed.
    """
    changed = await transaction.execute(
        update(registry)
        .where(
            registry.c.nik == one.nik,
            registry.c.recording_id == one.recording_id,
            or_(
                registry.c.region_code == region,
                # Ids are in the order of their making, should two end in the same moment.
                tuple_(registry.c.authorization_expires_at, registry.c.authorization_id)
                < tuple_(literal(one.expires_at), literal(one.authorization_id)),
            ),
        )
        .values(
            region_code=region,
            authorization_id=one.authorization_id,
            authorization_expires_at=one.expires_at,
            authorizations_given=registry.c.authorizations_given + one.given,
            authorization_revoked_at=None,
        )
    )
    return changed.rowcount == 1


async def contest(
    transaction: Transaction,
    region: str,
    one: Return,
    rival: tuple[UUID, str, datetime],
    now: datetime,
) -> None:
    row = {"authorization_id": one.authorization_id}
    await transaction.execute(
        insert(contested)
        .values(
            nik=one.nik,
            recording_id=one.recording_id,
            region_code=region,
            rival_recording_id=rival[0],
            rival_region_code=rival[1],
            rival_captured_at=rival[2],
            found_at=now,
            **row,
        )
        .on_conflict_do_update(index_elements=["nik", "recording_id"], set_=row)
    )


@dataclass(frozen=True, slots=True)
class Contested:
    recording_id: UUID
    region: str
    authorization_id: UUID
    rival: Rival
    found_at: datetime
    told_at: datetime | None


async def contested_list(
    transaction: Transaction, region: str | None = None, limit: int = 500
) -> list[Contested]:
    """Oldest first; of one region: only those it was not told of yet."""
    asked = select(contested).order_by(contested.c.found_at, contested.c.recording_id).limit(limit)
    if region is not None:
        asked = asked.where(contested.c.region_code == region, contested.c.told_at.is_(None))
    return [
        Contested(
            row.recording_id,
            row.region_code,
            row.authorization_id,
            Rival(
                recording_id=row.rival_recording_id,
                region=row.rival_region_code,
                captured_at=row.rival_captured_at,
            ),
            row.found_at,
            row.told_at,
        )
        for row in await transaction.execute(asked)
    ]


async def mark_told(transaction: Transaction, region: str, now: datetime) -> None:
    await transaction.execute(
        update(contested)
        .where(contested.c.region_code == region, contested.c.told_at.is_(None))
        .values(told_at=now)
    )


async def save_synced(
    transaction: Transaction,
    region: str,
    epoch: int,
    applied_pos: int,
    acked_seq: int,
    now: datetime,
) -> None:
    await transaction.execute(
        update(resync)
        .where(resync.c.region_code == region, resync.c.epoch == epoch)
        .values(
            applied_pos=applied_pos,
            acked_seq=acked_seq,
            synced_at=now,
            witnessed_seq=func.greatest(resync.c.witnessed_seq, acked_seq),
        )
    )


async def epoch_row(transaction: Transaction, epoch: int) -> Row[Any, Any, Any, Any]:
    return (
        await transaction.execute(
            select(
                incarnation.c.epoch,
                incarnation.c.began_at,
                incarnation.c.officer,
                incarnation.c.reason,
            ).where(incarnation.c.epoch == epoch)
        )
    ).one()


async def regions_of(
    transaction: Transaction, epoch: int
) -> Sequence[Row[Any, Any, Any, Any, Any, Any, Any]]:
    rows = await transaction.execute(
        select(
            resync.c.region_code,
            resync.c.awaiting_since,
            resync.c.synced_at,
            resync.c.waiver_asked_by,
            resync.c.waived_at,
            resync.c.officer,
            resync.c.reason,
        )
        .where(resync.c.epoch == epoch)
        .order_by(resync.c.region_code)
    )
    return rows.all()


async def captured_at(
    transaction: Transaction, region: str, captured: Sequence[tuple[int, UUID, datetime]]
) -> None:
    """Say when recordings that came back were captured, given as (nik, recording, captured at)."""
    for nik, recording_id, moment in captured:
        await transaction.execute(
            update(registry)
            .where(
                registry.c.nik == nik,
                registry.c.recording_id == recording_id,
                registry.c.region_code == region,
                registry.c.captured_at != moment,
            )
            .values(captured_at=moment)
        )


async def put_duplicates_back(
    transaction: Transaction,
    region: str,
    found: Sequence[tuple[int, UUID, datetime, Rival]],
    now: datetime,
) -> None:
    """Duplicates told of in a lost life, given as (nik, recording, captured at, rival)."""
    if found:
        await transaction.execute(
            insert(duplicate).on_conflict_do_nothing(),
            [
                {
                    "nik": nik,
                    "recording_id": recording_id,
                    "region_code": region,
                    "captured_at": moment,
                    "rival_recording_id": rival.recording_id,
                    "rival_region_code": rival.region,
                    "found_at": now,
                }
                for nik, recording_id, moment, rival in found
            ],
        )
