"""The adjudicator's pages over HTTP: who gets in, what a form must prove, and what is written."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from services.central.adjudication import steps
from services.central.adjudication.page import HOME, ROWS_MAX
from shared.roles import Role
from tests.doors.adjudication_world import Desk, a_case_path, desk_of
from tests.doors.page_browser import POLICY, WORDS, Browser, a_vote
from tests.town import NEIGHBOUR, REGION, Databases, Town

OFFICER_PAGE_BYTES_MAX = 60 * 1024


async def test_two_officers_settle_a_case_by_the_api(desk: Desk) -> None:
    case_id, this, _ = await desk.open_case()
    path = f"/v1/adjudication/cases/{REGION}/{case_id}"
    vote = {**a_vote(), "edition": 1, "rival_recording_id": None}
    async with desk.client("sri") as sri, desk.client("budi") as budi:
        held = await sri.put(f"{path}/claim")
        blocked = await budi.post(f"{path}/votes", json=vote)
        first = await sri.post(f"{path}/votes", json=vote)
        hidden = (await budi.get(path)).json()
        second = await budi.post(f"{path}/votes", json=vote)
        after = (await sri.get(path)).json()
        listed = (await sri.get("/v1/adjudication/cases?state=settled")).json()

    assert held.json()["claimed_by"] == "sri"
    assert (blocked.status_code, blocked.json()["code"]) == (409, "case-claimed")
    assert first.json() == {**second.json(), "state": "second", "verdict": None}
    assert (hidden["may_vote"], hidden["votes"]) == (True, None)
    assert second.json()["verdict"] == "different_people"
    assert {one["officer"] for one in after["votes"]} == {"sri", "budi"}
    assert str(case_id) in {one["case_id"] for one in listed["items"]}
    assert desk.heard_of(this) == [("different_people", None)]
    assert await desk.looks(case_id) == [("budi", "case"), ("sri", "case")]


async def test_the_gauges_tell_of_open_late_and_disputed_cases(
    databases: Databases, tmp_path: Path
) -> None:
    async with desk_of(databases, tmp_path) as desk:
        told = await _measured(desk)

    assert 'tunggal_adjudication_items{state="open"} 2.0' in told
    assert 'tunggal_adjudication_items{state="overdue"} 1.0' in told
    assert 'tunggal_adjudication_items{state="disputed"} 1.0' in told
    assert "tunggal_adjudication_oldest_age_seconds 345600.0" in told


async def _measured(desk: Desk) -> str:
    """After one case became four days old and disputed, beside a fresh one."""
    case_id, _, that = await desk.open_case(1, desk.clock.now() - timedelta(days=4))
    await desk.open_case(3)
    path = f"/v1/adjudication/cases/{REGION}/{case_id}/votes"
    same = {
        **a_vote("same_person", reason="faces_agree"),
        "edition": 1,
        "rival_recording_id": str(that.recording_id),
    }
    async with desk.client("sri") as sri, desk.client("budi") as budi:
        await sri.post(path, json={**a_vote(), "edition": 1, "rival_recording_id": None})
        assert (await budi.post(path, json=same)).json()["state"] == "disputed"
        return (await sri.get("/metrics")).text


async def test_whoever_is_not_signed_in_is_asked_to_and_sees_nothing(
    desk: Desk, browser: Browser
) -> None:
    case_id, this, _ = await desk.open_case()
    for path in (HOME, a_case_path(case_id), a_case_path(case_id, ["faces", str(case_id)])):
        answer = await browser.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/sign-in?next={path}"
        assert this.card.name not in answer.text
    sent = await browser.post(a_case_path(case_id, ["votes"]), a_vote())

    assert sent.status_code == 303
    assert await desk.looks(case_id) == []


async def test_another_role_is_signed_in_and_still_sees_no_case(
    desk: Desk, browser: Browser
) -> None:
    case_id, this, _ = await desk.open_case()
    await browser.sign_in(desk.token("tono", Role.OFFICER, Role.OPERATIONS))

    answer = await browser.get(a_case_path(case_id))

    assert answer.status_code == 403
    assert this.card.name not in answer.text
    assert "Minta bantuan petugas" in answer.text
    assert await desk.looks(case_id) == []


async def test_two_officers_settle_a_case_by_the_page(desk: Desk) -> None:
    case_id, this, that = await desk.open_case()
    same = a_vote(f"same_person:{that.recording_id}", reason="faces_agree")
    async with desk.client() as one, desk.client() as other:
        sri, budi = Browser(one), Browser(other)
        await sri.sign_in(desk.token("sri"))
        await budi.sign_in(desk.token("budi"))
        taken = await sri.post(a_case_path(case_id, ["claim"]), {})
        refused = await budi.post(a_case_path(case_id, ["claim"]), {})
        first = await sri.post(a_case_path(case_id, ["votes"]), same)
        hidden = await budi.get(a_case_path(case_id))
        second = await budi.post(a_case_path(case_id, ["votes"]), same)
        again = await budi.post(a_case_path(case_id, ["votes"]), same)

    assert taken.headers["location"] == a_case_path(case_id)
    assert refused.status_code == 409
    assert "Ambil kasus lain" in refused.text
    assert first.headers["location"] == f"{HOME}?saved=second"
    assert WORDS not in hidden.text
    assert second.headers["location"] == f"{HOME}?saved=settled"
    assert again.status_code == 409
    assert desk.heard_of(this) == [("same_person", that.recording_id)]


@pytest.mark.parametrize(
    ("changes", "fault", "field"),
    [
        ({"verdict": ""}, "Pilih satu putusan.", "putusan-0"),
        ({"verdict": "same_person:nobody"}, "Pilih satu putusan.", "putusan-0"),
        ({"reason": ""}, "Pilih alasan.", "alasan"),
        ({"reason": "faces_agree"}, "Alasan ini tidak cocok", "alasan"),
        ({"words": "ya"}, "Jelaskan dengan 10", "kata"),
        ({"words": "x" * 601}, "Jelaskan dengan 10", "kata"),
        ({"edition": "2"}, "Muat ulang kasus", "kasus"),
        ({"edition": "-"}, "Muat ulang kasus", "kasus"),
    ],
)
async def test_a_form_with_a_fault_comes_back_as_it_was_typed_with_a_link_to_the_fault(
    desk: Desk, browser: Browser, changes: dict[str, str], fault: str, field: str
) -> None:
    case_id, this, _ = await desk.open_case()
    await browser.sign_in(desk.token("sri"))
    await browser.post(a_case_path(case_id, ["claim"]), {})

    answer = await browser.post(a_case_path(case_id, ["votes"]), a_vote(**changes))

    assert answer.status_code in {409, 422}
    assert "<title>Kesalahan: " in answer.text
    assert fault in answer.text
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert changes.get("words", WORDS) in answer.text
    assert desk.heard_of(this) == []


async def test_who_recorded_one_of_them_may_look_and_gets_no_form(
    desk: Desk, browser: Browser
) -> None:
    case_id, _, _ = await desk.open_case()
    await browser.sign_in(desk.token("nova"))

    page = await browser.get(a_case_path(case_id))

    assert "tidak merekam mereka" in page.text
    assert 'name="verdict"' not in page.text
    assert (await browser.post(a_case_path(case_id, ["votes"]), a_vote())).status_code == 403


async def test_faces_are_shown_when_they_have_come_and_each_look_is_written_down(
    desk: Desk, browser: Browser
) -> None:
    case_id, this, that = await desk.open_case()
    await browser.sign_in(desk.token("sri"))
    before = await browser.get(a_case_path(case_id))
    jpeg = b"\xff\xd8\xff\xe0 a face"
    await desk.give_face(REGION, this.recording_id, jpeg)
    await desk.give_face(NEIGHBOUR, that.recording_id, b"\x00\x00\x00\x0cjP  jpeg 2000")

    after = await browser.get(a_case_path(case_id))
    own = await browser.get(_face(case_id, this.recording_id))
    other = await browser.get(_face(case_id, that.recording_id))
    stranger = await browser.get(_face(case_id, case_id))

    assert "Foto wajah belum tiba." in before.text
    assert "Foto wajah belum tiba." not in after.text
    assert (own.content, own.headers["content-type"]) == (jpeg, "image/jpeg")
    assert other.headers["content-type"] == "image/svg+xml"
    assert stranger.status_code == 404
    looks = await desk.looks(case_id)
    assert looks.count(("sri", "face")) >= 2
    assert looks.count(("sri", "case")) == 2


def _face(case_id: UUID, recording_id: UUID) -> str:
    return a_case_path(case_id, ["faces", str(recording_id)])


async def test_what_is_not_there_is_a_page_that_says_so(desk: Desk, browser: Browser) -> None:
    await browser.sign_in(desk.token("sri"))
    for path in (f"{HOME}/cases/{REGION}/{UUID(int=7)}", f"{HOME}/cases/nowhere/x"):
        answer = await browser.get(path)

        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert "Periksa nomor atau alamatnya." in answer.text


async def test_pages_are_light_and_run_nothing_from_anywhere(
    databases: Databases, tmp_path: Path
) -> None:
    """With as many candidates, and as many cases, as a page may ever show."""
    async with desk_of(databases, tmp_path) as desk, desk.client() as client:
        browser = Browser(client)
        case_id, *_ = await desk.open_case(candidates=steps.CANDIDATES_MAX)
        await desk.open_bare_cases(ROWS_MAX)
        pages = [await browser.get("/sign-in")]
        await browser.sign_in(desk.token("sri"))
        await browser.post(a_case_path(case_id, ["claim"]), {})
        last = a_case_path(case_id) + f"?first={steps.CANDIDATES_MAX - 3}"
        pages += [await browser.get(path) for path in (HOME, a_case_path(case_id), last)]
        style = await browser.get("/pages/tunggal.css")

    assert len(style.content) < 8 * 1024
    for page in pages:
        assert page.status_code == 200
        assert len(page.content) + len(style.content) < OFFICER_PAGE_BYTES_MAX
        assert page.headers["content-security-policy"] == POLICY
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"<script|<style| style=|\son\w+=|https?://", page.text)
        assert '<html lang="id">' in page.text
    assert "50 yang terlama" in pages[1].text
    assert [text.count('<h2 id="kandidat-') for text in (pages[2].text, pages[3].text)] == [4, 4]
    assert pages[2].text.count('value="same_person:') == steps.CANDIDATES_MAX


async def test_a_withdrawn_case_says_so(desk: Desk, browser: Browser) -> None:
    case_id, this, _ = await desk.open_case()
    async with desk.database.begin() as transaction:
        await steps.withdraw(transaction, {(REGION, this.recording_id)}, desk.clock.now())
    await browser.sign_in(desk.token("sri"))

    for path in (f"{HOME}?show=settled", a_case_path(case_id)):
        assert "tidak ada lagi yang diputuskan" in (await browser.get(path)).text


async def test_the_centre_itself_serves_these_pages(standing_town: Town) -> None:
    async with httpx.AsyncClient(base_url=standing_town.centre.address, trust_env=False) as client:
        browser = Browser(client)
        asked = await browser.get(HOME)
        await browser.sign_in(standing_town.token(Role.ADJUDICATOR, region=None))
        page = await browser.get(HOME)

    assert asked.headers["location"] == f"/sign-in?next={HOME}"
    assert page.status_code == 200
    assert "Kasus yang menunggu" in page.text
