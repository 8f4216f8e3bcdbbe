"""The API pages in a real Chromium: all from this server, no complaint, every operation shown."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

from services.command.servers import Service
from services.command.service_facts import document_of
from shared.doors.openapi import operations
from tests.pages_kit import CHROMIUM, FLAGS, READY_SECONDS_MAX, needs_chromium
from tests.town import Served, Town

pytestmark = needs_chromium


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        await running.close()


class Visit:
    """One page, with every request it made and everything it complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._ask)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.set_default_timeout(READY_SECONDS_MAX * 1_000)

    def _ask(self, request: Request) -> None:
        # A blob and a data address are made in the page; nothing is asked of anybody.
        if not request.url.startswith(("blob:", "data:")):
            self.requests.append(request.url)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def strangers(self, served: Served) -> list[str]:
        return [url for url in self.requests if not url.startswith(f"{served.address}/")]


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    page = await browser.new_page(viewport={"width": 1280, "height": 1600})
    yield Visit(page)
    await page.close()


def _served(town: Town, service: Service) -> Served:
    return town.centre if service is Service.CENTRAL else town.region


def _summaries(service: Service) -> set[str]:
    return {operation["summary"] for _, operation in operations(document_of(service))}


@pytest.mark.parametrize("service", [Service.REGIONAL, Service.CENTRAL])
async def test_docs_show_every_operation_and_ask_nobody_else(
    standing_town: Town, visit: Visit, service: Service, tmp_path: Path
) -> None:
    served = _served(standing_town, service)

    await visit.page.goto(f"{served.address}/docs")
    await visit.page.wait_for_selector(".opblock-summary-description")
    shown = await visit.page.locator(".opblock-summary-description").all_inner_texts()
    await visit.page.locator(".opblock-summary").first.click()
    await visit.page.wait_for_selector(".opblock-body .responses-table")
    await visit.page.screenshot(path=tmp_path / "docs.png")

    assert set(shown) == _summaries(service)
    assert visit.strangers(served) == []
    assert f"{served.address}/openapi.json" in visit.requests
    assert visit.complaints == []


@pytest.mark.parametrize("service", [Service.REGIONAL, Service.CENTRAL])
async def test_redoc_shows_every_operation_and_asks_nobody_else(
    standing_town: Town, visit: Visit, service: Service
) -> None:
    served = _served(standing_town, service)

    await visit.page.goto(f"{served.address}/redoc")
    await visit.page.wait_for_selector("h2")
    text = await visit.page.inner_text("body")

    assert [summary for summary in _summaries(service) if summary not in text] == []
    assert visit.strangers(served) == []
    assert visit.complaints == []


async def test_an_operation_can_be_tried_from_the_page(standing_town: Town, visit: Visit) -> None:
    served = standing_town.region

    await visit.page.goto(f"{served.address}/docs#/operations/get_version")
    block = visit.page.locator("#operations-operations-get_version")
    await block.locator(".execute").click()
    answer = await block.locator(".live-responses-table").inner_text()

    assert '"service": "regional"' in answer
    assert visit.strangers(served) == []


async def test_a_problem_opens_its_page(standing_town: Town, visit: Visit) -> None:
    served = standing_town.region
    problem = (await standing_town.stranger(served).get("/v1/queue")).json()

    await visit.page.goto(served.address + problem["type"])

    assert problem["next_action_id"] in await visit.page.inner_text("body")
    assert visit.strangers(served) == []
    assert visit.complaints == []
