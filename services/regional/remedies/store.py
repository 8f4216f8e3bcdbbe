"""Queries of requests, answers, and of recordings that cannot be printed as they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, insert, select

from services.regional.journey.remedies import Progress, progress_of
from services.regional.remedies.rules import Asked, Checked, Moving, Own
from services.regional.tables import (
    decision,
    deleted_recording,
    deletion_named,
    deletion_request,
    move_in,
    recording,
    validation,
)
from shared.contracts.outcomes import Outcome
from shared.contracts.remedies import RecordingAt
from shared.database.engine import Transaction

MOVED, REFUSED = "moved", "refused"


def _newest() -> Any:
    """Each recording's newest decision."""
    later = decision.alias("later")
    return ~(
        exists()
        .where(later.c.recording_id == decision.c.recording_id, later.c.pos > decision.c.pos)
        .correlate(decision)
    )


async def own(transaction: Transaction, recording_ids: Sequence[UUID]) -> dict[UUID, Own]:
    """Those taken here, each with its newest decision."""
    rows = await transaction.execute(
        select(recording.c.recording_id, recording.c.officer, decision.c.pos, decision.c.outcome)
        .select_from(recording)
        .outerjoin(decision, and_(decision.c.recording_id == recording.c.recording_id, _newest()))
        .where(recording.c.recording_id.in_(recording_ids))
    )
    return {
        row.recording_id: Own(
            row.recording_id,
            row.officer,
            row.pos,
            Outcome(row.outcome) if row.outcome is not None else None,
        )
        for row in rows
    }


_ASKED: Select[Any] = select(
    deletion_request.c.request_id,
    deletion_request.c.seq,
    deletion_request.c.sha256,
    deletion_request.c.officer,
    deletion_request.c.asked_at,
    deletion_request.c.state,
    deletion_request.c.reason,
    deletion_request.c.decided_at,
)


async def asked(transaction: Transaction, request_id: UUID) -> Asked | None:
    row = (
        await transaction.execute(_ASKED.where(deletion_request.c.request_id == request_id))
    ).one_or_none()
    return Asked(*row) if row else None


async def all_asked(transaction: Transaction, before_seq: int, limit: int) -> list[Asked]:
    """The newest first."""
    rows = await transaction.execute(
        _ASKED.where(deletion_request.c.seq < before_seq)
        .order_by(deletion_request.c.seq.desc())
        .limit(limit)
    )
    return [Asked(*row) for row in rows]


async def named(transaction: Transaction, request_id: UUID) -> list[tuple[RecordingAt, bool]]:
    """What a request names, and whether it is to be kept."""
    rows = await transaction.execute(
        select(
            deletion_named.c.recording_id, deletion_named.c.region_code, deletion_named.c.is_kept
        )
        .where(deletion_named.c.request_id == request_id)
        .order_by(deletion_named.c.recording_id)
    )
    return [(RecordingAt(recording_id=row[0], region=row[1]), row[2]) for row in rows]


async def open_requests(transaction: Transaction, recording_ids: Sequence[UUID]) -> list[UUID]:
    rows = await transaction.execute(
        select(deletion_named.c.request_id)
        .where(deletion_named.c.recording_id.in_(recording_ids), deletion_named.c.is_open)
        .order_by(deletion_named.c.request_id)
    )
    return list(rows.scalars())


async def save_asked(
    transaction: Transaction, one: Asked, named: Sequence[tuple[RecordingAt, bool]]
) -> None:
    """A unique violation means another door was faster: the transaction is to be repeated."""
    await transaction.execute(
        insert(deletion_request).values(
            request_id=one.request_id,
            seq=one.seq,
            sha256=one.sha256,
            officer=one.officer,
            asked_at=one.asked_at,
            state=one.state,
        )
    )
    await transaction.execute(
        insert(deletion_named),
        [
            {
                "request_id": one.request_id,
                "recording_id": at.recording_id,
                "region_code": at.region,
                "is_kept": is_kept,
                "is_open": True,
            }
            for at, is_kept in named
        ],
    )


async def checked(transaction: Transaction, recording_id: UUID, asked_pos: int) -> Checked | None:
    row = (
        await transaction.execute(
            select(
                validation.c.recording_id,
                validation.c.asked_pos,
                validation.c.seq,
                validation.c.sha256,
                validation.c.result,
                validation.c.officer,
                validation.c.checked_at,
            ).where(validation.c.recording_id == recording_id, validation.c.asked_pos == asked_pos)
        )
    ).one_or_none()
    return Checked(*row) if row else None


async def newest_checked(transaction: Transaction, recording_id: UUID) -> Checked | None:
    pos = await transaction.scalar(
        select(func.max(validation.c.asked_pos)).where(validation.c.recording_id == recording_id)
    )
    return await checked(transaction, recording_id, pos) if pos is not None else None


