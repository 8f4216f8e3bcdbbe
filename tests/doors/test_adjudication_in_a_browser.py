"""Two officers settle a case in a real Chromium by keyboard alone, one of them without script.

The pictures in docs are taken here: `TUNGGAL_TEST_PICTURES=1` writes them there.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright

from services.central import deciding
from services.central.adjudication.page import HOME
from services.central.penunggalan.checks import Uniqueness
from services.central.print_authorization.rules import Permitter
from services.central.settings import Irises
from shared.contracts.outcomes import Outcome
from shared.database.engine import Database
from shared.signing import new_key
from tests.central.centre_world import decisions
from tests.central.iris_world import a_settler, settle
from tests.doors.adjudication_world import Desk, desk_of
from tests.eyes import KEYS, PlainMatcher, an_eye, seen
from tests.pages_kit import (
    CHROMIUM,
    FLAGS,
    PAGE_WIDTH,
    READY_SECONDS_MAX,
    accessibility,
    needs_chromium,
    take_picture,
)
from tests.town import NEIGHBOUR, REGION, Databases

TABS_MAX = 80
WORDS = "Wajah dan umur jelas milik dua orang; keduanya memakai lensa kontak."

pytestmark = needs_chromium


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        await running.close()


@pytest.fixture
async def desk(databases: Databases, tmp_path: Path) -> AsyncIterator[Desk]:
    """A centre that holds two recordings alike in one eye, and so a case nobody has seen."""
    permitter = Permitter(new_key("centre"), 1, timedelta(days=730))

    def decider_of(database: Database) -> deciding.DecideAgain:
        matcher = PlainMatcher(database)
        return deciding.decider(permitter, Uniqueness(Irises.WHERE_READABLE, matcher, keys=KEYS))

    async with desk_of(databases, tmp_path, decider_of) as running:
        settler = a_settler(running.database, permitter, PlainMatcher(running.database))
        for region, one in ((NEIGHBOUR, _the_other()), (REGION, _this_one())):
            (told,) = await settle(settler, region, one)
        assert told.outcome is Outcome.ADJUDICATE_RECORD
        yield running


def _the_other() -> Any:
    return seen(
        2,
        an_eye(2),
        an_eye(3),
        captured_by="nova",
        station="bengkayang-2",
        card={
            "nik": "6107017001680002",
            "name": "MELINDA CONTOH",
            "birth_date": "1968-01-30",
            "birth_place": "BENGKAYANG",
            "marital_status": "married",
            "address": {
                "street": "JALAN CONTOH 19",
                "rt": "001",
                "rw": "004",
                "ward": "61.07.01.2001",
            },
        },
        mother_name="IBU LAIN",
        family_card="6107010101150003",
    )


def _this_one() -> Any:
    return seen(
        1,
        an_eye(2, 1, poor=0.14),
        an_eye(91),
        captured_by="desi",
        card={
            "nik": "6172025207900001",
            "name": "MELINDA CONTOH LESTARI",
            "birth_date": "1990-07-12",
        },
    )


async def _draw_face(chromium: Browser, hair: str, skin: str) -> bytes:
    """A face that belongs to nobody."""
    page = await chromium.new_page(viewport={"width": 240, "height": 300})
    await page.set_content(
        f'<body style="margin:0;background:#b33"><svg viewBox="0 0 240 300" width="240">'
        f'<ellipse cx="120" cy="300" rx="110" ry="80" fill="#345"/>'
        f'<path d="M40 150a80 95 0 0 1 160 0v70H40z" fill="{hair}"/>'
        f'<ellipse cx="120" cy="150" rx="60" ry="80" fill="{skin}"/>'
        f'<path d="M60 130a60 70 0 0 1 120 0q-60-50-120 0z" fill="{hair}"/>'
        f'<circle cx="98" cy="150" r="7"/><circle cx="142" cy="150" r="7"/>'
        f'<path d="M98 195q22 14 44 0" fill="none" stroke="#723" stroke-width="5"/></svg>'
    )
    image = await page.screenshot(type="jpeg", quality=80)
    await page.close()
    return image


class Officer:
    """A person at a keyboard, in a browser of their own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        page.set_default_timeout(READY_SECONDS_MAX * 1_000)
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    async def tab_to(self, wanted: Locator) -> None:
        for _ in range(TABS_MAX):
            await self.page.keyboard.press("Tab")
            if await wanted.evaluate("it => it === document.activeElement"):
                return
        raise AssertionError(f"no Tab leads to {wanted}")

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def sign_in(self, address: str, token: str) -> None:
        await self.page.goto(address + HOME)
        await self.tab_to(self.page.locator("#token"))
        await self.page.keyboard.insert_text(token)  # pasted
        await self.press("Enter")
        await self.page.wait_for_url(address + HOME)

    async def take_up(self) -> None:
        await self.tab_to(self.page.locator("button[aria-label^='Ambil kasus']"))
        await self.press("Enter")
        await self.page.wait_for_selector("#kata")

    async def judge(self, choice: str, reason: str) -> None:
        """choice: the letters of the radio's label; reason: the first letters of the option."""
        await self.tab_to(self.page.locator("#putusan-0"))
        await self.press(*(["Space"] if choice == "putusan-0" else ["ArrowDown"]))
        assert await self.page.locator(f"#{choice}").is_checked()
        await self.tab_to(self.page.locator("#alasan"))
        await self.page.keyboard.type(reason)
        await self.tab_to(self.page.locator("#kata"))
        await self.page.keyboard.type(WORDS)
        await self.tab_to(self.page.get_by_role("button", name="Simpan putusan"))
        await self.press("Enter")
        await self.page.wait_for_selector("[role=status]")


