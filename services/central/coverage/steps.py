"""Keep denominators; count recordings by region."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from pydantic import ValidationError
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from services.central.tables import coverage_base, feed
from shared.contracts.envelopes import COVERAGE_BASE
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction

log = structlog.get_logger()

# What counts as recorded: everything that ended in a decision about a person, unique or not.
_NOT_RECORDED = (Outcome.ENROLL_FAILURE_AT_CENTRAL.value,)


async def take_bases(
    transaction: Transaction, region: str, bodies: Sequence[tuple[int, bytes]]
) -> None:
    """Replace a region's denominators with its newest ones, given as (seq, body)."""
    for seq, body in bodies:
        try:
            base = COVERAGE_BASE.validate_json(body)
        except ValidationError:
            log.warning("coverage_base.unreadable", region=region, seq=seq)
            continue
        # A district that is not in the new list has nobody any more.
        await transaction.execute(
            delete(coverage_base).where(coverage_base.c.region_code == region)
        )
        rows = [
            {"region_code": region, "counted_at": base.counted_at, **one.model_dump()}
            for one in base.districts
        ]
        if rows:
            await transaction.execute(insert(coverage_base).on_conflict_do_nothing(), rows)


@dataclass(frozen=True, slots=True)
class RegionCoverage:
    region: str
    population: int
    obliged: int
    recorded: int
    counted_at: datetime | None


async def by_region(transaction: Transaction) -> list[RegionCoverage]:
    """Every region with a denominator or a decision, by code; `recorded` by place of recording."""
    bases = {
        row.region_code: row
        for row in await transaction.execute(
            select(
                coverage_base.c.region_code,
                func.sum(coverage_base.c.population).label("population"),
                func.sum(coverage_base.c.obliged).label("obliged"),
                func.max(coverage_base.c.counted_at).label("counted_at"),
            ).group_by(coverage_base.c.region_code)
        )
    }
    recorded = {
        row.region_code: int(row.recorded)
        for row in await transaction.execute(
            select(
                feed.c.region_code,
                func.count(func.distinct(feed.c.recording_id)).label("recorded"),
            )
            .where(feed.c.kind == "decision", feed.c.outcome.not_in(_NOT_RECORDED))
            .group_by(feed.c.region_code)
        )
    }
    return [
        RegionCoverage(
            code,
            int(bases[code].population) if code in bases else 0,
            int(bases[code].obliged) if code in bases else 0,
            recorded.get(code, 0),
            bases[code].counted_at if code in bases else None,
        )
        for code in sorted(bases.keys() | recorded.keys())
    ]


async def outcomes_by_region(transaction: Transaction) -> dict[str, dict[str, int]]:
    """Recordings by their last outcome: each region's column of the dashboard."""
    last = (
        select(feed.c.region_code, feed.c.outcome)
        .ext(distinct_on(feed.c.region_code, feed.c.recording_id))
        .where(feed.c.kind == "decision")
        .order_by(feed.c.region_code, feed.c.recording_id, feed.c.pos.desc())
        .subquery()
    )
    rows = await transaction.execute(
        select(last.c.region_code, last.c.outcome, func.count().label("decisions")).group_by(
            last.c.region_code, last.c.outcome
        )
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.region_code, {})[row.outcome] = row.decisions
    return found
