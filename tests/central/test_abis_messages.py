"""What an ABIS says is believed in one shape only, and waited for no longer than a deadline."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from fastapi import Response

from services.central.penunggalan.abis.client import Abis, AbisTrouble
from services.central.penunggalan.abis.matcher import MatcherAbis
from services.central.penunggalan.abis.sharing import Shares
from services.central.penunggalan.checks import Uniqueness
from services.central.settings import Irises
from shared.clock import ManualClock
from shared.ids import new_id
from shared.signing import SigningKey
from tests.abis import COUNT, DELETE, IDENTIFY, INSERT, StandIn
from tests.central.abis_world import FAILURE, World, abis, world
from tests.central.iris_world import PRR
from tests.eyes import KEYS, a_person, an_eye
from tests.recordings import NOON

__all__ = ["abis", "world"]


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda told: {key: value for key, value in told.items() if key != name}


def with_(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda told: told | changes


LISTED = {"referenceId": "01890a5d-ac96-774b-bcce-b302099a8057"}


async def test_an_answer_in_another_shape_is_a_search_that_failed(world: World) -> None:
    world.abis.spoil = {IDENTIFY: without("candidateList")}

    (one,) = await world.settle(a_person(1))
    world.abis.spoil = {}

    assert (one.outcome, one.reason) == (FAILURE, "search-impossible")
    assert await world.search_again() == 1
    assert (await world.outcomes())[-1][0] is PRR


@pytest.fixture(scope="module")
async def speaking() -> AsyncIterator[tuple[StandIn, Abis]]:
    """A stand-in that holds one person, and a client of it."""
    stand_in = StandIn()
    await stand_in.start()
    client = Abis(stand_in.address, None, 5.0, ManualClock(NOON))
    yield stand_in, client
    await client.close()
    await stand_in.stop()


@pytest.mark.parametrize(
    ("message", "spoil"),
    [
        pytest.param(DELETE, lambda _: Response(b"no json"), id="no JSON"),
        pytest.param(DELETE, lambda _: [], id="no object"),
        pytest.param(DELETE, with_(requestId=str(new_id())), id="another question's"),
        pytest.param(DELETE, with_(returnValue="3"), id="neither done nor failed"),
        pytest.param(DELETE, with_(returnValue=1), id="a number for a text"),
        pytest.param(DELETE, with_(returnValue="2"), id="a failure without a reason"),
        pytest.param(DELETE, with_(failureReason="10"), id="done, with a reason"),
        pytest.param(DELETE, with_(returnValue="2", failureReason="99"), id="an unknown reason"),
        pytest.param(DELETE, with_(returnValue="2", failureReason="x"), id="no reason at all"),
        pytest.param(DELETE, lambda _: Response(status_code=500), id="HTTP 500"),
        pytest.param(DELETE, with_(more="x" * 2_000_000), id="huge"),
        pytest.param(IDENTIFY, with_(id=INSERT), id="another kind of answer"),
        pytest.param(IDENTIFY, without("candidateList"), id="no list"),
        pytest.param(IDENTIFY, with_(candidateList={"count": "0"}), id="no candidates"),
        pytest.param(
            IDENTIFY,
            with_(candidateList={"count": "2", "candidates": [LISTED]}),
            id="fewer than it says",
        ),
        pytest.param(
            IDENTIFY,
            with_(candidateList={"count": "1", "candidates": [{"referenceId": "12"}]}),
            id="an id of another kind",
        ),
        pytest.param(
            IDENTIFY,
            with_(candidateList={"count": "300", "candidates": [LISTED] * 300}),
            id="hundreds of one person",
        ),
        pytest.param(IDENTIFY, with_(returnValue="2", failureReason="12"), id="not found"),
        pytest.param(COUNT, with_(count="many"), id="no count"),
    ],
)
async def test_no_answer_in_another_shape_is_believed(
    speaking: tuple[StandIn, Abis], message: str, spoil: Callable[[dict[str, Any]], Any]
) -> None:
    stand_in, client = speaking
    somebody = new_id()
    stand_in.held = {somebody: {"Left": an_eye(1)}}
    ask = {
        DELETE: lambda: client.delete(somebody),
        IDENTIFY: lambda: client.identify(somebody, {}),
        COUNT: client.count,
    }[message]
    await ask()
    stand_in.held = {somebody: {"Left": an_eye(1)}}
    stand_in.spoil = {message: spoil}

    with pytest.raises(AbisTrouble):
        await ask()
    stand_in.spoil = {}


async def test_an_abis_that_says_nothing_is_waited_for_no_longer_than_a_deadline(
    world: World, centre_key: SigningKey
) -> None:
    """The stand-in's socket takes the question, and nobody answers."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    shares = Shares(centre_key, world.clock)
    client = Abis(address, None, 30.0, world.clock)
    matcher = MatcherAbis(world.database, client, shares, KEYS, "http://centre.test", 0.2)
    world.settler.uniqueness = Uniqueness(Irises.REQUIRED, matcher, keys=KEYS)

    (one,) = await asyncio.wait_for(world.settle(a_person(1)), 20)
    await matcher.close()
    server.close()
    await server.wait_closed()

    assert one.outcome is FAILURE
