"""A centre and two regions whose clock is virtual: real applications, weather, people, deaths."""

import asyncio
import json
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy import event

from services.command.keys import KeyFolder
from services.command.storm.books import Id
from services.command.storm.virtual_loop import VirtualLoop
from services.regional.recording.examples import CONTENT_EXAMPLE
from shared.database.engine import Database
from shared.roles import Role, make_token
from shared.signing import jwks_of, load_or_create_key

BEGINS_AT = datetime(2017, 10, 13, 3, tzinfo=UTC)
REGIONS = ("61.72", "61.07")
PERSON_SECONDS_MEAN = 60.0
PRINTER_SECONDS_MEAN = 300.0
DEATH_SECONDS_MEAN = 900.0
DOWN_SECONDS_MAX = 60.0
ANSWERS_TO_DEATH_MAX = 40
TRY_AGAIN_SECONDS = 10.0
SHARE_KNOWN = 0.1  # of people who were recorded in some region before
SHARE_SPOILED = 0.15


class VirtualClock:
    """Tells the loop's time as a date."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return BEGINS_AT + timedelta(seconds=self._loop.time())


class Died(httpx.ReadError):
    """Whoever was asked was killed."""


class Served(httpx.AsyncBaseTransport):
    """One application that can be killed and started again; requests reach the one that lives."""

    def __init__(self, loop: VirtualLoop, url: str, make: Callable[[Database], FastAPI]) -> None:
        self._loop, self._url, self._make = loop, url, make
        self._asgi: httpx.ASGITransport | None = None
        self._life: asyncio.Task[None] | None = None
        self._asked: dict[asyncio.Task[httpx.Response], None] = {}
        self._connections: list[Any] = []

    def start(self) -> None:
        database = Database(self._url, 5)
        event.listen(database.engine.sync_engine, "connect", self._note)
        app = self._make(database)
        self._asgi = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._life = asyncio.create_task(_live(app))

    async def kill(self) -> None:
        """Its connections first: no rollback and no last word may leave a dead process."""
        asked, self._asked, self._asgi = list(self._asked), {}, None
        alive = [one for one in self._connections if not one.is_closed()]
        self._connections.clear()
        self._loop.break_off([one.get_server_pid() for one in alive])
        for _ in range(2):  # until the connections' own callbacks have run
            await asyncio.sleep(0)
        await self._end(asked)

    async def stop(self) -> None:
        self._asgi = None
        await self._end(list(self._asked))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._asgi is None:
            raise httpx.ConnectError("nobody listens", request=request)
        task = asyncio.create_task(self._asgi.handle_async_request(request))
        self._asked[task] = None
        await asyncio.wait([task])
        self._asked.pop(task, None)
        if task.cancelled():
            raise Died("the process died", request=request)
        return task.result()

    async def _end(self, asked: list[asyncio.Task[httpx.Response]]) -> None:
        ending = [*asked, *([self._life] if self._life else [])]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    def _note(self, connection: Any, _: object) -> None:
        self._connections.append(connection.driver_connection)


async def _live(app: FastAPI) -> None:
    async with app.router.lifespan_context(app):
        await asyncio.Event().wait()


class Lasting(httpx.AsyncBaseTransport):
    """A line that stays when one who used it is gone."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(request)


