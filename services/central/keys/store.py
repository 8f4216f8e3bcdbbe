"""Queries over regions' keys."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.central.identity.regions import facts_of
from services.central.identity.rules import PENDING_MAX, KeyFacts, state_of
from services.central.tables import region_key
from shared.contracts.region_keys import KeyState
from shared.database.engine import Transaction
from shared.telemetry.metrics import REGION_KEYS


@dataclass(frozen=True, slots=True)
class Said:
    """An officer's word."""

    officer: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """One key, and what was done with it by whom."""

    facts: KeyFacts
    vouched_by: str | None
    brought_by: str | None
    approvals: tuple[Said, ...]
    ended_by: str | None
    end_reason: str | None


def _is(region: str, kid: str) -> ColumnElement[bool]:
    return and_(region_key.c.region_code == region, region_key.c.kid == kid)


def _is_pending() -> ColumnElement[bool]:
    return and_(
        region_key.c.approved_at.is_(None),
        region_key.c.refused_at.is_(None),
        region_key.c.is_pinned.is_(False),
    )


async def key(
    transaction: Transaction, region: str, kid: str, *, to_change: bool = False
) -> Kept | None:
    asked = select(region_key).where(_is(region, kid))
    if to_change:
        asked = asked.with_for_update()
    row = (await transaction.execute(asked)).one_or_none()
    return _kept(row) if row else None


async def keys(transaction: Transaction, region: str | None, limit: int) -> list[Kept]:
    """Newest first."""
    asked = select(region_key).order_by(region_key.c.asked_at.desc(), region_key.c.kid)
    if region is not None:
        asked = asked.where(region_key.c.region_code == region)
    return [_kept(row) for row in await transaction.execute(asked.limit(limit))]


async def count_pending(transaction: Transaction, region: str | None) -> int:
    asked = select(func.count()).select_from(region_key).where(_is_pending())
    if region is not None:
        asked = asked.where(region_key.c.region_code == region)
    return int(await transaction.scalar(asked) or 0)


async def measure(transaction: Transaction, now: datetime) -> None:
    """Set the gauge of regions' keys by how they stand."""
    counted = Counter(
        state_of(facts_of(row), now) for row in await transaction.execute(select(region_key))
    )
    for state in get_args(KeyState):
        REGION_KEYS.labels(state).set(counted[state])


async def drop_lapsed(transaction: Transaction, now: datetime) -> None:
    """Requests that nobody approved in time: the only rows that are ever taken out."""
    await transaction.execute(
        delete(region_key).where(_is_pending(), region_key.c.asked_at < now - PENDING_MAX)
    )


async def put(transaction: Transaction, values: Mapping[str, Any]) -> bool:
    """Write a new row; False when there was one already."""
    written = await transaction.execute(
        insert(region_key).values(changes=1, **values).on_conflict_do_nothing()
    )
    return bool(written.rowcount)


async def change(
    transaction: Transaction, region: str, kid: str, values: Mapping[str, Any]
) -> None:
    await transaction.execute(
        update(region_key)
        .where(_is(region, kid))
        .values(changes=region_key.c.changes + 1, **values)
    )


async def retire_others(
    transaction: Transaction, region: str, kid: str, retires_at: datetime
) -> None:
    """All keys of the region that count, but this one; a sooner end that was set stays."""
    await transaction.execute(
        update(region_key)
        .where(region_key.c.region_code == region, region_key.c.kid != kid)
        .where(or_(region_key.c.approved_at.is_not(None), region_key.c.is_pinned))
        .where(region_key.c.retires_at.is_(None), region_key.c.revoked_at.is_(None))
        .values(retires_at=retires_at, changes=region_key.c.changes + 1)
    )


async def vouched_by(transaction: Transaction, region: str, kids: Sequence[str]) -> list[str]:
    """Keys that came in by the word of one of these, and are not revoked yet."""
    return list(
        await transaction.scalars(
            select(region_key.c.kid)
            .where(region_key.c.region_code == region, region_key.c.vouched_by.in_(kids))
            .where(region_key.c.revoked_at.is_(None))
        )
    )


def _kept(row: Row[Any]) -> Kept:
    given = (
        (row.first_officer, row.first_reason, row.first_at),
        (row.second_officer, row.second_reason, row.second_at),
    )
    return Kept(
        facts_of(row),
        row.vouched_by,
        row.brought_by,
        tuple(Said(*one) for one in given if one[0] is not None),
        row.ended_by,
        row.end_reason,
    )
