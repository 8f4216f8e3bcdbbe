"""The centre's loop: settle what waits, oldest capture first, with a share for every region."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from services.central.coverage import steps as coverage
from services.central.feed.loop import NewEntries
from services.central.intake import rules as intake_rules
from services.central.intake import store as intake
from services.central.intake.store import Waiting
from services.central.journey import steps as journey
from services.central.penunggalan import steps as penunggalan
from services.central.print_authorization import steps as print_authorization
from services.central.print_authorization.rules import Permitter
from shared.clock import Clock
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.recording import RECORDING, Recording
from shared.database.engine import Database, Transaction
from shared.telemetry.metrics import SETTLE_SECONDS, SETTLED

ROUND_PLACES = 2_000
GATHER_ENVELOPES = 200
GATHER_SECONDS = 0.05
IDLE_SECONDS = 0.02
IDLE_SECONDS_MAX = 0.25

log = structlog.get_logger()


@dataclass(slots=True)
class Settler:
    """Settles envelopes of all regions; several may run: row locks keep them apart."""

    database: Database
    permitter: Permitter
    clock: Clock
    news: NewEntries

    async def run(self) -> None:
        idle_seconds = IDLE_SECONDS
        while True:
            try:
                settled = await self.round()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("settler.database_trouble", trouble=type(trouble).__name__)
                await asyncio.sleep(1.0)
                continue
            if settled >= GATHER_ENVELOPES:
                idle_seconds = IDLE_SECONDS
            elif settled:
                # A round costs its commits, whatever its size: let some more arrive.
                idle_seconds = IDLE_SECONDS
                await asyncio.sleep(GATHER_SECONDS)
            else:
                await asyncio.sleep(idle_seconds)
                idle_seconds = min(idle_seconds * 1.5, IDLE_SECONDS_MAX)

    async def round(self) -> int:
        """Give each region its share once; gives how many envelopes were settled.

        One region's trouble does not keep the others waiting; raises it if nothing was settled.
        """
        async with self.database.begin() as transaction:
            queues = await intake.queues(transaction)
        settled = 0
        troubles: list[Exception] = []
        for region, places in intake_rules.share_out(queues, ROUND_PLACES).items():
            try:
                settled += await self._settle(region, places)
            except (SQLAlchemyError, OSError) as trouble:
                name = type(trouble).__name__
                log.warning("settler.database_trouble", region=region, trouble=name)
                troubles.append(trouble)
        if troubles and not settled:
            raise troubles[0]
        return settled

    async def _settle(self, region: str, places: int) -> int:
        now = self.clock.now()
        started = time.perf_counter()
        count = await self.database.repeat(
            lambda transaction: self._settle_in(transaction, region, places, now)
        )
        SETTLE_SECONDS.observe(time.perf_counter() - started)
        SETTLED.inc(count)
        self.news.ring()
        return count

    async def _settle_in(
        self, transaction: Transaction, region: str, places: int, now: datetime
    ) -> int:
        settled_seq = await intake.lock_settled(transaction, region)
        waiting = await intake.waiting_after(transaction, region, settled_seq, places)
        if not waiting:
            return 0
        permits = penunggalan.Permits(
            expires_at=self.permitter.expires_at,
            sign=lambda authorization_id, recording, at: self.permitter.sign(
                region, authorization_id, recording, at
            ),
        )
        entries = await penunggalan.settle(
            transaction,
            region,
            [(one.seq, one.envelope_id, one.body) for one in _of(waiting, EnvelopeKind.RECORDING)],
            permits,
            now,
        )
        entries |= await print_authorization.take_receipts(
            transaction,
            region,
            [(one.seq, one.body) for one in _of(waiting, EnvelopeKind.CARD_RECEIPT)],
            self.permitter,
            lambda recording_id: _recording(transaction, region, recording_id),
            now,
        )
        await coverage.take_bases(
            transaction,
            region,
            [(one.seq, one.body) for one in _of(waiting, EnvelopeKind.COVERAGE_BASE)],
        )
        await intake.save_settled(transaction, region, waiting[-1].seq)
        # The feed's counter row last: its lock is what makes commit order position order.
        if entries:
            await journey.publish(
                transaction, region, [entries[seq] for seq in sorted(entries)], now
            )
        return len(waiting)


def _of(waiting: list[Waiting], kind: EnvelopeKind) -> list[Waiting]:
    """Envelopes of one kind that are to be acted on; a note means they are only kept."""
    return [one for one in waiting if one.kind == kind and one.note is None]


async def _recording(transaction: Transaction, region: str, recording_id: UUID) -> Recording | None:
    body = await intake.body_of(transaction, region, recording_id)
    try:
        return RECORDING.validate_json(body) if body is not None else None
    except ValidationError:  # the id of an envelope that holds something else
        return None
