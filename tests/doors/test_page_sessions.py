"""Sessions at pages: who is let in, for how long, and what a form must prove."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.central.adjudication.page import HOME
from services.central.tables import page_session
from shared.roles import Role
from tests.doors.adjudication_world import SESSION_COOKIE, Desk, a_case_path, cookie_of
from tests.doors.hostile_tokens import encoded
from tests.doors.page_browser import Browser, a_vote


async def test_a_token_is_handed_in_once_and_leads_to_where_one_wanted(
    desk: Desk, browser: Browser
) -> None:
    case_id, this, that = await desk.open_case()
    path = a_case_path(case_id)

    answer = await browser.sign_in(desk.token("sri"), wanted=path)
    page = await browser.get(path)

    assert (answer.status_code, answer.headers["location"]) == (303, path)
    flags = answer.headers["set-cookie"].split("; ")[1:]
    assert flags == ["Path=/", "Max-Age=1800", "Secure", "HttpOnly", "SameSite=Strict"]
    assert page.status_code == 200
    for side in (this, that):
        assert side.card.name in page.text
        assert side.card.nik in page.text
    assert await desk.looks(case_id) == [("sri", "case")]


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "/a?b=c", "\\\\x"])
async def test_signing_in_leads_to_no_other_server(
    desk: Desk, browser: Browser, wanted: str
) -> None:
    answer = await browser.sign_in(desk.token("sri"), wanted=wanted)

    assert answer.headers["location"] == HOME


async def test_a_wrong_token_is_told_so_and_is_not_repeated(desk: Desk, browser: Browser) -> None:
    answer = await browser.sign_in("eyJhbGciOiJub25lIn0.e30.")

    assert answer.status_code == 401
    assert "Token tidak berlaku" in answer.text
    assert "eyJhbGci" not in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_session_ends_when_idle_is_prolonged_in_use_and_never_outlives_its_token(
    desk: Desk, browser: Browser
) -> None:
    await browser.sign_in(desk.token("sri", hours=1))
    desk.clock.advance(timedelta(minutes=20))
    prolonged = await browser.get(HOME)
    browser.cookie = cookie_of(prolonged)
    desk.clock.advance(timedelta(minutes=20))
    again = await browser.get(HOME)
    browser.cookie = cookie_of(again)
    at_forty = again.status_code
    desk.clock.advance(timedelta(minutes=20))
    after_its_token = await browser.get(HOME)
    await browser.sign_in(desk.token("sri"))
    desk.clock.advance(timedelta(minutes=30))
    idle = await browser.get(HOME)

    assert (prolonged.status_code, at_forty) == (200, 200)
    assert "Max-Age=1200;" in again.headers["set-cookie"]
    assert after_its_token.status_code == 303
    assert idle.status_code == 303


async def test_a_page_that_renews_itself_keeps_nobody_signed_in(
    desk: Desk, browser: Browser
) -> None:
    await browser.sign_in(desk.token("sri"))
    desk.clock.advance(timedelta(minutes=20))
    headers = {"cookie": browser.cookie, "sec-fetch-dest": "empty"}
    by_itself = await browser.client.get(HOME, headers=headers)
    by_hand = await browser.get(HOME)

    assert (by_itself.status_code, by_hand.status_code) == (200, 200)
    assert "set-cookie" not in by_itself.headers
    assert "set-cookie" in by_hand.headers


async def test_signing_out_ends_the_session_wherever_its_cookie_was_copied(
    desk: Desk, browser: Browser
) -> None:
    await browser.sign_in(desk.token("sri"))
    answer = await browser.post("/sign-out", {})
    again = await browser.get(HOME)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert answer.headers["set-cookie"].startswith(f"{SESSION_COOKIE}=; Path=/; Max-Age=0;")
    assert again.status_code == 303


async def test_a_session_lasts_a_day_at_the_office_however_much_is_done(
    desk: Desk, browser: Browser
) -> None:
    await browser.sign_in(desk.token("sri", hours=12))
    hours = 0
    while (page := await browser.get(HOME)).status_code == 200:
        browser.cookie = cookie_of(page) if "set-cookie" in page.headers else browser.cookie
        desk.clock.advance(timedelta(minutes=20))
        hours += 1 / 3
        assert hours < 12

    assert hours == pytest.approx(9, abs=0.4)


async def test_whoever_leads_sees_who_is_signed_in_and_ends_it_from_outside(
    desk: Desk, browser: Browser
) -> None:
    for _ in range(2):
        await browser.sign_in(desk.token("budi"))
    async with desk.client() as client:
        other = Browser(client)
        await other.sign_in(desk.token("sri"))
        chief = {"authorization": f"Bearer {desk.token('chief', Role.OPERATIONS)}"}
        officer = {"authorization": f"Bearer {desk.token('budi')}"}

        seen = (await client.get("/v1/sessions", headers=chief)).json()["sessions"]
        refused = await client.delete("/v1/officers/budi/sessions", headers=officer)
        ended = await client.delete("/v1/officers/budi/sessions", headers=chief)
        again = await client.delete("/v1/officers/budi/sessions", headers=chief)
        left = (await client.get("/v1/sessions", headers=chief)).json()["sessions"]
        sris = await other.get(HOME)

    assert [one["officer"] for one in seen].count("budi") == 2
    assert refused.status_code == 403
    assert (ended.json(), again.json()) == ({"ended": 2}, {"ended": 0})
    assert "budi" not in [one["officer"] for one in left]
    assert (await browser.get(HOME)).status_code == 303
    assert sris.status_code == 200


async def test_whoever_leads_ends_sessions_with_a_button(desk: Desk, browser: Browser) -> None:
    await browser.sign_in(desk.token("budi"))
    async with desk.client() as client:
        chief = Browser(client)
        await chief.sign_in(desk.token("chief", Role.OPERATIONS), home="/signed-in")
        page = await chief.get("/signed-in")
        ended = await chief.post("/signed-in", {"officer": "budi"})
        unsaid = await chief.post("/signed-in", {})
        after = await chief.get("/signed-in")

    assert 'name="officer" value="budi"' in page.text
    assert (ended.status_code, unsaid.status_code) == (303, 404)
    assert 'value="budi"' not in after.text
    assert 'value="chief"' in after.text
    assert (await browser.get("/signed-in")).status_code == 303


async def test_the_database_holds_nothing_to_sign_in_with(desk: Desk, browser: Browser) -> None:
    await browser.sign_in(desk.token("sri"))
    secret = browser.cookie.partition("=")[2]
    async with desk.database.begin() as transaction:
        rows = (await transaction.execute(select(page_session))).all()

    assert rows
    assert all(secret not in repr(tuple(row)) for row in rows)
    for row in rows:
        browser.cookie = f"{SESSION_COOKIE}={encoded(bytes(row.session_hash))}"
        assert (await browser.get(HOME)).status_code == 303


async def test_a_guessed_cookie_and_one_of_another_purpose_open_nothing(
    desk: Desk, browser: Browser
) -> None:
    await browser.sign_in(desk.token("sri"))
    name, _, real = browser.cookie.partition("=")
    for forged in (
        desk.token("sri"),
        f"{real[:-1]}{'A' if real[-1] != 'A' else 'B'}",
        real[:-1],
        f"{real}A",
        real.swapcase(),
        "x" * 9_000,
        "%00",
    ):
        browser.cookie = f"{name}={forged}"
        assert (await browser.get(HOME)).status_code == 303


async def test_a_cookie_opens_no_operation_of_the_api(desk: Desk, browser: Browser) -> None:
    await browser.sign_in(desk.token("sri"))

    answer = await browser.get("/v1/adjudication/cases")

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": None, "origin": "https://evil.example"},
        {"sec_fetch_site": None, "origin": "null"},
        {"form_key": "guessed"},
        {"form_key": ""},
    ],
)
async def test_a_form_that_is_not_from_our_page_changes_nothing(
    desk: Desk, browser: Browser, changes: dict[str, str | None]
) -> None:
    case_id, this, _ = await desk.open_case()
    await browser.sign_in(desk.token("sri"))
    headers = {name: value for name, value in changes.items() if name != "form_key"}
    fields = {name: value or "" for name, value in changes.items() if name == "form_key"}

    for act, given in (("claim", {}), ("votes", a_vote()), ("release", {})):
        answer = await browser.post(a_case_path(case_id, [act]), {**given, **fields}, **headers)
        assert answer.status_code == 403
        assert "Buka kembali halaman ini" in answer.text
    assert desk.heard_of(this) == []
    assert await desk.looks(case_id) == []
