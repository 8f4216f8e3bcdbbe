"""Letters go out, are answered by their code, and visits are noted; all with the line down."""

from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
import zxingcpp
from playwright.async_api import Browser, Page

from services.regional.outreach import doors as reply_doors
from services.regional.outreach import reply_page
from shared.roles import Role
from tests.outreach import BORN, OTHER_WARD, WARD, Lives, list_residents, record
from tests.pages_kit import (
    PHONE_WIDTH,
    an_officer,
    needs_chromium,
    take_picture,
    visiting,
)
from tests.town import Town

pytestmark = needs_chromium
LETTERS, VISITS = "/office/letters", "/office/visits"
KB_MAX, CITIZEN_KB_MAX = 60, 14
PEOPLE = [
    Lives(1, name="SITI CONTOH"),
    Lives(2, name="BUDI CONTOH", rt="002", street="GANG KENANGA 12"),
    Lives(3, name="LIM CONTOH", rt="002", street="GANG TERATAI 3"),
    Lives(4, name="MARIA CONTOH", rw="002", street="JALAN DAHLIA 40"),
    Lives(5, name="ANDI CONTOH", ward=OTHER_WARD),
]


async def fill_town(town: Town) -> None:
    await list_residents(town.databases["regional"], [*PEOPLE, Lives(6)])
    await record(town.databases["regional"], Lives(6))


async def make_letters(page: Page, town: Town) -> None:
    """From the region's page down to a ward, whose letters of the next workday are made."""
    for name in ("Singkawang Barat", "Pasiran"):
        await page.get_by_role("link", name=name, exact=True).click()
    await page.get_by_role("button", name="Buat surat: Pasiran").click()
    await page.wait_for_url("**/office/letters/days/*")


def codes_in(pdf: bytes) -> list[str]:
    """What a telephone reads from each page."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            picture = page.render(scale=150 / 72).to_numpy()
            found += [one.text for one in zxingcpp.read_barcodes(picture)]
    return found


async def letters_of(page: Page, town: Town) -> list[str]:
    """Paths that the codes of the letters on a day's page open."""
    link = page.get_by_role("link", name="Surat (PDF)").first
    answer = await page.request.get(town.region.address + str(await link.get_attribute("href")))
    assert answer.headers["content-type"] == "application/pdf"
    return [urlsplit(code).path for code in codes_in(await answer.body())]


async def answer(page: Page, born: str, choice: str) -> None:
    await page.get_by_label(choice).check()
    for field, text in zip(("#day", "#month", "#year"), born.split(), strict=True):
        await page.fill(field, text)
    await page.get_by_role("button", name="Kirim jawaban").click()


