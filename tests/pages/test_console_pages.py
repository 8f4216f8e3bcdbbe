"""The officer's console in a real browser: today, the line, the desk, search, one recording."""

import asyncio
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy.dialects.postgresql import insert

from services.command.sample.plan import SamplePlan
from services.regional.tables import line_sample, resident
from shared.ids import new_id
from shared.roles import Role
from tests.pages_kit import an_officer, needs_chromium, take_picture
from tests.recordings import content, nik
from tests.town import Town

pytestmark = needs_chromium
KB_MAX = 60
HEAD = Role.HEAD_OF_OFFICE
PATIENCE_SECONDS = 60


async def record(client: httpx.AsyncClient, number: int) -> UUID:
    recording_id = new_id()
    answer = await client.put(f"/v1/recordings/{recording_id}", json=content(number))
    assert answer.status_code == 202
    return recording_id


async def printed(client: httpx.AsyncClient, blank: str) -> None:
    listed = (await client.get("/v1/print-authorizations?limit=1")).json()["items"]
    path = f"/v1/print-authorizations/{listed[0]['authorization_id']}/spend"
    assert (await client.post(path, json={"blank_serial": blank})).status_code == 200
    told = {"result": "printed"}
    assert (await client.post(f"/v1/cards/{blank}/result", json=told)).status_code == 200


