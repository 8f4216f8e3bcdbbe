"""The watch: flag recordings whose images did not come in time."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.central.evidence import rules, steps, store
from shared.clock import Clock
from shared.database.engine import Database

WATCH_SECONDS = 60.0

log = structlog.get_logger()


@dataclass(slots=True)
class EvidenceWatch:
    database: Database
    clock: Clock
    days_max: int

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("evidence.database_trouble", trouble=type(trouble).__name__)
            await asyncio.sleep(WATCH_SECONDS)

    async def round(self) -> int:
        """Come up to the present in every region; gives how many envelopes were looked at."""
        async with self.database.begin() as transaction:
            regions = await store.regions_watched(transaction)
        before = rules.overdue_before(self.clock.now(), self.days_max)
        looked_at = 0
        for region in regions:
            while True:
                async with self.database.begin() as transaction:
                    count = await steps.watch(transaction, region, before)
                looked_at += count
                if count < steps.WATCH_ENVELOPES_MAX:
                    break
        return looked_at
