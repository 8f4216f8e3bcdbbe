"""Suket: given at the desk, checked by anybody without a name, ended by the card."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from services.regional.suket import store
from shared.database.engine import Database
from shared.roles import Role
from tests.pages_kit import PHONE_WIDTH, an_officer, needs_chromium, press, take_picture, visiting
from tests.recordings import nik
from tests.stories.core_world import record
from tests.town import Databases, Town, town_of

pytestmark = needs_chromium
CITIZEN_KB_MAX, OFFICER_KB_MAX = 14, 60
DESK = "/office/suket"
NAME = "AYU LESTARI"


@pytest.fixture
async def office(databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    """Sukets are allowed; somebody is recorded; the line is down."""
    periods = {"suket_periods": "2016-09-29/2020-03-01, 2026-01-01/"}
    async with town_of(databases, tmp_path, regional=periods) as town:
        answer = await record(town.at_region(), 1, card={"name": NAME})
        assert answer.status_code == 202
        await town.settled()
        await town.line.cut()
        yield town


async def token_of_the_suket(town: Town) -> str:
    database = Database(town.url("regional"), 2)
    try:
        async with database.begin() as transaction:
            (one,) = await store.expiring(transaction, 10)
    finally:
        await database.close()
    return one.token


async def test_a_suket_is_given_checked_and_ended_by_the_card(
    chromium: Browser, office: Town, tmp_path: Path
) -> None:
    async with an_officer(chromium, office, DESK, Role.OFFICER, script=False) as officer:
        page = officer.page
        await press(page, "1", "2", "3", "Enter")
        await expect(page.get_by_role("alert")).to_contain_text("NIK terdiri dari 16 angka.")
        await page.fill("#nik", f"{nik(1)[:6]} {nik(1)[6:]}")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("Suket dibuat")
        await expect(page.locator("dl")).to_contain_text(NAME)
        suket = page.url.partition("?")[0].removeprefix(office.region.address)
        assert not any(nik(1) in one for one in officer.requests)
        await take_picture(page, "office-suket", tmp_path)
    token = await token_of_the_suket(office)

    async with visiting(chromium, office.region, width=PHONE_WIDTH) as passer_by:
        await passer_by.go(f"/suket/{token}")
        await passer_by.look_over("suket-check", CITIZEN_KB_MAX)
        await expect(passer_by.page.locator("h1")).to_have_text("Suket ini berlaku")
        await expect(passer_by.page.locator("body")).not_to_contain_text(NAME)
        await take_picture(passer_by.page, "suket-check", tmp_path, PHONE_WIDTH)
        await hand_card_over(office)
        await passer_by.go(f"/suket/{token}?lang=en")
        await expect(passer_by.page.locator("main")).to_contain_text("card was handed over")
        answer = await passer_by.page.request.get(f"{office.region.address}/suket/nothing")
        assert answer.status == 404
        assert "tidak dikenal" in await answer.text()

    async with an_officer(chromium, office, suket, Role.OFFICER) as officer:
        await officer.go(suket)
        await officer.look_over("office-suket", OFFICER_KB_MAX)
        await officer.go(DESK)
        await officer.look_over("office-sukets", OFFICER_KB_MAX)
        paper = await officer.page.request.get(f"{office.region.address}{suket}/paper.pdf")
        assert (await paper.body()).startswith(b"%PDF-")


async def hand_card_over(town: Town) -> None:
    desk = town.at_region()
    (one,) = (await desk.get("/v1/print-authorizations")).json()["items"]
    spend = f"/v1/print-authorizations/{one['authorization_id']}/spend"
    for path, body in (
        (spend, {"blank_serial": "BLK-1"}),
        ("/v1/cards/BLK-1/result", {"result": "printed"}),
        ("/v1/cards/BLK-1/hand-over", {"collector": "self"}),
    ):
        assert (await desk.post(path, json=body)).status_code == 200


async def test_no_suket_is_given_when_the_rules_forbid_it(chromium: Browser, town: Town) -> None:
    async with an_officer(chromium, town, DESK, Role.OFFICER) as officer:
        await expect(officer.page.locator("main")).to_contain_text("tidak mengizinkan suket baru")
        assert await officer.page.locator("#nik").count() == 0
