"""Answers of a centre that is none: packed, endless, or a byte at a time."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from services.regional.central_client import client as central_client
from services.regional.central_client.client import (
    CentralClient,
    CentreKeys,
    LineTroubleError,
    Unknown,
)
from shared.outside import NotPlain, read_json
from shared.signing import PinnedKeys, jwks_of, new_key

LOCAL = "127.0.0.1"
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
# 64 MiB of blanks in 64 KiB.
BOMB = gzip.compress(b" " * 2**26, mtime=0)
Say = Callable[[asyncio.StreamWriter], Coroutine[Any, Any, None]]


@asynccontextmanager
async def a_centre_that(say: Say) -> AsyncIterator[str]:
    """Whatever it is asked, it says this, and then waits."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await say(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, LOCAL, 0)
    try:
        yield f"http://{LOCAL}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _send_bomb(writer: asyncio.StreamWriter) -> None:
    head = OK + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(BOMB)
    writer.write(head + BOMB)
    await writer.drain()


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"content-length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _never_end(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"transfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        await writer.drain()


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(central_client, "SILENCE_SECONDS", 0.4)


@pytest.mark.security
@pytest.mark.usefixtures("_hasty")
@pytest.mark.parametrize(
    ("say", "told"),
    [
        (_send_bomb, "a packed answer"),
        (_drip, "TimeoutError"),
        (_never_end, "an answer without a length, or a huge one"),
    ],
)
async def test_the_region_gives_up_on_an_answer_without_end_or_bound(say: Say, told: str) -> None:
    key = new_key("61.72")
    async with a_centre_that(say) as address:
        centre = CentreKeys(PinnedKeys(jwks_of([new_key("centre")])), None)
        client = CentralClient(address, "61.72", key, centre)
        try:
            answer = await client.position()
        finally:
            await client.close()

    assert answer == Unknown(told)


@pytest.mark.security
@pytest.mark.usefixtures("_hasty")
@pytest.mark.parametrize("say", [_send_bomb, _drip, _never_end])
async def test_keys_are_fetched_within_bounds(say: Say) -> None:
    async with a_centre_that(say) as address:
        with pytest.raises(LineTroubleError):
            await CentreKeys(None, address).keys()


@pytest.mark.security
@pytest.mark.parametrize(
    ("say", "trouble"), [(_send_bomb, NotPlain), (_drip, TimeoutError), (_never_end, NotPlain)]
)
async def test_a_document_of_somebody_else_is_small_plain_and_soon_here(
    say: Say, trouble: type[Exception]
) -> None:
    async with a_centre_that(say) as address, httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(trouble):
            await read_json(http, address, 0.4 if say is _drip else 30, 2**20)
