"""Queries of images here, on their way, and overdue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.regional.evidence.rules import Kept, Part
from services.regional.outbox.copies import COPY, opened
from services.regional.tables import (
    evidence,
    evidence_overdue,
    evidence_watch,
    outbox,
    recording,
    uplink_position,
)
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class Listed:
    """A recording as it was taken, and its images: part → SHA-256 hex.

    named: None where the office no longer holds what names them.
    """

    recording_id: UUID
    seq: int
    recorded_at: datetime
    named: dict[str, str] | None


_LISTED = select(recording.c.recording_id, recording.c.seq, recording.c.recorded_at, COPY).join(
    outbox, outbox.c.seq == recording.c.seq
)


async def listed(transaction: Transaction, recording_id: UUID) -> Listed | None:
    row = (
        await transaction.execute(_LISTED.where(recording.c.recording_id == recording_id))
    ).one_or_none()
    return None if row is None else _read(transaction, *row)


def _read(
    transaction: Transaction,
    recording_id: UUID,
    seq: int,
    recorded_at: datetime,
    kept: bytes | None,
) -> Listed:
    copy = opened(transaction, recording_id, kept)
    named = {modality.value: image for modality, image in copy.images.items()} if copy else None
    return Listed(recording_id, seq, recorded_at, named)


async def kept(transaction: Transaction, recording_id: UUID) -> dict[str, Kept]:
    """Part → what is held of it."""
    rows = await transaction.execute(
        select(
            evidence.c.part, evidence.c.size_bytes, evidence.c.received_at, evidence.c.damaged_at
        ).where(evidence.c.recording_id == recording_id)
    )
    return {row[0]: Kept(int(row[1]), row[2], row[3] is not None) for row in rows}


async def save(
    transaction: Transaction,
    one: Listed,
    part: str,
    sha256: bytes,
    size_bytes: int,
    officer: str,
    now: datetime,
) -> None:
    """Note an image that is on the disk; one that was found damaged is whole again."""
    row = {
        "sha256": sha256,
        "size_bytes": size_bytes,
        "officer": officer,
        "handed_in_at": now,
        "refusals": 0,
        "refusal": None,
        "not_before": None,
        "damaged_at": None,
    }
    await transaction.execute(
        insert(evidence)
        .values(recording_id=one.recording_id, part=part, seq=one.seq, **row)
        .on_conflict_do_update(
            index_elements=["recording_id", "part"],
            set_=row,
            where=evidence.c.damaged_at.is_not(None),
        )
    )


@dataclass(frozen=True, slots=True)
class View:
    """What the loop decides from."""

    envelopes_waiting: int
    is_line_down: bool
    epoch: int
    goodput_bytes_per_second: float | None
    part: Part | None
    seq: int


async def view(transaction: Transaction, region: str, last_seq: int, now: datetime) -> View:
    """The line as the uplink sees it, and the oldest image whose envelope is at the centre."""
    line = (
        await transaction.execute(
            select(
                uplink_position.c.acked_seq,
                uplink_position.c.failures_in_a_row,
                uplink_position.c.epoch,
                uplink_position.c.goodput_bytes_per_second,
            ).where(uplink_position.c.region_code == region)
        )
    ).one()
    row = (
        await transaction.execute(
            select(evidence.c.recording_id, evidence.c.part, evidence.c.size_bytes, evidence.c.seq)
            .where(
                evidence.c.received_at.is_(None),
                evidence.c.damaged_at.is_(None),
                evidence.c.seq <= line.acked_seq,
                or_(evidence.c.not_before.is_(None), evidence.c.not_before <= now),
            )
            .order_by(evidence.c.seq, evidence.c.part)
            .limit(1)
        )
    ).one_or_none()
    goodput = line.goodput_bytes_per_second
    return View(
        last_seq - int(line.acked_seq),
        line.failures_in_a_row > 0,
        int(line.epoch),
        float(goodput) if goodput is not None else None,
        None if row is None else Part(row[0], row[1], int(row[2])),
        0 if row is None else int(row[3]),
    )


async def save_received(transaction: Transaction, part: Part, region: str, now: datetime) -> None:
    """The centre holds it, hash and all. What lacks nothing any more leaves the overdue list.

    The watch's row keeps this and the watch apart: else each might miss what the other writes.
    """
    await transaction.execute(
        select(evidence_watch.c.watched_seq)
        .where(evidence_watch.c.region_code == region)
        .with_for_update(read=True)
    )
    owed = await transaction.scalar(
        select(evidence_overdue.c.named)
        .where(evidence_overdue.c.recording_id == part.recording_id)
        .with_for_update()
    )
    await transaction.execute(
        update(evidence)
        .where(
            evidence.c.recording_id == part.recording_id,
            evidence.c.part == part.part,
            evidence.c.received_at.is_(None),
        )
        .values(received_at=now)
    )
    if owed is None:
        return
    there = await received_counts(transaction, [part.recording_id])
    if there.get(part.recording_id, 0) >= owed:
        await transaction.execute(
            delete(evidence_overdue).where(evidence_overdue.c.recording_id == part.recording_id)
        )


async def save_refused(
    transaction: Transaction, part: Part, code: str, not_before: datetime
) -> None:
    await transaction.execute(
        update(evidence)
        .where(evidence.c.recording_id == part.recording_id, evidence.c.part == part.part)
        .values(refusals=evidence.c.refusals + 1, refusal=code, not_before=not_before)
    )


async def refusals_of(transaction: Transaction, part: Part) -> int:
    found = await transaction.scalar(
        select(evidence.c.refusals).where(
            evidence.c.recording_id == part.recording_id, evidence.c.part == part.part
        )
    )
    return int(found or 0)


async def save_damaged(transaction: Transaction, part: Part, now: datetime) -> None:
    await transaction.execute(
        update(evidence)
        .where(evidence.c.recording_id == part.recording_id, evidence.c.part == part.part)
        .values(damaged_at=now)
    )


async def hash_of(transaction: Transaction, part: Part) -> bytes:
    """SHA-256 the recording named. Raises NoResultFound: a bug."""
    asked = select(evidence.c.sha256).where(
        evidence.c.recording_id == part.recording_id, evidence.c.part == part.part
    )
    return bytes((await transaction.execute(asked)).scalar_one())


async def waiting(transaction: Transaction) -> tuple[int, int]:
    """(images, bytes) that are here and not at the centre."""
    row = (
        await transaction.execute(
            select(func.count(), func.coalesce(func.sum(evidence.c.size_bytes), 0)).where(
                evidence.c.received_at.is_(None)
            )
        )
    ).one()
    return int(row[0]), int(row[1])


async def lock_watch(transaction: Transaction, region: str) -> int | None:
    """How far the watch has come, locked until commit; None before its row was laid."""
    found = await transaction.scalar(
        select(evidence_watch.c.watched_seq)
        .where(evidence_watch.c.region_code == region)
        .with_for_update()
    )
    return None if found is None else int(found)


async def listed_after(
    transaction: Transaction, seq: int, before: datetime, count: int
) -> list[Listed]:
    """The next recordings that were taken before a moment, in order."""
    rows = await transaction.execute(
        _LISTED.where(outbox.c.seq > seq, recording.c.recorded_at < before)
        .order_by(outbox.c.seq)
        .limit(count)
    )
    return [_read(transaction, *row) for row in rows]


async def received_counts(
    transaction: Transaction, recording_ids: Sequence[UUID]
) -> dict[UUID, int]:
    """How many images are at the centre, of those recordings that have any there."""
    rows = await transaction.execute(
        select(evidence.c.recording_id, func.count())
        .where(evidence.c.recording_id.in_(recording_ids), evidence.c.received_at.is_not(None))
        .group_by(evidence.c.recording_id)
    )
    return {row[0]: int(row[1]) for row in rows}


async def save_watched(
    transaction: Transaction, region: str, seq: int, overdue: Sequence[tuple[Listed, int]]
) -> None:
    """overdue: recordings with how many images each names."""
    if overdue:
        await transaction.execute(
            insert(evidence_overdue).on_conflict_do_nothing(),
            [
                {
                    "recording_id": one.recording_id,
                    "seq": one.seq,
                    "listed_at": one.recorded_at,
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
    recording_id: UUID
    listed_at: datetime
    named: int
    handed_in: int
    received: int


async def count_overdue(transaction: Transaction) -> int:
    return int(await transaction.scalar(select(func.count()).select_from(evidence_overdue)) or 0)


async def overdue(transaction: Transaction, count: int) -> list[Overdue]:
    """The oldest first."""
    one = evidence.c.recording_id == evidence_overdue.c.recording_id
    handed_in = (
        select(func.count())
        .select_from(evidence)
        .where(one, evidence.c.damaged_at.is_(None))
        .scalar_subquery()
    )
    received = (
        select(func.count())
        .select_from(evidence)
        .where(one, evidence.c.received_at.is_not(None))
        .scalar_subquery()
    )
    rows = await transaction.execute(
        select(
            evidence_overdue.c.recording_id,
            evidence_overdue.c.listed_at,
            evidence_overdue.c.named,
            handed_in,
            received,
        )
        .order_by(evidence_overdue.c.seq)
        .limit(count)
    )
    return [Overdue(*row) for row in rows]
