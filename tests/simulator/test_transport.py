"""Requests of a real httpx client on a modelled road, in time that moves by itself."""

import asyncio
import hashlib
import heapq
from collections.abc import Coroutine
from itertools import count
from typing import Any, TypeVar

import httpx
import pytest
from fastapi import FastAPI, Request

from services.simulator.link import Toxic, both_ways
from services.simulator.road import ROUGH, Perils, Road
from services.simulator.transport import RoadEvent, RoadTransport
from services.simulator.weather import (
    REFUSING,
    SILENT,
    VSAT_RAIN_SEASON,
    Spell,
    forecast,
)

Done = TypeVar("Done")
TURNS_OF_AN_APP = 200  # of the loop: more than any request here needs between two sleeps


class OwnTime:
    """Moves on to the next sleeper whenever nobody has anything left to do."""

    def __init__(self) -> None:
        self.moment = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def now(self) -> float:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.moment + seconds, next(self._numbers), waking))
        await waking

    async def run(self, doing: Coroutine[Any, Any, Done]) -> Done:
        task = asyncio.create_task(doing)
        while True:
            for _ in range(TURNS_OF_AN_APP):
                await asyncio.sleep(0)
            if task.done():
                return task.result()
            self.moment, _, waking = heapq.heappop(self._sleepers)
            if not waking.done():
                waking.set_result(None)


