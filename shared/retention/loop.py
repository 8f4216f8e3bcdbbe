"""Obey the schedule: every hour a turn of all sweeps, each in batches that hold nobody up."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from shared.clock import Clock
from shared.database.engine import Database
from shared.retention.sweeps import Sweep
from shared.retention.terms import Term
from shared.telemetry.metrics import RETENTION_DUE, RETENTION_REMOVED

FIRST_SECONDS = 60.0
PAUSE_SECONDS = 3_600.0
BATCH_ROWS = 500
TURN_BATCHES_MAX = 200
BETWEEN_BATCHES_SECONDS = 0.02

log = structlog.get_logger()


@dataclass(slots=True)
class Retention:
    """One service's schedule; `run` until cancelled."""

    database: Database
    sweeps: Sequence[Sweep]
    clock: Clock
    _turning: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            try:
                await self.turn()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("retention.trouble", trouble=type(trouble).__name__)
            await asyncio.sleep(PAUSE_SECONDS)

    def terms(self) -> list[Term]:
        return list({sweep.term.kind: sweep.term for sweep in self.sweeps}.values())

    async def due(self) -> dict[str, int]:
        """Rows past their time, by kind."""
        now, found = self.clock.now(), dict.fromkeys((one.kind for one in self.terms()), 0)
        for sweep in self.sweeps:
            before = sweep.term.before(now)
            if before is not None:
                async with self.database.begin() as transaction:
                    found[sweep.term.kind] += await sweep.count(transaction, before)
        return found

    async def turn(self, batches_max: int = TURN_BATCHES_MAX) -> dict[str, int]:
        """Remove what is past its time, up to a bound; gives rows by kind. The rest comes next."""
        async with self._turning:
            removed = dict.fromkeys((one.kind for one in self.terms()), 0)
            for sweep in self.sweeps:
                before = sweep.term.before(self.clock.now())
                if before is not None:
                    removed[sweep.term.kind] += await self._sweep(sweep, before, batches_max)
            for kind, count in removed.items():
                if count:
                    log.info("retention.removed", kind=kind, rows=count)
            for kind, left in (await self.due()).items():
                RETENTION_DUE.labels(kind).set(left)
            return removed

    async def _sweep(self, sweep: Sweep, before: datetime, batches_max: int) -> int:
        count = 0
        for _ in range(batches_max):
            async with self.database.begin() as transaction:
                found = await sweep.find(transaction, before, BATCH_ROWS)
            if not found:
                break
            await sweep.outside(found)
            async with self.database.begin() as transaction:
                done = await sweep.finish(transaction, found, before, self.clock.now())
            RETENTION_REMOVED.labels(sweep.term.kind).inc(done)
            count += done
            if len(found) < BATCH_ROWS:
                break
            await asyncio.sleep(BETWEEN_BATCHES_SECONDS)
        return count
