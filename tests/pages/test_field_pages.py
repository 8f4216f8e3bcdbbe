"""The schedule for everybody and for officers, and home visits from the wish to the recording."""

import json
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Browser

from shared.clock import SystemClock
from shared.contracts.field_batch import MEDIA_TYPE, seal
from shared.contracts.recording import canonical_bytes
from shared.ids import new_id
from shared.roles import Role
from shared.signing import new_key
from shared.zones import zone_of
from tests.outreach import Lives, list_residents
from tests.pages_kit import PHONE_WIDTH, an_officer, needs_chromium, take_picture, visiting
from tests.recordings import a_recording, content
from tests.town import Town

pytestmark = needs_chromium
OFFICE = "/office/field"
VISITS, BATCHES = f"{OFFICE}/visits", f"{OFFICE}/batches"
CITIZEN_KB_MAX, OFFICER_KB_MAX = 14, 60


def day_ahead(days: int) -> str:
    return (
        SystemClock().now().astimezone(zone_of("WIB")).date() + timedelta(days=days)
    ).isoformat()


async def plan(town: Town, place: str, days: int, kind: str = "school") -> None:
    body = {
        "kind": kind,
        "place": place,
        "ward": "61.72.02.1001",
        "starts_at": f"{day_ahead(days)}T08:00:00+07:00",
        "minutes": 240,
        "expected_people": 150,
        "team": "tim-1",
    }
    answer = await town.at_region().put(f"/v1/field-sessions/{new_id()}", json=body)
    assert answer.status_code == 200


async def test_what_an_officer_plans_everybody_sees_until_it_is_cancelled(
    chromium: Browser, town: Town
) -> None:
    await town.line.cut()

    async with an_officer(chromium, town, OFFICE, Role.OFFICER, script=False) as officer:
        page = officer.page
        await page.fill("#place", "SMA Contoh 1")
        await page.get_by_role("button", name="Tambahkan ke jadwal").click()
        assert (await page.title()).startswith("Kesalahan: ")
        assert await page.input_value("#place") == "SMA Contoh 1"

        await page.select_option("#kind", "school")
        await page.select_option("#ward", label="Pasiran")
        await page.fill("#day", day_ahead(3))
        await page.fill("#begins", "08:00")
        await page.fill("#ends", "12:30")
        await page.fill("#people", "150")
        await page.fill("#team", "tim-1")
        await page.get_by_role("button", name="Tambahkan ke jadwal").click()
        assert "SMA Contoh 1" in await page.inner_text("main")

        async with visiting(chromium, town.region, script=False) as citizen:
            told = await (await citizen.go("/field")).inner_text("main")
            assert "SMA Contoh 1, Pasiran: 08.00\N{EN DASH}12.30 WIB" in told
            assert "tim-1" not in told
            await page.get_by_role("button", name="Batalkan: SMA Contoh 1").click()
            assert "Dibatalkan" in await page.inner_text("main")
            assert "SMA Contoh 1" not in await (await citizen.go("/field")).inner_text("main")


async def test_a_blocked_person_is_visited_put_off_and_recorded(
    chromium: Browser, town: Town
) -> None:
    database = town.databases["regional"]
    await list_residents(database, [Lives(3, residency="blocked"), Lives(4, residency="dead")])
    recording_id, of_person = new_id(), content(3, card={"nik": f"{Lives(3).nik}"})

    async with an_officer(chromium, town, VISITS, Role.OFFICER, script=False) as officer:
        page = officer.page
        await page.fill("#nik", "6172 0252 0790 0004")
        await page.get_by_role("button", name="Periksa saja").click()
        assert "Tercatat meninggal" in await page.inner_text("section")
        await page.fill("#nik", f"{Lives(3).nik}")
        await page.select_option("#condition", "elderly")
        await page.select_option("#asked_by", "family")
        await page.get_by_role("button", name="Periksa saja").click()
        assert "perekaman mengaktifkannya kembali" in await page.inner_text("section")
        await page.get_by_role("button", name="Periksa dan catat permintaan").click()
        assert "Menunggu persetujuan" in await page.inner_text("dl")

        await page.fill("#visit_on", day_ahead(-1))
        await page.fill("#team", "tim-1")
        await page.get_by_role("button", name="Jadwalkan").click()
        assert (await page.title()).startswith("Kesalahan: ")
        await page.fill("#visit_on", day_ahead(1))
        await page.get_by_role("button", name="Jadwalkan").click()
        await page.select_option("#why", "too_ill")
        await page.fill("#again_on", day_ahead(2))
        await page.get_by_role("button", name="Catat dan coba lagi").click()
        assert "Terlalu sakit hari itu" in await page.inner_text("ol")

        answer = await town.at_region().put(f"/v1/recordings/{recording_id}", json=of_person)
        assert answer.status_code == 202
        await page.fill("#recording", str(recording_id))
        await page.get_by_role("button", name="Catat sudah direkam").click()
        assert "Sudah direkam" in await page.inner_text("dl")
        assert await page.locator("ol li").count() == 4
        await page.get_by_role("link", name="Semua kunjungan rumah").click()
        await page.fill("#nik", f"{Lives(3).nik}")
        await page.get_by_role("button", name="Periksa saja").click()
        assert "jangan merekam ulang" in await page.inner_text("section")


