"""Queries that put the facts of one recording, and of the queue, side by side."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select

from services.regional.journey.remedies import Progress, progress_of
from services.regional.journey.rules import Event, Happening
from services.regional.status.catch_up import Carried
from services.regional.status.rules import Queue
from services.regional.tables import (
    card,
    decision,
    deleted_recording,
    deletion_named,
    feed_position,
    held_entry,
    move_in,
    outbox,
    outbox_head,
    print_authorization,
    recording,
    refused_envelope,
    revocation,
    uplink_batch,
    uplink_position,
)
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class Basics:
    recording_id: UUID
    seq: int
    captured_at: datetime
    recorded_at: datetime


async def basics(transaction: Transaction, recording_id: UUID) -> Basics | None:
    row = (
        await transaction.execute(
            select(
                recording.c.recording_id,
                recording.c.seq,
                recording.c.captured_at,
                recording.c.recorded_at,
            ).where(recording.c.recording_id == recording_id)
        )
    ).one_or_none()
    return Basics(*row) if row else None


async def ids_by_nik(transaction: Transaction, nik: int) -> list[UUID]:
    """Recordings of a NIK here, newest first."""
    rows = await transaction.execute(
        select(recording.c.recording_id)
        .where(recording.c.nik == nik)
        .order_by(recording.c.recorded_at.desc())
        .limit(50)
    )
    return list(rows.scalars())


async def queue(transaction: Transaction, region: str) -> Queue:
    line = (
        await transaction.execute(
            select(
                outbox_head.c.last_seq,
                uplink_position.c.acked_seq,
                uplink_position.c.offered_seq,
                uplink_position.c.offered_at,
                uplink_position.c.failures_in_a_row,
                uplink_position.c.failing_since,
                uplink_position.c.last_heard_at,
                uplink_position.c.goodput_bytes_per_second,
                feed_position.c.applied_pos,
                feed_position.c.head_pos,
                uplink_position.c.trouble,
            )
            .join(uplink_position, uplink_position.c.region_code == outbox_head.c.region_code)
            .join(feed_position, feed_position.c.region_code == outbox_head.c.region_code)
            .where(outbox_head.c.region_code == region)
        )
    ).one()
    oldest = (
        await transaction.execute(
            select(outbox.c.written_at, outbox.c.happened_at).where(
                outbox.c.seq == line.acked_seq + 1
            )
        )
    ).one_or_none()
    next_bodies = (
        select(func.octet_length(outbox.c.body).label("body_bytes"))
        .where(outbox.c.seq > line.acked_seq)
        .order_by(outbox.c.seq)
        .limit(100)
        .subquery()
    )
    mean_bytes = int(await transaction.scalar(select(func.avg(next_bodies.c.body_bytes))) or 0)
    return Queue(
        line.last_seq,
        line.acked_seq,
        line.offered_seq,
        line.offered_at,
        line.failures_in_a_row,
        line.failing_since,
        line.last_heard_at,
        line.goodput_bytes_per_second,
        oldest.written_at if oldest else None,
        oldest.happened_at if oldest else None,
        mean_bytes,
        line.applied_pos,
        line.head_pos,
        line.trouble,
    )


CARRIED_MAX = 10_000


async def carried(transaction: Transaction) -> list[Carried]:
    """The newest acknowledged batches, oldest first."""
    rows = await transaction.execute(
        select(
            uplink_batch.c.payload_bytes,
            uplink_batch.c.first_sent_at,
            uplink_batch.c.acknowledged_at,
        )
        .order_by(uplink_batch.c.first_seq.desc())
        .limit(CARRIED_MAX)
    )
    return [Carried(*row) for row in reversed(rows.all())]


REFUSED_OUTCOME = Outcome.ENROLL_FAILURE_AT_REGIONAL
SHOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class Refused:
    """An envelope the centre's door refused for good."""

    seq: int
    code: str
    at: datetime


_REFUSED = select(
    refused_envelope.c.seq, refused_envelope.c.code, refused_envelope.c.set_aside_at
).where(refused_envelope.c.set_aside_at.is_not(None))


async def set_aside_at(transaction: Transaction, seq: int) -> Refused | None:
    row = (await transaction.execute(_REFUSED.where(refused_envelope.c.seq == seq))).one_or_none()
    return Refused(*row) if row else None


