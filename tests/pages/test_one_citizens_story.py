"""From the letter in her hand to the card in her hand: one citizen, every page on the way."""

import asyncio
from urllib.parse import urlsplit
from uuid import UUID

import pypdfium2
import zxingcpp
from playwright.async_api import Browser, Page, expect

from shared.ids import new_id
from shared.roles import Role
from tests.outreach import BORN, Lives, list_residents
from tests.pages.test_outreach_pages import answer, letters_of, make_letters
from tests.pages_kit import PHONE_WIDTH, Visitor, an_officer, needs_chromium, visiting
from tests.recordings import content
from tests.town import Town

pytestmark = needs_chromium
SITI = Lives(7, name="SITI CONTOH")
NIK = f"{SITI.nik:016d}"
BLANK = "BLK-000001"
STAFF = (Role.OFFICER, Role.HEAD_OF_OFFICE, Role.PRINTER)
PATIENCE_SECONDS = 60


async def test_a_letter_becomes_a_card_and_everybody_sees_it_on_the_way(
    chromium: Browser, town: Town
) -> None:
    await list_residents(town.databases["regional"], [SITI])
    async with (
        an_officer(chromium, town, "/office/letters", *STAFF, script=False) as officer,
        visiting(chromium, town.region, script=False, width=PHONE_WIDTH) as siti,
    ):
        await she_is_invited_and_says_she_comes(officer, siti, town)
        await the_desk_knows_her(officer)
        await town.line.cut()
        recording_id = await she_is_recorded(town)
        status = await her_receipt_opens_the_way(officer, siti, recording_id)
        await she_reads(siti, status, "Jalur dari kantor ini ke pusat sedang putus")

        await town.line.restore()
        await town.settled()
        await she_reads(siti, status, "Siap dicetak")
        await the_card_is_printed(officer.page, town)
        await she_reads(siti, status, "Kartu sudah dicetak")
        await the_card_is_handed_over(officer.page, town)

        await she_reads(siti, status, "Kartu sudah diserahkan")
        await the_office_has_her_whole_story(officer, recording_id)
        strangers = [*officer.strangers, *siti.strangers]
        assert [one for one in (*officer.requests, *siti.requests) if NIK in one] == []
        assert strangers == []


async def she_is_invited_and_says_she_comes(officer: Visitor, siti: Visitor, town: Town) -> None:
    await make_letters(officer.page, town)
    (path,) = await letters_of(officer.page, town)
    await siti.go(path)
    await answer(siti.page, f"{BORN.day} {BORN.month} {BORN.year}", "akan datang")
    await siti.page.wait_for_url("**/letters/thanks")


async def the_desk_knows_her(officer: Visitor) -> None:
    page = await officer.go("/office/record")
    await page.fill("#nik", NIK)
    await page.press("#nik", "Enter")
    for told in ("Rekam", "1 kali", "ada di kota"):
        await expect(page.locator("section[role=status]")).to_contain_text(told)


async def she_is_recorded(town: Town) -> UUID:
    """At the station, which speaks to the region's own server."""
    recording_id = new_id()
    card = {"nik": NIK, "name": SITI.name, "birth_date": BORN.isoformat()}
    sent = content(card=card)
    taken = await town.at_region().put(f"/v1/recordings/{recording_id}", json=sent)
    assert taken.status_code == 202
    return recording_id


async def her_receipt_opens_the_way(officer: Visitor, siti: Visitor, recording_id: UUID) -> str:
    """The code on the paper she is given; her telephone opens it."""
    page = await officer.go(f"/office/recordings/{recording_id}")
    await page.get_by_role("link", name="Tanda terima").click()
    await page.wait_for_url(f"**/office/receipts/{recording_id}")
    printed = pypdfium2.PdfDocument(await page.pdf(format="A5"))
    (code,) = zxingcpp.read_barcodes(printed[0].render(scale=3, grayscale=True).to_numpy())
    path = urlsplit(code.text).path
    await siti.go(path)
    return path


async def she_reads(siti: Visitor, path: str, wanted: str) -> None:
    """As often as she likes: the page says how things stand, and never her name."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while wanted not in await (await siti.go(path)).inner_text("main"):
            await asyncio.sleep(0.2)
    told = await siti.page.content()
    assert "SITI" not in told
    assert NIK not in told


async def the_card_is_printed(page: Page, town: Town) -> None:
    await page.goto(f"{town.region.address}/office")
    await page.get_by_role("link", name="Ke meja cetak").click()
    await page.get_by_role("link", name="Cetak yang terlama").click()
    await page.fill("#serial", BLANK)
    await page.keyboard.press("Enter")
    await expect(page.locator("dl")).to_contain_text("SITI CONTOH")
    await page.get_by_role("button", name="Laporkan hasil").click()
    await page.wait_for_url(f"**/office/printing/cards/{BLANK}*")


async def the_card_is_handed_over(page: Page, town: Town) -> None:
    await page.goto(f"{town.region.address}/office")
    assert await page.locator("#serah tbody tr").count() == 1
    await page.goto(f"{town.region.address}/office/printing/cards/{BLANK}")
    await page.get_by_label("Pemilik kartu sendiri").check()
    await page.get_by_role("button", name="Serahkan kartu").click()
    await expect(page.get_by_role("status")).to_contain_text("Penyerahan dicatat")


async def the_office_has_her_whole_story(officer: Visitor, recording_id: UUID) -> None:
    page = await officer.go(f"/office/recordings/{recording_id}")
    told = await page.inner_text("main")
    for step in ("Dikirim ke pusat", "Keputusan pusat", "Kartu tercetak", "Kartu diserahkan"):
        assert step in told
    assert "CARD_ISSUED" in told
    await officer.go("/office/letters")
    assert "SITI" not in await officer.page.content()
