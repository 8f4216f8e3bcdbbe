"""Sessions at pages: who is let in, for how long, and what a form must prove."""

from datetime import timedelta

import pytest

from services.central.adjudication.page import HOME
from tests.doors.adjudication_world import SESSION_COOKIE, Desk, a_case_path, cookie_of
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


async def test_signing_out_makes_the_browser_forget(desk: Desk, browser: Browser) -> None:
    await browser.sign_in(desk.token("sri"))
    answer = await browser.post("/sign-out", {})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert answer.headers["set-cookie"].startswith(f"{SESSION_COOKIE}=; Path=/; Max-Age=0;")


async def test_a_forged_cookie_and_one_of_another_purpose_open_nothing(
    desk: Desk, browser: Browser
) -> None:
    await browser.sign_in(desk.token("sri"))
    name, _, real = browser.cookie.partition("=")
    head, claims, signature = real.split(".")
    for forged in (
        desk.token("sri"),
        f"{head}.{claims}.{signature[:-4]}AAAA",
        f"{head}.{claims[:-4]}AAAA.{signature}",
        f"{head}.{claims}.",
        "x" * 9_000,
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
