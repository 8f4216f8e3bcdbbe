"""Take lists as they come, and read them one after another, chunk by chunk.

A list lies in a file without a name until it is read: it is gone with this process. Each chunk is
a transaction of its own, so the longest list holds nothing up; what a dead server left half read
is closed when the next one starts.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional.residents import rules, steps
from services.regional.residents.rules import Header, NotAResidentsList, Resident
from services.regional.residents.store import ListFile
from shared.clock import Clock
from shared.database.engine import Database
from shared.ids import new_id

CHUNK_LINES = 2_000
TRIES_MAX = 5
RETRY_SECONDS = 1.0
COULD_NOT_STORE = "could-not-store"

log = structlog.get_logger()


@dataclass(slots=True)
class _Job:
    file: ListFile
    content: IO[bytes]
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class ListReader:
    """One region's reader; `run` until cancelled."""

    database: Database
    clock: Clock
    folder: Path
    _jobs: "asyncio.Queue[_Job]" = field(default_factory=asyncio.Queue)
    _reading: dict[UUID, _Job] = field(default_factory=dict)

    async def take(self, parts: AsyncIterator[bytes], officer: str, listed_on: date) -> UUID:
        """Keep a list and open a change set for it; the rest is done while nobody waits.

        Raises NotAResidentsList when its first line says so. Refuses: ListBeingRead.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        content = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 closed when it is read
        try:
            digest, size_bytes = sha256(), 0
            async for part in parts:
                digest.update(part)
                size_bytes += len(part)
                await asyncio.to_thread(content.write, part)
            _header_in(content)
            set_id, now = new_id(), self.clock.now()
            file = ListFile(set_id, listed_on, officer, now, size_bytes, digest.digest())
            async with self.database.begin() as transaction:
                await steps.begin(transaction, file)
        except BaseException:
            content.close()
            raise
        job = _Job(file, content)
        self._reading[set_id] = job
        self._jobs.put_nowait(job)
        return set_id

    async def read(self, set_id: UUID, seconds_max: float | None = None) -> bool:
        """Wait until this list is read, or given up; says whether it is."""
        job = self._reading.get(set_id)
        if job is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds_max):
                    await job.done.wait()
        return not self.is_reading(set_id)

    def is_reading(self, set_id: UUID) -> bool:
        return set_id in self._reading

    async def run(self) -> None:
        await self._until_done(steps.sweep)
        try:
            while True:
                job = await self._jobs.get()
                try:
                    await self._read(job)
                finally:
                    self._finish(job)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of what waits to be read; the next start closes its change set."""
        for job in [*self._reading.values()]:
            self._finish(job)

    def _finish(self, job: _Job) -> None:
        job.content.close()
        job.done.set()
        self._reading.pop(job.file.change_set_id, None)

    async def _read(self, job: _Job) -> None:
        set_id = job.file.change_set_id
        try:
            await self._stage(job)
            await self._compare(set_id)
        except NotAResidentsList as unreadable:
            await self._give_up(set_id, str(unreadable))
        except (SQLAlchemyError, OSError) as trouble:
            log.warning("residents.not_stored", trouble=type(trouble).__name__)
            await self._give_up(set_id, COULD_NOT_STORE)
        log.info("residents.list_read", change_set_id=str(set_id))

    async def _stage(self, job: _Job) -> None:
        tally = steps.Tally()
        header, lines = _header_in(job.content)
        # In a thread: a chunk takes tens of milliseconds, in which recordings come.
        while chunk := await asyncio.to_thread(_next_chunk, lines, header):
            async with self.database.begin() as transaction:
                await steps.stage(transaction, job.file.change_set_id, chunk, tally)

    async def _compare(self, set_id: UUID) -> None:
        async with self.database.begin() as transaction:
            await steps.compare(transaction, set_id, self.clock.now())

    async def _give_up(self, set_id: UUID, trouble: str) -> None:
        async def close(transaction: Any, now: datetime) -> None:
            await steps.give_up(transaction, set_id, trouble, now)

        await self._until_done(close)

    async def _until_done(self, work: Any) -> None:
        """At most TRIES_MAX times: what stays open then is closed by the next start."""
        for _ in range(TRIES_MAX):
            try:
                async with self.database.begin() as transaction:
                    await work(transaction, self.clock.now())
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("residents.not_closed", trouble=type(trouble).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return


def _header_in(content: IO[bytes]) -> tuple[Header, Iterator[tuple[int, str]]]:
    """The header of a list, and the lines after it. Raises NotAResidentsList."""
    content.seek(0)
    lines = lines_of(content)
    _, first = next(lines, (0, ""))
    return rules.header_of(first), lines


def lines_of(content: IO[bytes]) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1, never one longer than a line may be.

    Raises NotAResidentsList.
    """
    number = 0
    # A character has at most four bytes.
    while line := content.readline(4 * rules.LINE_CHARACTERS_MAX + 1):
        number += 1
        if len(line) > 4 * rules.LINE_CHARACTERS_MAX:
            raise NotAResidentsList(f"Line {number} is too long to be a person.")
        try:
            yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise NotAResidentsList(f"Line {number} is not UTF-8 text.") from None


def _next_chunk(
    lines: Iterator[tuple[int, str]], header: Header
) -> list[tuple[int, Resident | str]]:
    found = []
    for number, line in lines:
        one = rules.parse(header, line)
        if one is not None:
            found.append((number, one))
            if len(found) == CHUNK_LINES:
                break
    return found
