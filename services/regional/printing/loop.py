"""Ask the centre anew for what was not spent in time."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional.printing import steps
from shared.clock import Clock
from shared.database.engine import Database

log = structlog.get_logger()

RENEW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Renewals:
    """Gives expired permissions up and asks for fresh ones."""

    database: Database
    region: str
    clock: Clock

    async def run(self) -> None:
        while True:
            try:
                await self.round()
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
