"""Learns from this office every few minutes, so that whoever asks waits for no counting."""

import asyncio
import secrets
from dataclasses import dataclass, field

import numpy as np
import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional.citizen import desk_store, learning_store, steps, store, tokens
from services.regional.citizen.order import ORDER_MAX, Order
from services.regional.citizen.steps import LEARNT_FROM, OLDEST_MAX, Learnt
from shared.clock import Clock
from shared.database.engine import Database, Transaction

# A server just started learns soon again: an office may be filled meanwhile.
FIRST_PAUSE_SECONDS = 15.0
LEARN_SECONDS = 300.0
# Counting takes at most a thirtieth of the time, however large the office is.
PAUSE_FACTOR = 30
PERMISSIONS_MAX = 2_000
EXCEPTIONS_MAX = 200
# Between two pages of permissions others are served.
BREATH_SECONDS = 0.01

log = structlog.get_logger()


@dataclass(slots=True)
class Learner:
    """Holds what was learnt last; None before the first time."""

    database: Database
    region: str
    clock: Clock
    learnt: Learnt | None = None
    _order: Order = field(default_factory=Order)
    _secret: bytes | None = None

    async def run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self.learn()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("citizen.database_trouble", trouble=type(trouble).__name__)
            took = loop.time() - began
            await asyncio.sleep(max(pause, PAUSE_FACTOR * took))
            pause = min(LEARN_SECONDS, 2 * pause)

    async def learn(self) -> Learnt:
        """Count anew; only permissions that came since the last time are read."""
        now = self.clock.now()
        since = now - LEARNT_FROM
        await self._follow()
        async with self.database.begin() as transaction:
            curves = await steps.waits(transaction, self.region, since, now)
            printing = await desk_store.printing_queue(transaction, now)
            printed, out_of_turn = await desk_store.printed(transaction, since)
            by_reason = await desk_store.exceptions_by_reason(transaction, since)
            oldest = await learning_store.oldest(transaction, OLDEST_MAX)
            exceptions = await desk_store.exceptions(transaction, since, EXCEPTIONS_MAX)
        # Seconds of counting for a large office: beside the doors, not before them.
        overtakes = await asyncio.to_thread(self._order.overtakes_since, since)
        self.learnt = Learnt(
            at=now,
            since=since,
            curves=curves,
            order=self._order,
            printing=np.array(printing, np.int64),
            printed=np.array(printed, np.int64),
            out_of_turn=np.array(out_of_turn, np.int64),
            overtakes=overtakes,
            permitted=self._order.permitted_since(since),
            oldest=oldest,
            exceptions=exceptions,
            exceptions_by_reason=by_reason,
        )
        return self.learnt

    async def _follow(self) -> None:
        while True:
            async with self.database.begin() as transaction:
                after = self._order.last_pos or await self._first_kept(transaction)
                rows = await learning_store.permitted_after(transaction, after, PERMISSIONS_MAX)
            if rows:
                self._order = self._order.followed_by(rows)
            if len(rows) < PERMISSIONS_MAX:
                return
            await asyncio.sleep(BREATH_SECONDS)

    async def _first_kept(self, transaction: Transaction) -> int:
        return max(0, await store.applied_pos(transaction, self.region) - ORDER_MAX)

    async def secret(self) -> bytes:
        """What addresses on receipts are sealed with; made at the first need."""
        if self._secret is None:
            fresh, now = secrets.token_bytes(tokens.SECRET_BYTES), self.clock.now()
            async with self.database.begin() as transaction:
                self._secret = await store.keep_secret(transaction, fresh, now)
        return self._secret