@dataclass(slots=True)
class Office:
    """One region's people: they hold what they were told, outside every database."""

    region: str
    keys: KeyFolder
    clock: VirtualClock
    served: Served
    draw: Random
    known: list[str]  # numbers of people anybody recorded, in all regions
    receipted: dict[Id, Id] = field(default_factory=dict)
    met: Counter[str] = field(default_factory=Counter)  # answers people got, by status
    blanks: int = 0
    unsure: list[str] = field(default_factory=list)  # blanks whose spending nobody confirmed

    async def record_until(self, ends_at: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self.draw.expovariate(1 / PERSON_SECONDS_MEAN))
            if loop.time() >= ends_at:
                return
            await self._record()

    async def print_until(self, ends_at: float) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < ends_at:
            await asyncio.sleep(self.draw.expovariate(1 / PRINTER_SECONDS_MEAN))
            await self._print()

    async def _record(self) -> None:
        if self.known and self.draw.random() < SHARE_KNOWN:
            nik = self.draw.choice(self.known)
        else:
            nik = f"617202{self.draw.randrange(10**10):010d}"
            self.known.append(nik)
        content = CONTENT_EXAMPLE | {"card": CONTENT_EXAMPLE["card"] | {"nik": nik}}
        one = UUID(int=self.draw.getrandbits(128), version=4)
        while True:
            answer = await self._ask("PUT", f"/v1/recordings/{one}", Role.OFFICER, content)
            if answer is not None and answer.status_code == 202:
                self.receipted[one] = bytes.fromhex(answer.json()["sha256"])
                return
            if answer is not None and answer.status_code == 409:
                return  # recorded here before
            await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def _print(self) -> None:
        page = await self._ask("GET", "/v1/print-authorizations?limit=500", Role.PRINTER)
        if page is None or page.status_code != 200:
            return
        for item in page.json()["items"]:
            self.blanks += 1
            blank = f"BLK-{self.region[:2]}{self.region[3:]}-{self.blanks:06d}"
            wanted = {"blank_serial": blank}
            path = f"/v1/print-authorizations/{item['authorization_id']}/spend"
            answer = await self._ask("POST", path, Role.PRINTER, wanted)
            if answer is None or answer.status_code >= 500:
                self.unsure.append(blank)
            elif answer.status_code == 200:
                is_spoiled = self.draw.random() < SHARE_SPOILED
                await self._report(blank, "spoiled" if is_spoiled else "printed")
        unsure, self.unsure = self.unsure, []
        for blank in unsure:  # whatever it was: no card of it is in anybody's hand
            await self._report(blank, "spoiled")

    async def _report(self, blank: str, result: str) -> None:
        while True:
            report = {"result": result, "cause": "jam" if result == "spoiled" else None}
            answer = await self._ask("POST", f"/v1/cards/{blank}/result", Role.PRINTER, report)
            if answer is not None and answer.status_code < 500:
                return
            await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def _ask(
        self, method: str, path: str, role: Role, body: dict[str, Any] | None = None
    ) -> httpx.Response | None:
        """None when nobody answered."""
        token = make_token(
            self.keys.issuer_key(),
            "somebody",
            [role],
            self.region,
            timedelta(hours=1),
            self.clock.now(),
        )
        client = httpx.AsyncClient(
            transport=self.served,
            base_url="http://region",
            headers={"authorization": f"Bearer {token}"},
        )
        try:
            answer = await client.request(method, path, json=body)
        except httpx.TransportError:
            self.met["nobody"] += 1
            return None
        self.met[str(answer.status_code)] += 1
        return answer


async def die_now_and_then(served: Served, draw: Random, ends_at: float) -> int:
    """Kill it in the midst of somebody's work, again and again; gives how often."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    deaths = 0
    while True:
        pause = draw.expovariate(1 / DEATH_SECONDS_MEAN)
        if loop.time() + pause >= ends_at:
            return deaths
        await asyncio.sleep(pause)
        await loop.after_answers(draw.randint(1, ANSWERS_TO_DEATH_MAX))
        await served.kill()
        deaths += 1
        await asyncio.sleep(draw.uniform(1.0, DOWN_SECONDS_MAX))
        served.start()


def lay_keys(folder: Path, draw: Random) -> KeyFolder:
    """A town's keys by seed: signatures are in what is hashed. Worth nothing outside of here."""
    keys = KeyFolder(folder)
    folder.mkdir(parents=True)
    files = {keys.issuer: "issuer", keys.centre: "centre"}
    files |= {keys.region(region): region for region in REGIONS}
    for path, kid in files.items():
        private = draw.randbytes(32)
        public = Ed25519PrivateKey.from_private_bytes(private).public_key()
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        jwk = {"kty": "OKP", "crv": "Ed25519", "kid": kid, "d": _text(private), "x": _text(raw)}
        path.write_text(json.dumps(jwk))
    keys.make(REGIONS)
    # Recordings climb in clear here: a sealed one is never the same twice, and these runs must be.
    signing = jwks_of([load_or_create_key(keys.centre, "centre")])
    keys.centre_jwks.write_text(json.dumps(signing))
    return keys


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
