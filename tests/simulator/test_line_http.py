"""HTTP faults and half-open connections on real sockets, with a real client that keeps alive."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from line_world import ask, calling, echo_server, line_to_echo, toxic

from services.simulator.link import Toxic, ToxicRefused
from services.simulator.proxy import Line


class Counter:
    """An HTTP/1.1 server that keeps alive and counts what it did."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                fields = dict(
                    line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:-2]
                )
                if "expect" in fields:
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                await reader.readexactly(int(fields.get("content-length", 0)))
                method, path = head.decode().split(" ")[:2]
                self.done.append(path)
                body = b"" if method == "HEAD" else f"did {path}".encode()
                length = len(f"did {path}")
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (length, body))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def counting(*toxics: Toxic) -> AsyncIterator[tuple[Counter, Line, httpx.AsyncClient]]:
    counter = Counter()
    server = await asyncio.start_server(counter.serve, "127.0.0.1", 0)
    line = await Line(server.sockets[0].getsockname()[:2], seed=1).start()
    await line.apply(toxics)
    address = "http://{}:{}".format(*line.listen)
    try:
        async with httpx.AsyncClient(base_url=address, timeout=5) as client:
            yield counter, line, client
    finally:
        await line.stop()
        server.close()


async def outcomes(client: httpx.AsyncClient, count: int, method: str = "GET") -> list[str]:
    outcomes = []
    for number in range(count):
        try:
            answer = await client.request(method, f"/{number}")
        except (httpx.ReadError, httpx.RemoteProtocolError):
            outcomes.append("lost")
        else:
            outcomes.append(str(answer.status_code))
    return outcomes


async def test_an_answer_lost_was_acted_on() -> None:
    async with counting(toxic("answer_lost")) as (counter, line, client):
        assert await outcomes(client, 3) == ["lost"] * 3

        assert counter.done == ["/0", "/1", "/2"]
        assert line.fired == {"answer_lost_downstream": 3}


async def test_answers_are_lost_by_share_on_connections_that_are_kept_alive() -> None:
    async with counting(toxic("answer_lost", toxicity=0.3)) as (counter, line, client):
        seen = await outcomes(client, 100)

        lost = seen.count("lost")
        assert len(counter.done) == 100
        assert 15 < lost < 45
        assert line.fired == {"answer_lost_downstream": lost}
        assert counter.connections <= lost + 1, "answers not lost keep their connection"


async def test_answers_pass_then_are_lost_then_pass_again() -> None:
    async with counting(toxic("answer_lost", skip=2, times=3)) as (_, _, client):
        assert await outcomes(client, 7) == ["200", "200", "lost", "lost", "lost", "200", "200"]


async def test_an_answer_is_cut_after_its_first_bytes() -> None:
    async with (
        counting(toxic("answer_lost", bytes=20)) as (_, line, _),
        calling(line) as (reader, writer),
    ):
        writer.write(b"GET /a HTTP/1.1\r\n\r\n")
        assert await reader.readexactly(20) == b"HTTP/1.1 200 OK\r\ncon"
        with pytest.raises(ConnectionResetError):
            await reader.read(1)


async def test_an_interim_answer_passes_and_the_last_one_is_lost() -> None:
    async with counting(toxic("answer_lost")) as (counter, line, _):
        async with calling(line) as (reader, writer):
            writer.write(b"PUT /a HTTP/1.1\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n")
            interim = await reader.readuntil(b"\r\n\r\n")
            writer.write(b"abc")
            with pytest.raises(ConnectionResetError):
                await reader.read(1)

        assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert counter.done == ["/a"]


async def test_a_status_replaces_answers_and_keeps_the_connection() -> None:
    async with counting(toxic("status", status=502, skip=1, times=2)) as (counter, _, client):
        assert await outcomes(client, 5) == ["200", "502", "502", "200", "200"]

        assert len(counter.done) == 5
        assert counter.connections == 1


async def test_answers_to_head_are_told_apart() -> None:
    async with counting(toxic("status", status=503, skip=1)) as (counter, _, client):
        assert await outcomes(client, 3, "HEAD") == ["200", "503", "503"]
        assert counter.connections == 1


async def test_mounted_on_a_live_connection_it_bites_the_next_answer_and_lifted_none() -> None:
    async with counting() as (counter, line, client):
        before = await outcomes(client, 2)
        await line.apply([toxic("status", status=500)])
        during = await outcomes(client, 2)
        await line.apply([])
        after = await outcomes(client, 2)

        assert (before, during, after) == (["200"] * 2, ["500"] * 2, ["200"] * 2)
        assert counter.connections == 1


async def test_what_is_not_http_passes_an_http_toxic() -> None:
    async with line_to_echo(toxic("answer_lost")) as (line, _), calling(line) as streams:
        assert await ask(streams, b"hello there, this is no HTTP") == (
            b"hello there, this is no HTTP"
        )


def test_answers_go_downstream_only() -> None:
    with pytest.raises(ToxicRefused, match="downstream"):
        Toxic("answer_lost", "upstream")


async def test_half_open_upstream_leaves_the_client_believing_and_the_server_gone() -> None:
    async with line_to_echo() as (line, echo), calling(line) as (reader, writer):
        assert await ask((reader, writer), b"hello") == b"hello"

        await line.apply([toxic("half_open", "upstream")])
        async with asyncio.timeout(5):
            await echo.ended.wait()
        writer.write(b"x" * 500_000)
        await writer.drain()

        assert echo.endings == ["reset"]
        assert line.connections[0].state == "half_open"
        assert line.connections[0].biting == ("half_open_upstream",)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reader.read(1)
        assert bytes(echo.received[0]) == b"hello"
        assert line.fired == {"half_open_upstream": 1}

        await line.apply([])
        async with asyncio.timeout(5):
            with pytest.raises(ConnectionResetError):
                await reader.read(1)


async def test_half_open_downstream_leaves_the_server_believing_and_the_client_gone() -> None:
    async with line_to_echo() as (line, echo), calling(line) as (reader, writer):
        assert await ask((reader, writer), b"hello") == b"hello"

        await line.apply([toxic("half_open", "downstream")])
        async with asyncio.timeout(5):
            with pytest.raises(ConnectionResetError):
                await reader.read(1)

        assert echo.endings == [], "the server was told nothing"
        assert len(line.connections) == 1


async def test_a_half_open_connection_ends_when_its_believer_leaves() -> None:
    async with line_to_echo(toxic("half_open", "upstream")) as (line, _):
        async with calling(line) as (_, writer):
            writer.write(b"is anybody there?")
            await writer.drain()
            async with asyncio.timeout(5):
                while not line.connections:
                    await asyncio.sleep(0.01)

        async with asyncio.timeout(5):
            while line.connections:
                await asyncio.sleep(0.01)
        assert line.tally.resets == 0


async def test_stopping_a_line_ends_half_open_connections() -> None:
    async with echo_server() as (_, address):
        line = await Line(address).start()
        await line.apply([toxic("half_open", "upstream")])
        async with calling(line) as (reader, _):
            async with asyncio.timeout(5):
                while not line.connections or line.connections[0].state != "half_open":
                    await asyncio.sleep(0.01)
            await line.stop()
            with pytest.raises(ConnectionResetError):
                await reader.read(1)
