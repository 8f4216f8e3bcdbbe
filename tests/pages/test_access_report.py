"""A citizen asks who looked at their data: the head of office prints it, from the audit alone."""

import json
from pathlib import Path

import pytest

from shared.roles import Role
from tests.doors.page_browser import Browser
from tests.town import REGION, Town

pytestmark = pytest.mark.security
EXAMPLE = Path("docs/examples/recording.json")
RECORDING = "01890a5d-ac96-774b-bcce-b302099a8057"
STRANGER = "6172025207900999"


async def test_a_citizen_is_told_who_looked_when_as_what_and_what_for(town: Town) -> None:
    told = json.loads(EXAMPLE.read_text())
    nik = told["card"]["nik"]
    officer, head = town.at_region(Role.OFFICER), town.at_region(Role.HEAD_OF_OFFICE)
    taken = await officer.put(f"/v1/recordings/{RECORDING}", json=told)
    assert taken.status_code == 202

    for asked in (
        await officer.get(f"/v1/recordings/{RECORDING}/dossier"),
        await officer.post("/v1/recordings/search", json={"nik": nik}),
        await officer.post("/v1/recordings/search", json={"nik": STRANGER}),
        await officer.get("/v1/queue"),
    ):
        assert asked.status_code == 200
    first = (await head.post("/v1/access-reports", json={"nik": nik})).json()
    again = (await head.post("/v1/access-reports", json={"nik": nik})).json()

    assert [(one["act"], one["purpose"], one["roles"]) for one in first["items"]] == [
        ("search-by-nik", "service", ["officer"]),
        ("dossier-read", "service", ["officer"]),
    ]
    assert {one["actor"] for one in first["items"]} == {"tester"}
    # The report is a look as well, and says so the next time.
    assert again["items"][0]["act"] == "access-report-read"
    assert not any(one["has_changed"] for one in again["items"])


async def test_the_report_is_printed_in_indonesian_and_english(town: Town) -> None:
    told = json.loads(EXAMPLE.read_text())
    officer = town.at_region(Role.OFFICER)
    await officer.put(f"/v1/recordings/{RECORDING}", json=told)
    await officer.get(f"/v1/recordings/{RECORDING}/dossier")
    browser = Browser(town.stranger(town.region))
    await browser.sign_in(town.token(Role.HEAD_OF_OFFICE, region=REGION), home="/office/access")

    wrong = await browser.post("/office/access", {"nik": "12"})
    page = await browser.post("/office/access", {"nik": told["card"]["nik"]})
    english = await browser.post("/office/access?lang=en", {"nik": told["card"]["nik"]})
    nobody = await browser.post("/office/access", {"nik": STRANGER})

    assert wrong.status_code == 422
    assert page.status_code == 200
    assert "pelayanan di loket" in page.text
    assert "dossier-read" in page.text
    assert "service at the desk" in english.text
    assert "Tidak ada catatan tentang orang ini di sini." in nobody.text
    assert told["card"]["nik"] not in page.text
    assert told["card"]["name"] not in page.text


async def test_only_a_head_of_office_gives_it(town: Town) -> None:
    refused = await town.at_region(Role.OFFICER).post("/v1/access-reports", json={"nik": STRANGER})

    assert refused.status_code == 403
