"""What really happened at this office: waits counted into buckets, and the order of permissions.

Each is one set-based question over narrow tables; people wait minutes for the next, never for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
)

from services.regional.citizen.curves import BUCKETS_PER_E
from services.regional.citizen.desk_store import is_open
from services.regional.citizen.rules import WaitStage
from services.regional.journey.overtakes import OvertakeCause, trouble_of
from services.regional.tables import (
    card,
    decision,
    deleted_recording,
    outbox,
    print_authorization,
    recording,
    refused_envelope,
    uplink_batch,
)
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction

_PERMITTED = Outcome.PRINT_READY_RECORD.value
_STAGES = {
    Outcome.ADJUDICATE_RECORD: WaitStage.PEOPLE,
    Outcome.SEARCH_FAILURE_AT_CENTRAL: WaitStage.SEARCH,
    Outcome.REQUEST_VALIDATION: WaitStage.OFFICE,
    Outcome.DUPLICATE_RECORD: WaitStage.CITIZEN,
}
# Who is younger by the digits of the NIK waits for a birthday, not for a blank.
_PRINT_AGE_YEARS = 17


@dataclass(frozen=True, slots=True)
class Waits:
    """How many waits of a stage fell into a bucket."""

    stage: WaitStage
    has_ended: bool
    bucket: int
    count: int


async def waits(
    transaction: Transaction, acked_seq: int, since: datetime, now: datetime
) -> list[Waits]:
    """Waits that ended from `since` on, and all that have not ended."""
    found = []
    # One question for each: together the planner loses its way, and one time limit counts for all.
    for part in (
        *_line(acked_seq, since, now),
        *_centre(acked_seq, since, now),
        _verdicts(since, now),
        _printing(since, now),
        _collection(since, now),
        _fresh(since, now),
    ):
        told = part.subquery()
        seconds = func.greatest(1, func.extract("epoch", told.c.ended_at - told.c.began_at))
        bucket = func.floor(BUCKETS_PER_E * func.ln(seconds)).cast(BigInteger)
        rows = await transaction.execute(
            select(told.c.stage, told.c.has_ended, bucket, func.count()).group_by(
                told.c.stage, told.c.has_ended, bucket
            )
        )
        found += [Waits(WaitStage(row[0]), row[1], row[2], row[3]) for row in rows]
    return found


def _wait(
    stage: Any, began_at: ColumnElement[Any], ended_at: ColumnElement[Any], now: datetime
) -> Select[Any]:
    """One row a wait; one that has not ended (NULL) is counted up to now."""
    return select(
        (literal_column(f"'{stage}'") if isinstance(stage, WaitStage) else stage).label("stage"),
        began_at.label("began_at"),
        func.coalesce(ended_at, now).label("ended_at"),
        ended_at.is_not(None).label("has_ended"),
    )


_NEVER = cast(null(), DateTime(timezone=True))


def _line(acked_seq: int, since: datetime, now: datetime) -> Iterable[Select[Any]]:
    is_recording = outbox.c.kind == EnvelopeKind.RECORDING
    batch = uplink_batch.c
    yield (
        _wait(WaitStage.LINE, outbox.c.written_at, batch.acknowledged_at, now)
        .join_from(
            uplink_batch,
            outbox,
            outbox.c.seq.between(batch.first_seq, batch.last_seq),
        )
        .where(batch.acknowledged_at >= since, is_recording)
    )
    yield _wait(WaitStage.LINE, outbox.c.written_at, _NEVER, now).where(
        outbox.c.seq > acked_seq, is_recording
    )


def _acknowledged_at(seq: ColumnElement[int]) -> ColumnElement[Any]:
    return (
        select(uplink_batch.c.acknowledged_at)
        .where(uplink_batch.c.first_seq <= seq)
        .order_by(uplink_batch.c.first_seq.desc())
        .limit(1)
        .scalar_subquery()
    )


def _centre(acked_seq: int, since: datetime, now: datetime) -> Iterable[Select[Any]]:
    earlier = decision.alias("earlier")
    is_first = ~exists().where(
        earlier.c.recording_id == decision.c.recording_id, earlier.c.pos < decision.c.pos
    )
    receipted = _acknowledged_at(recording.c.seq)
    yield (
        _wait(
            WaitStage.CENTRE,
            # The feed comes by another connection: a decision may be read before the receipt.
            func.least(receipted, decision.c.applied_at),
            decision.c.applied_at,
            now,
        )
        .join_from(decision, recording, recording.c.recording_id == decision.c.recording_id)
        .where(decision.c.applied_at >= since, is_first)
    )
    undecided = ~exists().where(decision.c.recording_id == recording.c.recording_id)
    is_refused = exists().where(
        refused_envelope.c.seq == recording.c.seq, refused_envelope.c.set_aside_at.is_not(None)
    )
    yield _wait(WaitStage.CENTRE, receipted, _NEVER, now).where(
        recording.c.seq <= acked_seq, undecided, ~is_refused
    )


def _verdicts(since: datetime, now: datetime) -> Select[Any]:
    """From a decision that somebody must act on, to the next one or to its deletion."""
    following = decision.alias("following")
    next_at = (
        select(following.c.applied_at)
        .where(
            following.c.recording_id == decision.c.recording_id,
            following.c.pos > decision.c.pos,
        )
        .order_by(following.c.pos)
        .limit(1)
        .scalar_subquery()
    )
    deleted_at = (
        select(deleted_recording.c.deleted_at)
        .where(deleted_recording.c.recording_id == decision.c.recording_id)
        .scalar_subquery()
    )
    ended_at = func.coalesce(next_at, deleted_at)
    stage = case(
        *(
            (decision.c.outcome == outcome.value, literal_column(f"'{stage}'"))
            for outcome, stage in _STAGES.items()
        )
    )
    return _wait(stage, decision.c.applied_at, ended_at, now).where(
        decision.c.outcome.in_([outcome.value for outcome in _STAGES]),
        or_(ended_at.is_(None), ended_at >= since),
    )


def _printing(since: datetime, now: datetime) -> Select[Any]:
    permission = print_authorization.c
    both = print_authorization.outerjoin(
        card, card.c.authorization_id == permission.authorization_id
    ).join(recording, recording.c.recording_id == permission.recording_id)
    is_waiting = and_(card.c.printed_at.is_(None), card.c.spoiled_at.is_(None), is_open(now))
    return (
        _wait(WaitStage.PRINTING, permission.issued_at, card.c.printed_at, now)
        .select_from(both)
        .where(
            or_(card.c.printed_at >= since, is_waiting),
            ~_is_young(recording.c.nik, permission.issued_at),
        )
    )


def _is_young(nik: ColumnElement[int], at: ColumnElement[Any]) -> ColumnElement[bool]:
    """By the digits of the NIK, which may disagree with the birth date: good for figures only."""
    digits = func.mod(func.div(nik, 10_000), 1_000_000).cast(BigInteger)  # DDMMYY
    today = func.to_char(at, "YYYYMMDD").cast(BigInteger)
    # No century is in a NIK: nobody is born in a year to come.
    year = digits % 100 + case((2000 + digits % 100 > today // 10_000, 1900), else_=2000)
    month = digits // 100 % 100
    day = digits // 10_000 % 40
    born = (year + _PRINT_AGE_YEARS) * 10_000 + month * 100 + day
    return born > today


def _collection(since: datetime, now: datetime) -> Select[Any]:
    return _wait(WaitStage.COLLECTION, card.c.printed_at, card.c.issued_at, now).where(
        or_(
            card.c.issued_at >= since,
            and_(card.c.printed_at.is_not(None), card.c.state == "printed"),
        )
    )


def _fresh(since: datetime, now: datetime) -> Select[Any]:
    following = (
        select(func.min(print_authorization.c.issued_at))
        .where(
            print_authorization.c.recording_id == card.c.recording_id,
            print_authorization.c.issued_at > card.c.spoiled_at,
        )
        .scalar_subquery()
    )
    return _wait(WaitStage.FRESH, card.c.spoiled_at, following, now).where(
        card.c.spoiled_at.is_not(None), or_(following.is_(None), following >= since)
    )


@dataclass(frozen=True, slots=True)
class NewPermission:
    pos: int
    captured_at: datetime
    seq: int
    applied_at: datetime
    trouble: OvertakeCause | None


async def permitted_after(transaction: Transaction, pos: int, limit: int) -> list[NewPermission]:
    """First permissions after `pos`, in their order, with what kept each from it before."""
    earlier = decision.alias("earlier")
    is_first = ~exists().where(
        earlier.c.recording_id == decision.c.recording_id,
        earlier.c.pos < decision.c.pos,
        earlier.c.outcome == _PERMITTED,
    )
    page = (
        select(
            decision.c.pos,
            decision.c.recording_id,
            decision.c.applied_at,
            recording.c.captured_at,
            recording.c.seq,
        )
        .join_from(decision, recording, recording.c.recording_id == decision.c.recording_id)
        .where(decision.c.outcome == _PERMITTED, decision.c.pos > pos, is_first)
        .order_by(decision.c.pos)
        .limit(limit)
        .subquery()
    )
    before = (
        select(earlier.c.outcome, earlier.c.reason)
        .where(earlier.c.recording_id == page.c.recording_id, earlier.c.pos < page.c.pos)
        .order_by(earlier.c.pos.desc())
        .limit(1)
        .lateral()
    )
    rows = await transaction.execute(
        select(
            page.c.pos,
            page.c.captured_at,
            page.c.seq,
            page.c.applied_at,
            before.c.outcome,
            before.c.reason,
        )
        .select_from(page.outerjoin(before, true()))
        .order_by(page.c.pos)
    )
    return [
        NewPermission(
            row.pos,
            row.captured_at,
            row.seq,
            row.applied_at,
            trouble_of(Outcome(row.outcome), row.reason) if row.outcome else None,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class OldCase:
    """A recording that has no card to this day; ids only."""

    recording_id: UUID
    captured_at: datetime


async def oldest(transaction: Transaction, limit: int) -> list[OldCase]:
    """The earliest captured of those that stand and were never printed."""
    was_printed = exists().where(
        card.c.recording_id == recording.c.recording_id, card.c.printed_at.is_not(None)
    )
    rows = await transaction.execute(
        select(recording.c.recording_id, recording.c.captured_at)
        .where(recording.c.is_live, ~was_printed)
        .order_by(recording.c.captured_at)
        .limit(limit)
    )
    return [OldCase(row.recording_id, row.captured_at) for row in rows]