class Post:
    """A server that keeps what it gets."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.broken_off = 0
        self.app = FastAPI()
        self.app.post("/letters")(self.keep)

    async def keep(self, request: Request) -> dict[str, str]:
        body = bytearray()
        try:
            async for part in request.stream():
                body += part
        except httpx.ReadError:
            self.broken_off += 1
            raise
        self.kept.append(bytes(body))
        return {"sha256": hashlib.sha256(body).hexdigest()}


class World:
    def __init__(self, road: Road, *, patience_seconds: float | None = 30.0) -> None:
        self.time, self.post = OwnTime(), Post()
        self.events: list[RoadEvent] = []
        self.transport = RoadTransport(
            httpx.ASGITransport(self.post.app),
            road,
            now=self.time.now,
            sleep=self.time.sleep,
            observe=self.events.append,
        )
        self.client = httpx.AsyncClient(
            transport=self.transport, base_url="http://centre", timeout=patience_seconds
        )

    async def send(self, body: bytes = b"dear centre") -> httpx.Response:
        return await self.time.run(self.client.post("/letters", content=body))

    async def settle(self) -> None:
        await self.time.run(self.transport.settle())

    @property
    def happened(self) -> list[str]:
        return [event.what for event in self.events]


def under(*toxics: Toxic, seconds: float = float("inf")) -> Road:
    return Road([Spell(0.0, "storm", seconds, toxics)])


def perilous(**shares: float) -> Road:
    return Road([], seed=1, perils={"clear": Perils(**shares)})


async def test_a_letter_arrives_and_its_answer_comes_back_after_both_delays() -> None:
    world = World(under(*both_ways("latency", attributes={"latency": 300})))

    answer = await world.send(b"hello")

    assert answer.json() == {"sha256": hashlib.sha256(b"hello").hexdigest()}
    assert world.post.kept == [b"hello"]
    assert world.time.moment == pytest.approx(0.6)
    assert world.happened == ["delivered"]


async def test_a_line_that_refuses_reaches_nobody() -> None:
    world = World(under(*REFUSING))

    with pytest.raises(httpx.ConnectError):
        await world.send()

    assert (world.post.kept, world.happened) == ([], ["refused"])


async def test_a_lost_answer_was_acted_on() -> None:
    world = World(under(Toxic("reset_peer", "downstream")))

    with pytest.raises(httpx.ReadError):
        await world.send(b"once")

    assert (world.post.kept, world.happened) == ([b"once"], ["answer_lost"])


async def test_a_half_cut_answer_is_none() -> None:
    world = World(under(Toxic("limit_data", "downstream", attributes={"bytes": 20})))

    with pytest.raises(httpx.RemoteProtocolError):
        await world.send()

    assert len(world.post.kept) == 1


async def test_a_request_cut_on_its_way_is_seen_by_the_server_and_not_kept() -> None:
    world = World(under(Toxic("limit_data", "upstream", attributes={"bytes": 3000})))

    with pytest.raises(httpx.ReadError):
        await world.send(b"x" * 5000)

    assert (world.post.kept, world.post.broken_off) == ([], 1)
    assert world.happened == ["cut"]


async def test_a_request_given_up_in_a_silent_outage_arrives_when_it_ends() -> None:
    world = World(under(*SILENT, seconds=3600.0))

    with pytest.raises(httpx.ReadTimeout):
        await world.send(b"late")
    gave_up_at = world.time.moment
    kept_then = list(world.post.kept)
    await world.settle()

    assert (gave_up_at, kept_then) == (30.0, [])
    assert world.post.kept == [b"late"]
    assert world.time.moment == 3600.0
    assert world.happened == ["given_up", "delivered"]


async def test_a_sender_that_stops_waiting_does_not_call_its_letter_back() -> None:
    world = World(under(*both_ways("latency", attributes={"latency": 300})), patience_seconds=None)

    async def send_and_leave() -> None:
        sending = asyncio.create_task(world.client.post("/letters", content=b"gone"))
        await world.time.sleep(0.1)
        sending.cancel()
        await asyncio.wait([sending])

    await world.time.run(send_and_leave())
    await world.settle()

    assert world.post.kept == [b"gone"]


async def test_a_ghost_acts_twice_and_is_answered_once() -> None:
    world = World(perilous(ghost=1.0))

    await world.send(b"boo")
    kept_then = list(world.post.kept)
    await world.settle()

    assert kept_then == [b"boo"]
    assert world.post.kept == [b"boo", b"boo"]
    assert world.happened == ["delivered", "ghost"]


async def test_a_corrupt_answer_is_not_what_the_server_said() -> None:
    right = hashlib.sha256(b"hello").hexdigest()
    said: list[str] = []
    world = World(under(Toxic("corrupt", "downstream", attributes={"every": 100})))
    for _ in range(40):
        try:
            answer = await world.send(b"hello")
        except httpx.RemoteProtocolError:
            said.append("garbled head")
        else:
            said.append("right" if right in answer.text else "spoiled")

    assert said.count("spoiled") > 0
    assert said.count("garbled head") > 0
    assert len(world.post.kept) == 40


async def test_a_corrupt_request_arrives_with_other_bits_or_not_at_all() -> None:
    world = World(under(Toxic("corrupt", "upstream", attributes={"every": 2000})))

    for _ in range(20):
        try:
            await world.send(b"x" * 5000)
        except httpx.RemoteProtocolError:
            continue

    assert 0 < len(world.post.kept) <= 20
    assert all(len(body) == 5000 for body in world.post.kept)
    assert any(body != b"x" * 5000 for body in world.post.kept)


async def test_a_torn_up_road_lets_nothing_arrive_any_more() -> None:
    world = World(under(*SILENT, seconds=3600.0))
    with pytest.raises(httpx.ReadTimeout):
        await world.send()

    await world.time.run(world.client.aclose())
    await world.settle()

    assert world.post.kept == []


async def trace_of(seed: int) -> str:
    world = World(Road(forecast(seed, VSAT_RAIN_SEASON), seed=seed, perils=ROUGH))
    trace = hashlib.sha256()
    for number in range(60):
        try:
            trace.update((await world.send(b"%d" % number * 1000)).content)
        except httpx.TransportError as trouble:
            trace.update(type(trouble).__name__.encode())
        await world.time.run(world.time.sleep(1800.0))
    await world.settle()
    for event in world.events:
        trace.update(f"{event.at_seconds} {event.what}".encode() + event.body)
    assert len(world.transport.tally) > 3
    return trace.hexdigest()


async def test_the_same_seed_replays_to_the_same_trace() -> None:
    assert await trace_of(5) == await trace_of(5)
    assert await trace_of(5) != await trace_of(6)
