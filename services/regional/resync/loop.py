"""Look now and then where the centre stands; when it was restored, hand back until it is whole."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional import lives
from services.regional.central_client.client import CentralClient, Heard, Refused, Unknown
from services.regional.central_client.resync import declare, hand_back, resync_word
from services.regional.central_client.rules import wait_seconds
from services.regional.resync import rules, store
from services.regional.resync.rules import Own
from shared.clock import Clock
from shared.contracts.resync import Mark, ResyncClaim, ResyncWord, Witness
from shared.database.engine import Database, Transaction

LOOK_SECONDS = 15.0
SIGNS_SECONDS = 0.5  # between two looks at what uplink and feed have heard
NEXT_MOVE_SECONDS = 0.2  # while a re-sync is open and waits for the uplink

log = structlog.get_logger()


class TroubleError(Exception):
    """No answer, or one that leads nowhere: wait by rule. Says why."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What other rooms do for a re-sync: it cannot import them."""

    # From now on no page of an older epoch is applied; gives how far pages were applied.
    follow_epoch: Callable[[Transaction, str, int], Awaitable[int]]
    # The uplink goes back to what the centre says it holds.
    step_back: Callable[[Transaction, str, Heard, datetime], Awaitable[None]]


@dataclass(slots=True)
class Resync:
    """One region's; a second one says the same again, which is harmless."""

    database: Database
    client: CentralClient
    region: str
    clock: Clock
    retry_cap_seconds: float
    hands: Hands
    look_seconds: float = LOOK_SECONDS
    _compared_in: int = 0  # the epoch in which a page was found to fit
    _word: ResyncWord | None = None  # answered to what was handed back: it tells what comes next
    _mark: Mark | None = field(default=None)

    async def run(self) -> None:
        failures = 0
        while True:
            try:
                seconds = await self.turn()
                failures = 0
            except TroubleError as trouble:
                failures += 1
                self._word = None
                log.warning("resync.no_answer", reason=str(trouble), failures=failures)
                seconds = wait_seconds(failures, random.random(), self.retry_cap_seconds)
            except (SQLAlchemyError, OSError) as failure:
                log.warning("resync.database_trouble", trouble=type(failure).__name__)
                seconds = 1.0
            await self._sleep(seconds)

    async def _sleep(self, seconds: float) -> None:
        """Until it is time to look, or the uplink and the feed have heard what concerns us."""
        before = await self._signs()
        while seconds > 0:
            step = min(seconds, SIGNS_SECONDS)
            await asyncio.sleep(step)
            seconds -= step
            if seconds > 0 and await self._signs() != before:
                return

    async def _signs(self) -> object:
        try:
            async with self.database.begin() as transaction:
                return await store.signs(transaction, self.region)
        except (SQLAlchemyError, OSError):
            return None

    async def turn(self) -> float:
        """One move; gives the seconds until the next. Raises TroubleError."""
        async with self.database.begin() as transaction:
            own = await store.own(transaction, self.region)
            if own.applied_pos and (self._mark is None or self._mark.pos != own.applied_pos):
                self._mark = await store.mark(transaction, own.applied_pos)
        word = self._word or _heard(await resync_word(self.client, self._mark))
        self._word = None
        if word is None:
            return self.look_seconds  # a centre from before re-syncs
        if word.epoch > own.epoch:
            own = await self._follow(word.epoch)
        is_compared = self._compared_in == word.epoch
        match rules.plan(own, word, is_compared=is_compared):
            case rules.Stale():
                log.error("resync.stale_centre", region=self.region, epoch=word.epoch)
            case rules.ShowReceipt():
                async with self.database.begin() as transaction:
                    receipt = await store.newest_receipt(transaction)
                log.error("resync.centre_lost_envelopes", region=self.region)
                return await self._hand(receipt)
            case rules.HandBack(pos):
                return await self._hand_page(pos, word)
            case rules.StepBack():
                await self._step_back()
                return NEXT_MOVE_SECONDS
            case rules.Declare():
                return await self._declare(own, word.epoch)
            case rules.Rest() if word.state != "done":
                return NEXT_MOVE_SECONDS
        return self.look_seconds

    async def _follow(self, epoch: int) -> Own:
        """A higher epoch: pages of older ones come too late, and the name is claimed anew."""
        async with self.database.begin() as transaction:
            await self.hands.follow_epoch(transaction, self.region, epoch)
            await lives.doubt_in(transaction)
            return await store.own(transaction, self.region)

    async def _hand_page(self, pos: int, word: ResyncWord) -> float:
        if word.state != "done":
            await self._may_speak()
        async with self.database.begin() as transaction:
            page = await store.page_holding(transaction, pos)
        if page is None:
            # Applied before pages were kept: only people can go on from here.
            log.error("resync.page_not_kept", region=self.region, pos=pos)
            raise TroubleError("page not kept")
        seconds = await self._hand(page)
        if word.state != "done" and self._word is not None and self._word.wanted_pos is None:
            self._compared_in = self._word.epoch
        return seconds

    async def _hand(self, witness: Witness | None) -> float:
        if witness is None:
            raise TroubleError("no witness")
        word = _heard(await hand_back(self.client, witness))
        if word is None:
            return self.look_seconds
        self._word = word if word.state != "done" else None
        return 0.0 if self._word else self.look_seconds

    async def _step_back(self) -> None:
        answer = await self.client.position()
        if not isinstance(answer, Heard):
            raise TroubleError(_reason(answer))
        now = self.clock.now()
        await self.database.repeat(
            lambda transaction: self.hands.step_back(transaction, self.region, answer, now)
        )

    async def _declare(self, own: Own, epoch: int) -> float:
        await self._may_speak()
        async with self.database.begin() as transaction:
            name = await lives.name(transaction)
        claim = ResyncClaim(
            version=1, epoch=epoch, applied_pos=own.applied_pos, acked_seq=own.receipted_seq
        )
        word = _heard(await declare(self.client, claim, name.life))
        if word is not None and word.state != "done":
            return NEXT_MOVE_SECONDS
        log.warning("resync.done", region=self.region, epoch=epoch)
        return self.look_seconds

    async def _may_speak(self) -> None:
        """Only the server that has the region's name may speak of what the region holds."""
        async with self.database.begin() as transaction:
            name = await lives.name(transaction)
        if not name.may_speak:
            trouble = await lives.claim(self.database, self.client, self.region, self.clock)
            if trouble is not None:
                raise TroubleError(trouble)


def _heard(answer: ResyncWord | Refused | Unknown) -> ResyncWord | None:
    """The word; None from a centre that knows no re-sync. Raises TroubleError."""
    if isinstance(answer, ResyncWord):
        return answer
    if isinstance(answer, Refused) and answer.status == 404:
        return None
    raise TroubleError(_reason(answer))


def _reason(answer: Refused | Unknown) -> str:
    return answer.reason if isinstance(answer, Unknown) else answer.code
