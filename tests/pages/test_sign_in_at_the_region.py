"""Officers sign in at their own server; its page speaks to everybody."""

from pathlib import Path

from playwright.async_api import Browser

from services.command import office_report
from shared.roles import Role
from tests.pages_kit import an_officer, needs_chromium, visiting
from tests.town import Town

pytestmark = needs_chromium
KB_MAX = 14


async def test_anybody_can_read_the_sign_in_page(chromium: Browser, town: Town) -> None:
    async with visiting(chromium, town.region) as visitor:
        await visitor.go("/sign-in")
        await visitor.look_over("sign-in", KB_MAX)
        assert (await visitor.page.request.get(town.region.address + "/sign-in")).headers[
            "content-encoding"
        ] == "gzip"


async def test_an_officer_signs_in_and_comes_to_the_page_they_wanted(
    chromium: Browser, town: Town
) -> None:
    async with an_officer(chromium, town, "/v1/version", Role.OFFICER) as officer:
        assert officer.page.url.endswith("/v1/version")


async def test_facts_of_several_measurers_come_together(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    office_report.put({"letters": 7}, report)
    office_report.put_page("one", 3.26, 0, report)
    office_report.put_page("two", 5, 2, report)

    assert report.read_text() == (
        '{\n  "accessibility_serious": 2,\n  "letters": 7,\n'
        '  "page_accessibility_serious": {\n    "one": 0,\n    "two": 2\n  },\n'
        '  "page_weights_kb": {\n    "one": 3.3,\n    "two": 5\n  },\n  "pages_tested": 2\n}\n'
    )
