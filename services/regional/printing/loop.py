"""Ask the centre anew for what was not spent in time; know whose card waits for a day."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional.printing import steps
from shared.clock import Clock
from shared.database.engine import Database

log = structlog.get_logger()

RENEW_SECONDS = 60.0
DAYS_ROUNDS_MAX = 25


@dataclass(frozen=True, slots=True)
class Renewals:
    """Gives expired permissions up and asks for fresh ones; looks up whose day is to come."""

    database: Database
    region: str
    clock: Clock

    async def run(self) -> None:
        while True:
            try:
                await self.round()
                await self.learn_days()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("renewals.database_trouble", trouble=type(trouble).__name__)
            await asyncio.sleep(RENEW_SECONDS)

    async def round(self) -> int:
        """Ask for all that are past; gives how many."""
        asked = 0
        while True:
            async with self.database.begin() as transaction:
                count = await steps.ask_anew(transaction, self.region, self.clock.now())
            asked += count
            if count < steps.RENEWALS_MAX:
                break
        if asked:
            log.info("renewals.asked", permissions=asked)
        return asked

    async def learn_days(self) -> int:
        """Look up when those who are permitted may be printed; gives how many."""
        learnt = 0
        for _ in range(DAYS_ROUNDS_MAX):
            async with self.database.begin() as transaction:
                count = await steps.learn_days(transaction)
            learnt += count
            if count < steps.DAYS_MAX:
                break
        return learnt
