"""Irises from the desk to the card: a second NIK is found, and people decide the rest."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from shared.roles import Role, make_token
from tests.eyes import a_person, an_eye, templates
from tests.recordings import a_recording, batch_of
from tests.stories.core_world import drained, neighbour, record, until
from tests.stories.test_at_the_desk import at_desk, is_settled_at_centre, permissions
from tests.town import NEIGHBOUR, Town


async def record_seen(
    client: httpx.AsyncClient, number: int, left: Any, right: Any, **changes: Any
) -> UUID:
    """Person `number`, with these eyes, at the desk."""
    plain = a_recording(number).biometrics.model_dump(mode="json")
    with_eyes = plain | {"templates": templates(left, right)}
    answer = await record(client, number, biometrics=with_eyes, **changes)
    assert answer.status_code == 202, answer.text
    return UUID(answer.json()["recording_id"])


def adjudicator(town: Town, name: str) -> dict[str, str]:
    token = make_token(
        town.keys.issuer_key(),
        name,
        [Role.ADJUDICATOR],
        None,
        timedelta(hours=1),
        town.clock.now(),
    )
    return {"authorization": f"Bearer {token}"}


async def vote(town: Town, name: str, case: dict[str, Any], words: str) -> httpx.Response:
    return await town.at_centre().post(
        f"/v1/adjudication/cases/{case['region']}/{case['case_id']}/votes",
        headers=adjudicator(town, name),
        json={
            "edition": case["edition"],
            "verdict": "different_people",
            "rival_recording_id": None,
            "reason": "contact_lens",
            "words": words,
        },
    )


async def test_a_second_nik_is_found_and_a_likeness_is_settled_by_two_officers(
    town: Town,
) -> None:
    theirs = a_person(1)
    async with neighbour(town) as next_door:
        await next_door.send(batch_of(NEIGHBOUR, 1, [theirs]).batch)
    client, centre = town.at_region(), town.at_centre()
    await until(lambda: is_settled_at_centre(town))
    again = await record_seen(client, 2, an_eye(2, 1), an_eye(3, 1))
    earlier = {"captured_at": "2017-10-13T08:00:00+07:00"}
    alike = await record_seen(client, 3, an_eye(2, 2), an_eye(80), **earlier)
    other = await record_seen(client, 4, an_eye(90), an_eye(91))
    await drained(town)

    second = await at_desk(client, again)
    assert (second["outcome"], second["reason"]) == ("DUPLICATE_RECORD", "same-irises")
    assert second["rival"]["recording_id"] == str(theirs.recording_id)
    assert (await at_desk(client, other))["outcome"] == "PRINT_READY_RECORD"
    waiting = await at_desk(client, alike)
    assert (waiting["official_status"], waiting["waits_for"]) == (
        "ADJUDICATE_RECORD",
        "adjudication",
    )

    (case,) = (await centre.get("/v1/adjudication/cases")).json()["items"]
    assert case["recording_id"] == str(alike)
    for name in ("sri", "budi"):
        answer = await vote(town, name, case, "One kind of lens, two faces.")
        assert answer.status_code == 200, answer.text

    async def is_permitted() -> bool:
        return (await at_desk(client, alike))["stage"] == "printable"

    await until(is_permitted)
    decided = await at_desk(client, alike)
    assert decided["official_status"] == "PRINT_READY_RECORD"
    permitted = {one["recording_id"] for one in await permissions(client)}
    assert permitted == {str(alike), str(other)}
    fairness = (await client.get("/v1/fairness")).json()
    assert {cause: pairs for cause, pairs in fairness["overtakes_by_cause"].items() if pairs} == {
        "people": 1
    }
    late = await vote(town, "dewi", case, "One kind of lens, two faces.")
    assert late.json()["code"] == "case-settled"
