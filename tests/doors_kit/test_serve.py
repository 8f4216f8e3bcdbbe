"""A served service: told where it is, bounded towards slow clients, and ending in order."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.fault_rows import Fired

HERE = Path(__file__).parent
LOCAL = "127.0.0.1"


@dataclass
class Served:
    process: asyncio.subprocess.Process
    address: str

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    async def ended(self) -> tuple[int, str, str]:
        out, err = await asyncio.wait_for(self.process.communicate(), 20)
        assert self.process.returncode is not None
        return self.process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def served(folder: Path, *changes: str) -> AsyncIterator[Served]:
    port_file = folder / "address"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / "served_world.py"),
        str(folder),
        str(port_file),
        *changes,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30):
            while not (port_file.exists() and port_file.read_text()):
                if process.returncode is not None:
                    raise AssertionError((await process.communicate())[1].decode())
                await asyncio.sleep(0.02)
        yield Served(process, port_file.read_text())
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_a_stopped_server_answers_its_open_polls_first_and_ends_well(tmp_path: Path) -> None:
    async with served(tmp_path) as world, httpx.AsyncClient(base_url=world.address) as client:
        poll = asyncio.create_task(client.get("/v1/poll"))
        await asyncio.sleep(0.2)
        assert not poll.done()

        world.process.send_signal(signal.SIGTERM)
        answer = await asyncio.wait_for(poll, 5)
        status, out, err = await world.ended()

    assert (answer.status_code, answer.text) == (200, "[]")
    assert status == 0
    assert "ended in order" in out
    assert f"ready at {world.address}" in err


async def test_ctrl_c_ends_a_server_with_open_polls(tmp_path: Path) -> None:
    async with served(tmp_path) as world, httpx.AsyncClient(base_url=world.address) as client:
        poll = asyncio.create_task(client.get("/v1/poll"))
        await asyncio.sleep(0.2)
        world.process.send_signal(signal.SIGINT)

        assert (await asyncio.wait_for(poll, 5)).status_code == 200
        status, _, _ = await world.ended()
        assert status != 0


async def test_a_bug_is_logged_once_with_its_trace_id_and_no_message(tmp_path: Path) -> None:
    async with served(tmp_path) as world:
        async with httpx.AsyncClient(base_url=world.address) as client:
            answer = await client.get("/v1/trouble")
            again = await client.get("/livez")
        world.process.send_signal(signal.SIGTERM)
        _, out, _ = await world.ended()

    assert answer.status_code == 500
    assert again.status_code == 200
    assert out.count("request.failed") == 1
    assert out.count(answer.json()["trace_id"]) == 1
    assert "Exception in ASGI application" not in out
    assert "no trouble was set" not in out


async def said_to(world: Served, *pieces: bytes, pause_seconds: float = 0.0) -> bytes:
    """What the server says until it closes the connection, however it closes it."""
    reader, writer = await asyncio.open_connection(LOCAL, world.port)
    heard = b""

    async def send() -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_seconds)

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(10):
            while piece := await reader.read(65_536):
                heard += piece
    except ConnectionError:
        pass
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.close()
    return heard


HEAD = b"POST /v1/typed HTTP/1.1\r\nhost: w\r\ncontent-type: application/json\r\n"


@pytest.mark.fault("N12")
async def test_a_body_that_trickles_loses_its_connection(tmp_path: Path, fired: Fired) -> None:
    trickle = (b"1\r\n \r\n",) * 200
    async with served(tmp_path, "body_seconds_max=0.3") as world:
        heard = await said_to(
            world, HEAD + b"transfer-encoding: chunked\r\n\r\n", *trickle, pause_seconds=0.05
        )

    assert heard.startswith(b"HTTP/1.1 408 ")
    assert b"request-too-slow" in heard
    fired()


async def test_whoever_sends_too_much_hears_so_after_sending_it(tmp_path: Path) -> None:
    async with served(tmp_path) as world, httpx.AsyncClient(base_url=world.address) as client:
        for _ in range(3):
            answer = await client.post("/v1/typed", content=b"x" * 9_000_000)

            assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


async def test_a_body_behind_an_early_answer_does_not_harm_the_next_request(
    tmp_path: Path,
) -> None:
    body = b"x" * 900_000
    early = b"POST /v1/unread HTTP/1.1\r\nhost: w\r\ncontent-length: 900000\r\n\r\n"
    last = b"GET /livez HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n"
    async with served(tmp_path) as world:
        heard = await said_to(world, early, body[:1], body[1:], last, pause_seconds=0.1)

    assert heard.count(b"HTTP/1.1 200 OK") == 2
    assert heard.endswith(b"ok")


async def test_a_head_without_end_loses_its_connection(tmp_path: Path) -> None:
    more = b"x-more: " + b"y" * 8_000 + b"\r\n"
    async with served(tmp_path) as world:
        heard = await said_to(world, b"GET /livez HTTP/1.1\r\n", *(more,) * 64)

    assert heard.startswith(b"HTTP/1.1 400 ")


async def test_a_head_that_trickles_loses_its_connection(tmp_path: Path) -> None:
    async with served(tmp_path, "head_seconds_max=0.3") as world:
        heard = await said_to(
            world, b"GET /livez HTTP/1.1\r\n", *(b"x: y\r\n",) * 200, pause_seconds=0.05
        )

    assert heard == b""


async def test_an_address_in_use_is_an_error_at_once(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda *_: None, LOCAL, 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(AssertionError, match="Address already in use"):
            async with served(tmp_path, f"port={port}"):
                pass
