"""Queries of requests, of whom they are about, and of what held when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from services.regional.amendments.rules import Answer, Arrival, Kept
from services.regional.journey.domicile import STANDS_HERE
from services.regional.tables import (
    amendment,
    amendment_decision,
    card,
    decision,
    move_entry,
    print_authorization,
    recording,
    refused_envelope,
)
from shared.amendment.objections import TOLD, Objection
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction

CARD_OUT = ("printed", "issued")
HISTORY_MAX = 100


async def kept(transaction: Transaction, request_id: UUID) -> Kept | None:
    row = (
        await transaction.execute(select(*_KEPT).where(amendment.c.request_id == request_id))
    ).one_or_none()
    return await _with_answer(transaction, row) if row else None


_KEPT = (
    amendment.c.request_id,
    amendment.c.kind,
    amendment.c.recording_id,
    amendment.c.seq,
    amendment.c.sha256,
    amendment.c.old_blank_serial,
    amendment.c.requested_at,
    amendment.c.taken_at,
)


async def _with_answer(
    transaction: Transaction,
    row: Row[UUID, str, UUID, int, bytes, str | None, datetime, datetime],
) -> Kept:
    told = (
        await transaction.execute(
            select(
                amendment_decision.c.outcome,
                amendment_decision.c.reason,
                amendment_decision.c.remedy,
                amendment_decision.c.remedy_id,
                amendment_decision.c.is_card_due,
                amendment_decision.c.decided_at,
            )
            .where(amendment_decision.c.request_id == row.request_id)
            .order_by(amendment_decision.c.pos.desc())
            .limit(1)
        )
    ).one_or_none()
    answer = Answer(*told) if told else await _refused_at_the_door(transaction, row.seq)
    return Kept(*row, answer=answer)


async def _refused_at_the_door(transaction: Transaction, seq: int) -> Answer | None:
    """The centre's door refused the envelope for good: nobody there will answer."""
    since = await transaction.scalar(
        select(refused_envelope.c.set_aside_at).where(refused_envelope.c.seq == seq)
    )
    if since is None:
        return None
    told = TOLD[Objection.SET_ASIDE]
    code = Objection.SET_ASIDE.value
    return Answer("refused", code, told.next_action, told.next_action_id, False, since)


async def of_recording(transaction: Transaction, recording_id: UUID) -> list[Kept]:
    """Requests about a recording, the newest first."""
    rows = await transaction.execute(
        select(*_KEPT)
        .where(amendment.c.recording_id == recording_id)
        .order_by(amendment.c.seq.desc())
        .limit(HISTORY_MAX)
    )
    return [await _with_answer(transaction, row) for row in rows.all()]


async def lock_live(transaction: Transaction, nik: int) -> tuple[UUID, int | None] | None:
    """The NIK's live recording here, with its seq: locked, so that no card of it begins.

    seq: None of somebody who was recorded elsewhere and moved here. Who moved here stands for the
    NIK, whatever else was recorded of it.
    """
    own = (
        await transaction.execute(
            select(recording.c.recording_id, recording.c.seq)
            .where(recording.c.nik == nik, recording.c.is_live)
            .with_for_update()
        )
    ).one_or_none()
    moved: UUID | None = await transaction.scalar(
        select(move_entry.c.recording_id)
        .where(move_entry.c.nik == nik, STANDS_HERE)
        .order_by(move_entry.c.pos.desc())
        .limit(1)
        .with_for_update()
    )
    if moved is None or (own is not None and own.recording_id == moved):
        return (own.recording_id, own.seq) if own else None
    return moved, None


async def outcome_of(transaction: Transaction, recording_id: UUID, seq: int) -> Outcome | None:
    """The newest decision, or the refusal of the recording's envelope; None while there is none."""
    refused = await transaction.scalar(
        select(refused_envelope.c.seq).where(
            refused_envelope.c.seq == seq, refused_envelope.c.set_aside_at.is_not(None)
        )
    )
    if refused is not None:
        return Outcome.ENROLL_FAILURE_AT_REGIONAL
    found = await transaction.scalar(
        select(decision.c.outcome)
        .where(decision.c.recording_id == recording_id)
        .order_by(decision.c.pos.desc())
        .limit(1)
    )
    return Outcome(found) if found is not None else None


async def card_out(transaction: Transaction, recording_id: UUID) -> str | None:
    """The blank of the newest permission's card, if that was printed or handed over."""
    row = (
        await transaction.execute(
            select(card.c.blank_serial, card.c.state)
            .select_from(print_authorization)
            .outerjoin(card, card.c.authorization_id == print_authorization.c.authorization_id)
            .where(print_authorization.c.recording_id == recording_id)
            .order_by(print_authorization.c.pos.desc())
            .limit(1)
        )
    ).one_or_none()
    return str(row.blank_serial) if row is not None and row.state in CARD_OUT else None


async def captured_at(transaction: Transaction, recording_id: UUID) -> tuple[int, datetime] | None:
    """A recording's seq, and when it was captured."""
    row = (
        await transaction.execute(
            select(recording.c.seq, recording.c.captured_at).where(
                recording.c.recording_id == recording_id
            )
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


async def release_refused(transaction: Transaction, nik: int) -> None:
    """A request the centre's door refused for good waits for nothing any more."""
    await transaction.execute(
        update(amendment)
        .where(
            amendment.c.nik == nik,
            amendment.c.is_waiting,
            amendment.c.seq.in_(
                select(refused_envelope.c.seq).where(refused_envelope.c.set_aside_at.is_not(None))
            ),
        )
        .values(is_waiting=False)
    )


async def waiting_for(transaction: Transaction, nik: int) -> UUID | None:
    found: UUID | None = await transaction.scalar(
        select(amendment.c.request_id).where(amendment.c.nik == nik, amendment.c.is_waiting)
    )
    return found


async def save(
    transaction: Transaction,
    arrival: Arrival,
    recording_id: UUID,
    seq: int,
    old_blank_serial: str | None,
    officer: str,
    now: datetime,
    *,
    changes_card: bool,
) -> bool:
    """False when another request of this NIK waits, whoever was faster."""
    request = arrival.request
    saved = await transaction.execute(
        insert(amendment)
        .values(
            request_id=request.request_id,
            kind=arrival.kind.value,
            nik=int(request.nik),
            recording_id=recording_id,
            seq=seq,
            sha256=arrival.sha256,
            changes_card=changes_card,
            is_waiting=True,
            old_blank_serial=old_blank_serial,
            requested_at=request.requested_at,
            taken_at=now,
            officer=officer,
        )
        .on_conflict_do_nothing(index_elements=["nik"], index_where=amendment.c.is_waiting)
        .returning(amendment.c.request_id)
    )
    return saved.scalar_one_or_none() is not None
