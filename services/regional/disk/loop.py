"""Watch the disk: sample sizes now and then, ask the file system at each commit, keep the ballast.

Asking the file system costs microseconds; a sample of our tables costs a few milliseconds.
"""

import asyncio
import os
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.regional.disk import rules, store
from services.regional.disk.ballast import Ballast
from services.regional.disk.rules import FullDay, Rates, Room
from shared.clock import Clock
from shared.database.engine import Database

SAMPLE_SECONDS = 10.0
FREE_AGE_SECONDS_MAX = 0.2

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """From the settings; budget None: whatever the file system has."""

    folder: Path
    budget_bytes: int | None
    reserve_bytes: int


@dataclass(frozen=True, slots=True)
class DiskState:
    """What is told of the disk; `room` None before the first sample."""

    room: Room | None
    recordings_left: int | None
    rates: Rates | None
    full: FullDay | None
    takes_recordings: bool
    ballast_bytes: int


@dataclass(slots=True)
class DiskWatch:
    """One region's watch; `run` until cancelled. `may_take` is asked at each commit."""

    database: Database
    region: str
    limits: Limits
    ballast: Ballast
    clock: Clock
    _sizes: store.Sizes | None = None
    _first: store.Sizes | None = None
    _log_left_bytes: int = 0
    _curve: list[tuple[datetime, int]] = field(default_factory=list)
    _taken_since: int = 0
    _free_bytes: int = 0
    _free_at: float = -1.0
    _is_full: bool = False

    async def run(self) -> None:
        while True:
            try:
                await self.sample()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("disk.not_sampled", trouble=type(trouble).__name__)
            self.keep_ballast()
            await asyncio.sleep(SAMPLE_SECONDS)

    async def sample(self) -> None:
        """Look at our tables and at PostgreSQL's log."""
        async with self.database.begin() as transaction:
            sizes = await store.sizes(transaction, self.region)
            log_folder_bytes = await store.log_folder_bytes(transaction)
            curve = await store.curve(transaction, sizes.last_seq)
        self._first = self._first or sizes
        self._sizes, self._curve, self._taken_since = sizes, curve, 0
        self._log_left_bytes = max(0, sizes.log_bytes_max - (log_folder_bytes or 0))

    def may_take(self, count: int) -> bool:
        """Whether `count` new recordings may be written now. Never waits for the database."""
        room = self._room()
        if self._is_full or not rules.may_take(room, self._taken_since):
            return False
        self._taken_since += count
        return True

    def tell_full(self) -> None:
        """PostgreSQL has run into the end of the disk: refuse, and give it the ballast's room."""
        self._is_full = True
        if self.ballast.release():
            log.error("disk.ballast_released", region=self.region)

    def keep_ballast(self) -> None:
        """Release it before PostgreSQL stops; lay it again when there is plenty of room."""
        free_bytes = self._free(0.0)
        if free_bytes < rules.BALLAST_RELEASE_BYTES and self.ballast.release():
            log.error("disk.ballast_released", region=self.region)
        if free_bytes > self.limits.reserve_bytes + 2 * self.ballast.wanted_bytes:
            self._is_full = False
            self.ballast.lay()

    def state(self, now: datetime) -> DiskState:
        room = self._room()
        found = rules.rates(self._curve, now)
        left = max(0, rules.recordings_left(room) - self._taken_since)
        is_known = self._sizes is not None
        return DiskState(
            room=room if is_known else None,
            recordings_left=left if is_known else None,
            rates=found,
            full=rules.full_day(left, found, now) if is_known else None,
            takes_recordings=not self._is_full and rules.may_take(room, self._taken_since),
            ballast_bytes=self.ballast.held_bytes(),
        )

    def _room(self) -> Room:
        sizes, first = self._sizes, self._first
        if sizes is None or first is None:
            # Before the first sample the file system alone is asked.
            each = float(rules.TABLE_BYTES_ASSUMED)
            return Room(self._free(), None, self.limits.reserve_bytes, each, each, 0)
        each = rules.cost_each(sizes.last_seq, sizes.table_bytes)
        log_each = rules.log_cost_each(
            sizes.last_seq - first.last_seq, sizes.log_bytes - first.log_bytes, each
        )
        budget = self.limits.budget_bytes
        return Room(
            free_bytes=self._free(),
            budget_left_bytes=None if budget is None else budget - sizes.database_bytes,
            reserve_bytes=self.limits.reserve_bytes,
            table_bytes_each=each,
            log_bytes_each=log_each,
            log_left_bytes=self._log_left_bytes,
        )

    def _free(self, age_seconds_max: float = FREE_AGE_SECONDS_MAX) -> int:
        now = time.monotonic()
        if self._free_at < 0 or now - self._free_at > age_seconds_max:
            self._free_bytes, self._free_at = free_bytes_at(self._folder()), now
        return self._free_bytes

    def _folder(self) -> Path:
        told = self._sizes.data_directory if self._sizes else None
        return Path(told) if told and _is_here(Path(told)) else self.limits.folder


def free_bytes_at(folder: Path) -> int:
    """Free for us on the file system of a folder, or of the nearest one above that lets us in."""
    for place in (folder, *folder.absolute().parents):
        try:
            found = os.statvfs(place)
        except (PermissionError, FileNotFoundError):
            continue
        return found.f_bavail * found.f_frsize
    raise FileNotFoundError(folder)


def _is_here(folder: Path) -> bool:
    """Whether PostgreSQL's folder is on this machine; closed to us counts, absent does not."""
    try:
        os.statvfs(folder)
    except PermissionError:
        return True
    except OSError:
        return False
    return True
