"""Compare and swap: a claim counts if it names the current life as the one before it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.central import lives
from services.central.tables import intake_head, region_life
from shared.contracts.resync import LifeClaim
from shared.database.engine import Transaction
from shared.refusals import NotFound


async def claim(transaction: Transaction, region: str, claimed: LifeClaim, now: datetime) -> bool:
    """Take the region's name over; gives whether this life is the current one now.

    The same claim again changes nothing. One that lost is kept, for an officer to decide.
    """
    await _lock(transaction, region)
    life = await lives.current(transaction, region)
    if life == claimed.life:
        return True
    is_known = await transaction.scalar(
        select(region_life.c.began_at).where(_is(region, claimed.life))
    )
    if is_known is not None and life is not None:
        return False  # it had the name, and another took it over from it
    if life is not None and life != claimed.predecessor:
        await _ask(transaction, region, claimed, now)
        return False
    await _end(transaction, region, now)
    await _ask(transaction, region, claimed, now)
    await _begin(transaction, region, claimed.life, now)
    return True


async def hand_over(
    transaction: Transaction, region: str, life: UUID, officer: str, reason: str, now: datetime
) -> None:
    """Give the region's name to a server that asked for it. Refuses: NotFound."""
    await _lock(transaction, region)
    asked = await transaction.scalar(select(region_life.c.life).where(_is(region, life)))
    if asked is None:
        raise NotFound("No server of this region asked with that life.")
    if await lives.current(transaction, region) == life:
        return
    await _end(transaction, region, now)
    await _begin(transaction, region, life, now)
    await transaction.execute(
        update(region_life).where(_is(region, life)).values(officer=officer, reason=reason)
    )


def _is(region: str, life: UUID) -> ColumnElement[bool]:
    return and_(region_life.c.region_code == region, region_life.c.life == life)


async def _lock(transaction: Transaction, region: str) -> None:
    """Claims of one region take turns; a batch on its way holds the same row."""
    await transaction.execute(
        select(intake_head.c.accepted_seq)
        .where(intake_head.c.region_code == region)
        .with_for_update()
    )


async def _end(transaction: Transaction, region: str, now: datetime) -> None:
    await transaction.execute(
        update(region_life)
        .where(region_life.c.region_code == region, region_life.c.ended_at.is_(None))
        .where(region_life.c.began_at.is_not(None))
        .values(ended_at=now)
    )


async def _ask(transaction: Transaction, region: str, claimed: LifeClaim, now: datetime) -> None:
    await transaction.execute(
        insert(region_life)
        .values(
            region_code=region,
            life=claimed.life,
            predecessor=claimed.predecessor,
            asked_at=now,
        )
        .on_conflict_do_nothing()
    )


async def _begin(transaction: Transaction, region: str, life: UUID, now: datetime) -> None:
    await transaction.execute(
        update(region_life).where(_is(region, life)).values(began_at=now, ended_at=None)
    )
