"""Group commit: whoever arrives while one commit runs shares the next one.

No timer: an idle service commits a single recording at once, a busy one commits hundreds together.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Protocol

import structlog
from sqlalchemy.exc import DBAPIError

from services.regional.recording import steps
from services.regional.recording.rules import Arrival
from shared.clock import Clock
from shared.contracts.recording import RecordingContent
from shared.database.engine import Database, sqlstate
from shared.refusals import DatabaseUnavailable, TooBusy
from shared.sealed.sealer import Sealer

GROUP_RECORDINGS_MAX = 1_000
WAITING_RECORDINGS_MAX = 20_000
DISK_FULL = "53100"

log = structlog.get_logger()


@dataclass(slots=True)
class _Waiting:
    arrivals: Sequence[Arrival]
    answer: asyncio.Future[list[steps.Answer]]


class Disk(Protocol):
    """Who knows whether there is room."""

    def may_take(self, count: int) -> bool: ...

    def tell_full(self) -> None: ...


class BoundlessDisk:
    """Room for everything: where nobody watches the disk."""

    def may_take(self, count: int) -> bool:  # noqa: ARG002
        return True

    def tell_full(self) -> None:
        return


class OperatorEyes(Protocol):
    """Who knows officers' irises when they see them."""

    @property
    def size(self) -> int: ...

    def carried_by(self, recording: RecordingContent) -> bool: ...


class NobodysEyes:
    """Where no officer's irises are known."""

    size = 0

    def carried_by(self, recording: RecordingContent) -> bool:  # noqa: ARG002
        return False


class CommitLane:
    """The one way recordings reach the database; `take` returns after the commit."""

    def __init__(
        self,
        database: Database,
        region: str,
        clock: Clock,
        disk: Disk | None = None,
        eyes: OperatorEyes | None = None,
        zone: tzinfo = UTC,
        sealer: Sealer | None = None,
    ) -> None:
        self.eyes: OperatorEyes = eyes or NobodysEyes()
        self.zone = zone  # the office's: it says what day a recording was taken
        self._database = database
        self._region = region
        self._clock = clock
        self._disk = disk or BoundlessDisk()
        self._sealer = sealer
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._waiting = 0
        self._is_running = False

    async def take(self, arrivals: Sequence[Arrival]) -> list[steps.Answer]:
        """Answers in order, once everything is on disk. Refuses: TooBusy, DatabaseUnavailable."""
        if not self._is_running:
            raise DatabaseUnavailable
        if self._waiting + len(arrivals) > WAITING_RECORDINGS_MAX:
            raise TooBusy
        answer: asyncio.Future[list[steps.Answer]] = asyncio.get_running_loop().create_future()
        self._waiting += len(arrivals)
        self._queue.put_nowait(_Waiting(arrivals, answer))
        try:
            return await answer
        finally:
            self._waiting -= len(arrivals)

    async def run(self) -> None:
        """Commit groups until cancelled."""
        self._is_running = True
        while True:
            group = [await self._queue.get()]
            size = len(group[0].arrivals)
            while size < GROUP_RECORDINGS_MAX and not self._queue.empty():
                group.append(self._queue.get_nowait())
                size += len(group[-1].arrivals)
            await self._commit(group)

    async def _commit(self, group: list[_Waiting]) -> None:
        arrivals = [arrival for waiting in group for arrival in waiting.arrivals]
        try:
            answers = await self._database.repeat(
                lambda transaction: steps.take(
                    transaction,
                    self._region,
                    arrivals,
                    self._clock.now(),
                    self._disk.may_take,
                    self._sealer,
                )
            )
        except DBAPIError as trouble:
            if sqlstate(trouble) == DISK_FULL:
                self._disk.tell_full()
            if len(group) > 1 and not trouble.connection_invalidated:
                # One of them may be to blame: the others must not pay for it.
                for waiting in group:
                    await self._commit([waiting])
                return
            _fail(group, trouble)
        except Exception as trouble:  # noqa: BLE001 the loop's outermost line: callers get it
            _fail(group, trouble)
        else:
            first = 0
            for waiting in group:
                last = first + len(waiting.arrivals)
                if not waiting.answer.done():
                    waiting.answer.set_result(answers[first:last])
                first = last


def _fail(group: list[_Waiting], trouble: Exception) -> None:
    log.warning("recording.commit_failed", trouble=type(trouble).__name__, requests=len(group))
    for waiting in group:
        if not waiting.answer.done():
            waiting.answer.set_exception(trouble)
