"""Seen at the line once a minute and write it down."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional.console import line_store
from services.regional.console.history import DAYS_KEPT, SAMPLE_SECONDS, Sample
from services.regional.console.sources import Sources
from shared.clock import Clock
from shared.database.engine import Database

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LineWatch:
    """Keeps `line_sample`; `run` until cancelled."""

    database: Database
    sources: Sources
    clock: Clock

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("line_watch.database_trouble", trouble=type(trouble).__name__)
            # The next full minute: processes on one database then write the same rows.
            now = self.clock.now()
            await asyncio.sleep(SAMPLE_SECONDS - now.timestamp() % SAMPLE_SECONDS)

    async def look(self) -> None:
        minute = self.clock.now().replace(second=0, microsecond=0)
        async with self.database.begin() as transaction:
            line, waiting = await self.sources.line(transaction)
            await line_store.save(
                transaction,
                Sample(minute, line.state, line.since, waiting, line.goodput_bytes_per_second),
            )
            await line_store.forget_before(transaction, minute - timedelta(days=DAYS_KEPT))
