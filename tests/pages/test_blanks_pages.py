"""The store of blanks: a delivery, a spoiled blank, and a burning before two officers."""

from datetime import timedelta
from pathlib import Path

import httpx
import pypdfium2
from playwright.async_api import Browser, expect

from shared.roles import Role, make_token
from tests.pages_kit import an_officer, needs_chromium, take_picture, visiting
from tests.town import REGION, Town

pytestmark = needs_chromium
KB_MAX = 60
STORE = "/office/blanks"


def token_of(town: Town, officer: str) -> str:
    return make_token(
        town.keys.issuer_key(),
        officer,
        [Role.OFFICER],
        REGION,
        timedelta(hours=1),
        town.clock.now(),
    )


async def test_blanks_come_in_and_the_spoiled_ones_are_burnt(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    await town.line.cut()
    async with an_officer(chromium, town, STORE, Role.OFFICER, script=False) as officer:
        page = officer.page
        await page.get_by_role("link", name="Catat penerimaan").click()
        await page.fill("#source", "Ditjen Dukcapil")
        await page.fill("#reference", "BAST/17/X/2017")
        await page.fill("#first", "BLK-000500")
        await page.fill("#last", "BLK-000001")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("Baca lagi kedua nomor seri")
        await page.fill("#first", "BLK-000001")
        await page.fill("#last", "BLK-000500")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("setiap blangko dihitung")
        await expect(page.locator("dl")).to_contain_text("500")

        await officer.go(f"{STORE}/spoiled")
        await page.fill("#serial", "BLK-000007")
        await page.get_by_label("Tanpa cip").check()
        await page.keyboard.press("Enter")
        await expect(page.locator("dl")).to_contain_text("499")

        await officer.go(f"{STORE}/burnings/new")
        await expect(page.locator("#serials")).to_have_value("BLK-000007")
        await page.fill("#place", "Halaman kantor")
        await page.fill("#serials", "BLK-000007\nBLK-000008")
        await page.get_by_role("button", name="Tulis berita acara").click()
        await expect(page.get_by_role("alert")).to_contain_text("(BLK-000008)")
        await page.fill("#serials", "BLK-000007")
        await page.get_by_role("button", name="Tulis berita acara").click()
        await page.wait_for_url("**/burnings/*saved=written")
        minutes = page.url.partition("?")[0].removeprefix(town.region.address)

        await page.get_by_role("button", name="Saya melihat blangko ini dibakar").click()
        await expect(page.get_by_role("alert")).to_contain_text("Minta petugas lain")
        cookies = {one["name"]: one["value"] for one in await page.context.cookies()}
        text = await text_of(town, f"{minutes}/minutes.pdf", cookies)
        assert "BLK-000007" in text
        assert "belum disahkan" in text

    async with visiting(chromium, town.region) as second:
        await second.sign_in(token_of(town, "petugas-2"), minutes)
        await second.page.get_by_role("button", name="Saya melihat blangko ini dibakar").click()
        await expect(second.page.get_by_role("status")).to_contain_text("dua petugas")
        await second.go(minutes)
        await second.look_over("office-burning", KB_MAX)
        await second.go(f"{STORE}?lang=en")
        await second.look_over("office-blanks", KB_MAX)
        await second.go(STORE)
        await take_picture(second.page, "office-blanks", tmp_path)
        await second.go(f"{STORE}/deliveries/new")
        await second.look_over("office-delivery", KB_MAX)


async def text_of(town: Town, path: str, cookies: dict[str, str]) -> str:
    """What a PDF of the region says, to whoever has the session."""
    async with httpx.AsyncClient(base_url=town.region.address, trust_env=False) as client:
        told = "; ".join(f"{name}={value}" for name, value in cookies.items())
        answer = await client.get(path, headers={"cookie": told})
    assert answer.headers["content-type"] == "application/pdf"
    with pypdfium2.PdfDocument(answer.content) as document:
        page = document[0]
        text: str = page.get_textpage().get_text_bounded()
        page.close()
    return text
