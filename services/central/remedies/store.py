"""Queries of requests, of what they name, and of the findings that tie recordings together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select, update
from sqlalchemy.dialects.postgresql import insert

from services.central.journey.entries import DECISION
from services.central.remedies.rules import Effect, Known, State
from services.central.tables import (
    deletion,
    deletion_request,
    duplicate,
    envelope,
    feed,
    registry,
    settled_head,
    uniqueness_check,
    validation,
)
from services.central.vault import steps as vault
from services.central.vault.steps import Body
from shared.contracts.feed import DECISION as READ_DECISION
from shared.contracts.feed import Decision
from shared.contracts.remedies import (
    DELETION_REQUEST,
    DeletionRequest,
    RecordingAt,
    ValidationReply,
)
from shared.database.engine import Transaction

LISTED_MAX = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A request as it came, and how it stands."""

    region: str
    request: DeletionRequest
    received_at: datetime
    state: State
    officer: str | None
    reason: str | None
    decided_at: datetime | None


async def save_request(
    transaction: Transaction,
    region: str,
    seq: int,
    request: DeletionRequest,
    state: State,
    reason: str | None,
    now: datetime,
) -> bool:
    """False when this request came before."""
    entered = await transaction.execute(
        insert(deletion_request)
        .values(
            region_code=region,
            request_id=request.request_id,
            seq=seq,
            body=DELETION_REQUEST.dump_json(request),
            received_at=now,
            state=state.value,
            reason=reason,
            decided_at=None if state is State.WAITING else now,
        )
        .on_conflict_do_nothing()
        .returning(deletion_request.c.seq)
    )
    return entered.scalar_one_or_none() is not None


async def request_of(
    transaction: Transaction, region: str, request_id: UUID, *, is_locked: bool = False
) -> Kept | None:
    query = _REQUESTS.where(
        deletion_request.c.region_code == region, deletion_request.c.request_id == request_id
    )
    row = (await transaction.execute(query.with_for_update() if is_locked else query)).one_or_none()
    return _kept(row) if row else None


async def requests(transaction: Transaction, state: State) -> list[Kept]:
    """The oldest first."""
    rows = await transaction.execute(
        _REQUESTS.where(deletion_request.c.state == state.value)
        .order_by(deletion_request.c.received_at, deletion_request.c.request_id)
        .limit(LISTED_MAX)
    )
    return [_kept(row) for row in rows]


_REQUESTS: Select[Any] = select(
    deletion_request.c.region_code,
    deletion_request.c.body,
    deletion_request.c.received_at,
    deletion_request.c.state,
    deletion_request.c.officer,
    deletion_request.c.reason,
    deletion_request.c.decided_at,
)


def _kept(row: Row[Any]) -> Kept:
    return Kept(
        row.region_code,
        DELETION_REQUEST.validate_json(row.body),
        row.received_at,
        State(row.state),
        row.officer,
        row.reason,
        row.decided_at,
    )


async def save_word(
    transaction: Transaction,
    region: str,
    request_id: UUID,
    state: State,
    officer: str,
    reason: str | None,
    now: datetime,
) -> None:
    await transaction.execute(
        update(deletion_request)
        .where(
            deletion_request.c.region_code == region, deletion_request.c.request_id == request_id
        )
        .values(state=state.value, officer=officer, reason=reason, decided_at=now)
    )


async def lock_settled(transaction: Transaction, regions: Iterable[str]) -> None:
    """The locks a settler takes first, in one order: then nobody waits for another in a ring."""
    for region in sorted(set(regions)):
        await transaction.execute(
            select(settled_head.c.settled_seq)
            .where(settled_head.c.region_code == region)
            .with_for_update()
        )


async def known(transaction: Transaction, named: Sequence[RecordingAt]) -> dict[RecordingAt, Known]:
    """Those of these recordings that are here and can be read."""
    found = {}
    for one in named:
        body = await transaction.scalar(
            select(envelope.c.body)
            .where(
                envelope.c.region_code == one.region,
                envelope.c.envelope_id == one.recording_id,
            )
            .order_by(envelope.c.seq)
            .limit(1)
        )
        if body is None:
            continue
        recording = await vault.recording(transaction, Body(one.region, one.recording_id, body))
        if recording is not None and recording.recording_id == one.recording_id:
            found[one] = Known(one, recording.nik.number, recording.captured_at)
    return found


