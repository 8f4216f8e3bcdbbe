"""The operations of outreach as another program calls them, and the sample city's use of them."""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx

from services.command.sample.outreach import invite
from services.regional.outreach import rules
from services.regional.papers import pages_in
from shared.ids import new_id
from shared.roles import Role
from shared.zones import zone_of
from tests.outreach import OTHER_WARD, WARD, Lives, list_residents, record
from tests.town import Town

PEOPLE = [Lives(1), Lives(2, rt="002", street="=1+1"), Lives(3, ward=OTHER_WARD)]
KINDS = ("findings", "closings", "reopenings")
ANYBODY = f"{PEOPLE[0].nik:016d}"


async def fill_town(town: Town) -> httpx.AsyncClient:
    await list_residents(town.databases["regional"], [*PEOPLE, Lives(4)])
    await record(town.databases["regional"], Lives(4))
    return town.at_region(Role.OFFICER)


def next_workday(town: Town) -> str:
    today = town.clock.now().astimezone(zone_of("WIB")).date()
    return next(rules.workdays(today + timedelta(days=1))).isoformat()


def today(town: Town) -> str:
    return town.clock.now().astimezone(zone_of("WIB")).date().isoformat()


async def test_a_days_letters_are_made_once_and_printed_with_their_list(town: Town) -> None:
    desk = await fill_town(town)
    path = f"/v1/letter-days/{next_workday(town)}"

    made = (await desk.put(path, json={"wards": [WARD]})).json()
    again = (await desk.put(path, json={"wards": None})).json()
    seen = (await desk.get(path)).json()
    delivery = f"/v1/deliveries/{made['deliveries'][0]['delivery_id']}"
    letters = await desk.get(f"{delivery}/letters")
    listed = await desk.get(f"{delivery}/list")
    rows = [*csv.reader(io.StringIO((await desk.get(f"{delivery}/list.csv")).text))]

    assert made["letters"] == 2
    assert seen == again
    assert again["deliveries"][0] == made["deliveries"][0]
    assert again["letters"] == 3
    assert letters.headers["content-type"] == listed.headers["content-type"] == "application/pdf"
    assert letters.headers["cache-control"] == "no-store"
    assert (pages_in(letters.content), pages_in(listed.content)) == (2, 1)
    assert [row[:3] for row in rows[1:]] == [["1", "001", "001"], ["2", "001", "002"]]
    assert rows[2][4] == "'=1+1"  # a text, whatever a spreadsheet would make of it


async def test_what_was_heard_closes_a_search_and_opens_it_and_the_same_again_is_once(
    town: Town,
) -> None:
    desk = await fill_town(town)
    finding, closing, opening = (f"/v1/{kind}/{new_id()}" for kind in KINDS)
    heard = {"nik": ANYBODY, "whereabouts": "away", "source": "family", "heard_on": today(town)}
    heard["forward_to"] = "Jalan Jauh 7, Pontianak"
    closed = {"nik": ANYBODY, "reason": "not_found", "source": "visit", "heard_on": today(town)}
    opened = {"nik": ANYBODY, "remark": "Ternyata masih di sini."}

    for path, body in ((finding, heard), (closing, closed), (opening, opened)):
        first, second = [await desk.put(path, json=body) for _ in range(2)]
        assert (first.status_code, second.status_code) == (200, 200)
        other = await desk.put(path, json=body | {"nik": f"{PEOPLE[1].nik:016d}"})
        assert other.json()["code"] == "note-differs"
    history = (await desk.post("/v1/unrecorded/history", json={"nik": ANYBODY})).json()

    assert [one["act"] for one in history["items"]] == ["reopened", "closed", "heard"]
    assert {one["officer"] for one in history["items"]} == {"tester"}


async def test_lists_and_counts_lead_from_the_region_to_a_neighbourhood(town: Town) -> None:
    desk = await fill_town(town)

    async def counted(within: str) -> dict[str, int]:
        answer = await desk.get("/v1/unrecorded/places", params={"within": within})
        return {one["code"]: one["unrecorded"] for one in answer.json()["places"]}

    assert await counted("61.72") == {WARD[:8]: 2, OTHER_WARD[:8]: 1}
    assert await counted(WARD[:8]) == {WARD: 2}
    assert await counted(WARD) == {"001/001": 1, "001/002": 1}
    first = (await desk.get("/v1/unrecorded", params={"ward": WARD, "limit": 1})).json()
    second = (
        await desk.get(
            "/v1/unrecorded", params={"ward": WARD, "limit": 1, "cursor": first["next_cursor"]}
        )
    ).json()
    assert [one["rt"] for one in (*first["items"], *second["items"])] == ["001", "002"]
    assert first["items"][0]["need"] == "letter"


async def test_the_sample_citys_letters_and_findings_can_be_filled_in_twice(town: Town) -> None:
    desk = await fill_town(town)
    statuses: list[int] = []

    async def ask(method: str, path: str, body: Any) -> Any:
        answer = await desk.request(method, path, json=body)
        statuses.append(answer.status_code)
        return answer.json() if answer.status_code == 200 else None

    begun_on = town.clock.now().date()
    await invite(ask, begun_on)
    once = (await desk.post("/v1/unrecorded/history", json={"nik": ANYBODY})).json()
    await invite(ask, begun_on)
    twice = (await desk.post("/v1/unrecorded/history", json={"nik": ANYBODY})).json()

    assert set(statuses) == {200}
    assert once == twice
    assert [one["act"] for one in once["items"]] == ["heard"]
