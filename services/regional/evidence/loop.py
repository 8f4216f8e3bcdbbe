"""Send images when nothing else wants the line, oldest recording first; watch what is overdue."""

import asyncio
import random
from dataclasses import dataclass
from hashlib import sha256

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional.central_client.client import Refused, Unknown
from services.regional.central_client.evidence import EvidenceLine
from services.regional.central_client.rules import wait_seconds
from services.regional.evidence import rules, steps, store
from services.regional.evidence.rules import Append, Ask, Pace, Part, Rest, Upload
from shared.clock import Clock
from shared.contracts.evidence import UploadState, path_of
from shared.database.engine import Database
from shared.evidence.store import EvidenceStore
from shared.telemetry.metrics import EVIDENCE_ATTEMPTS, EVIDENCE_SENT_BYTES

IDLE_SECONDS = 0.1
IDLE_SECONDS_MAX = 2.0
WATCH_SECONDS = 60.0
# Everybody's images would be refused alike: a key, a clock, a centre without these doors.
GENERAL_STATUSES = frozenset({401, 403, 405, 408, 429})

log = structlog.get_logger()


@dataclass(slots=True)
class EvidenceSender:
    """One region's images on their way; `run` until cancelled."""

    database: Database
    line: EvidenceLine
    images: EvidenceStore
    clock: Clock
    retry_cap_seconds: float
    piece_seconds: float = rules.PIECE_SECONDS_AIMED
    pace: Pace | None = None
    upload: Upload | None = None

    async def run(self) -> None:
        idle_seconds = IDLE_SECONDS
        while True:
            try:
                did_work = await self.turn()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("evidence.database_trouble", trouble=type(trouble).__name__)
                self.upload = None
                await asyncio.sleep(1.0)
                continue
            idle_seconds = IDLE_SECONDS if did_work else min(idle_seconds * 1.5, IDLE_SECONDS_MAX)
            if not did_work:
                await asyncio.sleep(idle_seconds)

    async def turn(self) -> bool:
        """One move; gives whether anything was sent."""
        async with self.database.begin() as transaction:
            view = await steps.look(transaction, self.line.region, self.clock.now())
        pace = self.pace or rules.pace_from(view.goodput_bytes_per_second, self.piece_seconds)
        move = rules.plan(
            view.part,
            self.upload,
            pace,
            envelopes_waiting=view.envelopes_waiting,
            is_line_down=view.is_line_down,
        )
        match move:
            case Rest():
                return False
            case Ask(part):
                if pace.failures_in_a_row:
                    await asyncio.sleep(
                        wait_seconds(
                            pace.failures_in_a_row, random.random(), self.retry_cap_seconds
                        )
                    )
                answer = await self.line.ask(self._path(part))
                EVIDENCE_ATTEMPTS.labels("asked", _outcome(answer)).inc()
                await self._hear(part, answer, rules.after_answer(pace), pace, view.epoch)
            case Append(part, offset, length, is_last):
                await self._append(part, offset, length, is_last, pace, view.epoch)
        return True

    async def _append(
        self, part: Part, offset: int, length: int, is_last: bool, pace: Pace, epoch: int
    ) -> None:
        try:
            key = rules.key_of(part.recording_id, part.part)
            piece = await self.images.read(key, offset, length) if length else b""
        except FileNotFoundError:
            await self._report_damage(part)
            return
        started = asyncio.get_running_loop().time()
        answer = await self.line.append(self._path(part), offset, piece, is_last=is_last)
        seconds = asyncio.get_running_loop().time() - started
        EVIDENCE_ATTEMPTS.labels("sent", _outcome(answer)).inc()
        if isinstance(answer, UploadState):
            EVIDENCE_SENT_BYTES.inc(length)
        paced = rules.after_answer(pace)
        if length:
            paced = rules.after_piece(pace, length, seconds, self.piece_seconds)
        await self._hear(part, answer, paced, pace, epoch)

    async def _hear(
        self,
        part: Part,
        answer: UploadState | Refused | Unknown,
        paced: Pace,
        pace: Pace,
        epoch: int,
    ) -> None:
        """paced: the pace when the answer is one; else `pace` takes a failure."""
        match answer:
            case UploadState(epoch=heard) if heard < epoch:
                # An older centre: what it holds is not what counts.
                log.warning("evidence.older_centre", region=self.line.region)
                self._fail(pace)
            case UploadState(is_complete=True):
                self.pace, self.upload = paced, None
                now = self.clock.now()
                await self.database.repeat(
                    lambda transaction: store.save_received(
                        transaction, part, self.line.region, now
                    )
                )
            case UploadState(offset=offset):
                self.pace, self.upload = paced, Upload(part, offset)
            case Refused(code="evidence-differs"):
                await self._check_ours(part)
                await self._put_aside(part, answer.code, pace)
            case Refused(code="mismatching-upload-offset"):
                self._fail(pace)  # the next question tells where it stands
            case Refused(status=status) if status not in GENERAL_STATUSES:
                await self._put_aside(part, answer.code, pace)
            case Refused() | Unknown():
                reason = answer.reason if isinstance(answer, Unknown) else answer.code
                log.warning("evidence.no_answer", reason=reason)
                self._fail(pace)

    def _fail(self, pace: Pace) -> None:
        self.pace, self.upload = rules.after_failure(pace), None

    async def _put_aside(self, part: Part, code: str, pace: Pace) -> None:
        self.pace, self.upload = rules.after_answer(pace), None
        async with self.database.begin() as transaction:
            wait = await steps.refuse(transaction, part, code, self.clock.now())
        log.warning("evidence.refused", code=code, seconds=wait.total_seconds())

    async def _check_ours(self, part: Part) -> None:
        """The centre got another hash: if our own copy is damaged, a station must help."""
        async with self.database.begin() as transaction:
            named = await store.hash_of(transaction, part)
        try:
            image = await self.images.read_whole(rules.key_of(part.recording_id, part.part))
        except FileNotFoundError:
            image = b""
        if await asyncio.to_thread(lambda: sha256(image).digest()) != named:
            await self._report_damage(part)

    async def _report_damage(self, part: Part) -> None:
        self.upload = None
        async with self.database.begin() as transaction:
            await store.save_damaged(transaction, part, self.clock.now())
        log.error("evidence.damaged", recording_id=str(part.recording_id), part=part.part)

    def _path(self, part: Part) -> str:
        return path_of(self.line.region, part.recording_id, part.part)


def _outcome(answer: UploadState | Refused | Unknown) -> str:
    return "heard" if isinstance(answer, UploadState) else type(answer).__name__.lower()


@dataclass(slots=True)
class EvidenceWatch:
    """Flags recordings whose images are not at the centre in time."""

    database: Database
    region: str
    clock: Clock
    days_max: int

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("evidence.database_trouble", trouble=type(trouble).__name__)
            await asyncio.sleep(WATCH_SECONDS)

    async def round(self) -> int:
        """Come up to the present; gives how many recordings were looked at."""
        before = rules.overdue_before(self.clock.now(), self.days_max)
        looked_at = 0
        while True:
            async with self.database.begin() as transaction:
                count = await steps.watch(transaction, self.region, before)
            looked_at += count
            if count < steps.WATCH_RECORDINGS_MAX:
                return looked_at
