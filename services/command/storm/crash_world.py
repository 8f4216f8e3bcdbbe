"""A small world whose processes die at a chosen await: one centre, one region, real PostgreSQL."""

import asyncio
import itertools
import json
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterator,
    Mapping,
)
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args

import asyncpg
import httpx
import orjson
from fastapi import FastAPI
from sqlalchemy import event

from services.central.app import create_app as create_central
from services.central.feed.loop import NewEntries
from services.central.print_authorization.rules import Permitter
from services.central.settings import CentralSettings
from services.central.worker import Settler
from services.command.keys import KeyFolder
from services.command.storm.books import Id
from services.regional.app import create_app as create_regional
from services.regional.central_client.client import CentralClient, CentreKeys
from services.regional.feed_reader.loop import FeedReader
from services.regional.recording import steps as recording
from services.regional.recording.examples import CONTENT_EXAMPLE
from services.regional.recording.rules import Arrival
from services.regional.settings import RegionalSettings
from services.regional.uplink import steps as uplink
from services.regional.uplink.loop import Uplink
from services.regional.uplink.rules import Send
from shared.clock import SystemClock
from shared.contracts.envelopes import MEDIA_TYPE, wire_bytes
from shared.contracts.recording import RECORDING
from shared.database.embedded import EmbeddedPostgres
from shared.database.engine import Database
from shared.ids import new_id
from shared.roles import Role, make_token
from shared.signing import SIGNATURE_HEADER, PinnedKeys, load_or_create_key, sign_message

Service = Literal["central", "regional"]
SERVICES: tuple[Service, ...] = get_args(Service)
REGION = "61.72"
EPOCH = 1
RETRY_CAP_SECONDS = 0.05
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.003
BURIAL_STEPS_MAX = 100
ARE_THERE = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1::int[])"


class Died(BaseException):
    """The process ended here: no `except Exception` of ours may hold it up."""


class Doomed:
    """A coroutine that goes no further than its `last`-th suspension, as a killed process."""

    def __init__(
        self, work: Coroutine[Any, Any, Any], last: int, break_off: Callable[[], None]
    ) -> None:
        self._work = work
        self._last = last
        self._break_off = break_off
        self.suspensions = 0

    async def run(self) -> None:
        """Raises Died at the last suspension, unless the work ends before."""
        await self

    def __await__(self) -> Generator[Any, Any, Any]:
        sent: Any = None
        thrown: BaseException | None = None
        while True:
            try:
                waits_for = self._work.send(sent) if thrown is None else self._work.throw(thrown)
            except StopIteration as done:
                return done.value
            self.suspensions += 1
            if self.suspensions == self._last:
                # The connections first: no rollback and no last word may leave a dead process.
                self._break_off()
                self._bury()
                raise Died
            sent = thrown = None
            try:
                sent = yield waits_for
            except BaseException as trouble:  # noqa: BLE001 cancellation, too, is for the work
                thrown = trouble

    def _bury(self) -> None:
        """Unwind what is left; whatever its last blocks wait for will not come."""
        for step in range(BURIAL_STEPS_MAX):
            try:
                # Libraries close what they were opening when cancelled; some then try again.
                self._work.throw(Died() if step else asyncio.CancelledError())
            except BaseException:  # noqa: BLE001 whatever a dead process still says
                return
        raise AssertionError("it does not end")


