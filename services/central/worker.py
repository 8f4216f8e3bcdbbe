"""The centre's loop: settle what waits, oldest capture first, with a share for every region."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.central import deciding, epochs, settling
from services.central.acting import Deed
from services.central.feed.loop import NewEntries
from services.central.intake import rules as intake_rules
from services.central.intake import store as intake
from services.central.journey.refusals import CentreWaits, NotUndecided
from services.central.penunggalan import ledger, search
from services.central.penunggalan.checks import NIK_ALONE, Uniqueness
from services.central.penunggalan.rules import Basis
from services.central.print_authorization.rules import Permitter
from services.central.set_aside import steps as set_aside
from services.central.set_aside import store as set_aside_store
from services.central.set_aside.rules import SetAside, Try
from services.central.set_aside.store import Waiting
from shared.clock import Clock
from shared.database.engine import Database, Transaction
from shared.database.trouble import is_of_the_world, kind_of
from shared.telemetry.metrics import SETTLE_SECONDS, SETTLED

ROUND_PLACES = 2_000
ORDERS_OF_A_ROUND = 100
GATHER_ENVELOPES = 200
GATHER_SECONDS = 0.05
IDLE_SECONDS = 0.02
IDLE_SECONDS_MAX = 0.25
SEARCHES_OF_A_ROUND = 50
SEARCH_IDLE_SECONDS = 2.0

log = structlog.get_logger()


@dataclass(slots=True)
class Settler:
    """Settles envelopes of all regions; several may run: row locks keep them apart."""

    database: Database
    permitter: Permitter
    clock: Clock
    news: NewEntries
    uniqueness: Uniqueness = NIK_ALONE
    # Regions whose last try of ours the world broke: what is written down of it is no death.
    broken: set[str] = field(default_factory=set)

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
            if await epochs.is_barred(transaction):
                return 0
            queues = await intake.queues(transaction)
            ordered = await set_aside_store.ordered_regions(transaction)
        settled = 0
        troubles: list[Exception] = []
        shares = intake_rules.share_out(queues, ROUND_PLACES)
        for region in [*shares, *(one for one in ordered if one not in shares)]:
            try:
                settled += await self._serve(region, shares.get(region, 0), region in ordered)
            except (SQLAlchemyError, OSError) as trouble:
                name = type(trouble).__name__
                log.warning("settler.database_trouble", region=region, trouble=name)
                troubles.append(trouble)
        if troubles and not settled:
            raise troubles[0]
        return settled

    async def _serve(self, region: str, places: int, has_orders: bool) -> int:
        """One region's part of a round, unless another settler is at it."""
        started = time.perf_counter()
        async with self.database.begin() as guard:
            if not await set_aside_store.is_alone(guard, region):
                return 0
            if not (await epochs.standing(guard, region)).may_settle:
                return 0
            # What was set aside was sent before whatever waits now.
            count = await self._try_again(region) if has_orders else 0
            if places:
                count += await self._settle(region, places)
        SETTLE_SECONDS.observe(time.perf_counter() - started)
        SETTLED.inc(count)
        self.news.ring()
        return count

    async def _settle(self, region: str, places: int) -> int:
        now = self.clock.now()
        async with self.database.begin() as transaction:
            move = await set_aside.begin(transaction, region, places, is_own=region in self.broken)
        self.broken.discard(region)
        if isinstance(move, SetAside):
            return await self._set_aside(region, move, now)

        async def settle(transaction: Transaction) -> int:
            count = await self._settle_in(transaction, region, move.count, now)
            # Whatever came of it, even nothing: nobody died.
            await set_aside_store.end_try(transaction, region)
            return count

        try:
            return await self.database.repeat(settle)
        except Exception as trouble:
            if is_of_the_world(trouble):
                self.broken.add(region)
                raise
            await self._fail(region, move, trouble)
            return 0

    async def _settle_in(
        self, transaction: Transaction, region: str, places: int, now: datetime
    ) -> int:
        again = deciding.decider(self.permitter, self.uniqueness)
        return await settling.settle_in(
            transaction, self.permitter, region, places, now, self.uniqueness, again
        )

    async def _fail(self, region: str, move: Try, trouble: Exception) -> None:
        reason = kind_of(trouble)
        log.error(
            "settler.try_failed",
            region=region,
            envelopes=move.count,
            reason=reason,
            exc_info=trouble,
        )
        async with self.database.begin() as transaction:
            await set_aside.fail(transaction, region, move.count, reason)

    async def _may_speak(self, transaction: Transaction, region: str) -> bool:
        """Whether anything may be published: asked in the transaction that is about to do it.

        Whoever raises the epoch waits for the region's row, which is held from here on, or is seen.
        """
        await intake.lock_settled(transaction, region)
        return (await epochs.standing(transaction, region)).may_settle

    async def _set_aside(self, region: str, move: SetAside, now: datetime) -> int:
        async with self.database.begin() as transaction:
            if not await self._may_speak(transaction, region):
                return 0
            entry = await set_aside.set_aside(transaction, region, move, now)
            await intake.save_settled(transaction, region, move.seq)
            await settling.tell(transaction, region, [entry] if entry else [], now)
        log.error("settler.set_aside", region=region, seq=move.seq, reason=move.reason)
        return 1

    async def _try_again(self, region: str) -> int:
        """Settle what an officer, or an upgrade, ordered to be tried again: in the order of seq."""
        count = 0
        for _ in range(ORDERS_OF_A_ROUND):
            now = self.clock.now()
            async with self.database.begin() as transaction:
                if not await self._may_speak(transaction, region):
                    break
                order, told = await set_aside.begin_order(transaction, region, now)
                await settling.tell(transaction, region, told, now)
            if order is None:
                break
            count += await self._act_on_order(region, order, now)
        return count

    async def _act_on_order(self, region: str, order: Waiting, now: datetime) -> int:
        deed = Deed(order.seq, order.envelope_id, order.kind, order.body)

        async def settle(transaction: Transaction) -> bool:
            again = deciding.decider(self.permitter, self.uniqueness)
            told = await settling.settle_ordered(
                transaction, self.permitter, region, deed, now, self.uniqueness, again
            )
            if told is None:
                # Nobody died: the order stands, and waits for the barrier as all others do.
                await set_aside_store.save_deaths(transaction, region, order.seq, 0)
                return False
            await set_aside_store.settled_after_all(transaction, region, order.seq)
            await settling.tell(transaction, region, told, now)
            return True

        try:
            is_settled = await self.database.repeat(settle)
        except Exception as trouble:
            if is_of_the_world(trouble):
                raise
            reason = kind_of(trouble)
            log.exception("settler.order_failed", region=region, seq=order.seq, reason=reason)
            async with self.database.begin() as transaction:
                if await self._may_speak(transaction, region):
                    told = await set_aside.give_up(transaction, region, order, reason, now)
                    await settling.tell(transaction, region, told, now)
            return 0
        if not is_settled:
            return 0
        log.info("settler.settled_after_all", region=region, seq=order.seq)
        return 1


