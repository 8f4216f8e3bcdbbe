"""An officer signs in at the issuer with a real browser, does a day's work, and signs out for good.

The issuer is another site for the browser (localhost, and 127.0.0.1 here), as it is for an office.
"""

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from services.simulator.issuer.app import DevelopmentIssuer, create_app
from services.simulator.issuer.codes import Client
from shared.clock import SystemClock
from shared.doors.serve import Draining
from shared.oidc.plan import CALLBACK
from shared.signing import new_key
from tests.pages_kit import needs_chromium, visiting
from tests.town import Databases, Served, Town, town_of

pytestmark = needs_chromium
SECRET = "of the client and the issuer"
COOKIE = "__Host-tunggal-regional"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
async def issued(databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    """A town whose region has officers sign in at the development issuer alone."""
    port, served = free_port(), Served()
    here = f"http://127.0.0.1:{port}"
    client = Client("regional", SECRET, (here + CALLBACK,))
    issuer = DevelopmentIssuer("", new_key("development"), {"regional": client}, SystemClock())
    await served.start(create_app(issuer), Draining())
    issuer.address = f"http://localhost:{served.port}"
    settings = {
        "port": port,
        "pages_address": here,
        "oidc_issuer": issuer.address,
        "oidc_client_id": "regional",
        "oidc_client_secret": SECRET,
        "token_sign_in": False,
    }
    try:
        async with town_of(databases, tmp_path, regional=settings) as running:
            yield running
    finally:
        await served.stop()


@pytest.mark.parametrize("script", [False, True], ids=["no script", "script"])
async def test_an_officer_signs_in_at_the_issuer_and_a_kept_cookie_is_worth_nothing_after(
    chromium: Browser, issued: Town, script: bool
) -> None:
    async with visiting(chromium, issued.region, script=script) as visitor:
        page = await visitor.go("/office")
        await page.get_by_role("link", name="Masuk lewat akun kantor").click()
        await expect(page.get_by_text("Hanya untuk pengembangan")).to_be_visible()
        await page.get_by_role("button", name="officer-1").click()
        await page.wait_for_url(f"{issued.region.address}/office")
        await expect(page.locator("header")).to_contain_text("officer-1")
        kept = [one for one in await page.context.cookies() if one["name"] == COOKIE]
        await page.get_by_role("button", name="Keluar").click()
        await page.wait_for_url(f"{issued.region.address}/sign-in")
        gone = [one for one in await page.context.cookies() if one["name"] == COOKIE]
        await page.context.add_cookies(kept)
        await visitor.go("/office")

        assert page.url == f"{issued.region.address}/sign-in?next=/office"
        assert (len(kept), kept[0]["sameSite"], kept[0]["httpOnly"], gone) == (
            1,
            "Strict",
            True,
            [],
        )
        assert visitor.complaints == []


async def test_whoever_cancels_or_belongs_elsewhere_is_told_what_to_do(
    chromium: Browser, issued: Town
) -> None:
    async with visiting(chromium, issued.region) as visitor:
        for button, words in (
            ("Batal", "Buka halaman masuk dan mulai lagi"),
            ("adjudicator-1", "Minta bantuan petugas"),
        ):
            page = await visitor.go("/sign-in/at-issuer?next=/office")
            await page.get_by_role("button", name=button).click()
            await expect(page.locator("main")).to_contain_text(words)
            assert [one["name"] for one in await page.context.cookies()] != [COOKIE]
