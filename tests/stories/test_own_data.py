"""A person gets everything held about them, nobody else's, and that they asked stands written."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from services.central import tables as central_tables
from services.central.disclosure import store as at_centre
from services.regional import tables
from services.regional.disclosure import store as at_region
from shared.disclosure.page import page_of
from shared.disclosure.parts import Part
from shared.disclosure.reading import Told
from shared.ids import new_id
from shared.roles import Role
from tests.recordings import NOON, content, nik
from tests.town import Town

MINE, ANOTHERS = 3, 4
NAME, OTHER_NAME = "SITI RAHAYU", "DEWI LESTARI"
SIDES: dict[str, tuple[list[Part], Mapping[str, str], Any]] = {
    "region": (at_region.PARTS, at_region.LEFT_OUT, tables.metadata),
    "centre": (at_centre.PARTS, at_centre.LEFT_OUT, central_tables.metadata),
}


async def asked(client: httpx.AsyncClient, **whom: Any) -> dict[str, Any]:
    answer = await client.post("/v1/disclosures", json=whom)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def rows_of(found: dict[str, Any], table: str) -> list[dict[str, Any]]:
    return next((part["rows"] for part in found["parts"] if part["table"] == table), [])


async def test_both_sides_tell_what_they_hold_of_one_person_and_of_nobody_else(town: Town) -> None:
    region, recording_id = town.at_region(), new_id()
    for number, name, one in ((MINE, NAME, recording_id), (ANOTHERS, OTHER_NAME, new_id())):
        taken = await region.put(f"/v1/recordings/{one}", json=content(number, card={"name": name}))
        assert taken.status_code == 202, taken.text
    await town.settled()

    here = await asked(region, nik=nik(MINE))
    there = await asked(town.at_centre(), nik=nik(MINE))
    by_recording = await asked(town.at_centre(), recording_id=str(recording_id))

    assert rows_of(here, "recording")[0]["nik"] == nik(MINE)
    assert rows_of(here, "decision")
    assert rows_of(here, "print_authorization")
    assert rows_of(there, "registry")[0]["nik"] == nik(MINE)
    assert rows_of(there, "envelope")
    assert rows_of(there, "feed")
    assert rows_of(here, "outbox")[0]["working_copy"]["card"]["name"] == NAME
    assert rows_of(there, "envelope")[0]["body"]["card"]["name"] == NAME
    assert rows_of(there, "envelope")[0]["body"]["biometrics"]["templates"]
    assert here["recordings"] == there["recordings"] == [str(recording_id)]
    tables_told = {part["table"] for part in there["parts"]}
    assert {part["table"] for part in by_recording["parts"]} >= tables_told
    for found in (here, there, by_recording):
        assert nik(ANOTHERS) not in str(found)
        assert OTHER_NAME not in str(found)


async def test_that_somebody_was_told_is_an_entry_which_the_next_copy_shows(town: Town) -> None:
    region, recording_id = town.at_region(), new_id()
    await region.put(f"/v1/recordings/{recording_id}", json=content(MINE))
    first = await asked(region, recording_id=str(recording_id))

    second = await asked(region, recording_id=str(recording_id))

    assert "data-disclosed" not in [row["act"] for row in rows_of(first, "audit_entry")]
    (entry,) = [row for row in rows_of(second, "audit_entry") if row["act"] == "data-disclosed"]
    assert (entry["purpose"], entry["actor"]) == ("own-request", "tester")
    assert entry["subjects"] == [f"recording:{recording_id}"]
    async with town.databases["regional"].begin() as transaction:
        kept = await transaction.scalars(select(tables.audit_entry.c.subjects))
        assert nik(MINE) not in str(list(kept))


async def test_the_page_is_indonesian_first_and_runs_nothing(town: Town) -> None:
    region = town.at_region(Role.HEAD_OF_OFFICE, Role.OFFICER)
    await region.put(f"/v1/recordings/{new_id()}", json=content(MINE))

    page = await region.post("/v1/disclosures/page", json={"nik": nik(MINE)})

    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.text.index("Salinan data pribadi") < page.text.index("Copy of the personal data")
    assert nik(MINE) in page.text


async def test_of_whom_nothing_is_held_nothing_is_told(town: Town) -> None:
    for client in (town.at_region(), town.at_centre()):
        answer = await client.post("/v1/disclosures", json={"nik": nik(9)})
        assert answer.status_code == 404
        assert nik(9) not in answer.text
        assert (await client.post("/v1/disclosures", json={})).status_code == 404


def test_what_people_wrote_is_shown_and_never_run() -> None:
    part = SIDES["region"][0][0]
    page = page_of([Told(part, [{"name": "<script>alert(1)</script>"}], True)], NOON, "<b>")

    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("side", SIDES)
def test_every_table_is_told_or_left_out_for_a_reason(side: str) -> None:
    parts, left_out, metadata = SIDES[side]
    told = {part.table.name for part in parts}

    assert told | set(left_out) == set(metadata.tables)
    assert told & set(left_out) == set()
    assert all(len(why) > 10 for why in left_out.values())
    for part in parts:
        assert set(part.omitted) <= set(part.table.columns.keys())
        assert all(len(why) > 20 for why in part.omitted.values())


@pytest.mark.parametrize("side", SIDES)
def test_a_table_that_is_left_out_names_nobody(side: str) -> None:
    """Columns that name a person stand in a part, or the reason says why that one does not."""
    _, left_out, metadata = SIDES[side]
    naming = {"nik", "own_nik", "collector_nik", "recording_id", "name", "birth_date"}
    known = {"adjudication_candidate", "data_key", "demographic_key"}

    found = {name for name in left_out if naming & set(metadata.tables[name].columns.keys())}

    assert found - known == set()
