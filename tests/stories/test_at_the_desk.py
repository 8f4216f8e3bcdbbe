"""What an officer sees of a recording, from the desk to the card; and what never happens twice."""

import asyncio
import time
from typing import Any
from uuid import UUID

import httpx

from tests.recordings import a_recording, batch_of, content
from tests.stories.core_world import drained, neighbour, record, record_all, until
from tests.town import NEIGHBOUR, Town


async def at_desk(client: httpx.AsyncClient, recording_id: UUID) -> Any:
    answer = await client.get(f"/v1/recordings/{recording_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def permissions(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get("/v1/print-authorizations")).json()["items"]
    return items


async def spend(
    client: httpx.AsyncClient, permission: dict[str, Any], blank: str
) -> httpx.Response:
    address = f"/v1/print-authorizations/{permission['authorization_id']}/spend"
    return await client.post(address, json={"blank_serial": blank})


async def report(client: httpx.AsyncClient, blank: str, result: str) -> httpx.Response:
    body = {"result": result, "cause": None if result == "printed" else "jam"}
    return await client.post(f"/v1/cards/{blank}/result", json=body)


async def test_whom_a_neighbour_recorded_first_is_told_so_with_the_remedy(town: Town) -> None:
    theirs = a_recording(1)
    async with neighbour(town) as next_door:
        await next_door.send(batch_of(NEIGHBOUR, 1, [theirs]).batch)
    await until(lambda: is_settled_at_centre(town))
    client = town.at_region()

    (ours,) = await record_all(client, [1])
    await town.settled()

    seen = await at_desk(client, ours)
    assert (seen["stage"], seen["official_status"]) == ("unsettled", "DUPLICATE_RECORD")
    assert (seen["outcome"], seen["reason"]) == ("DUPLICATE_RECORD", "same-nik")
    assert seen["duplicate"] == "one_to_one"
    assert seen["rival"]["recording_id"] == str(theirs.recording_id)
    assert seen["rival"]["region"] == NEIGHBOUR
    assert seen["waits_for"] == "citizen"
    assert seen["next_action"] in seen["explanation"]
    assert seen["next_action_id"]
    assert await permissions(client) == []


async def is_settled_at_centre(town: Town) -> bool:
    answer = await town.at_centre().get("/v1/coverage")
    return any(one["region"] == NEIGHBOUR for one in answer.json()["regions"])


async def test_a_person_recorded_here_is_not_recorded_again_and_hears_of_the_first(
    town: Town,
) -> None:
    client = town.at_region()
    (first,) = await record_all(client, [1])

    again = await record(client, 1)

    assert again.status_code == 409
    problem = again.json()
    assert problem["code"] == "nik-already-recorded"
    assert problem["earlier"]["recording_id"] == str(first)
    assert content(1)["card"]["nik"] not in again.text


async def test_the_same_recording_again_gets_the_same_receipt_for_ever(town: Town) -> None:
    client = town.at_region()
    (recording_id,) = await record_all(client, [1])
    before = await record(client, 1, recording_id)
    await town.settled()

    after = await record(client, 1, recording_id)
    other = await record(client, 1, recording_id, station="another-station")

    assert after.content == before.content
    assert after.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "recording-differs")


async def test_a_permission_spent_twice_prints_one_card(town: Town) -> None:
    client = town.at_region()
    (recording_id,) = await record_all(client, [1])
    await town.settled()
    (permission,) = await permissions(client)

    answers = await asyncio.gather(*(spend(client, permission, f"BLK-{n}") for n in range(4)))

    spent = [answer for answer in answers if answer.status_code == 200]
    refused = [answer.json()["code"] for answer in answers if answer.status_code == 409]
    assert (len(spent), refused) == (1, ["permission-spent"] * 3)
    assert spent[0].json()["card"]["nik"] == content(1)["card"]["nik"]
    assert await permissions(client) == []
    assert (await at_desk(client, recording_id))["official_status"] == "SENT_FOR_CARD_PRINTING"


async def test_a_card_is_followed_from_the_desk_to_the_hand_through_a_spoiled_blank(
    town: Town,
) -> None:
    client = town.at_region()
    (recording_id,) = await record_all(client, [1])
    await town.settled()
    (first,) = await permissions(client)
    await spend(client, first, "BLK-1")
    await report(client, "BLK-1", "spoiled")
    spoiled = await at_desk(client, recording_id)
    await town.settled()
    (fresh,) = await permissions(client)

    await spend(client, fresh, "BLK-2")
    await report(client, "BLK-2", "printed")
    waiting = await at_desk(client, recording_id)
    issued = await client.post("/v1/cards/BLK-2/issue")
    await drained(town)

    assert spoiled["waits_for"] == "new_permission"
    assert fresh["authorization_id"] != first["authorization_id"]
    assert waiting["waits_for"] == "not_collected"
    assert issued.json()["state"] == "issued"
    seen = await at_desk(client, recording_id)
    assert (seen["stage"], seen["waits_for"]) == ("issued", "nothing")
    assert [step["event"] for step in seen["timeline"]] == [
        "recorded",
        "offered",
        "receipted",
        "permitted",
        "print_intended",
        "card_spoiled",
        "permitted",
        "print_intended",
        "card_printed",
        "card_issued",
    ]
    moments = [step["at"] for step in seen["timeline"]]
    assert moments == sorted(moments)


async def test_status_never_tells_an_impossible_story_while_things_happen(town: Town) -> None:
    """Read without a pause while the line, the centre and the reader work."""
    client = town.at_region()
    seen: list[str] = []

    async def officer(recording_id: UUID) -> None:
        while not seen or seen[-1] != "printable":
            seen.append((await at_desk(client, recording_id))["stage"])

    for number in range(10):
        seen.clear()
        (recording_id,) = await record_all(client, [number])
        async with asyncio.timeout(10):
            await officer(recording_id)
        order = ["queued", "sent", "at_centre", "printable"]
        assert [order.index(stage) for stage in seen] == sorted(
            order.index(stage) for stage in seen
        )


async def test_stopping_does_not_wait_for_the_long_poll_that_is_open(town: Town) -> None:
    await record_all(town.at_region(), [1])
    await town.settled()
    await asyncio.sleep(0.3)  # the reader has begun to wait for the next entry, up to 25 seconds

    started = time.monotonic()
    await town.centre.stop()
    centre_seconds = time.monotonic() - started
    await town.region.stop()

    assert centre_seconds < 2
    assert time.monotonic() - started < 4
