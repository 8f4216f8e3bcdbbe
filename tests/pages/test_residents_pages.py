"""A head of office hands a residents' list in, sees what it changes, and applies it."""

from pathlib import Path

from playwright.async_api import Browser, Page

from shared.roles import Role
from tests.pages_kit import an_officer, needs_chromium, take_picture
from tests.recordings import content, nik
from tests.town import Town

pytestmark = needs_chromium
HOME = "/office/residents"
KB_MAX = 60
WARDS = ("61.72.02.1001", "61.72.01.1003")


def a_list(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(("nik,sex,birth_date,ward,obliged,name", *lines)) + "\n")
    return path


def person(number: int, ward: str = WARDS[0]) -> str:
    return f"{nik(number)},female,1990-07-12,{ward},ya,ORANG {'ABCDEFGHIJ'[number % 10]}"


async def hand_in(page: Page, path: Path) -> None:
    await page.set_input_files("#berkas", path)
    await page.get_by_role("button", name="Baca dan bandingkan").click()
    await page.wait_for_url("**/office/residents/*")
    for _ in range(200):  # without script nothing tells when it is read
        if await page.get_by_text("Sedang dibaca").count() == 0:
            return
        await page.get_by_role("link", name="Muat ulang").click()


async def test_a_list_is_handed_in_previewed_and_applied_without_line_and_script(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    await town.line.cut()
    await town.at_region().put(
        "/v1/recordings/01890a5d-ac96-774b-bcce-b302099a8057", json=content(3)
    )
    first = a_list(tmp_path, "first.csv", *(person(number) for number in range(1, 10)))
    lines = [person(1), person(2, WARDS[1]), person(11), "6,17202E+15,male,1999-01-01,x,ya,X"]
    second = a_list(tmp_path, "second.csv", *lines)

    async with an_officer(chromium, town, HOME, Role.HEAD_OF_OFFICE, script=False) as officer:
        page = officer.page
        await hand_in(page, first)
        await page.get_by_role("button", name="Terapkan daftar ini").click()
        assert "Daftar ini diterapkan" in await page.inner_text("main")
        await page.get_by_role("link", name="Semua daftar").click()
        await hand_in(page, second)

        told = await page.inner_text("main")
        assert "Excel menulis NIK sebagai angka bulat" in told
        assert "1 di antaranya sudah direkam di sini" in told
        assert await page.get_by_label("Tetap tercatat sebagai penduduk").is_checked()
        await page.get_by_label("kecuali yang sudah direkam").check()
        await page.get_by_role("button", name="Terapkan daftar ini").click()
        assert "Daftar ini diterapkan" in await page.inner_text("main")
        file = await (await page.request.get(page.url + "/faults.csv")).text()
        await page.goto(town.region.address + HOME)
        # 1 and 2 stay, 11 came, 3 is recorded; six others went.
        assert "4 orang tercatat tinggal" in await page.inner_text("main")
        assert await page.locator("tbody tr").count() == 2
        assert officer.complaints == []
    assert file.startswith("line,why,wrong,do\n5,nik-scientific,")
    assert "6,17202" not in file


async def test_what_is_wrong_with_an_upload_is_said_before_all_else(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")

    async with an_officer(chromium, town, HOME, Role.HEAD_OF_OFFICE) as officer:
        page = officer.page
        await page.get_by_role("button", name="Baca dan bandingkan").click()
        assert (await page.title()).startswith("Kesalahan: ")
        await page.get_by_role("link", name="Pilih berkas CSV").click()
        assert await page.evaluate("document.activeElement.id") == "berkas"
        await page.set_input_files("#berkas", picture)
        await page.get_by_role("button", name="Baca dan bandingkan").click()
        assert "bukan daftar penduduk" in await page.inner_text("main")
        await page.goto(page.url + "?lang=en")
        assert "Residents' list" in await page.inner_text("h1")


async def test_the_pages_are_light_and_stop_nobody(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    people = [person(number, WARDS[number % 2]) for number in range(1, 40)]
    client = town.at_region(Role.HEAD_OF_OFFICE)
    body = a_list(tmp_path, "first.csv", *people).read_bytes()
    await client.put("/v1/residents", content=body, headers={"content-type": "text/csv"})
    people[7:12] = ["72025207900003,male,1999-01-01,61.72.02.1001,ya,X", person(41)]
    second = a_list(tmp_path, "second.csv", *people)

    async with an_officer(chromium, town, HOME, Role.HEAD_OF_OFFICE) as officer:
        page = officer.page
        await page.set_input_files("#berkas", second)
        await page.get_by_role("button", name="Baca dan bandingkan").click()
        await page.wait_for_selector("text=Terapkan daftar ini")  # the live part says so itself
        await officer.go(page.url.removeprefix(town.region.address))
        await officer.look_over("office-residents-preview", KB_MAX)
        await take_picture(page, "office-residents-preview", tmp_path)
        await officer.go(HOME)
        await officer.look_over("office-residents", KB_MAX)


async def test_only_who_answers_for_the_list_sees_it(chromium: Browser, town: Town) -> None:
    async with an_officer(chromium, town, "/v1/version", Role.OFFICER) as officer:
        answer = await officer.page.goto(town.region.address + HOME)

    assert answer is not None
    assert answer.status == 403
