"""Bodies of the real operations: as large and as late as their pages say, and no more."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from pathlib import Path

import pytest

from shared.roles import Role
from tests.doors.operation_calls import Call, every_call, is_problem
from tests.town import Databases, Served, Town, town_of

WITH_BODY = [call for call in every_call() if call.body is not None]
MIB = 2**20
ANSWER_SECONDS_MAX = 10


@pytest.fixture(scope="module")
async def hurried_town(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    hurry = {"body_seconds_max": 0.3}
    folder = tmp_path_factory.mktemp("hurried")
    async with town_of(databases, folder, central=hurry, regional=hurry) as running:
        yield running


def test_the_limits_are_those_the_work_needs() -> None:
    limits = {call.name: call.body_bytes_max / MIB for call in WITH_BODY}

    assert limits["take_recordings"] == 16  # 1,000 recordings of the city are 2.3 MB
    assert limits["import_residents"] == 1024  # streamed; 262,210 residents are 36 MB
    assert limits["take_envelopes"] > 4
    assert limits["take_recording"] == 4


@pytest.mark.parametrize("call", WITH_BODY, ids=str)
async def test_a_body_declared_too_large_is_refused_before_it_comes(
    standing_town: Town, call: Call
) -> None:
    head = _head(standing_town, call, {"content-length": str(call.body_bytes_max + 1)})

    answer = await _raw(call.served(standing_town), head)

    assert _is_problem(answer, 413, "body-too-large")


@pytest.mark.parametrize(
    "call", [call for call in WITH_BODY if call.body_bytes_max <= 16 * MIB], ids=str
)
async def test_a_chunked_body_is_refused_when_it_has_grown_too_large(
    standing_town: Town, call: Call
) -> None:
    head = _head(standing_town, call, {"transfer-encoding": "chunked"})
    chunk = b"%x\r\n%b\r\n" % (MIB, b" " * MIB)

    answer = await _raw(
        call.served(standing_town), head, (chunk for _ in range(call.body_bytes_max // MIB + 1))
    )

    assert _is_problem(answer, 413, "body-too-large")


async def test_a_body_that_never_comes_is_refused_in_time(hurried_town: Town) -> None:
    async def wait(call: Call) -> bytes:
        head = _head(hurried_town, call, {"content-length": "10"})
        return await _raw(call.served(hurried_town), head)

    assert await _not_too_slow(wait) == []


async def test_a_body_that_stops_halfway_is_refused_in_time(hurried_town: Town) -> None:
    async def wait(call: Call) -> bytes:
        head = _head(hurried_town, call, {"transfer-encoding": "chunked"})
        return await _raw(call.served(hurried_town), head, [b"5\r\n{}   \r\n"])

    assert await _not_too_slow(wait) == []


async def _not_too_slow(wait: Callable[[Call], Awaitable[bytes]]) -> list[str]:
    """Calls, all waiting at once, that were answered something else than that they are late."""
    answers = await asyncio.gather(*(wait(call) for call in WITH_BODY))
    return [
        str(call)
        for call, answer in zip(WITH_BODY, answers, strict=True)
        if not _is_problem(answer, 408, "request-too-slow")
    ]


@pytest.mark.parametrize("call", WITH_BODY, ids=str)
@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data; boundary=x"])
async def test_a_body_of_another_kind_is_refused(
    standing_town: Town, call: Call, kind: str
) -> None:
    client = standing_town.stranger(call.served(standing_town))
    client.headers["authorization"] = f"Bearer {_token(standing_town, call)}"

    answer = await call.send(client, headers={"content-type": kind} if kind else {})

    assert is_problem(answer, 415, "unsupported-media-type")


def test_the_largest_bulk_fits(tmp_path: Path) -> None:
    (bulk,) = (call for call in WITH_BODY if call.name == "take_recordings")
    assert bulk.body is not None
    one_bytes = len(json.dumps(json.loads(bulk.body)["recordings"][0]))

    assert 1_000 * one_bytes * 2 < bulk.body_bytes_max


def _token(town: Town, call: Call) -> str:
    is_central = call.served(town) is town.centre
    return town.token(*Role) if not is_central else town.token(*Role, region=None)


def _head(town: Town, call: Call, headers: Mapping[str, str]) -> bytes:
    lines = {
        "host": "x",
        "content-type": str(call.media_type),
        "authorization": f"Bearer {_token(town, call)}",
        **headers,
    }
    told = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{call.method} {call.path} HTTP/1.1\r\n{told}\r\n".encode()


async def _raw(served: Served, head: bytes, parts: Iterable[bytes] = ()) -> bytes:
    """The server's whole answer; what it no longer reads of the request is not insisted on."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            writer.write(head)
            answering = asyncio.create_task(_answer(reader))
            for part in parts:
                if answering.done():
                    break
                writer.write(part)
                try:
                    await writer.drain()
                except ConnectionError:
                    break
            return await answering
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    (length,) = (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    return head + await reader.readexactly(int(length.partition(b":")[2]))


def _is_problem(answer: bytes, status: int, code: str) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    return (
        lines[0].startswith(b"http/1.1 %d " % status)
        and b"content-type: application/problem+json" in lines
        and json.loads(body)["code"] == code
    )
