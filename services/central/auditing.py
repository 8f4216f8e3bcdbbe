"""The nightly audit: a share of all searches is made anew in full, and compared.

It runs beside settling, outside its transactions and without the ticket: a search in full may take
as long as it likes. What it finds is told, and a person who was missed comes before two officers.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.central import epochs, settling
from services.central.penunggalan import audit_store, auditing
from services.central.penunggalan.audit import Night, night_of
from services.central.penunggalan.auditing import FIRST, Concluded, Picked
from services.central.penunggalan.checks import compared
from services.central.penunggalan.iris.matcher import GalleryIncomplete, Matcher, Search
from services.central.penunggalan.search import Compare
from services.central.penunggalan.steps import Settled
from shared.clock import Clock
from shared.database.engine import Database, Transaction
from shared.iris_keys import GalleryKeys
from shared.telemetry.metrics import AUDITED_SEARCHES

AUDITED_AT_ONCE = 50
WATCH_SECONDS = 60.0
COUNTED_DAYS = 30

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tally:
    """is_whole: all of the day's share was audited."""

    audited: int = 0
    disagreed: int = 0
    is_whole: bool = True


@dataclass(slots=True)
class SearchAudit:
    """Audits the share of each night. share: of all searches, 0..1. hour: WIB, when it begins."""

    database: Database
    clock: Clock
    matcher: Matcher
    keys: GalleryKeys  # the matcher's
    share: float
    hour: int
    compare: Compare = compared

    async def run(self) -> None:
        done: date | None = None
        while True:
            night = night_of(self.clock.now(), self.hour)
            if night is not None and night.day != done:
                done = await self._try(night)
            await asyncio.sleep(WATCH_SECONDS)

    async def _try(self, night: Night) -> date | None:
        """Gives the day if its audit is done; what the world broke is tried again."""
        try:
            tally = await self.audit(night.day, night.ends_at)
        except (SQLAlchemyError, OSError, GalleryIncomplete) as trouble:
            log.warning("search_audit.interrupted", trouble=type(trouble).__name__)
            return None
        log.info(
            "search_audit.done",
            audited=tally.audited,
            disagreed=tally.disagreed,
            is_whole=tally.is_whole,
        )
        return night.day

    async def audit(self, day: date, ends_at: datetime | None = None) -> Tally:
        """Audit what is left of a day's share. Raises GalleryIncomplete, SQLAlchemyError, OSError.

        ends_at: nothing is begun after it.
        """
        async with self.database.begin() as transaction:
            if await epochs.is_barred(transaction):
                return Tally(is_whole=False)
            regions = await audit_store.regions(transaction)
        audited = disagreed = 0
        for region in regions:
            after = FIRST
            while True:
                async with self.database.begin() as transaction:
                    picked, last = await auditing.pick(
                        transaction, region, day, self.share, after, AUDITED_AT_ONCE, self.keys
                    )
                for one in picked:
                    if ends_at is not None and self.clock.now() >= ends_at:
                        return Tally(audited, disagreed, is_whole=False)
                    concluded = await self._audit(one)
                    audited += concluded is not None
                    disagreed += concluded is not None and not concluded.comparison.agrees
                if last is None:
                    break
                after = last
        return Tally(audited, disagreed)

    async def _audit(self, picked: Picked) -> Concluded | None:
        # No transaction is open, and no ticket is held: whoever settles waits for nothing here.
        found = await self.matcher.search([picked.probe], picked.position, exhaustive=True)
        concluded = await self.database.repeat(lambda one: self._conclude(one, picked, found))
        if concluded is not None and not concluded.comparison.agrees:
            log.error(
                "search_audit.disagrees",
                region=picked.kept.region,
                recording_id=str(picked.kept.recording_id),
                missed=len(concluded.comparison.missed),
                unfound=len(concluded.comparison.unfound),
                has_case=concluded.case is not None,
            )
        return concluded

    async def _conclude(
        self, transaction: Transaction, picked: Picked, found: Search
    ) -> Concluded | None:
        now = self.clock.now()
        concluded = await auditing.conclude(transaction, picked, found, self.compare, now)
        if concluded is not None and concluded.case is not None:
            settled = Settled(cases=[concluded.case])
            await settling.open_cases(transaction, picked.kept.region, settled, now)
        return concluded


async def measure(transaction: Transaction, now: datetime) -> None:
    """Set the gauges of what audits of the last days came to."""
    found = await audit_store.counts(transaction, now - timedelta(days=COUNTED_DAYS))
    for agrees, result in ((True, "agreed"), (False, "disagreed")):
        AUDITED_SEARCHES.labels(result).set(found.get(agrees, 0))
