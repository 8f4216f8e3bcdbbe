"""A person moves: one office loses the only permission, another gets it, with all that follows."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.contracts.remedies import MoveIn, RecordingAt
from shared.ids import new_id
from tests.amendments import RENAMED, amendment, reprint
from tests.recordings import nik, received
from tests.remedies import ADDRESS, a_move, at, move_body, move_envelope
from tests.stories.core_world import drained, neighbour, record, record_all, until
from tests.stories.test_remedies import (
    books_hold,
    is_settled,
    live_permissions,
    recorded_next_door,
    status_of,
    unsettled,
)
from tests.town import NEIGHBOUR, REGION, Databases, Town, town_of

THERE = {"street": "JALAN SANA 3", "rt": "002", "rw": "001", "ward": f"{NEIGHBOUR}.02.2001"}
HERE_AGAIN = {**ADDRESS, "street": "JALAN PULANG 9"}


@pytest.fixture(scope="module")
async def city(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    """One town for all of these: each is about another person."""
    async with town_of(databases, tmp_path_factory.mktemp("moves")) as running:
        yield running


async def says_next_door(town: Town, seq: int, asked: MoveIn) -> None:
    """The neighbouring office processes a move to itself, and the centre decides it."""
    async with neighbour(town) as client:
        await client.send(received(NEIGHBOUR, [move_envelope(seq, asked)]).batch)
    await until(lambda: is_settled(town, NEIGHBOUR, seq))
    await town.settled()


async def permissions(desk: httpx.AsyncClient, recording_id: UUID) -> list[str]:
    answer = await desk.get("/v1/print-authorizations", params={"limit": 500})
    return [
        one["authorization_id"]
        for one in answer.json()["items"]
        if one["recording_id"] == str(recording_id)
    ]


async def spend(desk: httpx.AsyncClient, authorization_id: str, blank: str) -> httpx.Response:
    path = f"/v1/print-authorizations/{authorization_id}/spend"
    return await desk.post(path, json={"blank_serial": blank})


async def printed(desk: httpx.AsyncClient, recording_id: UUID, blank: str) -> dict[str, Any]:
    (authorization_id,) = await permissions(desk, recording_id)
    spent = await spend(desk, authorization_id, blank)
    assert spent.status_code == 200, spent.text
    done = await desk.post(f"/v1/cards/{blank}/result", json={"result": "printed"})
    assert done.status_code == 200
    return dict(spent.json()["card"])


async def asked_to_amend(desk: httpx.AsyncClient, number: int) -> httpx.Response:
    body = amendment(RENAMED, number=number)
    return await desk.put(f"/v1/amendments/{new_id()}", json=body)


async def moved_here(town: Town, number: int, rival: RecordingAt | None, **changes: Any) -> None:
    path = f"/v1/moves/{new_id()}"
    asked = await town.at_region().put(path, json=move_body(number, rival, **changes))
    assert asked.status_code == 202, asked.text
    await drained(town)
    assert (await town.at_region().get(path)).json()["state"] == "moved"


async def test_the_office_left_behind_prints_and_changes_nothing_until_the_person_comes_back(
    city: Town,
) -> None:
    desk = city.at_region()
    (ours,) = await record_all(desk, [41])
    await drained(city)
    (before,) = await permissions(desk, ours)

    await says_next_door(city, 1, a_move(41, at(ours, REGION), address=THERE))

    refused = await spend(desk, before, "BLK-41-1")
    amended = await asked_to_amend(desk, 41)
    status = await status_of(city, at(ours, REGION))
    assert await permissions(desk, ours) == []
    assert (refused.status_code, refused.json()["code"]) == (409, "holder-moved-away")
    assert (amended.status_code, amended.json()["code"]) == (409, "amended-at-home-only")
    assert "Arahkan ke daerah domisili" in amended.json()["next_action_id"]
    assert "new domicile prints" in status["next_action"]
    assert (await record(desk, 41)).json()["code"] == "nik-already-recorded"
    (elsewhere,) = await live_permissions(city, 41)
    assert elsewhere != before

    await moved_here(city, 41, None, address=HERE_AGAIN)

    card = await printed(desk, ours, "BLK-41-2")
    assert card["address"] == HERE_AGAIN
    assert len(await live_permissions(city, 41)) == 1
    assert (await status_of(city, at(ours, REGION)))["stage"] == "printed"
    assert (await asked_to_amend(desk, 41)).status_code == 202
    await drained(city)
    assert (await printed(desk, ours, "BLK-41-3"))["address"] == HERE_AGAIN
    await drained(city)
    await books_hold(city)


async def test_who_moved_here_has_data_changed_and_a_lost_card_printed_again_here(
    city: Town,
) -> None:
    desk = city.at_region()
    (theirs,) = await recorded_next_door(city, 50, first_seq=2)

    await moved_here(city, 50, None)

    first = await printed(desk, theirs.recording_id, "BLK-50-1")
    again = await record(desk, 50)
    renamed = await asked_to_amend(desk, 50)
    await drained(city)
    second = await printed(desk, theirs.recording_id, "BLK-50-2")
    lost = await desk.put(f"/v1/reprints/{new_id()}", json=reprint(number=50))
    await drained(city)
    third = await printed(desk, theirs.recording_id, "BLK-50-3")
    history = (await desk.get(f"/v1/recordings/{theirs.recording_id}/history")).json()

    assert first["address"] == ADDRESS
    assert (again.status_code, again.json()["code"]) == (409, "nik-already-recorded")
    assert (renamed.status_code, lost.status_code) == (202, 202)
    assert second == first | {"name": RENAMED["value"]}
    assert third == second
    told = [one["identity"]["card"]["name"] for one in history["versions"]]
    assert told == [first["name"], RENAMED["value"]]
    assert len(await live_permissions(city, 50)) == 1
    assert await unsettled(city) == []
    assert nik(50) not in again.text
    await drained(city)
    await books_hold(city)
