"""Queries of how all recordings fared together: the order of permissions, waits, outcomes."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from services.regional.journey.overtakes import Permitted, trouble_of
from services.regional.tables import card, decision, print_authorization, recording
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction


async def outcomes(transaction: Transaction) -> dict[str, int]:
    rows = await transaction.execute(
        select(decision.c.outcome, func.count()).group_by(decision.c.outcome)
    )
    return {row[0]: row[1] for row in rows}


async def cards(transaction: Transaction) -> dict[str, int]:
    rows = await transaction.execute(select(card.c.state, func.count()).group_by(card.c.state))
    return {row[0]: row[1] for row in rows}


async def permission_order(transaction: Transaction) -> list[Permitted]:
    """Every recording permitted, by its first permission, with what kept it from it before."""
    first = (
        select(
            print_authorization.c.recording_id,
            func.min(print_authorization.c.pos).label("pos"),
        )
        .group_by(print_authorization.c.recording_id)
        .subquery()
    )
    before = (
        select(decision.c.recording_id, decision.c.outcome, decision.c.reason)
        .join_from(decision, first, first.c.recording_id == decision.c.recording_id)
        .where(decision.c.pos < first.c.pos)
        .ext(distinct_on(decision.c.recording_id))
        .order_by(decision.c.recording_id, decision.c.pos.desc())
        .subquery()
    )
    rows = await transaction.execute(
        select(recording.c.captured_at, recording.c.seq, before.c.outcome, before.c.reason)
        .join_from(recording, first, first.c.recording_id == recording.c.recording_id)
        .outerjoin(before, before.c.recording_id == recording.c.recording_id)
        .order_by(first.c.pos)
    )
    return [
        Permitted(row[0], row[1], trouble_of(Outcome(row[2]), row[3]) if row[2] else None)
        for row in rows
    ]


async def waits_seconds(transaction: Transaction) -> tuple[float, float, float] | None:
    """p50, p95 and max seconds from recorded here to permission read here; None before any."""
    waited = func.extract("epoch", decision.c.applied_at - recording.c.recorded_at)
    row = (
        await transaction.execute(
            select(
                func.percentile_cont(0.5).within_group(waited),
                func.percentile_cont(0.95).within_group(waited),
                func.max(waited),
            ).join(decision, decision.c.recording_id == recording.c.recording_id)
        )
    ).one()
    return None if row[2] is None else (float(row[0]), float(row[1]), float(row[2]))
