"""Rows N1, N2, N11, N12, N15: nobody there, nobody any more, and half a line."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.regional.central_client import sockets
from services.regional.central_client.client import Heard, Unknown
from services.simulator.link import Stream, Toxic
from tests.fault_rows import Fired
from tests.faults.far_side import FarSide, far_side
from tests.faults.line_world import caller, hasty, held, is_down, line_address
from tests.recordings import a_recording, batch_of
from tests.stories.core_world import books, drained, record_all, until
from tests.town import REGION, Databases, Town, town_of

__all__ = ["far_side", "hasty"]

LOCAL = "127.0.0.1"


def seconds() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.fault("N1")
async def test_a_refusing_line_costs_nothing_and_the_region_says_it_is_down(
    town: Town, fired: Fired
) -> None:
    await town.line.cut()
    async with caller(town, line_address(town)) as client:
        answer = await client.position()
    recorded = await record_all(town.at_region(), range(5))
    await until(lambda: is_down(town))
    await town.line.restore()
    await drained(town)

    assert answer == Unknown("ConnectError")
    fired()
    found = await books(town)
    assert found.recorded == recorded
    assert found.are_equal


@pytest.mark.fault("N1")
async def test_a_name_nobody_knows_is_a_centre_that_is_away(town: Town, fired: Fired) -> None:
    async with caller(town, "http://centre.invalid:8700") as client:
        answer = await client.position()

    assert answer == Unknown("ConnectError")
    fired()


@contextlib.contextmanager
def deaf_listener() -> Iterator[int]:
    """A listener whose queue is full: Linux swallows every further SYN. Gives its port."""
    with socket.socket() as deaf, contextlib.ExitStack() as waiting:
        deaf.bind((LOCAL, 0))
        deaf.listen(0)
        for _ in range(8):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect(deaf.getsockname())
        yield int(deaf.getsockname()[1])


@pytest.mark.fault("N2")
@pytest.mark.usefixtures("hasty")
async def test_a_swallowed_syn_ends_at_the_connect_limit(town: Town, fired: Fired) -> None:
    with deaf_listener() as port:
        async with caller(town, f"http://{LOCAL}:{port}") as client:
            began = seconds()
            answer = await client.send(batch_of(REGION, 1, [a_recording(1)]).batch)
            took = seconds() - began

    assert answer in (Unknown("ConnectTimeout"), Unknown("TimeoutError"))
    assert took < 15  # the kernel alone would try for two minutes
    fired()


@pytest.fixture
def _soon_vanished(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "VANISHED_SECONDS", 2)
    monkeypatch.setattr(sockets, "KEEPALIVE_SECONDS", 1)


@pytest.mark.fault("N11")
@pytest.mark.usefixtures("_soon_vanished")
async def test_a_peer_that_vanished_is_given_up_while_we_send(
    town: Town, far_side: FarSide, fired: Fired
) -> None:
    await far_side.relay_to(town.centre.port)
    async with caller(town, far_side.address) as client:
        before = await client.position()
        far_side.cut()
        began = seconds()
        answer = await client.send(batch_of(REGION, 1, [a_recording(1)]).batch)
        took = seconds() - began
        far_side.mend()
        after = await client.send(batch_of(REGION, 1, [a_recording(1)]).batch)

    assert isinstance(before, Heard)
    assert isinstance(answer, Unknown)
    assert 1 < took < 25  # not the 30 seconds of silence that end a request otherwise
    fired()
    assert isinstance(after, Heard)


@pytest.mark.fault("N11")
@pytest.mark.usefixtures("_soon_vanished")
async def test_a_peer_that_vanished_is_given_up_while_we_wait_for_news(
    town: Town, far_side: FarSide, fired: Fired
) -> None:
    await far_side.relay_to(town.centre.port)
    async with caller(town, far_side.address) as client:
        poll = asyncio.create_task(client.read_feed(0, 10, 25))
        await asyncio.sleep(0.5)
        far_side.cut()
        began = seconds()
        answer = await poll
        took = seconds() - began
        far_side.mend()

    assert isinstance(answer, Unknown)
    assert took < 25
    fired()


@pytest.mark.fault("N12")
@pytest.mark.usefixtures("hasty")
async def test_an_answer_that_trickles_ends_at_the_deadline_of_the_whole_request(
    town: Town, fired: Fired
) -> None:
    """A byte every fifth of a second: no single read is late."""
    drip = {"average_size": 1, "size_variation": 0, "delay": 200_000}
    await town.line.apply([Toxic("slicer", attributes=drip)])
    async with caller(town, line_address(town)) as client:
        began = seconds()
        answer = await client.position()
        took = seconds() - began

    assert answer == Unknown("TimeoutError")
    assert took < 15
    fired()


@pytest.mark.fault("N15")
@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("way", ["upstream", "downstream"])
async def test_half_a_line_is_a_line_that_is_down(
    databases: Databases, tmp_path: Path, way: Stream, fired: Fired
) -> None:
    """Only requests pass, or only answers."""
    async with town_of(databases, tmp_path) as town:
        await town.line.cut()
        await town.line.apply([Toxic("blackhole", way)])
        await town.line.restore()
        recorded = await record_all(town.at_region(), range(5))
        if way == "downstream":

            async def have_arrived() -> bool:
                return bool(await held(town))

            await until(have_arrived)
        await until(lambda: is_down(town))
        queue = (await town.at_region().get("/v1/queue")).json()
        arrived = await held(town)
        await town.line.apply([])
        await drained(town)
        found = await books(town)

    assert queue["acknowledged_seq"] == 0
    assert bool(arrived) == (way == "downstream")
    fired()
    assert found.recorded == recorded
    assert found.are_equal
