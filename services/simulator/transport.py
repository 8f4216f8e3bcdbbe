"""An httpx transport under weather: what the road says, happens to real requests.

Wraps any transport, an ASGI app in the same process or real sockets, and needs no proxy:

    road = Road(forecast(7, climate_named("kbit_128")), seed=7, perils=ROUGH)
    under_weather = RoadTransport(httpx.ASGITransport(app), road)
    client = httpx.AsyncClient(transport=under_weather, base_url="http://centre")

A request that has left travels on whatever its asker does: cancelled or timed out, it still
arrives, as on a real line. Of the asker's timeouts the read timeout counts, from the moment of
sending. Exceptions are those httpx raised on real sockets for the same faults.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Any, Final, Literal, TypeVar

import httpx

from services.simulator.road import Arrived, Broken, Flip, Refused, Road, Trip, Vanished

Bitten = Literal[
    "delivered",  # the answer is there, whole
    "answer_lost",  # acted; the reply was cut
    "refused",  # no connection
    "cut",  # the request was cut on its way
    "given_up",  # the asker's patience ended first; the request may arrive all the same
    "ghost",  # the same request arrived once more
    "request_corrupt",
    "answer_corrupt",
]
LONGEST_SLEEP_SECONDS: Final = 3600.0

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class RoadEvent:
    """Something happened to a request, told at the moment it happened."""

    at_seconds: float  # since the transport was made
    what: Bitten
    method: str
    path: str
    body: bytes  # as it was sent


class RoadTransport(httpx.AsyncBaseTransport):
    """Let every request of a client travel by a road.

    now, sleep: ports for time, in seconds; under a virtual clock give its own.
    observe: called for each event, in order, e.g. to hash a trace.
    tally: how often what happened since the start.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        road: Road,
        *,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        observe: Callable[[RoadEvent], None] | None = None,
    ) -> None:
        self.road = road
        self.tally: Counter[Bitten] = Counter()
        self._inner = inner
        self._now, self._sleep = now, sleep
        self._observe = observe
        self._began_at = now()
        self._under_way: dict[asyncio.Task[Any], None] = {}  # in the order they left

    @property
    def at_seconds(self) -> float:
        """The moment on the road, from the forecast's beginning."""
        return self._now() - self._began_at

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request by the road. Raises what httpx raises on such a line."""
        letter = _Letter(request, await request.aread())
        trip = self.road.there(self.at_seconds, letter.size_bytes)
        if isinstance(trip, Refused):
            self._tell("refused", letter)
            raise httpx.ConnectError("the road takes no connection", request=request)
        travelling = self._start(self._travel(letter, trip))
        patience = request.extensions.get("timeout", {}).get("read")
        if patience is None:
            return await asyncio.shield(travelling)
        giving_up = self._start(self._sleep_until(self.at_seconds + patience))
        try:
            await asyncio.wait({travelling, giving_up}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            giving_up.cancel()
        if travelling.done():
            return travelling.result()
        self._tell("given_up", letter)
        raise httpx.ReadTimeout("the road is silent", request=request)

    async def settle(self) -> None:
        """Wait until everything that has left has arrived, ghosts included."""
        while self._under_way:
            await asyncio.wait(list(self._under_way))

    async def aclose(self) -> None:
        """Tear up the road: what is under way never arrives."""
        under_way = list(self._under_way)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._inner.aclose()

    async def _travel(self, letter: "_Letter", trip: Trip) -> httpx.Response:
        match trip:
            case Vanished():
                await self._sleep_until(inf)
            case Broken(at, arrived_bytes):
                await self._sleep_until(at)
                await self._deliver_part(letter, arrived_bytes)
                self._tell("cut", letter)
                raise httpx.ReadError("the line was cut", request=letter.request)
            case Arrived(at, again_at, flips):
                if again_at is not None:
                    self._start(self._haunt(letter, again_at))
                await self._sleep_until(at)
                return await self._exchange(letter, flips)
        raise AssertionError(trip)

    async def _exchange(self, letter: "_Letter", flips: tuple[Flip, ...]) -> httpx.Response:
        body = letter.body
        if flips:
            self._tell("request_corrupt", letter)
            body = _spoiled(body, letter.head_bytes, flips)
        response = await self._deliver(letter, body)
        answer = b"".join([part async for part in response.stream])  # type: ignore[union-attr]
        await response.aclose()
        head_bytes = _head_bytes(response.headers)
        trip = self.road.back(self.at_seconds, head_bytes + len(answer))
        match trip:
            case Vanished():
                await self._sleep_until(inf)
            case Broken(at, arrived_bytes):
                await self._sleep_until(at)
                self._tell("answer_lost", letter)
                if arrived_bytes:
                    raise httpx.RemoteProtocolError("the answer is cut", request=letter.request)
                raise httpx.ReadError("the answer was lost", request=letter.request)
            case Arrived(at, _, flips):
                await self._sleep_until(at)
                self._tell("answer_corrupt" if flips else "delivered", letter)
                extensions = {
                    name: value
                    for name, value in response.extensions.items()
                    if name != "network_stream"
                }
                return httpx.Response(
                    response.status_code,
                    headers=response.headers,
                    stream=httpx.ByteStream(_spoiled(answer, head_bytes, flips)),
                    extensions=extensions,
                )
        raise AssertionError(trip)

    async def _haunt(self, letter: "_Letter", at: float) -> None:
        await self._sleep_until(at)
        self._tell("ghost", letter)
        response = await self._deliver(letter, letter.body)
        await response.aread()
        await response.aclose()

    async def _deliver(self, letter: "_Letter", body: bytes) -> httpx.Response:
        return await self._inner.handle_async_request(letter.copy(httpx.ByteStream(body)))

    async def _deliver_part(self, letter: "_Letter", arrived_bytes: int) -> None:
        """Let the other side see a body that breaks off, as a server does."""
        body_bytes = min(arrived_bytes - letter.head_bytes, len(letter.body) - 1)
        if body_bytes <= 0:
            return
        cut = _CutStream(letter.body[:body_bytes])
        try:
            response = await self._inner.handle_async_request(letter.copy(cut))
            await response.aclose()
        except httpx.TransportError:
            return

    async def _sleep_until(self, at: float) -> None:
        while (left := at - self.at_seconds) > 0:
            await self._sleep(min(left, LONGEST_SLEEP_SECONDS))

    def _start(self, doing: Coroutine[Any, Any, Done]) -> "asyncio.Task[Done]":
        task = asyncio.create_task(doing)
        self._under_way[task] = None
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        del self._under_way[task]
        if not task.cancelled():
            task.exception()  # Told to whoever still waits; nobody else misses it.

    def _tell(self, what: Bitten, letter: "_Letter") -> None:
        self.tally[what] += 1
        if self._observe is not None:
            request = letter.request
            self._observe(
                RoadEvent(self.at_seconds, what, request.method, request.url.path, letter.body)
            )


class _Letter:
    """A request as it lies on the road, free of its asker."""

    def __init__(self, request: httpx.Request, body: bytes) -> None:
        self.request = request
        self.body = body
        self.head_bytes = len(request.method) + len(request.url.raw_path) + 12
        self.head_bytes += _head_bytes(request.headers)

    @property
    def size_bytes(self) -> int:
        return self.head_bytes + len(self.body)

    def copy(self, stream: httpx.AsyncByteStream) -> httpx.Request:
        """The same request anew, without the asker's timeouts: the road has its own time."""
        request = self.request
        return httpx.Request(request.method, request.url, headers=request.headers, stream=stream)


class _CutStream(httpx.AsyncByteStream):
    def __init__(self, part: bytes) -> None:
        self._part = part

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._part
        raise httpx.ReadError("the line was cut")


def _spoiled(body: bytes, head_bytes: int, flips: Sequence[Flip]) -> bytes:
    """Flip bits of a message's body. Raises RemoteProtocolError when its head is hit."""
    spoiled = bytearray(body)
    for place, bit in flips:
        if place < head_bytes:
            raise httpx.RemoteProtocolError("the head is garbled")
        spoiled[place - head_bytes] ^= 1 << bit
    return bytes(spoiled)


def _head_bytes(headers: httpx.Headers) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.raw) + 2