class Mortal:
    """One process's hold on its database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._connections: list[Any] = []
        self._dead: list[int] = []
        event.listen(database.engine.sync_engine, "connect", self._note)

    def break_off(self) -> None:
        """End its connections as the kernel does for a killed process."""
        for connection in self._connections:
            self._dead.append(connection.get_server_pid())
            connection.terminate()
        self._connections.clear()

    async def rise(self, looking: asyncpg.Connection) -> None:
        """Let the next process begin with a pool of its own, once the dead one's last word is done.

        PostgreSQL carries out what it had read, be it a commit, before it sees that nobody is
        there. Raises TimeoutError.
        """
        await self.database.engine.dispose(close=False)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await looking.fetchval(ARE_THERE, self._dead):
                await asyncio.sleep(LOOK_SECONDS)
        self._dead.clear()

    async def end(self) -> None:
        event.remove(self.database.engine.sync_engine, "connect", self._note)
        await self.database.close()

    def _note(self, connection: Any, _: object) -> None:
        self._connections.append(connection.driver_connection)


class Detached(httpx.AsyncBaseTransport):
    """Requests to an application in this process, which go on when their asker dies."""

    def __init__(self, app: FastAPI) -> None:
        self._inner = httpx.ASGITransport(app)
        self._under_way: set[asyncio.Task[httpx.Response]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        task = asyncio.create_task(self._inner.handle_async_request(request))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def landed(self) -> None:
        """Wait until nothing is under way."""
        await asyncio.gather(*self._under_way, return_exceptions=True)


@dataclass(slots=True)
class World:
    """Made by `world_of`; everything in it is real but the line, which is a function call."""

    urls: Mapping[Service, str]
    keys: KeyFolder
    apps: Mapping[Service, FastAPI]
    mortals: Mapping[Service, Mortal]
    calm: Mapping[Service, Database]  # for whoever does not die
    transport: Detached
    looking: Mapping[Service, asyncpg.Connection]
    receipted: dict[Id, Id] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    station: asyncio.Task[list[recording.Answer]] | None = None  # waits for a receipt

    def arrival(self) -> Arrival:
        """A person nobody saw before."""
        card = CONTENT_EXAMPLE["card"] | {"nik": f"617202{next(self.numbers):010d}"}
        made = CONTENT_EXAMPLE | {"card": card, "recording_id": str(new_id())}
        one = RECORDING.validate_json(orjson.dumps(made))
        return Arrival.of(one.recording_id, one, "officer-1")

    async def record(self, count: int) -> None:
        arrivals = [self.arrival() for _ in range(count)]
        answers = await self.calm["regional"].repeat(
            lambda transaction: recording.take(transaction, REGION, arrivals, SystemClock().now())
        )
        self.keep(answers)

    def keep(self, answers: list[recording.Answer]) -> None:
        """What the station holds from now on."""
        for answer in answers:
            assert isinstance(answer, recording.Taken)
            self.receipted[answer.kept.recording_id] = answer.kept.sha256

    def client(self) -> CentralClient:
        pinned = PinnedKeys(json.loads(self.keys.centre_jwks.read_text()))
        key = self.keys.region_key(REGION)
        return CentralClient(
            "http://centre", REGION, key, CentreKeys(pinned, None), transport=self.transport
        )

    def uplink(self, database: Database) -> Uplink:
        return Uplink(database, self.client(), REGION, SystemClock(), RETRY_CAP_SECONDS)

    def reader(self, database: Database) -> FeedReader:
        return FeedReader(database, self.client(), REGION, SystemClock(), RETRY_CAP_SECONDS)

    def settler(self, database: Database) -> Settler:
        key = load_or_create_key(self.keys.centre, "centre")
        permitter = Permitter(key, EPOCH, timedelta(days=730))
        return Settler(database, permitter, SystemClock(), NewEntries())

    def client_of(self, service: Service) -> httpx.AsyncClient:
        """One that speaks to a door in this process, and dies with it."""
        token = make_token(
            self.keys.issuer_key(),
            "printer-1",
            [Role.PRINTER],
            REGION,
            timedelta(hours=1),
            SystemClock().now(),
        )
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.apps[service]),
            base_url=f"http://{service}",
            headers={"authorization": f"Bearer {token}"},
        )

    async def next_batch(self) -> tuple[str, bytes, dict[str, str]]:
        """The request the uplink would make now: path, content, headers."""
        async with self.calm["regional"].begin() as transaction:
            offer = await uplink.offer(transaction, REGION, Send(100, 10**6), SystemClock().now())
        assert offer is not None
        signature = sign_message(
            self.keys.region_key(REGION), f"envelopes {REGION}", offer.batch.manifest_bytes
        )
        headers = {"content-type": MEDIA_TYPE, SIGNATURE_HEADER: signature}
        return f"/v1/regions/{REGION}/envelopes", wire_bytes(offer.batch), headers

    async def bury(self) -> None:
        """Clear away what a death left in this process."""
        if self.station is not None:
            if self.station.done():
                self.keep(self.station.result())
            self.station.cancel()
            self.station = None
        for service, mortal in self.mortals.items():
            await mortal.rise(self.looking[service])

    async def ask(self, service: Service, statement: str) -> Any:
        return await self.looking[service].fetchval(statement)

    async def column(self, service: Service, statement: str) -> list[Any]:
        return [row[0] for row in await self.looking[service].fetch(statement)]

    async def say(self, service: Service, statement: str) -> None:
        await self.looking[service].execute(statement)

    async def is_sent(self) -> bool:
        return bool(
            await self.ask(
                "regional",
                "SELECT acked_seq = (SELECT last_seq FROM outbox_head) FROM uplink_position",
            )
        )

    async def is_settled(self) -> bool:
        return bool(
            await self.ask(
                "central",
                "SELECT settled_seq = accepted_seq FROM settled_head JOIN intake_head"
                " USING (region_code)",  # one region
            )
        )

    async def is_read(self) -> bool:
        last_pos = await self.ask(
            "central",
            f"SELECT last_pos FROM feed_head WHERE region_code = '{REGION}'",  # noqa: S608
        )
        return bool(
            await self.ask("regional", f"SELECT applied_pos = {last_pos} FROM feed_position")  # noqa: S608
        )

    async def send(self) -> None:
        """Let a fresh uplink send everything; `settle` and `read` are its like."""
        await until(self.is_sent, self.uplink(self.calm["regional"]).run())

    async def settle(self) -> None:
        await until(self.is_settled, self.settler(self.calm["central"]).run())

    async def read(self) -> None:
        await until(self.is_read, self.reader(self.calm["regional"]).run())

    async def drain(self) -> None:
        """Fresh processes take over and finish. Raises TimeoutError."""
        await self.transport.landed()
        await self.send()
        await self.settle()
        await self.read()


async def until(is_so: Callable[[], Awaitable[bool]], work: Awaitable[Any]) -> bool:
    """Run `work` until it ends or `is_so`; tells whether it was so. Raises what ended it."""
    task = asyncio.ensure_future(work)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not task.done():
                if await is_so():
                    return True
                await asyncio.sleep(LOOK_SECONDS)
        await task
        return False
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def world_of(server: EmbeddedPostgres, folder: Path, number: int) -> AsyncIterator[World]:
    """A centre and a region on empty databases of this server."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = KeyFolder(folder / "keys")
    keys.make([REGION])
    urls: dict[Service, str] = {name: server.url(f"{name}_{number}") for name in SERVICES}
    common: dict[str, Any] = {"data_folder": folder, "token_jwks": str(keys.issuer_jwks)}
    central_settings = CentralSettings(
        key_file=keys.centre, regions_jwks=keys.regions_jwks, loops=False, **common
    )
    regional_settings = RegionalSettings(
        region=REGION,
        centre_jwks=str(keys.centre_jwks),
        key_file=keys.region(REGION),
        loops=False,
        **common,
    )
    mortals = {name: Mortal(Database(url, 3)) for name, url in urls.items()}
    async with AsyncExitStack() as stack:
        central = create_central(central_settings, mortals["central"].database)
        regional = create_regional(regional_settings, mortals["regional"].database)
        for app, service in ((central, "central"), (regional, "regional")):
            await stack.enter_async_context(app.router.lifespan_context(app))
            await _ready(app, service)
        calm = {name: Database(url, 3) for name, url in urls.items()}
        for database in calm.values():
            stack.push_async_callback(database.close)
        looking: dict[Service, asyncpg.Connection] = {}
        for name, url in urls.items():
            looking[name] = await asyncpg.connect(url.replace("+asyncpg", ""))
            stack.push_async_callback(looking[name].close)
        world = World(
            urls,
            keys,
            {"central": central, "regional": regional},
            mortals,
            calm,
            Detached(central),
            looking,
        )
        yield world
        await world.transport.landed()


async def _ready(app: FastAPI, service: str) -> None:
    transport = httpx.ASGITransport(app)
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        httpx.AsyncClient(transport=transport, base_url=f"http://{service}") as client,
    ):
        while (await client.get("/readyz")).status_code != 200:
            await asyncio.sleep(LOOK_SECONDS)
