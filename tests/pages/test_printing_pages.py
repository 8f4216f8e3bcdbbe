"""The printing desk by keyboard, with the line down and script off; who is let before others."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from shared.clock import SystemClock
from shared.roles import Role
from tests.pages_kit import an_officer, needs_chromium, press, take_picture
from tests.recordings import nik
from tests.stories.core_world import record
from tests.town import Databases, Town, town_of

pytestmark = needs_chromium
KB_MAX = 60
DESK = "/office/printing"
STAFF = (Role.OFFICER, Role.PRINTER)
KK = "6172020101100042"
NAMES = ("AYU LESTARI", "BUDI SANTOSO", "CITRA DEWI")


@pytest.fixture
async def office(databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    """Three people may be printed, two at once; a fourth is 16. The line is down since."""
    async with town_of(databases, tmp_path, regional={"print_window": 2}) as town:
        desk = town.at_region()
        for number, name in enumerate(NAMES, 1):
            answer = await record(desk, number, card={"name": name}, family_card=KK)
            assert answer.status_code == 202
            await town.settled()
        now = SystemClock().now()
        young = {"name": "DIAN MUDA", "birth_date": f"{now - timedelta(days=6027):%Y-%m-%d}"}
        answer = await record(desk, 4, card=young, captured_at=now.isoformat(timespec="seconds"))
        assert answer.status_code == 202
        await town.settled()
        await town.line.cut()
        yield town


async def print_next(page: Page, serial: str) -> None:
    """By keyboard alone, from the queue to the card's question."""
    await press(page, "Enter")  # "Cetak yang terlama"
    await expect(page.locator("#serial")).to_be_focused()
    await page.keyboard.type(serial)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_contain_text(serial)
    await press(page, "Enter")  # "Tercetak baik" is chosen
    await page.wait_for_url(f"**{DESK}/cards/{serial}*")


async def test_a_card_goes_from_the_queue_to_its_holder_by_keyboard(
    chromium: Browser, office: Town
) -> None:
    async with an_officer(chromium, office, DESK, *STAFF, script=False) as officer:
        page = officer.page
        rows = page.locator("tbody tr")
        await expect(rows).to_have_count(3)
        await expect(rows.first).to_contain_text(NAMES[0])

        await print_next(page, "BLK-1")
        await press(page, "Space", "Enter")

        await expect(page.get_by_role("status")).to_contain_text("Penyerahan dicatat")
        await officer.go(f"{DESK}/cards/BLK-1")
        await expect(page.locator("main")).to_contain_text("Diambil oleh pemilik kartu")
        assert not any(nik(1) in one for one in officer.requests)
        assert officer.complaints == []


async def test_data_are_given_once_and_a_spoiled_blank_is_told_with_its_cause(
    chromium: Browser, office: Town
) -> None:
    async with an_officer(chromium, office, DESK, *STAFF) as officer:
        page = officer.page
        await press(page, "Enter")
        await page.fill("#serial", "BLK 1")
        await page.keyboard.press("Enter")
        await expect(page).to_have_title(re.compile("^Kesalahan: "))
        await page.fill("#serial", "BLK-1")
        await page.keyboard.press("Enter")
        await expect(page.locator("dl")).to_contain_text(nik(1))

        await page.get_by_label("Rusak: blangko ini tidak menjadi kartu").check()
        await page.get_by_role("button", name="Laporkan hasil").click()
        await expect(page.get_by_role("alert")).to_contain_text("Pilih sebab rusaknya.")
        await expect(page.locator("main")).not_to_contain_text(nik(1))
        await page.select_option("#cause", "no-chip")
        await page.get_by_role("button", name="Laporkan hasil").click()

        await expect(page.get_by_role("status")).to_contain_text("gilirannya tetap")


async def test_who_waited_less_needs_an_exception_with_a_reason(
    chromium: Browser, office: Town, tmp_path: Path
) -> None:
    async with an_officer(chromium, office, DESK, *STAFF) as officer:
        page = officer.page
        await page.get_by_role("link", name=f"Cetak {NAMES[2]}").click()
        await page.fill("#serial", "BLK-9")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("Cetak yang terlama dulu")

        await page.get_by_role("link", name="Catat pengecualian untuk orang ini").click()
        await page.get_by_role("button", name="Catat pengecualian").click()
        await expect(page.get_by_role("alert").locator("li")).to_have_count(2)
        await page.get_by_label("Berobat atau operasi").check()
        await page.fill("#words", "Surat rumah sakit dilihat, operasi hari Jumat.")
        await take_picture(page, "office-exception", tmp_path)
        await page.get_by_role("button", name="Catat pengecualian").click()

        await expect(page.get_by_role("status")).to_contain_text("boleh dicetak sekarang")
        await page.fill("#serial", "BLK-9")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_contain_text("BLK-9")
        officer.complaints.clear()  # a browser complains of every 409 and 422
        await officer.go(f"{DESK}/exceptions")
        await officer.look_over("office-exceptions", KB_MAX)
        await expect(page.locator("tbody")).to_contain_text("tester")


async def test_a_stranger_does_not_get_a_card_and_a_relative_does(
    chromium: Browser, office: Town, tmp_path: Path
) -> None:
    async with an_officer(chromium, office, DESK, *STAFF) as officer:
        page = officer.page
        await print_next(page, "BLK-1")
        await take_picture(page, "office-hand-over", tmp_path)
        await page.get_by_label("Anggota kartu keluarga yang sama").check()
        await page.fill("#nik", nik(2))
        await page.fill("#family_card", "6172 0201 0110 9999")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("bukan kartu keluarga pemegang")

        await page.fill("#family_card", "6172 0201 0110 0042")
        await page.keyboard.press("Enter")

        await expect(page.get_by_role("status")).to_contain_text("Penyerahan dicatat")


async def test_the_desks_pages_are_light_and_stop_nobody(
    chromium: Browser, office: Town, tmp_path: Path
) -> None:
    async with an_officer(chromium, office, DESK, *STAFF) as officer:
        page = officer.page
        await officer.go(DESK)
        await officer.look_over("office-printing", KB_MAX)
        await take_picture(page, "office-printing", tmp_path)
        await officer.go(f"{DESK}/held")
        await officer.look_over("office-held", KB_MAX)
        await expect(page.locator("tbody")).to_contain_text("DIAN MUDA")
        await officer.go(f"{DESK}?lang=en")
        await print_next(page, "BLK-1")
        await officer.go(f"{DESK}/cards/BLK-1?lang=en")
        await officer.look_over("office-card", KB_MAX)
        await expect(page.locator("legend")).to_have_text("Who collects this card?")
        await officer.go(f"{DESK}/hand-over")
        await officer.look_over("office-hand-over", KB_MAX)
        await page.fill("#asked", nik(1))
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**{DESK}/cards/BLK-1")
