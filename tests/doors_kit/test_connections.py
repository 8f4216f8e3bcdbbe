"""Connections that keep us waiting end; those in number give way to those who ask."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from door_world import World

from shared.telemetry.metrics import CONNECTIONS_CLOSED
from tests.loris import held
from tests.stories.core_world import until
from tests.town import Served

LOCAL = "127.0.0.1"
WHOLE = b"GET /livez HTTP/1.1\r\nhost: w\r\n\r\n"


@asynccontextmanager
async def serving(folder: Path, **settings: Any) -> AsyncIterator[Served]:
    world, served = World(folder, **settings), Served()
    await served.start(world.app, world.draining)
    try:
        yield served
    finally:
        await served.stop()


async def _asked(served: Served) -> int:
    async with httpx.AsyncClient(base_url=served.address, trust_env=False) as client:
        return (await client.get("/livez")).status_code


@pytest.mark.security
async def test_too_many_from_one_address_push_out_their_own_and_leave_room_to_ask(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path, open_connections_address_max=20) as served:
        with held() as (loris, stack):
            for _ in range(50):
                await asyncio.to_thread(loris.open, stack, served.port)
            assert await _asked(served) == 200

            async def ended() -> bool:
                return loris.are_open().count(False) >= 30

            await until(ended)
            # The oldest went first.
            assert loris.are_open()[:30] == [False] * 30
            assert loris.are_open()[-1]


@pytest.mark.security
async def test_whoever_is_being_served_is_not_pushed_out(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, open_connections_max=16) as served,
        httpx.AsyncClient(base_url=served.address, trust_env=False) as client,
    ):
        poll = asyncio.create_task(client.get("/v1/poll", timeout=60))
        await asyncio.sleep(0.1)
        with held() as (loris, stack):
            for _ in range(40):
                await asyncio.to_thread(loris.open, stack, served.port)
            assert await _asked(served) == 200
            assert not poll.done()

            served.draining.begin()

            assert (await poll).status_code == 200


@pytest.mark.security
async def test_a_trusted_front_may_have_all_connections(tmp_path: Path) -> None:
    async with serving(tmp_path, open_connections_address_max=5, trusted_fronts=LOCAL) as served:
        with held() as (loris, stack):
            for _ in range(12):
                await asyncio.to_thread(loris.open, stack, served.port)

            assert await _asked(served) == 200
            assert all(loris.are_open())


@pytest.mark.security
async def test_blank_lines_between_requests_do_not_keep_a_connection(
    tmp_path: Path,
) -> None:
    before = CONNECTIONS_CLOSED.labels("idle")._value.get()
    async with serving(tmp_path, idle_seconds_max=0.3) as served:
        with held() as (loris, stack):
            await asyncio.to_thread(loris.open, stack, served.port, WHOLE)

            async def ended() -> bool:
                loris.say(b"\r\n")
                return bool(CONNECTIONS_CLOSED.labels("idle")._value.get() == before + 1)

            await until(ended)


@pytest.mark.security
async def test_an_answer_nobody_reads_is_given_up(tmp_path: Path) -> None:
    before = CONNECTIONS_CLOSED.labels("answer")._value.get()
    async with serving(tmp_path, answer_seconds_max=0.5) as served:
        with socket.socket() as silent:
            silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            silent.connect((LOCAL, served.port))
            silent.setblocking(False)
            for _ in range(2_000):
                try:
                    silent.send(b"GET /openapi.json HTTP/1.1\r\nhost: w\r\n\r\n")
                except BlockingIOError:
                    break
                await asyncio.sleep(0)

            async def ended() -> bool:
                return bool(CONNECTIONS_CLOSED.labels("answer")._value.get() == before + 1)

            await until(ended)
        assert await _asked(served) == 200
