"""Queries of waivers: the first officer asks, the second waives."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from services.central.tables import resync
from shared.database.engine import Transaction


async def lock_awaited(transaction: Transaction, region: str, epoch: int) -> Row[Any] | None:
    """The row of a region this epoch still waits for, with `waiver_asked_by`."""
    return (
        await transaction.execute(
            select(resync.c.waiver_asked_by)
            .where(
                resync.c.region_code == region,
                resync.c.epoch == epoch,
                resync.c.synced_at.is_(None),
                resync.c.waived_at.is_(None),
            )
            .with_for_update()
        )
    ).one_or_none()


async def ask(
    transaction: Transaction, region: str, epoch: int, officer: str, reason: str, now: datetime
) -> None:
    await transaction.execute(
        update(resync)
        .where(resync.c.region_code == region, resync.c.epoch == epoch)
        .values(waiver_asked_at=now, waiver_asked_by=officer, waiver_asked_reason=reason)
    )


async def waive(
    transaction: Transaction, region: str, epoch: int, officer: str, reason: str, now: datetime
) -> None:
    await transaction.execute(
        update(resync)
        .where(resync.c.region_code == region, resync.c.epoch == epoch)
        .values(waived_at=now, officer=officer, reason=reason)
    )
