"""A citizen asks where the card is, with an old phone, no script, and the line down."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pypdfium2
import pytest
import zxingcpp
from playwright.async_api import Browser, Page

from services.command import office_report
from services.regional.citizen import routes
from services.regional.citizen.speaking import MESSAGE_CHARACTERS_MAX
from shared.ids import new_id
from shared.roles import Role
from tests.pages.citizen_world import Office, birth_date, office_of
from tests.pages_kit import (
    PHONE_WIDTH,
    SERIOUS,
    accessibility,
    an_officer,
    needs_chromium,
    take_picture,
    visiting,
)
from tests.recordings import nik
from tests.town import Databases

CITIZEN_KB_MAX, OFFICER_KB_MAX = 14, 60
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
async def office(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    async with office_of(databases, tmp_path_factory.mktemp("office")) as running:
        yield running


async def _ask(page: Page, number: int, born: tuple[str, str, str]) -> None:
    """As with a keyboard: from field to field, then Enter."""
    digits = nik(number)
    await page.focus("#nik")
    await page.keyboard.type(f"{digits[:6]} {digits[6:12]} {digits[12:]}")
    for part in born:
        await page.keyboard.press("Tab")
        await page.keyboard.type(part)
    await page.keyboard.press("Enter")


async def _path(client: httpx.AsyncClient, recording_id: object) -> str:
    answer = await client.get(f"/v1/recordings/{recording_id}/receipt")
    return str(answer.json()["path"])


@needs_chromium
async def test_a_citizen_asks_by_keyboard_and_no_address_holds_who_they_are(
    chromium: Browser, office: Office, tmp_path: Path
) -> None:
    async with visiting(chromium, office.town.region, width=PHONE_WIDTH) as visitor:
        page = await visitor.go("/status")
        await visitor.look_over("status-form", CITIZEN_KB_MAX)
        await _ask(page, 3 + 38, birth_date())
        await page.wait_for_url("**/status/*")
        told = await page.inner_text("main")
        await visitor.go(page.url.removeprefix(office.town.region.address))
        await visitor.look_over("status", CITIZEN_KB_MAX)
        office_report.put({"citizen_page_kb": round(await visitor.weigh(), 1)})
        await take_picture(page, "citizen-status", tmp_path, PHONE_WIDTH)

    assert not any(nik(41) in url or "1990" in url for url in visitor.requests)
    assert "Siap dicetak" in told
    assert "Urutan" in told
    assert "8 dari 10" in told
    assert "PRINT_READY_RECORD (PRR)" in told
    assert "CONTOH" not in told  # the name on the recording


@needs_chromium
async def test_with_the_line_down_and_no_script_the_reason_is_told_in_english_too(
    chromium: Browser, office: Office
) -> None:
    async with visiting(chromium, office.town.region, script=False) as visitor:
        page = await visitor.go("/status")
        await _ask(page, 100, birth_date())
        await page.wait_for_url("**/status/*")
        indonesian = await page.inner_text("main")
        await page.get_by_role("link", name="English").click()
        english = await page.inner_text("main")
        scripts = await page.locator("script").count()

    assert "Jalur dari kantor ini ke pusat sedang putus" in indonesian
    assert "The line from this office to the centre is down" in english
    assert "You need not do anything" in english
    assert "tergantung kapan jalur pulih" in indonesian
    assert scripts == 0


@needs_chromium
async def test_what_is_wrong_is_said_first_and_which_of_both_never(
    chromium: Browser, office: Office
) -> None:
    async with visiting(chromium, office.town.region) as visitor:
        page = await visitor.go("/status")
        await page.get_by_role("button", name="Lihat status").click()
        assert (await page.title()).startswith("Kesalahan: ")
        assert [one for one in await accessibility(page) if one[0] in SERIOUS] == []
        await page.get_by_role("link", name="Isi tanggal lahir").click()
        assert await page.evaluate("document.activeElement.id") == "day"
        await _ask(page, 9_999, birth_date())
        await page.wait_for_selector(".faults")
        unknown = await page.inner_text(".faults")
        await page.fill("#nik", nik(3 + 31))
        await page.fill("#year", "1991")
        await page.get_by_role("button", name="Lihat status").click()
        await page.wait_for_selector(".faults")

        assert await page.inner_text(".faults") == unknown
        assert await page.input_value("#nik") == nik(3 + 31)
        assert nik(3 + 31) not in page.url


@needs_chromium
async def test_a_receipts_code_opens_the_status_until_it_is_revoked(
    chromium: Browser, office: Office, tmp_path: Path
) -> None:
    wanted = f"/office/receipts/{office.recorded[5]}"
    async with an_officer(chromium, office.town, wanted, Role.OFFICER) as officer:
        page = await officer.go(wanted)
        await officer.look_over("receipt", OFFICER_KB_MAX)
        path = await _scanned(page)
        await take_picture(page, "citizen-receipt", tmp_path)
        await page.get_by_role("button", name="Cabut").click()
        await page.wait_for_url("**revoked=1")
        fresh = await _scanned(page)

    async with visiting(chromium, office.town.region) as visitor:
        opened = await visitor.page.goto(office.town.region.address + fresh)
        assert opened is not None
        assert opened.status == 200
        assert "Kartu sudah diserahkan" in await visitor.page.inner_text("h1")
        opened = await visitor.page.goto(office.town.region.address + path)
        assert opened is not None
        assert opened.status == 404
        assert "tidak berlaku lagi" in await visitor.page.inner_text(".faults")


async def _scanned(page: Page) -> str:
    """What a phone reads from the code on the printed page: a path of ours."""
    printed = pypdfium2.PdfDocument(await page.pdf(format="A5"))
    picture = printed[0].render(scale=3, grayscale=True).to_numpy()
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text.startswith("https://dukcapil.singkawang.example/status/")
    return str(code.text.removeprefix("https://dukcapil.singkawang.example"))


@needs_chromium
async def test_fairness_is_public_and_the_office_sees_ids_and_names(
    chromium: Browser, office: Office, tmp_path: Path
) -> None:
    async with visiting(chromium, office.town.region) as visitor:
        page = await visitor.go("/fairness")
        await visitor.look_over("fairness", CITIZEN_KB_MAX)
        public = await page.content()
        await take_picture(page, "fairness", tmp_path)
    async with an_officer(
        chromium, office.town, "/office/fairness", Role.HEAD_OF_OFFICE
    ) as officer:
        page = await officer.go("/office/fairness")
        await officer.look_over("office-fairness", OFFICER_KB_MAX)
        own = await page.content()

    assert "tiba lebih lambat" in public
    assert "kepala-1" in own
    assert str(office.recorded[39]) in own
    assert not any(str(one) in public for one in office.recorded)
    assert "kepala-1" not in public
    assert "berobat" in public


async def test_the_api_tells_the_same_as_the_pages(office: Office) -> None:
    stranger = office.town.stranger(office.town.region)
    desk = office.town.at_region(Role.OFFICER)

    report = (await stranger.get("/v1/fairness/report")).json()
    table = (await stranger.get("/v1/fairness/report.csv")).text
    details = (await desk.get("/v1/fairness/details?lang=en")).json()

    # Every tenth of the forty was captured a day earlier, and came when others had been permitted.
    assert [one["cause"] for one in report["overtakes"]] == ["late_arrival"]
    assert report["unexplained"] == 0
    assert report["permitted"] == 40
    pairs = report["overtakes"][0]["pairs"]
    assert table.splitlines()[1] == f"overtakes,late_arrival,{pairs},,,,"
    assert details["report"]["overtakes"][0]["text"].startswith("The recording reached")
    assert [(one["reason"], one["cards"]) for one in report["exceptions"]] == [("medical", 1)]
    assert "exceptions,medical,1,,,,\n" in table
    assert details["exceptions"][0]["officer"] == "kepala-1"


async def test_a_gateway_gets_a_short_message_by_receipt_and_by_nik(office: Office) -> None:
    stranger = office.town.stranger(office.town.region)
    path = await _path(office.town.at_region(Role.OFFICER), office.waiting)
    plain = {"accept": "text/plain"}

    by_page = await stranger.get(path, headers=plain)
    by_api = await stranger.get(f"/v1{path}?lang=en", headers=plain)
    question = {"nik": nik(100), "birth_date": "1990-07-12"}
    by_nik = await stranger.post("/v1/status", json=question, headers=plain)
    unknown = await stranger.get("/status/" + "A" * 36, headers=plain)

    assert by_page.headers["content-type"].startswith("text/plain")
    assert by_page.text == by_nik.text
    assert by_page.text.startswith("KTP-el: ")
    assert "Jalur putus, data aman, tidak perlu datang." in by_page.text
    assert "Line down, data safe, no need to come." in by_api.text
    assert len(by_api.text) <= MESSAGE_CHARACTERS_MAX
    assert unknown.status_code == 404


async def test_unknown_and_wrong_are_one_answer_as_late(office: Office) -> None:
    stranger = office.town.stranger(office.town.region)
    answers = []
    for number, born in ((8_888, "1990-07-12"), (3 + 32, "1990-07-13")):
        began = time.monotonic()
        answer = await stranger.post("/v1/status", json={"nik": nik(number), "birth_date": born})
        assert time.monotonic() - began >= routes.NO_SECONDS
        answers.append((answer.status_code, answer.json() | {"trace_id": None}))

    assert answers[0] == answers[1]
    assert answers[0][0] == 404


async def test_who_asks_too_often_about_one_nik_waits_and_others_do_not(office: Office) -> None:
    stranger = office.town.stranger(office.town.region)
    question = {"nik": nik(3 + 33), "birth_date": "1990-07-12"}
    codes = [(await stranger.post("/v1/status", json=question)).status_code for _ in range(7)]
    refused = await stranger.post("/v1/status", json=question)
    fields = {"nik": nik(3 + 33), "day": "12", "month": "7", "year": "1990"}
    page = await stranger.post("/status", data=fields, headers=SAME_ORIGIN)
    other = await stranger.post("/v1/status", json=question | {"nik": nik(3 + 34)})

    assert codes == [200] * 6 + [429]
    assert refused.json()["code"] == "too-many-questions"
    assert 0 < int(refused.headers["retry-after"]) <= 300
    assert page.status_code == 429
    assert page.headers["retry-after"]
    assert other.status_code == 200


async def test_a_form_of_another_site_is_not_taken(office: Office) -> None:
    stranger = office.town.stranger(office.town.region)
    fields = {"nik": nik(3), "day": "12", "month": "7", "year": "1990"}

    answer = await stranger.post("/status", data=fields, headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 403


async def test_only_officers_make_and_revoke_receipts(office: Office) -> None:
    stranger = office.town.stranger(office.town.region)
    desk = office.town.at_region(Role.OFFICER)
    path = f"/v1/recordings/{office.recorded[7]}/receipt"
    before = await _path(desk, office.recorded[7])

    assert (await stranger.get(path)).status_code == 401
    assert (await desk.delete(path)).status_code == 204
    assert (await stranger.get(f"/v1{before}")).status_code == 404
    assert (await stranger.get(f"/v1{await _path(desk, office.recorded[7])}")).status_code == 200
    assert (await desk.delete(f"/v1/recordings/{new_id()}/receipt")).status_code == 404
