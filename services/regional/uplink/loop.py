"""The uplink's loop: plan, offer, send, hear; after trouble wait by rule and probe."""

import asyncio
import random
from dataclasses import dataclass, replace
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional import lives
from services.regional.central_client.client import CentralClient, Heard, Refused, Unknown
from services.regional.central_client.rules import FENCED, wait_seconds
from services.regional.outbox import store as outbox
from services.regional.uplink import rules, steps, store
from shared.clock import Clock
from shared.database.engine import Database
from shared.telemetry.metrics import UPLINK_ATTEMPTS, UPLINK_SENT_BYTES

IDLE_SECONDS = 0.05
IDLE_SECONDS_MAX = 0.5

log = structlog.get_logger()


@dataclass(slots=True)
class Uplink:
    """One region's uplink; `run` until cancelled.

    One is enough: a second one would offer the same bytes, waste the line and do no harm.
    """

    database: Database
    client: CentralClient
    region: str
    clock: Clock
    retry_cap_seconds: float
    attempts: int = 0
    waiting: int = 0
    is_key_refused: bool | None = None  # as the database knows it; None: not looked at yet

    async def run(self) -> None:
        line = rules.Line()
        is_known = False
        idle_seconds = IDLE_SECONDS
        while True:
            try:
                if not is_known:
                    async with self.database.begin() as transaction:
                        line = (await store.position(transaction, self.region)).line
                    is_known = True
                line, did_work = await self._turn(line)
                await self._note_key()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("uplink.database_trouble", trouble=type(trouble).__name__)
                await asyncio.sleep(1.0)
                continue
            except steps.ForeignPosition:
                # Nothing may be sent before a person has looked: two senders, or an old centre.
                log.error("uplink.foreign_position", region=self.region)  # noqa: TRY400
                line = await self._wait_for_people(line)
                continue
            except lives.Fenced:
                log.error("uplink.fenced", region=self.region)  # noqa: TRY400
                line = await self._wait_for_people(line)
                continue
            idle_seconds = IDLE_SECONDS if did_work else min(idle_seconds * 1.5, IDLE_SECONDS_MAX)
            if not did_work:
                await asyncio.sleep(idle_seconds)

    async def _turn(self, line: rules.Line) -> tuple[rules.Line, bool]:
        """One move, and what only people can mend written down for them to see."""
        try:
            return await self._move(line)
        except steps.ForeignPosition:
            async with self.database.begin() as transaction:
                await store.save_foreign(transaction, self.region)
            raise

    async def _note_key(self) -> None:
        """For people to see: whether it is our key that keeps the centre from listening."""
        is_refused = self.client.key_trouble is not None
        if is_refused is not self.is_key_refused:
            async with self.database.begin() as transaction:
                await store.note_key(transaction, self.region, is_refused=is_refused)
            self.is_key_refused = is_refused

    async def _move(self, line: rules.Line) -> tuple[rules.Line, bool]:
        """One move. Gives the line as it is seen now, and whether anything was done."""
        async with self.database.begin() as transaction:
            position = await store.position(transaction, self.region)
            waiting = await outbox.last_seq(transaction, self.region) - position.acked_seq
            name = await lives.name(transaction)
        self.waiting = waiting
        if waiting and not name.may_speak:
            return await self._claim(line), True
        match rules.plan(waiting, line):
            case rules.Rest():
                return line, False
            case rules.Probe():
                return await self._probe(line, position.reached), True
            case rules.Send() as move:
                return await self._send(line, move, name.life), True

    async def _send(self, line: rules.Line, move: rules.Send, life: UUID | None) -> rules.Line:
        async with self.database.begin() as transaction:
            offer = await steps.offer(transaction, self.region, move, self.clock.now())
        if offer is None:
            return line
        payload_bytes = offer.batch.payload_bytes
        self.attempts += 1
        started = asyncio.get_running_loop().time()
        left = max(0, self.waiting - len(offer.batch.bodies))
        answer = await self.client.send(offer.batch, left, life)
        seconds = asyncio.get_running_loop().time() - started
        UPLINK_ATTEMPTS.labels(outcome=type(answer).__name__.lower()).inc()
        match answer:
            case Heard():
                UPLINK_SENT_BYTES.inc(payload_bytes)
                seen = rules.after_answer(line, payload_bytes, seconds, self.clock.now())
                await self._hear(answer, seen, offer.reached, offer.batch.last_seq, payload_bytes)
                await asyncio.sleep(
                    rules.pause_seconds(len(offer.batch.bodies), answer.pause_seconds)
                )
                return seen
            case Refused():
                return await self._refused(line, answer, offer)
            case Unknown():
                return await self._fail(line, answer)

    async def _refused(self, line: rules.Line, answer: Refused, offer: steps.Offer) -> rules.Line:
        match rules.meaning_of(answer.code, is_whole_here=offer.is_whole):
            case rules.Meaning.ASK:
                return rules.after_failure(line, self.clock.now())
            case rules.Meaning.FOREIGN:
                # The probe between would be answered and every try come at once: wait for people.
                raise steps.ForeignPosition
            case rules.Meaning.FENCED:
                await lives.doubt(self.database)
                return line
            case rules.Meaning.ENVELOPE:
                return await self._find_poison(line, answer, offer)
            case rules.Meaning.TROUBLE:
                return await self._fail(line, answer)

    async def _find_poison(
        self, line: rules.Line, answer: Refused, offer: steps.Offer
    ) -> rules.Line:
        """Something in the batch will never be taken: find it, and let the rest go on."""
        batch, now = offer.batch, self.clock.now()
        if len(batch.bodies) > 1:
            return rules.after_refusal(line, len(batch.bodies), now)
        seq = batch.first_seq
        async with self.database.begin() as transaction:
            is_aside = await steps.refuse(transaction, seq, answer.code, now)
        if not is_aside:
            return await self._fail(line, answer)
        log.error("uplink.set_aside", region=self.region, seq=seq, code=answer.code)
        return line

    async def _claim(self, line: rules.Line) -> rules.Line:
        """Take the region's name over from the start before, or wait as for the line."""
        if line.failures_in_a_row:
            await asyncio.sleep(
                wait_seconds(line.failures_in_a_row, random.random(), self.retry_cap_seconds)
            )
        trouble = await lives.claim(self.database, self.client, self.region, self.clock)
        if trouble == FENCED:
            raise lives.Fenced
        return await self._fail(line, Unknown(trouble)) if trouble else line

    async def _wait_for_people(self, line: rules.Line) -> rules.Line:
        await asyncio.sleep(self.retry_cap_seconds)
        return rules.after_failure(line, self.clock.now())

    async def _probe(self, line: rules.Line, asked: rules.Reached) -> rules.Line:
        await asyncio.sleep(
            wait_seconds(line.failures_in_a_row, random.random(), self.retry_cap_seconds)
        )
        answer = await self.client.position(self.waiting)
        if not isinstance(answer, Heard):
            return await self._fail(line, answer)
        seen = rules.after_probe(line, self.clock.now())
        await self._hear(answer, seen, asked, vouched_seq=0, payload_bytes=0)
        log.info("uplink.line_is_back", region=self.region, failures=line.failures_in_a_row)
        await asyncio.sleep(rules.pause_seconds(None, answer.pause_seconds))
        return seen

    async def _hear(
        self,
        heard: Heard,
        line: rules.Line,
        asked: rules.Reached,
        vouched_seq: int,
        payload_bytes: int,
    ) -> None:
        now = self.clock.now()
        attempts = self.attempts
        await self.database.repeat(
            lambda transaction: steps.hear(
                transaction,
                self.region,
                heard,
                line,
                asked=asked,
                vouched_seq=vouched_seq,
                payload_bytes=payload_bytes,
                attempts=attempts,
                now=now,
            )
        )
        if vouched_seq:
            self.attempts = 0

    async def _fail(self, line: rules.Line, answer: Refused | Unknown) -> rules.Line:
        reason = answer.reason if isinstance(answer, Unknown) else answer.code
        seen = rules.after_failure(line, self.clock.now())
        log.warning("uplink.no_answer", reason=reason, failures=seen.failures_in_a_row)
        async with self.database.begin() as transaction:
            await store.save_line(transaction, self.region, seen)
        if isinstance(answer, Refused) and answer.retry_after_seconds:
            await asyncio.sleep(min(answer.retry_after_seconds, self.retry_cap_seconds))
        return replace(seen, batch_bytes=max(rules.BATCH_BYTES_MIN, seen.batch_bytes // 2))
