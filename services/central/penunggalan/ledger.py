"""Queries of what was checked, and of decisions that are not the last word."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.central.penunggalan.checks import Checked
from services.central.penunggalan.rules import OPEN_OUTCOMES, Basis, Candidate, Verdict
from services.central.tables import undecided, uniqueness_check
from shared.contracts.feed import Rival
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction

SEARCH_AGAIN_MAX = timedelta(hours=1)

Decided = Sequence[tuple[Candidate, Verdict]]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A recording whose last decision asks somebody to act."""

    region: str
    recording_id: UUID
    seq: int
    outcome: Outcome
    reason: str | None
    since: datetime
    searches: int


async def save_checks(
    transaction: Transaction,
    region: str,
    decided: Decided,
    checked: Checked,
    basis: Basis,
    now: datetime,
) -> None:
    """Keep what these checks saw, each as its recording's next attempt."""
    if not decided:
        return
    ids = [one.recording.recording_id for one, _ in decided]
    counted = await transaction.execute(
        select(uniqueness_check.c.recording_id, func.max(uniqueness_check.c.attempt))
        .where(uniqueness_check.c.region_code == region, uniqueness_check.c.recording_id.in_(ids))
        .group_by(uniqueness_check.c.recording_id)
    )
    attempts = {row[0]: int(row[1]) for row in counted}
    await transaction.execute(
        insert(uniqueness_check),
        [
            {
                "region_code": region,
                "recording_id": one.recording.recording_id,
                "attempt": attempts.get(one.recording.recording_id, 0) + 1,
                "basis": basis.value,
                "gallery_pos": checked.position,
                "gallery_size": checked.gallery_size,
                "outcome": verdict.outcome.value,
                "reason": verdict.reason,
                "evidence": checked.evidence.get(one.seq) or {},
                "checked_at": now,
            }
            for one, verdict in decided
        ],
    )


async def save_undecided(
    transaction: Transaction,
    region: str,
    decided: Decided,
    search_again: timedelta,
    now: datetime,
) -> None:
    """Keep those that wait for somebody, and strike out those that no longer do."""
    final = [one.recording.recording_id for one, verdict in decided if not _is_open(verdict)]
    if final:
        await transaction.execute(
            delete(undecided).where(
                undecided.c.region_code == region, undecided.c.recording_id.in_(final)
            )
        )
    rows = [
        {
            "region_code": region,
            "recording_id": one.recording.recording_id,
            "seq": one.seq,
            "outcome": verdict.outcome.value,
            "reason": verdict.reason,
            "since": now,
            "searches": 1,
            "search_at": now + search_again
            if verdict.outcome is Outcome.SEARCH_FAILURE_AT_CENTRAL
            else None,
        }
        for one, verdict in decided
        if _is_open(verdict)
    ]
    if rows:
        adding = insert(undecided)
        await transaction.execute(
            adding.on_conflict_do_update(
                index_elements=["region_code", "recording_id"],
                set_={
                    name: adding.excluded[name]
                    for name in ("outcome", "reason", "since", "searches", "search_at")
                },
            ),
            rows,
        )


async def search_soon(
    transaction: Transaction, region: str, candidates: Sequence[Candidate], now: datetime
) -> None:
    """Have these decided by a search of their own, as soon as one is possible."""
    if not candidates:
        return
    await transaction.execute(
        insert(undecided).on_conflict_do_nothing(),
        [
            {
                "region_code": region,
                "recording_id": one.recording.recording_id,
                "seq": one.seq,
                "outcome": Outcome.SEARCH_FAILURE_AT_CENTRAL.value,
                "reason": "restored",
                "since": now,
                "searches": 1,
                "search_at": now,
            }
            for one in candidates
        ],
    )


async def was_validated(transaction: Transaction, region: str, recording_id: UUID) -> bool:
    """Whether the region has confirmed this recording before."""
    return bool(
        await transaction.scalar(
            select(func.count()).where(
                uniqueness_check.c.region_code == region,
                uniqueness_check.c.recording_id == recording_id,
                uniqueness_check.c.basis == Basis.VALIDATED.value,
            )
        )
    )


def _is_open(verdict: Verdict) -> bool:
    return verdict.outcome in OPEN_OUTCOMES


async def lock_undecided(
    transaction: Transaction, region: str, recording_id: UUID
) -> Undecided | None:
    """What waits there, held until the transaction ends; None if nothing does."""
    row = (
        await transaction.execute(
            select(undecided)
            .where(undecided.c.region_code == region, undecided.c.recording_id == recording_id)
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        return None
    return Undecided(
        region,
        recording_id,
        int(row.seq),
        Outcome(row.outcome),
        row.reason,
        row.since,
        int(row.searches),
    )


async def due_searches(
    transaction: Transaction, now: datetime, count_max: int
) -> list[tuple[str, UUID]]:
    """Recordings whose search is to be made again, the longest due first: (region, id)."""
    rows = await transaction.execute(
        select(undecided.c.region_code, undecided.c.recording_id)
        .where(undecided.c.search_at <= now)
        .order_by(undecided.c.search_at)
        .limit(count_max)
    )
    return [(row.region_code, row.recording_id) for row in rows]


async def postpone_search(
    transaction: Transaction, waiting: Undecided, pause: timedelta, now: datetime
) -> None:
    """Impossible again: twice the pause, up to SEARCH_AGAIN_MAX."""
    longer = min(pause * 2 ** min(waiting.searches, 16), SEARCH_AGAIN_MAX)
    await transaction.execute(
        update(undecided)
        .where(
            undecided.c.region_code == waiting.region,
            undecided.c.recording_id == waiting.recording_id,
        )
        .values(searches=waiting.searches + 1, search_at=now + longer)
    )


async def count_undecided(transaction: Transaction) -> dict[str, int]:
    """How many wait, by outcome."""
    rows = await transaction.execute(
        select(undecided.c.outcome, func.count()).group_by(undecided.c.outcome)
    )
    return {row[0]: int(row[1]) for row in rows}


async def rival_of(
    transaction: Transaction, region: str, recording_id: UUID, rival_id: UUID | None
) -> Rival | None:
    """Whom a check of this recording found under that id."""
    if rival_id is None:
        return None
    kept = await transaction.execute(
        select(uniqueness_check.c.evidence)
        .where(
            uniqueness_check.c.region_code == region,
            uniqueness_check.c.recording_id == recording_id,
        )
        .order_by(uniqueness_check.c.attempt.desc())
    )
    for evidence in kept.scalars():
        for one in evidence.get("likenesses", ()):
            if one["recording_id"] == str(rival_id) and one["captured_at"] is not None:
                captured_at = datetime.fromisoformat(one["captured_at"])
                return Rival(recording_id=rival_id, region=one["region"], captured_at=captured_at)
    return None
