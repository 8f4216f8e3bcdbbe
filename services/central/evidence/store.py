"""Queries of images on their way, here, and overdue."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.central.evidence.rules import Upload
from services.central.tables import envelope, evidence, evidence_overdue, evidence_watch
from shared.contracts.envelopes import EnvelopeKind
from shared.database.engine import Transaction

# An id that came again, or with other bytes: what it names was named before, or does not count.
_IS_FIRST = or_(envelope.c.note.is_(None), envelope.c.note.not_in(("repeat", "conflict")))


async def recording_body(transaction: Transaction, region: str, recording_id: UUID) -> bytes | None:
    """What the region said of this recording, or None while its envelope is not here."""
    found = await transaction.scalar(
        select(envelope.c.body)
        .where(
            envelope.c.region_code == region,
            envelope.c.envelope_id == recording_id,
            envelope.c.kind == EnvelopeKind.RECORDING.value,
            _IS_FIRST,
        )
        .order_by(envelope.c.seq)
        .limit(1)
    )
    return bytes(found) if found is not None else None


async def upload(
    transaction: Transaction,
    region: str,
    recording_id: UUID,
    part: str,
    *,
    is_locked: bool = False,
) -> Upload | None:
    """`is_locked`: until commit, so that two pieces of one image come one after the other."""
    asked = select(
        evidence.c.sha256, evidence.c.offset_bytes, evidence.c.restarts, evidence.c.received_at
    ).where(
        evidence.c.region_code == region,
        evidence.c.recording_id == recording_id,
        evidence.c.part == part,
    )
    row = (await transaction.execute(asked.with_for_update() if is_locked else asked)).one_or_none()
    if row is None:
        return None
    return Upload(bytes(row.sha256), row.offset_bytes, row.restarts, row.received_at is not None)


async def begin(
    transaction: Transaction,
    region: str,
    recording_id: UUID,
    part: str,
    sha256: bytes,
    now: datetime,
) -> None:
    """Lay a row for an image nothing is here of; one that is there stays as it is."""
    await transaction.execute(
        insert(evidence)
        .values(
            region_code=region,
            recording_id=recording_id,
            part=part,
            sha256=sha256,
            offset_bytes=0,
            restarts=0,
            began_at=now,
        )
        .on_conflict_do_nothing()
    )


async def save_offset(
    transaction: Transaction,
    region: str,
    recording_id: UUID,
    part: str,
    offset: int,
    *,
    is_restart: bool = False,
) -> None:
    await transaction.execute(
        update(evidence)
        .where(
            evidence.c.region_code == region,
            evidence.c.recording_id == recording_id,
            evidence.c.part == part,
        )
        .values(offset_bytes=offset, restarts=evidence.c.restarts + int(is_restart))
    )


async def save_received(
    transaction: Transaction, region: str, recording_id: UUID, part: str, now: datetime
) -> None:
    """The image is whole and stored. What is overdue by nothing any more leaves that list.

    The watch's row keeps this and the watch apart: else each might miss what the other writes.
    """
    await transaction.execute(
        select(evidence_watch.c.watched_seq)
        .where(evidence_watch.c.region_code == region)
        .with_for_update(read=True)
    )
    owed = await transaction.scalar(
        select(evidence_overdue.c.named)
        .where(
            evidence_overdue.c.region_code == region,
            evidence_overdue.c.recording_id == recording_id,
        )
        .with_for_update()
    )
    await transaction.execute(
        update(evidence)
        .where(
            evidence.c.region_code == region,
            evidence.c.recording_id == recording_id,
            evidence.c.part == part,
            evidence.c.received_at.is_(None),
        )
        .values(received_at=now)
    )
    if owed is None:
        return
    here = await transaction.scalar(
        select(func.count())
        .select_from(evidence)
        .where(
            evidence.c.region_code == region,
            evidence.c.recording_id == recording_id,
            evidence.c.received_at.is_not(None),
        )
    )
    if int(here or 0) >= owed:
        await transaction.execute(
            delete(evidence_overdue).where(
                evidence_overdue.c.region_code == region,
                evidence_overdue.c.recording_id == recording_id,
            )
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording of the envelopes, as the watch comes past it."""

    seq: int
    recording_id: UUID
    received_at: datetime
    body: bytes
    is_recording: bool