async def work_of(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/v1/work")).json()
    return found


async def draw_days(town: Town) -> None:
    """The line's last days as the sample city has them."""
    rows = [asdict(one) for one in SamplePlan(town.clock.now()).line()]
    async with town.databases["regional"].begin() as transaction:
        # The town has looked at its line, too; a minute may have passed since.
        await transaction.execute(insert(line_sample).on_conflict_do_nothing(), rows)


async def count_of(page: Page, anchor: str) -> str:
    return await page.locator(f".tiles a[href='#{anchor}'] b").inner_text()


async def test_an_officer_sees_what_to_do_and_follows_one_recording(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    client = town.at_region()
    ids = [await record(client, number) for number in range(1, 4)]
    await town.settled()
    await printed(client, "BLK-1")
    await draw_days(town)
    async with an_officer(chromium, town, "/office", HEAD) as officer:
        page = officer.page
        await officer.go("/office")
        await officer.look_over("office", KB_MAX)
        assert [await count_of(page, one) for one in ("rekam", "cetak", "serah")] == ["3", "2", "1"]
        await take_picture(page, "office-today", tmp_path)
        await page.locator("#serah th a").click()
        await expect(page.locator("ol.steps li")).to_have_count(6)
        assert "CARD_PRINTED" in await page.inner_text("main")
        await officer.go(page.url.removeprefix(town.region.address))
        await officer.look_over("office-recording", KB_MAX)
        await take_picture(page, "office-recording", tmp_path)
        await officer.go(f"/office/recordings/{ids[2]}?lang=en")
        assert "a blank and a printer" in await page.inner_text("main")
        assert await page.locator("html").get_attribute("lang") == "en"


async def test_live_parts_renew_themselves_when_something_changed(
    chromium: Browser, town: Town
) -> None:
    async with an_officer(chromium, town, "/office", HEAD) as officer:
        assert await count_of(officer.page, "rekam") == "0"
        # Nothing is pressed: the page hears of it by itself.
        await record(town.at_region(), 1)
        await expect(officer.page.locator(".tiles a[href='#rekam'] b")).to_have_text(
            "1", timeout=PATIENCE_SECONDS * 1_000
        )
        assert officer.complaints == []


async def test_without_script_the_page_is_loaded_again_by_hand(
    chromium: Browser, town: Town
) -> None:
    async with an_officer(chromium, town, "/office", HEAD, script=False) as officer:
        page = officer.page
        await record(town.at_region(), 1)
        assert await count_of(page, "rekam") == "0"
        await page.get_by_role("link", name="Muat ulang").click()
        await page.wait_for_url("**/office")
        assert await count_of(page, "rekam") == "1"


async def test_while_the_line_is_down_the_office_sees_it_and_goes_on(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    client = town.at_region()
    await town.line.cut()
    waiting = await record(client, 1)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await client.get("/v1/outage")).json()["line"]["state"] != "down":
            await asyncio.sleep(0.05)
    async with an_officer(chromium, town, "/office", HEAD, script=False) as officer:
        page = officer.page
        said = await page.inner_text("#garis")
        assert "Jalur putus" in said
        assert "Teruskan perekaman" in said
        assert str(waiting)[-8:] in await page.inner_text("#menunggu")
        await officer.go(f"/office/recordings/{waiting}")
        assert "jalur ke pusat putus" in await page.inner_text("dl.facts")
    await draw_days(town)
    async with an_officer(chromium, town, "/office/line", HEAD) as officer:
        await officer.go("/office/line?days=3")
        await officer.look_over("office-line", KB_MAX)
        assert await officer.page.locator("#putus tbody tr").count() > 5
        assert await officer.page.locator("svg.band path.down").count() == 1
        assert "Jalur putus" in await officer.page.inner_text("#kini")
        await take_picture(officer.page, "office-line", tmp_path)


async def test_the_desk_says_whether_to_record_before_anybody_is_photographed(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    here = await record(town.at_region(), 1)
    person = {"ward": "61.72.02.1001", "sex": "female", "obliged": True, "residency": "blocked"}
    async with town.databases["regional"].begin() as transaction:
        await transaction.execute(
            insert(resident).values(nik=int(nik(2)), birth_date=date(1990, 7, 12), **person)
        )
    async with an_officer(chromium, town, "/office/record", Role.OFFICER) as officer:
        page = officer.page
        await officer.go("/office/record")
        await officer.look_over("office-desk", KB_MAX)
        await page.fill("#nik", "12345")
        await page.press("#nik", "Enter")
        await page.wait_for_selector("[role=alert]")
        assert (await page.title()).startswith("Kesalahan: ")
        spaced = nik(2)[:4] + " " + nik(2)[4:8] + " " + nik(2)[8:]
        for typed, wanted in ((spaced, "membuka blokir"), (nik(3), "Tidak ada di daftar")):
            await page.fill("#nik", typed)
            await page.press("#nik", "Enter")
            await expect(page.locator("#hasil")).to_contain_text(wanted)
        await take_picture(page, "office-desk", tmp_path)
        await page.fill("#nik", nik(1))
        await page.press("#nik", "Enter")
        await expect(page.locator("#hasil")).to_contain_text("Jangan merekam ulang")
        await page.get_by_role("link", name=str(here)[-8:]).click()
        await page.wait_for_url(f"**/office/recordings/{here}")
        assert not any(nik(number) in url for url in officer.requests for number in (1, 2, 3))


async def test_search_goes_to_the_recording_by_keyboard_alone(
    chromium: Browser, town: Town
) -> None:
    here = await record(town.at_region(), 1)
    async with an_officer(chromium, town, "/office/search", Role.OFFICER, script=False) as officer:
        page = officer.page
        # The first key leads past the menu; what is typed in goes on with Enter.
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.focus("#wanted")
        await page.keyboard.type(nik(1))
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/office/recordings/{here}")
        await officer.go("/office/search")
        await page.fill("#wanted", str(here))
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/office/recordings/{here}")
        await officer.go("/office/search")
        await page.fill("#wanted", nik(9))
        await page.keyboard.press("Enter")
        await expect(page.locator("#hasil")).to_contain_text("tidak ada perekaman")
        assert nik(9) not in page.url


async def test_help_lists_the_keys_and_each_leads_where_it_says(
    chromium: Browser, town: Town
) -> None:
    async with an_officer(chromium, town, "/office/help", Role.OFFICER) as officer:
        page = officer.page
        await officer.go("/office/help")
        await officer.look_over("office-help", KB_MAX)
        for key in await page.locator("[accesskey]").all():
            digit = await key.get_attribute("accesskey")
            row = page.locator("tr", has=page.locator(f"kbd:text-is('{digit}')"))
            assert await row.locator("a").get_attribute("href") == await key.get_attribute("href")


@pytest.mark.parametrize("path", ["/office", "/office/record", "/office/live"])
async def test_nobody_sees_the_office_without_signing_in(town: Town, path: str) -> None:
    answer = await town.stranger(town.region).get(path)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


async def test_a_printer_has_no_desk(town: Town, chromium: Browser) -> None:
    async with an_officer(chromium, town, "/office", Role.PRINTER) as officer:
        assert await officer.page.locator("#rekam a[href='/office/record']").count() == 0
        answer = await officer.page.goto(town.region.address + "/office/record")
        assert answer is not None
        assert answer.status == 403
