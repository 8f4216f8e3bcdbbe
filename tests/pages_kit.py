"""People before pages in a real Chromium: officers signed in, citizens, and what both may expect.

`TUNGGAL_TEST_PICTURES=1` writes the pictures of docs. Weights and findings go into the office
report.
"""

import os
import shutil
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, expect

from services.command import office_report
from shared.roles import Role
from tests.town import Served, Town

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY_SECONDS_MAX = 20
PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
PAGE_WIDTH, PHONE_WIDTH = 1000, 390
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SERIOUS = frozenset({"serious", "critical"})
expect.set_options(timeout=READY_SECONDS_MAX * 1_000)

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here: `apt-get install chromium` lets these tests run"
)


class Visitor:
    """One browser window of one person: what it asked, what it weighed, what it complained of."""

    def __init__(self, page: Page, served: Served) -> None:
        self.page = page
        self.served = served
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._answers: list[Response] = []
        page.on("request", self._ask)
        page.on("response", self._note)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.set_default_timeout(READY_SECONDS_MAX * 1_000)

    def _ask(self, request: Request) -> None:
        if not request.url.startswith(("blob:", "data:")):
            self.requests.append(request.url)

    def _note(self, answer: Response) -> None:
        self._answers.append(answer)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    async def go(self, path: str) -> Page:
        """Open a page by its address, and weigh it from nothing."""
        self._answers.clear()
        await self.page.goto(self.served.address + path)
        return self.page

    async def sign_in(self, token: str, wanted: str) -> Page:
        """Hand in a token as a person does, and come to the wanted page."""
        await self.go(f"/sign-in?next={wanted}")
        await self.page.fill("#token", token)
        await self.page.press("#token", "Enter")
        await self.page.wait_for_url(f"{self.served.address}{wanted}*")
        return self.page

    @property
    def strangers(self) -> list[str]:
        """Addresses of others that were asked for: there should be none."""
        return [url for url in self.requests if not url.startswith(f"{self.served.address}/")]

    async def weigh(self, *, with_images: bool = False) -> float:
        """KiB over the line of the last page opened by `go`, its style included, headers not."""
        total = 0
        for answer in self._answers:
            kind = answer.headers.get("content-type", "")
            if kind.startswith("text/event-stream"):  # it does not end
                continue
            if with_images or not kind.startswith("image/") or "svg" in kind:
                # What the browser counts itself is short by its own share of the headers.
                told = int(answer.headers.get("content-length", 0))
                total += told or (await answer.request.sizes())["responseBodySize"]
        return total / 1024

    async def look_over(self, name: str, kb_max: float) -> None:
        """The page just opened by `go` is light, stands alone, and stops nobody; it is reported.

        Only in a window with script: the checker is one, though the page may have none.
        """
        weight = await self.weigh()
        found = await accessibility(self.page)
        serious = [text for impact, text in found if impact in SERIOUS]
        office_report.put_page(name, weight, len(serious))
        assert serious == []
        assert weight <= kb_max, f"{name} weighs {weight:.1f} KiB"
        assert self.strangers == []
        assert self.complaints == []
        assert await self.page.locator("h1").count() == 1


async def press(page: Page, *keys: str) -> None:
    """Keys for what the page has focused by itself: one pressed before that is lost to anybody."""
    await expect(page.locator("[autofocus]")).to_be_focused()
    for key in keys:
        await page.keyboard.press(key)


async def accessibility(page: Page) -> list[tuple[str, str]]:
    """What axe holds against a page: its impact, and what it is."""
    options = {
        "runOnly": RULES,
        "rules": {"target-size": {"enabled": True}},
        "resultTypes": ["violations"],
    }
    found = await Axe().run(page, options=options)
    return [
        (str(one["impact"]), f"{one['id']}: {one['nodes'][0]['html'][:160]}")
        for one in found.response["violations"]
    ]


async def take_picture(page: Page, name: str, folder: Path, width: int = PAGE_WIDTH) -> None:
    """The whole page as WebP, which keeps letters sharp in a third of the bytes."""
    place = PICTURES if os.environ.get("TUNGGAL_TEST_PICTURES") else folder
    await page.set_viewport_size({"width": width, "height": 800})
    height = await page.locator("body").evaluate("it => it.offsetHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    told = {"format": "webp", "quality": 60, "captureBeyondViewport": True, "clip": clip}
    session = await page.context.new_cdp_session(page)
    taken = await session.send("Page.captureScreenshot", told)
    (place / f"{name}.webp").write_bytes(b64decode(taken["data"]))


@asynccontextmanager
async def visiting(
    chromium: Browser, served: Served, *, script: bool = True, width: int = PAGE_WIDTH
) -> AsyncIterator[Visitor]:
    """A fresh browser window with nothing kept from others. script: False for one without."""
    context = await chromium.new_context(
        java_script_enabled=script, viewport={"width": width, "height": 800}
    )
    try:
        yield Visitor(await context.new_page(), served)
    finally:
        await context.close()


@asynccontextmanager
async def an_officer(
    chromium: Browser, town: Town, wanted: str, *roles: Role, script: bool = True
) -> AsyncIterator[Visitor]:
    """An officer of the town's region, signed in and before the wanted page."""
    async with visiting(chromium, town.region, script=script) as visitor:
        await visitor.sign_in(town.token(*roles), wanted)
        yield visitor
