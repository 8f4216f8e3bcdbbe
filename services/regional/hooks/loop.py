"""Tell gateways: look through what happened, send what is due, a few at a time."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import httpx
import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional.hooks import rules, steps, store
from shared.clock import Clock
from shared.database.engine import Database
from shared.telemetry.metrics import HOOK_DELIVERIES

IDLE_SECONDS = 1.0
TROUBLE_SECONDS = 5.0
TRY_SECONDS_MAX = 10.0
AT_ONCE = 20
LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)

log = structlog.get_logger()


@dataclass(slots=True)
class HookSender:
    """One region's hooks; `run` until cancelled."""

    database: Database
    region: str
    clock: Clock

    async def run(self) -> None:
        # Redirects would carry a signed event to whom nobody named.
        async with httpx.AsyncClient(
            timeout=TRY_SECONDS_MAX, follow_redirects=False, trust_env=False
        ) as http:
            while True:
                try:
                    is_busy = await self.turn(http)
                except (SQLAlchemyError, OSError) as trouble:
                    log.warning("hooks.database_trouble", trouble=type(trouble).__name__)
                    await asyncio.sleep(TROUBLE_SECONDS)
                    continue
                if not is_busy:
                    await asyncio.sleep(IDLE_SECONDS)

    async def turn(self, http: httpx.AsyncClient) -> bool:
        """Look, and send what is due; gives whether there may be more to do at once."""
        async with self.database.begin() as transaction:
            is_more = await steps.look_through(transaction, self.region, self.clock.now())
        async with self.database.begin() as transaction:
            due = await store.take(transaction, self.clock.now(), LEASE, AT_ONCE)
        if not due:
            return is_more
        statuses = await asyncio.gather(*(self._try(http, one) for one in due))
        ended: Counter[rules.After] = Counter()
        async with self.database.begin() as transaction:
            for one, status in zip(due, statuses, strict=True):
                chance = random.random()
                now = self.clock.now()
                ended[await steps.after_try(transaction, one, status, now, chance)] += 1
            await store.forget(transaction, self.clock.now() - KEPT)
        for after, count in ended.items():
            HOOK_DELIVERIES.labels(after.value).inc(count)
        return True

    async def _try(self, http: httpx.AsyncClient, one: store.Due) -> int | None:
        """The status of the answer; None when there was none, and nobody knows what came of it."""
        body = rules.body_of(one.happening)
        headers = rules.signed_headers(one.hook.secret, one.event_id, body, self.clock.now())
        try:
            async with (
                asyncio.timeout(TRY_SECONDS_MAX),
                http.stream("POST", one.hook.address, content=body, headers=headers) as answer,
            ):
                return answer.status_code
        except Exception as trouble:  # noqa: BLE001 no address somebody gave may end the loop
            log.info("hooks.no_answer", hook=str(one.hook.hook_id), trouble=type(trouble).__name__)
            return None