async def save_checked(transaction: Transaction, one: Checked) -> None:
    await transaction.execute(
        insert(validation).values(
            recording_id=one.recording_id,
            asked_pos=one.asked_pos,
            seq=one.seq,
            sha256=one.sha256,
            result=one.result,
            officer=one.officer,
            checked_at=one.checked_at,
        )
    )


_MOVING: Select[Any] = select(
    move_in.c.move_id,
    move_in.c.seq,
    move_in.c.sha256,
    move_in.c.recording_id,
    move_in.c.letter_number,
    move_in.c.officer,
    move_in.c.asked_at,
    move_in.c.state,
    move_in.c.reason,
    move_in.c.decided_at,
)


async def moving(transaction: Transaction, move_id: UUID) -> Moving | None:
    row = (await transaction.execute(_MOVING.where(move_in.c.move_id == move_id))).one_or_none()
    return Moving(*row) if row else None


async def save_moving(transaction: Transaction, one: Moving) -> None:
    """A unique violation means another door was faster: the transaction is to be repeated."""
    await transaction.execute(
        insert(move_in).values(
            move_id=one.move_id,
            seq=one.seq,
            sha256=one.sha256,
            recording_id=one.recording_id,
            letter_number=one.letter_number,
            officer=one.officer,
            asked_at=one.asked_at,
            state=one.state,
        )
    )


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A recording that cannot be printed as it stands, and what was done about it."""

    recording_id: UUID
    captured_at: datetime
    pos: int
    outcome: Outcome
    reason: str | None
    duplicate: str | None
    rival_recording_id: UUID | None
    rival_region: str | None
    rival_captured_at: datetime | None
    decided_at: datetime
    progress: Progress | None


def _unsettled() -> Select[Any]:
    is_asked = (
        exists()
        .where(deletion_named.c.recording_id == recording.c.recording_id, deletion_named.c.is_open)
        .correlate(recording)
    )
    is_answered = (
        exists()
        .where(
            validation.c.recording_id == recording.c.recording_id,
            validation.c.asked_pos == decision.c.pos,
        )
        .correlate(recording, decision)
    )
    # Refused moves are behind us: another may be asked for.
    moved = (
        select(func.min(move_in.c.state))
        .where(move_in.c.recording_id == decision.c.rival_recording_id, move_in.c.state != REFUSED)
        .correlate(decision)
        .scalar_subquery()
    )
    return (
        select(
            recording.c.recording_id,
            recording.c.captured_at,
            decision.c.pos,
            decision.c.outcome,
            decision.c.reason,
            decision.c.duplicate,
            decision.c.rival_recording_id,
            decision.c.rival_region,
            decision.c.rival_captured_at,
            decision.c.decided_at,
            is_asked.label("is_asked"),
            is_answered.label("is_answered"),
            moved.label("moved"),
            deleted_recording.c.may_record_again,
        )
        .select_from(recording)
        .join(decision, and_(decision.c.recording_id == recording.c.recording_id, _newest()))
        .outerjoin(deleted_recording, deleted_recording.c.recording_id == recording.c.recording_id)
    )


async def unsettled(transaction: Transaction, after_pos: int, limit: int) -> list[Unsettled]:
    """Those somebody must act on, the oldest decision first.

    One whose NIK was recorded again, whose person moved here, or that was deleted while another
    stands, is behind us.
    """
    again = recording.alias("again")
    rows = await transaction.execute(
        _unsettled()
        .where(
            decision.c.outcome != Outcome.PRINT_READY_RECORD.value,
            decision.c.pos > after_pos,
            ~(
                exists()
                .where(
                    again.c.nik == recording.c.nik, again.c.is_live, again.c.seq > recording.c.seq
                )
                .correlate(recording)
            ),
            func.coalesce(deleted_recording.c.may_record_again, True),
            ~(
                exists()
                .where(
                    move_in.c.recording_id == decision.c.rival_recording_id,
                    move_in.c.state == MOVED,
                )
                .correlate(decision)
            ),
        )
        .order_by(decision.c.pos)
        .limit(limit)
    )
    return [_one(row) for row in rows]


async def unsettled_one(transaction: Transaction, recording_id: UUID) -> Unsettled | None:
    row = (
        await transaction.execute(_unsettled().where(recording.c.recording_id == recording_id))
    ).one_or_none()
    return _one(row) if row else None


def _one(row: Any) -> Unsettled:
    return Unsettled(
        row.recording_id,
        row.captured_at,
        row.pos,
        Outcome(row.outcome),
        row.reason,
        row.duplicate,
        row.rival_recording_id,
        row.rival_region,
        row.rival_captured_at,
        row.decided_at,
        progress_of(
            is_asked=row.is_asked,
            is_answered=row.is_answered,
            may_record_again=row.may_record_again,
            moved=row.moved,
        ),
    )