async def linked(transaction: Transaction, region: str, own: Sequence[Known]) -> set[RecordingAt]:
    """Recordings of anywhere that a finding ties to these of one region."""
    found = set()
    for one in own:
        newest = await newest_decision(transaction, region, one.at.recording_id)
        if newest is not None and newest.rival is not None:
            found.add(
                RecordingAt(recording_id=newest.rival.recording_id, region=newest.rival.region)
            )
        found |= await _rivals_kept(transaction, region, one.at.recording_id)
    niks = [one.nik for one in own]
    for table in (registry, duplicate):
        rows = await transaction.execute(
            select(table.c.recording_id, table.c.region_code).where(table.c.nik.in_(niks))
        )
        found |= {RecordingAt(recording_id=row[0], region=row[1]) for row in rows}
    return found


async def _rivals_kept(
    transaction: Transaction, region: str, recording_id: UUID
) -> set[RecordingAt]:
    """All that the newest check found this recording to double: a decision names the first."""
    evidence = await transaction.scalar(
        select(uniqueness_check.c.evidence)
        .where(
            uniqueness_check.c.region_code == region,
            uniqueness_check.c.recording_id == recording_id,
        )
        .order_by(uniqueness_check.c.attempt.desc())
        .limit(1)
    )
    return {
        RecordingAt(recording_id=UUID(one["recording_id"]), region=one["region"])
        for one in (evidence or {}).get("rivals", ())
    }


async def newest_decision(
    transaction: Transaction, region: str, recording_id: UUID
) -> Decision | None:
    body = await transaction.scalar(
        select(feed.c.body)
        .where(
            feed.c.region_code == region,
            feed.c.recording_id == recording_id,
            feed.c.kind == DECISION,
        )
        .order_by(feed.c.pos.desc())
        .limit(1)
    )
    return READ_DECISION.validate_json(body) if body is not None else None


async def name(transaction: Transaction, named: Sequence[Known], now: datetime) -> None:
    """Give each recording the row whose lock keeps two officers apart."""
    for one in named:
        await transaction.execute(
            insert(deletion)
            .values(
                region_code=one.at.region,
                recording_id=one.at.recording_id,
                nik=one.nik,
                captured_at=one.captured_at,
                named_at=now,
            )
            .on_conflict_do_nothing()
        )


async def lock_named(
    transaction: Transaction, named: Sequence[RecordingAt]
) -> dict[RecordingAt, tuple[Known, datetime | None]]:
    """What is known of each, and when it was deleted; locked until commit, in the order given."""
    found = {}
    for one in named:
        row = (
            await transaction.execute(
                select(deletion.c.nik, deletion.c.captured_at, deletion.c.deleted_at)
                .where(
                    deletion.c.region_code == one.region,
                    deletion.c.recording_id == one.recording_id,
                )
                .with_for_update()
            )
        ).one()
        found[one] = (Known(one, row.nik, row.captured_at), row.deleted_at)
    return found


async def save_deleted(
    transaction: Transaction,
    recordings: Sequence[RecordingAt],
    region: str,
    request_id: UUID,
    now: datetime,
) -> None:
    for one in recordings:
        await transaction.execute(
            update(deletion)
            .where(
                deletion.c.region_code == one.region,
                deletion.c.recording_id == one.recording_id,
            )
            .values(deleted_at=now, request_region_code=region, request_id=request_id)
        )


async def deleted_among(
    transaction: Transaction, region: str, recording_ids: Sequence[UUID]
) -> set[UUID]:
    rows = await transaction.scalars(
        select(deletion.c.recording_id).where(
            deletion.c.region_code == region,
            deletion.c.recording_id.in_(recording_ids),
            deletion.c.deleted_at.is_not(None),
        )
    )
    return set(rows)


async def office_of(transaction: Transaction, nik: int, recording_id: UUID) -> str | None:
    """Whose office the live permission of a recording is for; None where it holds no NIK."""
    found = await transaction.scalar(
        select(registry.c.region_code).where(
            registry.c.nik == nik, registry.c.recording_id == recording_id
        )
    )
    return str(found) if found is not None else None


async def held_niks(transaction: Transaction, niks: Sequence[int]) -> set[int]:
    rows = await transaction.execute(select(registry.c.nik).where(registry.c.nik.in_(niks)))
    return set(rows.scalars())


async def save_validation(
    transaction: Transaction,
    region: str,
    seq: int,
    reply: ValidationReply,
    body: bytes,
    effect: Effect,
    now: datetime,
) -> None:
    await transaction.execute(
        insert(validation)
        .values(
            region_code=region,
            recording_id=reply.recording_id,
            seq=seq,
            result=reply.result.value,
            body=body,
            effect=effect.value,
            taken_at=now,
        )
        .on_conflict_do_nothing()
    )
