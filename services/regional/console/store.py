"""Queries of what an office has to do today, and of who a NIK is here."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select

from services.regional.console.rules import Listed
from services.regional.tables import (
    card,
    decision,
    deletion_request,
    evidence_overdue,
    feed_position,
    outbox,
    outbox_head,
    outreach,
    recording,
    refused_envelope,
    resident,
    revocation,
    uplink_position,
)
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.recording import MaritalStatus
from shared.database.engine import Transaction
from shared.nik import Nik, Sex


@dataclass(frozen=True, slots=True)
class Pulse:
    """Changes whenever anything on the office's pages may have changed."""

    last_seq: int
    acked_seq: int
    applied_pos: int
    is_failing: bool
    trouble: str | None


async def pulse(transaction: Transaction, region: str) -> Pulse:
    row = (
        await transaction.execute(
            select(
                outbox_head.c.last_seq,
                uplink_position.c.acked_seq,
                feed_position.c.applied_pos,
                uplink_position.c.failures_in_a_row > 0,
                uplink_position.c.trouble,
            )
            .join(uplink_position, uplink_position.c.region_code == outbox_head.c.region_code)
            .join(feed_position, feed_position.c.region_code == outbox_head.c.region_code)
            .where(outbox_head.c.region_code == region)
        )
    ).one()
    return Pulse(*row)


@dataclass(frozen=True, slots=True)
class Row:
    """A recording in a list: since when, where it was taken, whose ward."""

    recording_id: UUID
    since: datetime
    place: str
    ward: str


_ROW = (recording.c.recording_id, recording.c.recorded_at, recording.c.place, recording.c.ward)


async def taken_since(
    transaction: Transaction, moment: datetime, limit: int
) -> tuple[int, list[Row]]:
    """How many were recorded here since then, and the latest of them."""
    since = recording.c.recorded_at >= moment
    rows = await transaction.execute(
        select(*_ROW).where(since).order_by(recording.c.seq.desc()).limit(limit)
    )
    return await _count(transaction, select(recording.c.seq).where(since)), [Row(*r) for r in rows]


async def unsent(transaction: Transaction, acked_seq: int, limit: int) -> tuple[int, list[Row]]:
    """Recordings that are not at the centre yet, the oldest first."""
    waits = and_(outbox.c.seq > acked_seq, outbox.c.kind == EnvelopeKind.RECORDING.value)
    rows = await transaction.execute(
        select(*_ROW)
        .join(outbox, outbox.c.envelope_id == recording.c.recording_id)
        .where(waits)
        .order_by(outbox.c.seq)
        .limit(limit)
    )
    return await _count(transaction, select(outbox.c.seq).where(waits)), [Row(*r) for r in rows]


async def undecided(transaction: Transaction, acked_seq: int, limit: int) -> tuple[int, list[Row]]:
    """Recordings the centre has and has said nothing about, the oldest first."""
    waits = and_(
        recording.c.seq <= acked_seq,
        recording.c.is_live,
        ~exists().where(decision.c.recording_id == recording.c.recording_id),
        ~exists().where(
            refused_envelope.c.seq == recording.c.seq, refused_envelope.c.set_aside_at.is_not(None)
        ),
    )
    rows = await transaction.execute(
        select(*_ROW).where(waits).order_by(recording.c.seq).limit(limit)
    )
    return await _count(transaction, select(recording.c.seq).where(waits)), [Row(*r) for r in rows]


async def uncollected(transaction: Transaction, limit: int) -> tuple[int, list[Row]]:
    """Cards that are printed and not handed over, the oldest first."""
    waits = and_(
        card.c.state == "printed",
        ~exists().where(revocation.c.authorization_id == card.c.authorization_id),
    )
    rows = await transaction.execute(
        select(recording.c.recording_id, card.c.printed_at, recording.c.place, recording.c.ward)
        .join(recording, recording.c.recording_id == card.c.recording_id)
        .where(waits)
        .order_by(card.c.printed_at)
        .limit(limit)
    )
    found = [Row(*row) for row in rows]
    return await _count(transaction, select(card.c.authorization_id).where(waits)), found


@dataclass(frozen=True, slots=True)
class Others:
    """What else waits for somebody."""

    images_overdue: int
    deletions_asked: int
    refused_for_good: int


async def others(transaction: Transaction) -> Others:
    return Others(
        await _count(transaction, select(evidence_overdue.c.seq)),
        await _count(
            transaction, select(deletion_request.c.seq).where(deletion_request.c.state == "waiting")
        ),
        await _count(
            transaction,
            select(refused_envelope.c.seq).where(refused_envelope.c.set_aside_at.is_not(None)),
        ),
    )


async def rows_of(transaction: Transaction, recording_ids: list[UUID]) -> dict[UUID, Row]:
    rows = await transaction.execute(
        select(*_ROW).where(recording.c.recording_id.in_(recording_ids))
    )
    return {row.recording_id: Row(*row) for row in rows}


async def ids_by_nik(transaction: Transaction, nik: Nik, limit: int) -> list[UUID]:
    """Recordings of a NIK here, the newest first."""
    rows = await transaction.execute(
        select(recording.c.recording_id)
        .where(recording.c.nik == nik.number)
        .order_by(recording.c.seq.desc())
        .limit(limit)
    )
    return list(rows.scalars())


async def live_recording(transaction: Transaction, nik: Nik) -> UUID | None:
    """The recording that stands here under this NIK."""
    found: UUID | None = await transaction.scalar(
        select(recording.c.recording_id).where(recording.c.nik == nik.number, recording.c.is_live)
    )
    return found


async def listed(transaction: Transaction, nik: Nik) -> Listed | None:
    """What the residents' list says of a NIK."""
    row = (
        await transaction.execute(
            select(
                resident.c.birth_date,
                resident.c.sex,
                resident.c.ward,
                resident.c.obliged,
                resident.c.marital_status,
                resident.c.residency,
            ).where(resident.c.nik == nik.number)
        )
    ).one_or_none()
    if row is None:
        return None
    status = MaritalStatus(row.marital_status) if row.marital_status else None
    return Listed(row.birth_date, Sex(row.sex), row.ward, row.obliged, status, row.residency)


@dataclass(frozen=True, slots=True)
class Invited:
    """How far the office is with inviting somebody who is not recorded."""

    letters: int
    lettered_on: date | None
    whereabouts: str | None
    closed: str | None  # why nobody writes any more


async def invited(transaction: Transaction, nik: Nik) -> Invited | None:
    row = (
        await transaction.execute(
            select(
                outreach.c.letters,
                outreach.c.lettered_on,
                outreach.c.whereabouts,
                outreach.c.closed,
            ).where(outreach.c.nik == nik.number)
        )
    ).one_or_none()
    return Invited(*row) if row else None


async def _count(transaction: Transaction, asked: Select[tuple[object]]) -> int:
    return int(await transaction.scalar(select(func.count()).select_from(asked.subquery())) or 0)
