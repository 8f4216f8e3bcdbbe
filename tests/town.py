"""A town for tests: a centre and a region in this process, on real sockets and real PostgreSQL.

Between them lies the simulated line: `town.line.cut()` and `town.line.restore()`, or any toxic.
"""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import asyncpg
import httpx
from fastapi import FastAPI
from sqlalchemy import func, make_url, select

from services.central import tables as central_tables
from services.central.app import MIGRATIONS as CENTRAL_MIGRATIONS
from services.central.app import create_app as create_central
from services.central.settings import CentralSettings
from services.central.vault import steps as vault
from services.central.vault.keys import vault_for
from services.command.keys import KeyFolder
from services.regional import tables as regional_tables
from services.regional.app import MIGRATIONS as REGIONAL_MIGRATIONS
from services.regional.app import create_app as create_regional
from services.regional.outbox import copies
from services.regional.sealing import seals_for
from services.regional.settings import RegionalSettings
from services.simulator.proxy import Line
from shared.clock import Clock, SystemClock
from shared.database import migrations
from shared.database.embedded import EmbeddedPostgres
from shared.database.engine import Database
from shared.doors.connections import BoundedConfig, Bounds, bounds_of
from shared.doors.serve import Draining, DrainingServer
from shared.doors.service import Service
from shared.roles import Role, make_token

REGION = "61.72"
NEIGHBOUR = "61.07"
READY_SECONDS_MAX = 60
STEP_SECONDS = 0.02

# One address and one token stand here for everybody; what limits them has tests of its own.
AS_OFTEN_AS_THEY_LIKE = {"address_per_second": 0, "role_per_second": "0", "region_per_second": 0}

# What the tests' own clients were answered, by status.
ANSWERS: Counter[int] = Counter()

END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
EMPTY_ALL = """
DO $$ BEGIN
  EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY'
           FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version');
END $$
"""
MIGRATIONS = {"central": CENTRAL_MIGRATIONS, "regional": REGIONAL_MIGRATIONS}


