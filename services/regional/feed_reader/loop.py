"""Read the feed for ever: long poll, apply, go on; after trouble wait by rule."""

import asyncio
import random
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional import lives
from services.regional.central_client.client import CentralClient, Refused, SignedPage, Unknown
from services.regional.central_client.rules import FENCED, wait_seconds
from services.regional.feed_reader import rules, steps, store
from services.regional.feed_reader.rules import Hold, PageDoesNotFit
from shared.clock import Clock
from shared.contracts.feed import LONG_POLL_SECONDS_MAX, PAGE_ENTRIES_MAX
from shared.database.engine import Database
from shared.database.trouble import is_of_the_world, kind_of

ENTRIES_AFTER_TROUBLE = 50
# After a short page the next ones may gather: a page costs a commit, whatever its length.
LINGER_ENTRIES = 200
LINGER_SECONDS = 0.15
NOT_APPLIED = "not-applied"

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
        has_looked = False
        entries_max = ENTRIES_AFTER_TROUBLE
        while True:
            try:
                if not has_looked:
                    await self._act_on_held()
                    has_looked = True
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
            name = await lives.name(transaction)
        if not name.may_speak:
            return await lives.claim(self.database, self.client, self.region, self.clock)
        signed = await self.client.read_feed(
            cursor.applied_pos, entries_max, LONG_POLL_SECONDS_MAX, name.life
        )
        if isinstance(signed, Unknown):
            return signed.reason
        if isinstance(signed, Refused):
            if signed.code == FENCED:
                await lives.doubt(self.database)
            return signed.code
        page = signed.page
        if page.entries:
            trouble = await self._apply(signed)
            if trouble is not None:
                return trouble
        elif page.epoch > cursor.epoch:
            async with self.database.begin() as transaction:
                await steps.apply(transaction, self.region, page, self.clock.now())
        if page.entries and len(page.entries) < LINGER_ENTRIES:
            await asyncio.sleep(LINGER_SECONDS)
        return None

    async def _apply(self, signed: SignedPage) -> str | None:
        """Apply a page, in parts if something in it cannot be; gives the reason to wait for."""
        page = signed.page
        while page.entries:
            now = self.clock.now()
            async with self.database.begin() as transaction:
                move = await steps.plan(transaction, self.region, page)
                if isinstance(move, Hold):
                    await steps.hold(transaction, self.region, page, NOT_APPLIED, now)
                    await steps.keep(transaction, signed)
            if isinstance(move, Hold):
                log.error("feed_reader.held", region=self.region, pos=page.entries[0].pos)
                page = rules.rest_of(page, 1)
                continue
            try:
                async with self.database.begin() as transaction:
                    part = rules.front_of(page, move.count)
                    await steps.apply(transaction, self.region, part, now)
                    await steps.keep(transaction, signed)
            except PageDoesNotFit:
                raise
            except Exception as trouble:
                if is_of_the_world(trouble):
                    raise
                reason = kind_of(trouble)
                log.exception("feed_reader.not_applied", entries=move.count, reason=reason)
                async with self.database.begin() as transaction:
                    await steps.fail(transaction, self.region, move.count)
                if move.count == 1:
                    return reason
            else:
                page = rules.rest_of(page, move.count)
        return None

    async def _act_on_held(self) -> None:
        """What an older program could not read or apply: once at each start, in order."""
        async with self.database.begin() as transaction:
            positions = await store.held_positions(transaction)
        for pos in positions:
            try:
                async with self.database.begin() as transaction:
                    if await steps.act_on_held(transaction, pos, self.clock.now()):
                        log.info("feed_reader.applied_after_all", region=self.region, pos=pos)
            except Exception as trouble:
                if is_of_the_world(trouble):
                    raise
                log.exception("feed_reader.still_held", region=self.region, pos=pos)