async def test_a_letters_code_opens_a_page_that_takes_an_answer_and_tells_the_office(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    await fill_town(town)
    await town.line.cut()
    async with an_officer(chromium, town, LETTERS, Role.OFFICER, script=False) as officer:
        page = officer.page
        await make_letters(page, town)
        assert "4 surat di 1 kelurahan" in await page.inner_text("main")
        paths = await letters_of(page, town)

        async with visiting(chromium, town.region, script=False, width=PHONE_WIDTH) as citizen:
            await citizen.go(paths[0])
            await take_picture(citizen.page, "letter-reply", tmp_path, PHONE_WIDTH)
            wrong, right = "1 1 1950", f"{BORN.day} {BORN.month} {BORN.year}"
            await answer(citizen.page, wrong, "Saya sakit")
            told = await citizen.page.inner_text("main")
            assert "Tanggal lahir tidak cocok" in told
            assert (await citizen.page.title()).startswith("Kesalahan")
            assert "SITI" not in told
            await answer(citizen.page, right, "Saya sakit")
            await citizen.page.wait_for_url("**/letters/thanks")
            assert "SITI" not in await citizen.page.content()

        await officer.go(VISITS)
        await page.get_by_role("link", name="SITI CONTOH").click()
        told = await page.inner_text("main")
        assert "Direkam di rumah" in told
        assert "Penduduk sendiri" in told
        assert len(paths) == len(set(paths)) == 4


async def test_answers_are_written_down_in_a_list_by_keyboard_and_close_or_open_a_search(
    chromium: Browser, town: Town
) -> None:
    await fill_town(town)
    await town.line.cut()
    async with an_officer(chromium, town, LETTERS, Role.OFFICER, script=False) as officer:
        page, keys = officer.page, officer.page.keyboard
        await make_letters(page, town)
        await page.get_by_role("link", name="Catat jawaban").click()
        assert await page.evaluate("document.activeElement.id") == "w1"
        for typed in ("Meninggal", "Di luar kota"):
            await keys.type(typed)
            await keys.press("Tab")
            if typed == "Di luar kota":
                await keys.type("Jalan Jauh 7, Pontianak")
            await keys.press("Tab")
        await page.get_by_label("Tutup juga pencarian").check()
        await page.get_by_role("button", name="Simpan kabar").press("Enter")
        await page.wait_for_url("**saved=2")

        told = await page.inner_text("main")
        assert "2 kabar dicatat." in told
        assert "SITI" not in told  # closed: the list has no letter for her any more
        await officer.go(VISITS)
        await page.fill("#nik", f"{PEOPLE[0].nik:016d}")
        await page.press("#nik", "Enter")
        assert f"{PEOPLE[0].nik:016d}" not in page.url
        assert "Ditutup dengan alasan: Meninggal." in await page.inner_text("main")
        await page.fill("#remark", "Ternyata orang lain.")
        await page.get_by_role("button", name="Buka kembali").click()
        told = await page.inner_text("main")
        assert "Ternyata orang lain." in told
        assert "Catat kabar" in told


async def test_pages_of_letters_are_light_and_stop_nobody(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    await fill_town(town)
    async with an_officer(chromium, town, LETTERS, Role.HEAD_OF_OFFICE) as officer:
        page = officer.page
        await officer.go(LETTERS)
        await officer.look_over("letters", KB_MAX)
        await take_picture(page, "letters", tmp_path)
        await make_letters(page, town)
        path = (await letters_of(page, town))[0]
        day = urlsplit(page.url).path
        rows = await page.get_by_role("link", name="Catat jawaban").get_attribute("href")
        for name, place in (
            ("letters-of-a-day", day),
            ("unrecorded", f"{LETTERS}/people?ward={WARD}"),
            ("visits", VISITS),
            ("visits-of-a-delivery", str(rows)),
        ):
            await officer.go(place)
            await officer.look_over(name, KB_MAX)
        await take_picture(page, name, tmp_path)
        await officer.go(f"{LETTERS}/people?ward={WARD}")
        await page.get_by_role("button", name="Catat SITI CONTOH").click()
        await officer.go(urlsplit(page.url).path)
        await officer.look_over("visits-of-a-person", KB_MAX)
    async with visiting(chromium, town.region, width=PHONE_WIDTH) as citizen:
        for name, place in (("letter-reply", path), ("letter-thanks", reply_page.THANKS)):
            await citizen.go(place)
            await citizen.look_over(name, CITIZEN_KB_MAX)
        await citizen.go(f"{path}?lang=en")
        assert "Answer an invitation" in await citizen.page.inner_text("main")


async def test_a_letters_page_is_the_same_whether_there_is_such_a_letter_or_not(
    town: Town,
) -> None:
    await fill_town(town)
    stranger = town.stranger(town.region)

    page = await stranger.get("/letters/abcdefghjkmnpqrstuvw")
    odd = await stranger.get("/letters/%3Cscript%3E")
    for tries in range(1, 200):  # noqa: B007 - the last is asked for below
        tried = await stranger.post(
            "/letters/abcdefghjkmnpqrstuvw",
            headers={"origin": town.region.address},
            data={"whereabouts": "in_town", "day": "1", "month": "2", "year": "1990"},
        )
        if tried.status_code != 403:
            break

    assert (page.status_code, odd.status_code) == (200, 200)
    assert "<script" not in odd.text
    assert tries > reply_doors.REPLIES.burst
    assert tried.status_code == 429
    assert 0 < int(tried.headers["retry-after"]) <= reply_doors.REPLIES.seconds_each