@pytest.fixture
async def officers(chromium: Browser) -> AsyncIterator[list[Officer]]:
    """Three browsers; the second runs no script."""
    contexts: list[BrowserContext] = [
        await chromium.new_context(
            viewport={"width": PAGE_WIDTH, "height": 900}, java_script_enabled=number != 1
        )
        for number in range(3)
    ]
    yield [Officer(await context.new_page()) for context in contexts]
    for context in contexts:
        await context.close()


async def test_officers_settle_a_case_by_keyboard_and_the_person_may_have_a_card(
    chromium: Browser, desk: Desk, officers: list[Officer], tmp_path: Path
) -> None:
    sri, budi, ani = officers
    this, that = await _give_faces(chromium, desk)
    for name, one in (("sri", sri), ("budi", budi), ("ani", ani)):
        await one.sign_in(desk.served.address, desk.token(name))

    await sri.take_up()
    case = sri.page.url
    await take_picture(sri.page, "adjudication-case", tmp_path)
    await sri.judge("putusan-0", "Lensa")
    await budi.page.goto(case)
    assert "Tidak ditampilkan" in await budi.page.inner_text("main")
    await budi.page.goto(desk.served.address + HOME)
    await budi.take_up()
    await budi.judge("putusan-1", "Wajah sama")
    await ani.page.goto(desk.served.address + HOME)
    assert "dua petugas berbeda" in await ani.page.inner_text("main")
    await take_picture(ani.page, "adjudication-cases", tmp_path)
    await ani.take_up()
    assert WORDS in await ani.page.inner_text("main")
    await ani.judge("putusan-0", "Lensa")

    assert "kasus selesai" in await ani.page.inner_text("[role=status]")
    *_, last = await decisions(desk.database, REGION)
    assert (last.recording_id, last.outcome) == (this, Outcome.PRINT_READY_RECORD)
    assert last.permission is not None
    looks = await desk.looks(UUID(case.rpartition("/")[2]))
    assert {officer for officer, _ in looks} == {"sri", "budi", "ani"}
    assert [one.complaints for one in officers] == [[], [], []]
    assert that


async def _give_faces(chromium: Browser, desk: Desk) -> tuple[Any, Any]:
    (this,) = await decisions(desk.database, REGION)
    (that,) = await decisions(desk.database, NEIGHBOUR)
    first = await _draw_face(chromium, "#2a1a12", "#d9a77f")
    second = await _draw_face(chromium, "#777", "#c48f68")
    await desk.give_face(REGION, this.recording_id, first)
    await desk.give_face(NEIGHBOUR, that.recording_id, second)
    return this.recording_id, that.recording_id


async def test_the_case_page_fits_a_phone_and_says_what_each_control_is(
    chromium: Browser, desk: Desk
) -> None:
    context = await chromium.new_context(
        viewport={"width": 360, "height": 740}, color_scheme="dark"
    )
    officer = Officer(await context.new_page())
    await officer.sign_in(desk.served.address, desk.token("sri"))
    await officer.take_up()
    page = officer.page
    await officer.tab_to(page.get_by_role("button", name="Simpan putusan"))
    await officer.press("Enter")
    await page.wait_for_selector("[role=alert]")

    assert (await page.title()).startswith("Kesalahan: ")
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    levels = [
        int(await one.evaluate("it => it.tagName[1]"))
        for one in await page.locator("h1,h2,h3").all()
    ]
    assert levels.count(1) == 1
    for control in await page.locator("input:not([type=hidden]),select,textarea").all():
        assert await control.evaluate("it => it.labels.length") == 1
    await page.locator("[role=alert] a").first.focus()
    await officer.press("Enter")
    assert await page.locator("#putusan-0").evaluate("it => it === document.activeElement")
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_page(
    chromium: Browser, desk: Desk, scheme: Literal["light", "dark"]
) -> None:
    context = await chromium.new_context(color_scheme=scheme)
    officer = Officer(await context.new_page())
    page = officer.page
    await page.goto(desk.served.address + HOME)
    found = {"sign in": await accessibility(page)}
    await officer.sign_in(desk.served.address, desk.token("sri"))
    found["list"] = await accessibility(page)
    await officer.take_up()
    found["case"] = await accessibility(page)
    await page.get_by_role("button", name="Simpan putusan").click()
    await page.wait_for_selector("[role=alert]")
    found["fault"] = await accessibility(page)
    await page.goto(f"{desk.served.address}{HOME}?show=settled")
    found["settled"] = await accessibility(page)
    await page.goto(f"{desk.served.address}{HOME}/cases/{REGION}/{UUID(int=7)}")
    found["refused"] = await accessibility(page)
    await context.close()

    assert {name: one for name, one in found.items() if one} == {}