@dataclass(slots=True)
class SearchAgain:
    """Makes searches again that were impossible: nobody has to ask for it."""

    settler: Settler

    async def run(self) -> None:
        if self.settler.uniqueness.matcher is not None:
            await asyncio.to_thread(search.warm)
        while True:
            try:
                made = await self.round()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("search_again.database_trouble", trouble=type(trouble).__name__)
                made = 0
            if not made:
                await asyncio.sleep(SEARCH_IDLE_SECONDS)

    async def round(self) -> int:
        """Make due searches again; gives how many were decided."""
        settler = self.settler
        now = settler.clock.now()
        async with settler.database.begin() as transaction:
            if await epochs.is_barred(transaction):
                return 0
            due = await ledger.due_searches(transaction, now, SEARCHES_OF_A_ROUND)
        decided = 0
        for region, recording_id in due:
            decided += await self._search(region, recording_id, now)
        if decided:
            settler.news.ring()
        return decided

    async def _search(self, region: str, recording_id: UUID, now: datetime) -> bool:
        settler = self.settler

        async def search(transaction: Transaction) -> bool:
            return await deciding.decide_again(
                transaction,
                settler.permitter,
                settler.uniqueness,
                deciding.Again(region, recording_id, Basis.SEARCH),
                now,
            )

        try:
            return await settler.database.repeat(search)
        except (NotUndecided, CentreWaits):
            return False
