"""Write what the centre decided about requests: the tables are those of remedies."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Uuid, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.regional.tables import (
    deleted_recording,
    deletion_entry,
    deletion_named,
    deletion_request,
    move_entry,
    move_in,
    recording,
)
from shared.contracts.amendments import IDENTITY
from shared.contracts.remedies import DeletionDecision, MoveDecision
from shared.database.engine import Transaction


async def save_deletions(
    transaction: Transaction, deletions: Sequence[tuple[int, DeletionDecision]], now: datetime
) -> None:
    """In the order of pos. Only here a deletion frees a NIK: before, recording again is refused."""
    for pos, one in deletions:
        await _note(transaction, pos, one, now)
        await _close(transaction, one)
        if one.recordings:
            await _mark_deleted(transaction, pos, one)
        if one.may_record_again:
            await transaction.execute(
                update(recording)
                .where(recording.c.recording_id.in_(one.may_record_again))
                .values(is_live=False)
            )


async def _note(transaction: Transaction, pos: int, one: DeletionDecision, now: datetime) -> None:
    await transaction.execute(
        insert(deletion_entry).values(
            pos=pos,
            recording_id=one.recording_id,
            request_id=one.request_id,
            request_region=one.request_region,
            verdict=one.verdict,
            reason=one.reason,
            decided_at=one.decided_at,
            applied_at=now,
        )
    )


async def _close(transaction: Transaction, one: DeletionDecision) -> None:
    """Settle the request here, if it was this office that asked."""
    await transaction.execute(
        update(deletion_request)
        .where(deletion_request.c.request_id == one.request_id)
        .values(state=one.verdict, reason=one.reason, decided_at=one.decided_at)
    )
    await transaction.execute(
        update(deletion_named)
        .where(deletion_named.c.request_id == one.request_id)
        .values(is_open=False)
    )


async def _mark_deleted(transaction: Transaction, pos: int, one: DeletionDecision) -> None:
    """Those taken here: others are another region's to mark."""
    again = bindparam("again", list(one.may_record_again), type_=ARRAY(Uuid()))
    statement = insert(deleted_recording).from_select(
        ["recording_id", "pos", "may_record_again", "deleted_at"],
        select(
            recording.c.recording_id,
            literal(pos),
            recording.c.recording_id == func.any(again),
            literal(one.decided_at),
        ).where(recording.c.recording_id.in_([at.recording_id for at in one.recordings])),
    )
    await transaction.execute(
        statement.on_conflict_do_update(
            index_elements=["recording_id"],
            set_={
                "may_record_again": deleted_recording.c.may_record_again
                | statement.excluded.may_record_again
            },
        )
    )


async def save_moves(
    transaction: Transaction, moves: Sequence[tuple[int, MoveDecision]], now: datetime
) -> None:
    """How moves ended, with the data of people who were recorded elsewhere."""
    await transaction.execute(
        insert(move_entry),
        [
            {
                "pos": pos,
                "recording_id": one.recording_id,
                "move_id": one.move_id,
                "verdict": one.verdict,
                "from_region": one.from_region,
                "nik": int(one.identity.card.nik) if one.identity else None,
                "identity": IDENTITY.dump_json(one.identity) if one.identity else None,
                "card_sha256": one.identity.card.digest() if one.identity else None,
                "decided_at": one.decided_at,
                "applied_at": now,
            }
            for pos, one in moves
        ],
    )
    for _, one in moves:
        told: dict[str, object] = {
            "state": one.verdict,
            "reason": one.reason,
            "decided_at": one.decided_at,
        }
        if one.identity is not None:
            told["recording_id"] = one.recording_id
        await transaction.execute(
            update(move_in).where(move_in.c.move_id == one.move_id).values(**told)
        )
