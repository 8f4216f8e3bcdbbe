"""Coverage for everybody, with small cells hidden, and for the office, with any day."""

import json
from collections.abc import Iterator
from pathlib import Path

from playwright.async_api import Browser

from shared.roles import Role
from tests.pages_kit import PHONE_WIDTH, an_officer, needs_chromium, take_picture, visiting
from tests.recordings import content, nik
from tests.town import Town

pytestmark = needs_chromium
PUBLIC, OFFICE = "/coverage", "/office/coverage"
PUBLIC_KB_MAX, OFFICE_KB_MAX = 14, 60
HEADER = "nik,sex,birth_date,ward,obliged"
# Seven wards of two districts; in the last lives a family of three.
WARDS = {f"61.72.01.{1001 + number}": 40 for number in range(4)}
WARDS |= {"61.72.02.1001": 60, "61.72.02.1002": 50, "61.72.02.1003": 3}
RECORDED = 20


def people() -> Iterator[str]:
    number = 0
    for ward, count in WARDS.items():
        for one in range(count):
            number += 1
            sex = "male" if number % 2 else "female"
            born, obliged = ("2015-03-01", "no") if one % 4 == 3 else (f"{1950 + one}-02-01", "yes")
            yield f"{nik(number)},{sex},{born},{ward},{obliged}"


async def filled(town: Town) -> None:
    """A list of 273 people, 20 of them recorded, and a family of another region."""
    client = town.at_region()
    body = "\n".join((HEADER, *people())).encode()
    answer = await client.put("/v1/residents", content=body, headers={"content-type": "text/csv"})
    assert answer.json()["residents"] == sum(WARDS.values())
    takings = [content(number) for number in range(1, RECORDED + 1)]
    elsewhere = {"street": "JALAN A", "rt": "001", "rw": "001", "ward": "61.07.01.2001"}
    takings += [content(number, card={"address": elsewhere}) for number in range(900, 912)]
    for number, one in enumerate(takings):
        path = f"/v1/recordings/01890a5d-ac96-774b-bcce-b3020{number:07d}"
        assert (await client.put(path, json=one)).status_code < 300


async def test_anybody_reads_coverage_and_nobody_finds_the_family_of_three(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    await filled(town)
    await town.line.cut()

    async with visiting(chromium, town.region, script=False, width=PHONE_WIDTH) as visitor:
        page = await visitor.go(PUBLIC)
        told = await page.inner_text("main")
        csv = await (await page.request.get(f"{town.region.address}{PUBLIC}.csv")).text()
        shown = json.loads(
            await (await page.request.get(f"{town.region.address}{PUBLIC}.json")).text()
        )
        assert "273" in told
        assert await page.locator("svg[role=img]").count() == 2
        assert await page.locator("script").count() == 0
    async with visiting(chromium, town.region) as visitor:
        await visitor.go(PUBLIC)
        await visitor.look_over("coverage", PUBLIC_KB_MAX)
        await take_picture(visitor.page, "coverage", tmp_path)

    # The ward of three is hidden, and the next smallest, whose number would give it away.
    wards = {ward["code"]: ward for one in shown["districts"] for ward in one["wards"]}
    hidden = [code for code, ward in wards.items() if ward["population"] is None]
    assert hidden == ["61.72.02.1002", "61.72.02.1003"]
    assert "disembunyikan" in told
    assert "ward,61.72.02.1003,Tengah,,,," in csv


async def test_above_100_percent_is_explained_to_the_office(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    await filled(town)

    async with an_officer(chromium, town, OFFICE, Role.HEAD_OF_OFFICE, script=False) as officer:
        page = officer.page
        told = await page.inner_text("main")
        assert "Penduduk daerah lain yang direkam di sini\t12" in told
        assert "Penduduk yang wajib KTP\t15" in told
        assert "Penduduk yang belum wajib KTP, misalnya berumur 16 tahun\t5" in told
        cells = await (await page.request.get(f"{town.region.address}{OFFICE}.csv")).text()
        await page.fill("#tanggal", "2010-01-01")
        await page.get_by_role("button", name="Hitung").click()
        past = await page.inner_text("main")
        await page.goto(f"{town.region.address}{OFFICE}?at=soon")
        assert (await page.title()).startswith("Kesalahan: ")
    assert ",61.72.02.1003,male," in cells
    assert "1 Januari 2010" in past
    assert "Yang tidak dapat diketahui" in past


async def test_the_head_of_office_freezes_a_semester_that_is_over(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    await filled(town)

    async with an_officer(chromium, town, OFFICE, Role.HEAD_OF_OFFICE) as officer:
        page = officer.page
        await page.get_by_role("button", name="Bekukan").click()
        await page.wait_for_url("**on=*")
        assert "Cakupan yang dibekukan" in await page.inner_text("h1")
        await officer.go(OFFICE)
        assert await page.get_by_role("button", name="Bekukan").count() == 0
        await officer.look_over("office-coverage", OFFICE_KB_MAX)
        await take_picture(page, "office-coverage", tmp_path)
        assert (
            await page.get_by_role("link", name="30 Juni")
            .or_(page.get_by_role("link", name="31 Desember"))
            .count()
            == 1
        )
    async with visiting(chromium, town.region) as visitor:
        page = await visitor.go(f"{PUBLIC}?lang=en")
        assert "Frozen semesters" in await page.inner_text("main")
        assert await page.locator("a[href*='on=20']").count() == 1


async def test_without_a_list_the_page_says_that_nothing_can_be_counted(
    chromium: Browser, town: Town
) -> None:
    async with visiting(chromium, town.region) as visitor:
        page = await visitor.go(PUBLIC)
        told = await page.inner_text("main")
        answer = await page.goto(f"{town.region.address}{PUBLIC}?on=2017-12-31")

    assert "Daftar penduduk belum ada" in told
    assert answer is not None
    assert answer.status == 404
