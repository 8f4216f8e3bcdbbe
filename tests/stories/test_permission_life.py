"""A permission from its giving to its end: taken back, expired, never for somebody too young."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson

from services.regional.printing.loop import Renewals
from shared.clock import ManualClock
from shared.ids import new_id
from shared.roles import Role
from tests.amendments import a_change, amendment
from tests.recordings import NOON, content
from tests.stories.core_world import drained, record, record_all
from tests.town import REGION, Databases, Town, town_of

ORDER = {"reason": "same-person", "note": "two recordings of one person"}


async def permissions(desk: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await desk.get("/v1/print-authorizations")).json()["items"]
    return found


async def spend(desk: httpx.AsyncClient, permission: dict[str, Any], blank: str) -> httpx.Response:
    return await desk.post(
        f"/v1/print-authorizations/{permission['authorization_id']}/spend",
        json={"blank_serial": blank},
    )


async def revoke(town: Town, recording_id: UUID | str) -> httpx.Response:
    return await town.at_centre(Role.ADJUDICATOR).post(
        f"/v1/regions/{REGION}/recordings/{recording_id}/revocation", json=ORDER
    )


async def test_an_officers_revocation_reaches_the_printer_the_desk_and_the_card(
    town: Town,
) -> None:
    desk = town.at_region()
    out, unspent = await record_all(desk, [1, 2])
    await drained(town)
    by_recording = {one["recording_id"]: one for one in await permissions(desk)}
    assert (await spend(desk, by_recording[str(out)], "BLK-1")).status_code == 200
    printed = await desk.post("/v1/cards/BLK-1/result", json={"result": "printed"})
    assert printed.status_code == 200

    for one in (out, unspent):
        answer = await revoke(town, one)
        assert (answer.status_code, answer.json()["officer"]) == (200, "tester")
    again = await revoke(town, out)
    assert (again.status_code, again.json()["code"]) == (409, "nothing-to-revoke")
    await drained(town)
    await town.line.cut()

    refused = await spend(desk, by_recording[str(unspent)], "BLK-2")
    assert (refused.status_code, refused.json()["code"]) == (409, "permission-revoked")
    assert refused.json()["reason"] == "same-person"
    handed = await desk.post("/v1/cards/BLK-1/issue")
    assert (handed.status_code, handed.json()["code"]) == (409, "card-to-withdraw")
    (listed,) = (await desk.get("/v1/withdrawals")).json()["items"]
    assert (listed["blank_serial"], listed["state"]) == ("BLK-1", "printed")
    status = (await desk.get(f"/v1/recordings/{out}")).json()
    assert (status["stage"], status["waits_for"]) == ("to_withdraw", "officer")

    await town.line.restore()
    await drained(town)
    assert await _out(town) == [str(out)]
    await desk.post("/v1/cards/BLK-1/result", json={"result": "spoiled"})
    await drained(town)

    assert await _out(town) == []
    assert (await desk.get("/v1/withdrawals")).json()["items"] == []
    assert (await desk.get(f"/v1/recordings/{out}")).json()["stage"] == "revoked"
    assert await permissions(desk) == []


async def _out(town: Town) -> list[str]:
    found = await town.at_centre().get("/v1/revocations", params={"only_to_withdraw": "true"})
    return [one["recording_id"] for one in found.json()["items"]]


async def test_a_revocation_in_error_is_followed_by_a_fresh_permission(town: Town) -> None:
    desk, judge = town.at_region(), town.at_centre(Role.ADJUDICATOR)
    (recording_id,) = await record_all(desk, [1])
    await drained(town)
    place = f"/v1/regions/{REGION}/recordings/{recording_id}/permission"
    early = await judge.post(place, json={"note": "nothing was taken back"})
    assert (early.status_code, early.json()["code"]) == (409, "nothing-to-give-again")
    await revoke(town, recording_id)

    given = await judge.post(place, json={"note": "the other recording was a twin"})
    await drained(town)

    (permission,) = await permissions(desk)
    assert given.json()["replaced_by"] == permission["authorization_id"]
    assert (await spend(desk, permission, "BLK-1")).status_code == 200


async def test_an_expired_permission_is_asked_anew_and_only_the_answer_is_spent(
    databases: Databases, tmp_path: Path
) -> None:
    clock = ManualClock(NOON)
    async with town_of(
        databases, tmp_path, clock=clock, central={"authorization_days": 30}
    ) as town:
        desk = town.at_region()
        await record_all(desk, [1])
        await drained(town)
        (old,) = await permissions(desk)
        (soon,) = (await desk.get("/v1/print-authorizations/expiring")).json()["items"]
        assert (soon["authorization_id"], soon["asked_at"]) == (old["authorization_id"], None)
        renewals = Renewals(town.databases["regional"], REGION, clock)
        assert await renewals.round() == 0

        clock.advance(timedelta(days=30))
        desk = town.at_region()
        late = await spend(desk, old, "BLK-1")
        assert (late.status_code, late.json()["code"]) == (409, "permission-expired")
        assert (await renewals.round(), await renewals.round()) == (1, 0)
        await drained(town)

        (fresh,) = await permissions(desk)
        assert fresh["authorization_id"] != old["authorization_id"]
        given_up = await spend(desk, old, "BLK-1")
        assert (given_up.status_code, given_up.json()["code"]) == (409, "permission-replaced")
        assert (await spend(desk, fresh, "BLK-1")).status_code == 200


AGES: list[tuple[dict[str, str], str, bool]] = [
    ({"birth_date": "2001-10-13"}, "2017-10-13T00:00:00+07:00", True),
    ({"birth_date": "2001-10-13"}, "2017-10-12T17:00:00Z", True),  # the same moment
    ({"birth_date": "2001-10-13"}, "2017-10-12T16:59:59Z", False),
    ({"birth_date": "2004-02-29"}, "2020-02-28T09:00:00+07:00", False),
    ({"birth_date": "2004-02-29"}, "2020-02-29T09:00:00+07:00", True),
    (
        {"birth_date": "2002-10-14", "marital_status": "married"},
        "2017-10-13T09:00:00+07:00",
        True,
    ),
]


async def test_who_is_under_16_on_the_day_of_capture_is_refused_at_every_door(town: Town) -> None:
    desk = town.at_region()
    for number, (card, captured_at, is_taken) in enumerate(AGES):
        first, second, third, neighbour = (
            content(10 * number + nth, card=card if nth < 3 else {}, captured_at=captured_at)
            for nth in range(4)
        )
        short = await desk.put(f"/v1/recordings/{new_id()}", json=first)
        framework = await desk.put(
            f"/v1/recordings/{new_id()}",
            content=orjson.dumps(second),
            headers={"content-type": "application/json; charset=utf-8"},
        )
        bulk = [one | {"recording_id": str(new_id())} for one in (third, neighbour)]
        many = await desk.post("/v1/recordings", json={"recordings": bulk})

        in_bulk, beside = many.json()["results"]
        assert beside["outcome"] == "accepted"
        if is_taken:
            assert (short.status_code, framework.status_code) == (202, 202)
            assert in_bulk["outcome"] == "accepted"
        else:
            for problem in (short.json(), framework.json(), in_bulk["problem"]):
                assert (problem["status"], problem["code"]) == (422, "too-young-to-record")
                assert problem["recordable_on"] in ("2017-10-13", "2020-02-29")


async def test_who_marries_at_16_waits_for_no_birthday(
    databases: Databases, tmp_path: Path
) -> None:
    async with town_of(databases, tmp_path, clock=ManualClock(NOON)) as town:
        desk = town.at_region()
        recording_id = new_id()
        await record(desk, 1, recording_id, card={"birth_date": "2001-05-01"})
        await drained(town)
        place = f"/v1/recordings/{recording_id}"
        before = (await desk.get(place)).json()
        (unmarried,) = await permissions(desk)
        early = await spend(desk, unmarried, "BLK-1")

        wedding = a_change("marital_status", "marriage_book", value="married")
        asked = await desk.put(f"/v1/amendments/{new_id()}", json=amendment(wedding, number=1))
        await drained(town)

        after = (await desk.get(place)).json()
        (married,) = await permissions(desk)
        spent = await spend(desk, married, "BLK-1")
        assert (before["stage"], before["waits_for"]) == ("printable", "age")
        assert (early.status_code, early.json()["code"]) == (409, "holder-under-17")
        assert early.json()["printable_on"] == "2018-05-01"
        assert asked.status_code == 202, asked.text
        assert (after["stage"], after["waits_for"]) == ("printable", "blank_card")
        assert (spent.status_code, spent.json()["card"]["marital_status"]) == (200, "married")
        stale = await spend(desk, unmarried, "BLK-2")
        assert (stale.status_code, stale.json()["code"]) == (409, "permission-revoked")
