"""Start and stop of a service: wait for the database, run loops, end them in order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from shared.database import migrations
from shared.database.embedded import EmbeddedPostgres, start
from shared.database.engine import Database
from shared.settings import ServiceSettings

DATABASE_RETRY_SECONDS = 1.0

log = structlog.get_logger()
Loop = Callable[[], Coroutine[None, None, None]]


class NotStarted(Exception):
    """The database has not been reached yet, so the service is not ready."""


class Lifetime:
    """Owns one service's tasks. Without a database it serves, unready, and goes on trying."""

    def __init__(
        self,
        database: Database,
        migrations_folder: Path,
        prepare: Callable[[], Awaitable[None]],
        loops: Sequence[Loop],
    ) -> None:
        self._database = database
        self._folder = migrations_folder
        self._prepare = prepare
        self._loops = loops
        self._is_started = False
        self._running: list[asyncio.Task[None]] = []

    async def check(self) -> None:
        """A readiness check: the schema is this program's and the loops run."""
        if not self._is_started:
            raise NotStarted
        if any(task.done() for task in self._running):
            raise NotStarted
        await migrations.check_head(self._database, self._folder)

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self._start())]
        try:
            yield
        finally:
            for task in (*tasks, *self._running):
                task.cancel()
            await asyncio.gather(*tasks, *self._running, return_exceptions=True)
            await self._database.close()

    async def _start(self) -> None:
        while True:
            try:
                await migrations.upgrade(self._database, self._folder)
                await self._prepare()
                break
            except Exception as trouble:  # noqa: BLE001 whatever it is, try again and stay unready
                log.warning("start.database_not_ready", trouble=type(trouble).__name__)
                await asyncio.sleep(DATABASE_RETRY_SECONDS)
        self._is_started = True
        self._running += [asyncio.create_task(_guarded(loop)) for loop in self._loops]


async def _guarded(loop: Loop) -> None:
    """A loop that ends by a bug takes its service's readiness with it, loudly."""
    try:
        await loop()
    except asyncio.CancelledError:
        raise
    except BaseException as bug:
        name = getattr(loop, "__qualname__", "loop")
        log.error("loop.died", loop=name, exc_info=bug)  # noqa: TRY400
        raise


def database_for(settings: ServiceSettings, name: str) -> tuple[Database, EmbeddedPostgres | None]:
    """The database of the settings, or an embedded PostgreSQL in the service's data folder."""
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        return Database(url, settings.database_connections_max), None
    embedded = start(settings.data_folder / name / "postgres")
    return Database(embedded.url(name), settings.database_connections_max), embedded