async def all_set_aside(transaction: Transaction) -> list[Refused]:
    """The newest first."""
    rows = await transaction.execute(
        _REFUSED.order_by(refused_envelope.c.seq.desc()).limit(SHOWN_MAX)
    )
    return [Refused(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class HeldEntry:
    pos: int
    reason: str
    at: datetime


async def all_held(transaction: Transaction) -> list[HeldEntry]:
    """The newest first."""
    rows = await transaction.execute(
        select(
            held_entry.c.pos, func.coalesce(held_entry.c.reason, "unknown"), held_entry.c.held_at
        )
        .order_by(held_entry.c.pos.desc())
        .limit(SHOWN_MAX)
    )
    return [HeldEntry(*row) for row in rows]


async def counts_aside(transaction: Transaction) -> dict[str, int]:
    """Envelopes set aside and entries held, all of them."""
    envelopes = select(func.count()).where(refused_envelope.c.set_aside_at.is_not(None))
    entries = select(func.count()).select_from(held_entry)
    return {
        "set-aside": int(await transaction.scalar(envelopes) or 0),
        "held": int(await transaction.scalar(entries) or 0),
    }


async def has_held_answer(transaction: Transaction, recording_id: UUID) -> bool:
    """Whether an entry about this recording is held that is newer than what was acted on."""
    newest = select(func.coalesce(func.max(decision.c.pos), 0)).where(
        decision.c.recording_id == recording_id
    )
    return bool(
        await transaction.scalar(
            select(
                exists().where(
                    held_entry.c.recording_id == recording_id,
                    held_entry.c.pos > newest.scalar_subquery(),
                )
            )
        )
    )


async def on_the_way(
    transaction: Transaction, one: Basics, queue: Queue, refused: Refused | None = None
) -> list[Happening]:
    """What happened to a recording up to the centre's receipt, or to its refusal for good."""
    if refused is not None:
        return [
            Happening(Event.OFFERED, refused.at),
            Happening(Event.NOT_PERMITTED, refused.at, REFUSED_OUTCOME),
        ]
    told = []
    batch = (
        await transaction.execute(
            select(uplink_batch)
            # Sent again after a restore of the centre, batches were cut otherwise: rows overlap.
            .where(uplink_batch.c.first_seq <= one.seq, uplink_batch.c.last_seq >= one.seq)
            .order_by(uplink_batch.c.first_seq.desc())
            .limit(1)
        )
    ).one_or_none()
    if one.seq <= queue.acked_seq and batch is not None:
        told.append(Happening(Event.OFFERED, batch.first_sent_at))
        told.append(Happening(Event.RECEIPTED, batch.acknowledged_at))
    elif one.seq <= queue.offered_seq and queue.offered_at is not None:
        told.append(Happening(Event.OFFERED, queue.offered_at))
    return told


async def after_the_centre(transaction: Transaction, recording_id: UUID) -> list[Happening]:
    """Decisions, permissions and cards, by the position of what allowed them."""
    decisions = await transaction.execute(
        select(decision.c.pos, decision.c.outcome, decision.c.decided_at).where(
            decision.c.recording_id == recording_id
        )
    )
    by_pos = {row.pos: Happening(*_event_of(row.outcome, row.decided_at)) for row in decisions}
    permissions = list(
        await transaction.execute(
            select(
                print_authorization.c.pos,
                print_authorization.c.issued_at,
                card.c.state,
                card.c.intended_at,
                card.c.printed_at,
                card.c.spoiled_at,
                card.c.issued_at.label("handed_at"),
            )
            .outerjoin(card, card.c.authorization_id == print_authorization.c.authorization_id)
            .where(print_authorization.c.recording_id == recording_id)
        )
    )
    for row in permissions:
        if row.pos not in by_pos:
            by_pos[row.pos] = Happening(Event.PERMITTED, row.issued_at, Outcome.PRINT_READY_RECORD)
    revoked = await transaction.execute(
        select(revocation.c.pos, revocation.c.revoked_at).where(
            revocation.c.recording_id == recording_id
        )
    )
    by_pos |= {row.pos: Happening(Event.REVOKED, row.revoked_at) for row in revoked}
    deletions = await transaction.execute(
        select(deleted_recording.c.pos, deleted_recording.c.deleted_at).where(
            deleted_recording.c.recording_id == recording_id
        )
    )
    by_pos |= {pos: Happening(Event.DELETED, at) for pos, at in deletions}
    cards = {row.pos: row for row in permissions}
    told = []
    for pos in sorted(by_pos):
        told.append(by_pos[pos])
        made = cards.get(pos)
        if made is not None and made.state is not None:
            moments = (
                (Event.PRINT_INTENDED, made.intended_at),
                (Event.CARD_PRINTED, made.printed_at),
                (Event.CARD_ISSUED, made.handed_at),
                (Event.CARD_SPOILED, made.spoiled_at),
            )
            told += [Happening(event, at) for event, at in moments if at is not None]
    return told


async def progress(
    transaction: Transaction, recording_id: UUID, rival_id: UUID | None
) -> Progress | None:
    """What this office has done about a recording already."""
    asked = exists().where(deletion_named.c.recording_id == recording_id, deletion_named.c.is_open)
    free = select(deleted_recording.c.may_record_again).where(
        deleted_recording.c.recording_id == recording_id
    )
    moved = select(func.min(move_in.c.state)).where(
        move_in.c.recording_id == rival_id, move_in.c.state != "refused"
    )
    row = (
        await transaction.execute(select(asked, free.scalar_subquery(), moved.scalar_subquery()))
    ).one()
    return progress_of(is_asked=row[0], may_record_again=row[1], moved=row[2])


def _event_of(outcome: str, at: datetime) -> tuple[Event, datetime, Outcome]:
    known = Outcome(outcome)
    is_permitted = known is Outcome.PRINT_READY_RECORD
    return (Event.PERMITTED if is_permitted else Event.NOT_PERMITTED, at, known)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The newest decision about a recording."""

    outcome: Outcome
    reason: str | None
    duplicate: str | None
    rival_recording_id: UUID | None
    rival_region: str | None
    rival_captured_at: datetime | None


async def newest_ruling(transaction: Transaction, recording_id: UUID) -> Ruling | None:
    row = (
        await transaction.execute(
            select(
                decision.c.outcome,
                decision.c.reason,
                decision.c.duplicate,
                decision.c.rival_recording_id,
                decision.c.rival_region,
                decision.c.rival_captured_at,
            )
            .where(decision.c.recording_id == recording_id)
            .order_by(decision.c.pos.desc())
            .limit(1)
        )
    ).one_or_none()
    return Ruling(Outcome(row[0]), *row[1:]) if row else None
