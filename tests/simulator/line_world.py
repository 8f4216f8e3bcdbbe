"""A server behind a line, and what it saw: for the tests of the line."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import uvicorn

from services.simulator.line_api import create_app
from services.simulator.link import Toxic
from services.simulator.proxy import Line
from services.simulator.settings import LineSettings

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo:
    """Answers every byte with itself, and after the client's half-close says how many came."""

    def __init__(self) -> None:
        self.received: list[bytearray] = []  # one per connection
        self.endings: list[str] = []  # "eof" or "reset"
        self.ended = asyncio.Event()
        self.reads = 0
        self._news = asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = bytearray()
        self.received.append(mine)
        ending = "reset"
        try:
            while data := await reader.read(1 << 18):
                self.reads += 1
                mine += data
                async with self._news:
                    self._news.notify_all()
                writer.write(data)
                await writer.drain()
            ending = "eof"
            writer.write(f"all {len(mine)}".encode())
            await writer.drain()
        except OSError:
            pass
        finally:
            self.endings.append(ending)
            self.ended.set()
            await shut(writer)

    async def until_received(self, size_bytes: int, *, connection: int = 0) -> bytes:
        def is_there() -> bool:
            return len(self.received) > connection and (
                len(self.received[connection]) >= size_bytes
            )

        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(is_there)
        return bytes(self.received[connection])


@asynccontextmanager
async def echo_server() -> AsyncIterator[tuple[Echo, tuple[str, int]]]:
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    try:
        yield echo, server.sockets[0].getsockname()[:2]
    finally:
        server.close()


@asynccontextmanager
async def line_to_echo(*toxics: Toxic, seed: int = 0) -> AsyncIterator[tuple[Line, Echo]]:
    async with echo_server() as (echo, address):
        line = await Line(address, seed=seed).start()
        await line.apply(toxics)
        try:
            yield line, echo
        finally:
            await line.stop()


@asynccontextmanager
async def calling(line: Line) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection(*line.listen)
    try:
        yield reader, writer
    finally:
        await shut(writer)


async def shut(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def ask(streams: Streams, data: bytes) -> bytes:
    reader, writer = streams
    writer.write(data)
    async with asyncio.timeout(5):
        return await reader.readexactly(len(data))


def toxic(kind: Any, stream: Any = "downstream", toxicity: float = 1.0, **attributes: int) -> Toxic:
    return Toxic(kind, stream, toxicity, attributes)


@asynccontextmanager
async def control(settings: LineSettings) -> AsyncIterator[httpx.AsyncClient]:
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings), port=0, log_config=None, lifespan="on")
    )
    with socket.create_server(("127.0.0.1", 0)) as door:
        serving = asyncio.create_task(server.serve([door]))
        address = "http://{}:{}".format(*door.getsockname())
        try:
            async with httpx.AsyncClient(base_url=address) as client:
                yield client
        finally:
            server.should_exit = True
            await serving