async def regions_watched(transaction: Transaction) -> list[str]:
    return list(
        await transaction.scalars(
            select(evidence_watch.c.region_code).order_by(evidence_watch.c.region_code)
        )
    )


async def lock_watch(transaction: Transaction, region: str) -> int | None:
    """How far the watch has come, locked until commit; None for a region without a row."""
    found = await transaction.scalar(
        select(evidence_watch.c.watched_seq)
        .where(evidence_watch.c.region_code == region)
        .with_for_update()
    )
    return None if found is None else int(found)


async def listed_after(
    transaction: Transaction, region: str, seq: int, before: datetime, count: int
) -> list[Listed]:
    """The next envelopes of a region that came before a moment, in its order."""
    rows = await transaction.execute(
        select(
            envelope.c.seq,
            envelope.c.envelope_id,
            envelope.c.received_at,
            envelope.c.body,
            ((envelope.c.kind == EnvelopeKind.RECORDING.value) & _IS_FIRST).label("is_recording"),
        )
        .where(
            envelope.c.region_code == region,
            envelope.c.seq > seq,
            envelope.c.seq <= seq + count,
            envelope.c.received_at < before,
        )
        .order_by(envelope.c.seq)
    )
    return [Listed(row[0], row[1], row[2], bytes(row[3]), row[4]) for row in rows]


async def received_counts(
    transaction: Transaction, region: str, recording_ids: Sequence[UUID]
) -> dict[UUID, int]:
    """How many images are here, of those recordings that have any."""
    rows = await transaction.execute(
        select(evidence.c.recording_id, func.count())
        .where(
            evidence.c.region_code == region,
            evidence.c.recording_id.in_(recording_ids),
            evidence.c.received_at.is_not(None),
        )
        .group_by(evidence.c.recording_id)
    )
    return {row[0]: int(row[1]) for row in rows}


async def received(
    transaction: Transaction, recordings: Collection[tuple[str, UUID]], part: str
) -> set[UUID]:
    """Of (region, recording id), those whose image of this part is here."""
    rows = await transaction.execute(
        select(evidence.c.recording_id).where(
            tuple_(evidence.c.region_code, evidence.c.recording_id).in_(recordings),
            evidence.c.part == part,
            evidence.c.received_at.is_not(None),
            evidence.c.removed_at.is_(None),
        )
    )
    return {row[0] for row in rows}


async def save_watched(
    transaction: Transaction, region: str, seq: int, overdue: Sequence[tuple[Listed, int]]
) -> None:
    """overdue: recordings with how many images each names."""
    if overdue:
        await transaction.execute(
            insert(evidence_overdue).on_conflict_do_nothing(),
            [
                {
                    "region_code": region,
                    "recording_id": one.recording_id,
                    "seq": one.seq,
                    "listed_at": one.received_at,
                    "named": named,
                }
                for one, named in overdue
            ],
        )
    await transaction.execute(
        update(evidence_watch).where(evidence_watch.c.region_code == region).values(watched_seq=seq)
    )


@dataclass(frozen=True, slots=True)
class Overdue:
    region: str
    recording_id: UUID
    listed_at: datetime
    named: int
    received: int


async def overdue_counts(transaction: Transaction) -> dict[str, int]:
    """Recordings with overdue evidence, by region; regions without any are left out."""
    rows = await transaction.execute(
        select(evidence_overdue.c.region_code, func.count()).group_by(
            evidence_overdue.c.region_code
        )
    )
    return {row[0]: int(row[1]) for row in rows}


async def overdue(transaction: Transaction, region: str | None, count: int) -> list[Overdue]:
    """The oldest first; of one region, or of all."""
    here = (
        select(func.count())
        .select_from(evidence)
        .where(
            evidence.c.region_code == evidence_overdue.c.region_code,
            evidence.c.recording_id == evidence_overdue.c.recording_id,
            evidence.c.received_at.is_not(None),
        )
        .scalar_subquery()
    )
    asked = select(
        evidence_overdue.c.region_code,
        evidence_overdue.c.recording_id,
        evidence_overdue.c.listed_at,
        evidence_overdue.c.named,
        here,
    ).order_by(evidence_overdue.c.listed_at, evidence_overdue.c.region_code, evidence_overdue.c.seq)
    if region is not None:
        asked = asked.where(evidence_overdue.c.region_code == region)
    return [Overdue(*row) for row in await transaction.execute(asked.limit(count))]