class Databases:
    """Fresh databases of one running PostgreSQL; those given back are emptied and lent again."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server
        self._url = server.url("postgres")
        self._idle: dict[str, list[str]] = {"central": [], "regional": []}
        self._numbers = itertools.count(1)

    def url(self, name: str) -> str:
        return self._url.replace("@/postgres?", f"@/{name}?")

    @asynccontextmanager
    async def fresh(self, service: str) -> AsyncIterator[str]:
        """URL of an empty database with the tables of "central" or "regional"."""
        idle = self._idle[service]
        name = idle.pop() if idle else await self._make(service)
        try:
            yield self.url(name)
        finally:
            await self._empty(name)
            idle.append(name)

    @asynccontextmanager
    async def copy_of(self, url: str) -> AsyncIterator[str]:
        """URL of a copy of one of these databases, to which nobody is connected; dropped after."""
        source = make_url(url).database
        name = f"copy_{next(self._numbers)}"
        await self._ask("postgres", f"CREATE DATABASE {name} TEMPLATE {source}")
        try:
            yield self.url(name)
        finally:
            await self._ask("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    async def _make(self, service: str) -> str:
        name = f"{service}_{next(self._numbers)}"
        await self._ask("postgres", f"CREATE DATABASE {name}")
        database = Database(self.url(name))
        try:
            await migrations.upgrade(database, MIGRATIONS[service])
        finally:
            await database.close()
        return name

    async def _empty(self, name: str) -> None:
        await self._ask("postgres", f"ALTER DATABASE {name} RESET ALL")
        await self._ask(name, END_OTHERS)
        await self._ask(name, EMPTY_ALL)

    async def _ask(self, name: str, statement: str) -> None:
        connection = await asyncpg.connect(self.url(name).replace("+asyncpg", ""))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


class _Server(DrainingServer):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # pytest keeps its Ctrl-C


class Served:
    """One application behind a real socket. The port is kept over `stop` and `start`."""

    def __init__(self) -> None:
        self.draining = Draining()
        self.app: FastAPI | None = None
        self.port = 0
        self._server: DrainingServer | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, app: FastAPI, draining: Draining) -> None:
        self.app, self.draining = app, draining
        config = BoundedConfig(
            app,
            bounds_of(app.settings) if isinstance(app, Service) else Bounds(),
            host="127.0.0.1",
            port=self.port,
            timeout_graceful_shutdown=3,
        )
        self._server = _Server(config, draining)
        self._task = asyncio.create_task(self._server.serve())
        while not self._server.started:
            if self._task.done():
                self._task.result()
            await asyncio.sleep(STEP_SECONDS)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """As a service stops: draining first, then what is open, then the loops."""
        if self._server is None or self._task is None:
            return
        self.draining.begin()  # now, not at the server's next tick
        self._server.should_exit = True
        await self._task
        self._server = None


class Town:
    """Made by `town_of`; `central` and `regional` are settings over the tests' own."""

    def __init__(
        self,
        folder: Path,
        urls: Mapping[str, str],
        clock: Clock,
        central: Mapping[str, Any],
        regional: Mapping[str, Any],
    ) -> None:
        self.keys = KeyFolder(folder / "keys")
        self.clock = clock
        self.centre = Served()
        self.region = Served()
        self.region.port = regional.get("port", 0)
        self.line: Line
        self._urls = urls
        self._common = {
            "data_folder": folder,
            "token_jwks": str(self.keys.issuer_jwks),
            **AS_OFTEN_AS_THEY_LIKE,
        }
        self._central = central
        self._regional = {"retry_cap_seconds": 0.2, "ballast_bytes": 0, **regional}
        self._clients: list[httpx.AsyncClient] = []
        self.databases: dict[str, Database] = {}

    async def start(self) -> Self:
        self.keys.make([REGION, NEIGHBOUR])
        self.databases = {name: Database(url, 2) for name, url in self._urls.items()}
        await self.start_centre()
        self.line = await Line(("127.0.0.1", self.centre.port)).start()
        await self.start_region()
        await asyncio.gather(self._ready(self.centre), self._ready(self.region))
        if self._regional.get("loops", True):
            await self._named()
        return self

    async def _named(self) -> None:
        """Until this start of the region's server may speak: before that it sends nothing."""
        life = regional_tables.server_life
        unclaimed = select(func.count()).where(life.c.claimed_at.is_(None))
        async with asyncio.timeout(READY_SECONDS_MAX):
            while True:
                async with self.databases["regional"].begin() as transaction:
                    is_named = not await transaction.scalar(unclaimed)
                if is_named:
                    break
                await asyncio.sleep(STEP_SECONDS)
        # Tests crash this database: no connection of ours may stand and be taken for a living one.
        await self.databases["regional"].engine.dispose()

    async def start_centre(self) -> None:
        settings = CentralSettings.model_validate(
            {
                "key_file": self.keys.centre,
                "regions_jwks": self.keys.regions_jwks,
                **self._common,
                **self._central,
            }
        )
        self.databases["central"].carry(vault.CARRIED, vault_for(settings))
        draining = Draining()
        database = Database(self._urls["central"])
        app = create_central(settings, database, draining, self.clock)
        await self.centre.start(app, draining)

    async def start_region(self) -> None:
        host, port = self.line.listen
        settings = RegionalSettings.model_validate(
            {
                "region": REGION,
                "centre_address": f"http://{host}:{port}",
                "centre_jwks": str(self.keys.centre_jwks),
                "key_file": self.keys.region(REGION),
                **self._common,
                **self._regional,
            }
        )
        self.databases["regional"].carry(copies.CARRIED, seals_for(settings, self.clock))
        draining = Draining()
        database = Database(self._urls["regional"])
        app = create_regional(settings, database, draining, self.clock)
        await self.region.start(app, draining)

    async def stop(self) -> None:
        for client in self._clients:
            await client.aclose()
        await asyncio.gather(self.region.stop(), self.centre.stop())
        await self.line.stop()
        for database in self.databases.values():
            await database.close()

    def url(self, service: str) -> str:
        """Of the database of "central" or "regional"."""
        return self._urls[service]

    def token(
        self,
        *roles: Role,
        region: str | None = REGION,
        lifetime: timedelta = timedelta(hours=1),
        office: str | None = None,
        subject: str = "tester",
    ) -> str:
        """A token of the town's issuer, for the region's server unless `region` says otherwise."""
        return make_token(
            self.keys.issuer_key(),
            subject,
            list(roles),
            region,
            lifetime,
            self.clock.now(),
            office=office,
        )

    def at_region(self, *roles: Role) -> httpx.AsyncClient:
        """A client of the region's server: all roles unless some are named; the town closes it."""
        return self._client(self.region, self.token(*(roles or Role)))

    def at_centre(self, *roles: Role) -> httpx.AsyncClient:
        """The same for the centre's server."""
        return self._client(self.centre, self.token(*(roles or Role), region=None))

    def stranger(self, served: Served) -> httpx.AsyncClient:
        """A client without a token."""
        return self._client(served, None)

    async def settled(self, seconds_max: float = 20.0) -> None:
        """Wait until all the region said is settled and all the centre said is applied."""
        until = asyncio.get_running_loop().time() + seconds_max
        while not _is_settled(*(positions := await self._positions())):
            if asyncio.get_running_loop().time() > until:
                said, settled, told, applied = positions
                raise TimeoutError(
                    f"said {said}, settled {settled}; answered {told}, applied {applied}"
                )
            await asyncio.sleep(STEP_SECONDS)

    async def _positions(self) -> tuple[int, int, int, int]:
        """What the region said, the centre settled, the centre answered, and the region applied."""
        outbox, applied = regional_tables.outbox_head, regional_tables.feed_position
        settled, feed = central_tables.settled_head, central_tables.feed_head
        async with self.databases["regional"].begin() as transaction:
            said = await transaction.scalar(select(func.max(outbox.c.last_seq)))
            heard = await transaction.scalar(select(func.max(applied.c.applied_pos)))
        async with self.databases["central"].begin() as transaction:
            done = await transaction.scalar(
                select(settled.c.settled_seq).where(settled.c.region_code == REGION)
            )
            told = await transaction.scalar(
                select(feed.c.last_pos).where(feed.c.region_code == REGION)
            )
        return said or 0, done or 0, told or 0, heard or 0

    def _client(self, served: Served, token: str | None) -> httpx.AsyncClient:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        client = httpx.AsyncClient(
            base_url=served.address,
            headers=headers,
            timeout=30.0,
            trust_env=False,
            verify=False,  # no TLS here, and the world's certificates take long to load
            event_hooks={"response": [_count]},
        )
        self._clients.append(client)
        return client

    async def _ready(self, served: Served) -> None:
        async with asyncio.timeout(READY_SECONDS_MAX):
            client = self.stranger(served)
            client.event_hooks = {}  # that a server is not ready while it starts is no answer
            while (await client.get("/readyz")).status_code != 200:
                await asyncio.sleep(STEP_SECONDS)


async def _count(answer: httpx.Response) -> None:
    ANSWERS[answer.status_code] += 1


def _is_settled(said: int, settled: int, told: int, applied: int) -> bool:
    return said == settled and told == applied


@asynccontextmanager
async def town_of(
    databases: Databases,
    folder: Path,
    *,
    clock: Clock | None = None,
    central: Mapping[str, Any] | None = None,
    regional: Mapping[str, Any] | None = None,
) -> AsyncIterator[Town]:
    """A running town of its own; see `Town`. Everything it made is gone afterwards."""
    async with contextlib.AsyncExitStack() as stack:
        urls = {
            service: await stack.enter_async_context(databases.fresh(service))
            for service in ("central", "regional")
        }
        town = Town(folder, urls, clock or SystemClock(), central or {}, regional or {})
        try:
            yield await town.start()
        finally:
            await town.stop()
