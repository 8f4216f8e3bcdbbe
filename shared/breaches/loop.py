"""Watch the 72 hours: whoever looks at the measures or the log sees what is overdue."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy import Table
from sqlalchemy.exc import SQLAlchemyError

from shared.breaches import store
from shared.clock import Clock
from shared.database.engine import Database
from shared.telemetry.metrics import BREACHES_OVERDUE

PAUSE_SECONDS = 600.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BreachWatch:
    """One service's register; `run` until cancelled."""

    database: Database
    table: Table
    clock: Clock

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("breaches.database_trouble", trouble=type(trouble).__name__)
            await asyncio.sleep(PAUSE_SECONDS)

    async def look(self) -> int:
        async with self.database.begin() as transaction:
            overdue = await store.count_overdue(transaction, self.table, self.clock.now())
        BREACHES_OVERDUE.set(overdue)
        if overdue:
            log.error("breaches.overdue", incidents=overdue)
        return overdue
