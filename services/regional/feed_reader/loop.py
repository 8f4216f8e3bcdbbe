"""Read the feed for ever: long poll, apply, go on; after trouble wait by rule."""

import asyncio
import random
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional.central_client.client import CentralClient, Refused, Unknown
from services.regional.central_client.rules import wait_seconds
from services.regional.feed_reader import steps, store
from services.regional.feed_reader.rules import PageDoesNotFit
from shared.clock import Clock
from shared.contracts.feed import LONG_POLL_SECONDS_MAX, PAGE_ENTRIES_MAX
from shared.database.engine import Database

ENTRIES_AFTER_TROUBLE = 50
# After a short page the next ones may gather: a page costs a commit, whatever its length.
LINGER_ENTRIES = 200
LINGER_SECONDS = 0.15

log = structlog.get_logger()


@dataclass(slots=True)
class FeedReader:
    """One region's reader; a second one does no harm, its pages just no longer fit."""

    database: Database
    client: CentralClient
    region: str
    clock: Clock
    retry_cap_seconds: float

    async def run(self) -> None:
        failures = 0
        entries_max = ENTRIES_AFTER_TROUBLE
        while True:
            try:
                trouble = await self._turn(entries_max)
            except PageDoesNotFit:
                trouble = "page-does-not-fit"
            except (SQLAlchemyError, OSError) as database_trouble:
                trouble = type(database_trouble).__name__
            if trouble is None:
                failures = 0
                entries_max = min(2 * entries_max, PAGE_ENTRIES_MAX)
                continue
            failures += 1
            entries_max = ENTRIES_AFTER_TROUBLE
            log.warning("feed_reader.no_page", reason=trouble, failures=failures)
            await asyncio.sleep(wait_seconds(failures, random.random(), self.retry_cap_seconds))

    async def _turn(self, entries_max: int) -> str | None:
        """One page read and applied; gives the reason if there was none."""
        async with self.database.begin() as transaction:
            cursor = await store.cursor(transaction, self.region)
        page = await self.client.read_feed(cursor.applied_pos, entries_max, LONG_POLL_SECONDS_MAX)
        if isinstance(page, Unknown):
            return page.reason
        if isinstance(page, Refused):
            return page.code
        if page.entries or page.epoch > cursor.epoch:
            now = self.clock.now()
            async with self.database.begin() as transaction:
                await steps.apply(transaction, self.region, page, now)
            if len(page.entries) < LINGER_ENTRIES:
                await asyncio.sleep(LINGER_SECONDS)
        return None