async def test_a_head_enrols_a_station_and_an_officer_reads_what_its_team_brought(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    await town.line.cut()
    key, batch_id = new_key(str(new_id())), new_id()
    public = {"station": "kecamatan-1", "kty": "OKP", "crv": "Ed25519", "x": key.public_jwk["x"]}

    async with an_officer(chromium, town, BATCHES, Role.HEAD_OF_OFFICE, script=False) as head:
        await head.page.fill("#key", "kecamatan-1")
        await head.page.get_by_role("button", name="Daftarkan").click()
        assert (await head.page.title()).startswith("Kesalahan: ")
        await head.page.fill("#key", json.dumps({"key_id": key.kid, "key": public}))
        await head.page.get_by_role("button", name="Daftarkan").click()
        assert "Berlaku" in await head.page.inner_text("main")

    recordings = [a_recording(number, station="kecamatan-1", place="field") for number in (3, 3, 4)]
    bodies = [(one.recording_id, canonical_bytes(one.recording_id, one)) for one in recordings]
    content = seal(key, batch_id, "kecamatan-1", SystemClock().now(), bodies)
    answer = await town.at_region(Role.OFFICER).put(
        f"/v1/field-batches/{batch_id}", content=content, headers={"content-type": MEDIA_TYPE}
    )
    assert answer.status_code == 200
    async with an_officer(chromium, town, BATCHES, Role.OFFICER) as officer:
        page = officer.page
        assert await page.locator("#key").count() == 0
        await officer.go(BATCHES)
        await officer.look_over("office-field-batches", OFFICER_KB_MAX)
        await officer.go(f"{BATCHES}/{batch_id}")
        told = await page.inner_text("main")
        assert "nik-already-recorded" in told
        assert "Direkam sebelum kunci stasiun didaftarkan: 3" in told
        assert "Iris kiri" in told
        await officer.look_over("office-field-batch", OFFICER_KB_MAX)
        await take_picture(page, "field-batch", tmp_path)


async def test_the_pages_are_light_and_stop_nobody(
    chromium: Browser, town: Town, tmp_path: Path
) -> None:
    await plan(town, "SMA Contoh 1", 0)
    await plan(town, "Pasar Contoh", 2, "market")
    await list_residents(town.databases["regional"], [Lives(3), Lives(4, residency="blocked")])
    client = town.at_region()
    for number in (3, 4):
        wish = {"condition": "elderly", "asked_by": "family", "asked_on": day_ahead(-1)}
        visit_id = new_id()
        path = f"/v1/home-visits/{visit_id}"
        await client.put(path, json={"nik": f"{Lives(number).nik}", **wish})
    planned = await client.put(f"{path}/plan", json={"visit_on": day_ahead(1), "team": "tim-1"})
    assert planned.status_code == 200

    async with visiting(chromium, town.region, width=PHONE_WIDTH) as citizen:
        await citizen.go("/field")
        await citizen.look_over("field", CITIZEN_KB_MAX)
        await take_picture(citizen.page, "field-public", tmp_path, PHONE_WIDTH)
    async with an_officer(chromium, town, OFFICE, Role.OFFICER) as officer:
        await officer.go(OFFICE)
        await officer.look_over("office-field", OFFICER_KB_MAX)
        await take_picture(officer.page, "field-schedule", tmp_path)
        await officer.go(VISITS)
        await officer.look_over("office-field-visits", OFFICER_KB_MAX)
        await take_picture(officer.page, "field-visits", tmp_path)
        await officer.go(f"{VISITS}/{visit_id}?lang=en")
        await officer.look_over("office-field-visit", OFFICER_KB_MAX)
        assert "One home visit" in await officer.page.inner_text("h1")
