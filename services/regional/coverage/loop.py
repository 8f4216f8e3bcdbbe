"""Freeze each semester's last day, soon after it is over."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional.coverage import steps
from services.regional.coverage.steps import Office
from shared.clock import Clock
from shared.database.engine import Database

LOOK_SECONDS = 3_600.0

log = structlog.get_logger()


@dataclass(slots=True)
class Freezer:
    """One region's; `run` until cancelled. What a stopped server missed is frozen late."""

    database: Database
    office: Office
    clock: Clock

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("coverage.not_frozen", trouble=type(trouble).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> bool:
        async with self.database.begin() as transaction:
            is_done = await steps.freeze_due(transaction, self.office, self.clock.now())
        if is_done:
            log.info("coverage.frozen")
        return is_done
