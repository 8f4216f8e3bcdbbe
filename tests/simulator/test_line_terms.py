"""Toxics that begin late and end by themselves, seeds of one's own, and the timeline."""

import asyncio
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_world import ask, calling, control, line_to_echo, toxic

from services.simulator.link import ATTRIBUTES, Toxic, ToxicRefused
from services.simulator.mounts import EVENTS_KEPT, LineEvent, Mounts
from services.simulator.settings import LineSettings
from services.simulator.weather import KBIT_128, Outlook, forecast

PAGE = Path(__file__).resolve().parents[2] / "docs" / "LINE.md"
WINDOW = Toxic(
    "blackhole", "upstream", name="window", starts_after_seconds=5, expires_after_seconds=8
)


@pytest.mark.rules
@pytest.mark.parametrize(
    ("now", "is_on", "is_there"),
    [(0, False, True), (4.9, False, True), (5, True, True), (7.9, True, True), (8, False, False)],
)
def test_a_toxic_bites_within_its_window_and_is_gone_after_it(
    now: float, is_on: bool, is_there: bool
) -> None:
    mounts = Mounts()
    mounts.mount([WINDOW], 0.0)

    assert bool(list(mounts.biting(now))) is is_on
    assert bool(mounts.toxics(now)) is is_there


@pytest.mark.rules
def test_what_is_left_of_a_term_is_told_and_mounting_another_does_not_restart_it() -> None:
    mounts = Mounts()
    mounts.mount([WINDOW], 0.0)
    mounts.mount([*mounts.toxics(4.0), toxic("latency")], 4.0)

    (seen,) = (one for one in mounts.toxics(6.0) if one.name == "window")
    assert (seen.starts_after_seconds, seen.expires_after_seconds) == (0.0, 2.0)
    assert [fitting.toxic.name for fitting in mounts.biting(9.0)] == ["latency_downstream"]


@pytest.mark.rules
def test_what_happened_and_what_is_coming_are_told_in_order() -> None:
    mounts = Mounts()
    mounts.mount([WINDOW], 0.0)
    assert mounts.coming(1.0) == [
        LineEvent(5.0, "begun", "window"),
        LineEvent(8.0, "expired", "window"),
    ]

    mounts.keep_terms(6.0)
    mounts.keep_terms(9.0)
    mounts.mount([toxic("latency", latency=1)], 10.0)
    mounts.mount([toxic("latency", latency=2)], 11.0)
    mounts.mount([], 12.0)

    assert mounts.coming(12.0) == []
    assert [(event.at, event.what, event.name) for event in mounts.events] == [
        (0.0, "mounted", "window"),
        (5.0, "begun", "window"),
        (8.0, "expired", "window"),
        (10.0, "mounted", "latency_downstream"),
        (11.0, "changed", "latency_downstream"),
        (12.0, "lifted", "latency_downstream"),
    ]


@pytest.mark.rules
def test_the_past_is_kept_up_to_a_limit() -> None:
    mounts = Mounts()
    for moment in range(EVENTS_KEPT + 10):
        mounts.tell(float(moment), "cut")

    assert len(mounts.events) == EVENTS_KEPT
    assert mounts.events[0].at == 10.0


@pytest.mark.rules
@pytest.mark.parametrize(("starts", "expires"), [(5, 5), (5, 4), (-1, None), (0, 0)])
def test_a_term_that_ends_before_it_begins_is_refused(starts: float, expires: float | None) -> None:
    with pytest.raises(ToxicRefused, match="expire later"):
        Toxic("down", starts_after_seconds=starts, expires_after_seconds=expires)


@pytest.mark.rules
@given(data=st.data(), seed=st.integers(0, 1000))
def test_looking_ahead_changes_nothing_for_whoever_obeys(data: st.DataObject, seed: int) -> None:
    outlook = Outlook(forecast(seed, KBIT_128))
    obeyed = []
    for _ in range(10):
        until = data.draw(st.floats(0, 1e6))
        assert all(spell.starts_at_seconds <= until for spell in outlook.until(until))
        obeyed.append(next(outlook))

    assert obeyed == list(islice(forecast(seed, KBIT_128), 10))


async def test_an_outage_begins_later_and_ends_by_itself() -> None:
    cut = Toxic("down", name="cut", starts_after_seconds=0.05, expires_after_seconds=0.25)
    async with line_to_echo() as (line, _), calling(line) as (reader, writer):
        await line.apply([cut])
        assert await ask((reader, writer), b"not yet") == b"not yet"

        async with asyncio.timeout(5):
            with pytest.raises(ConnectionResetError):
                await reader.read(1)
            while not line.is_up:
                await asyncio.sleep(0.01)

        assert line.toxics == []
        assert [event.what for event in line.past] == ["mounted", "begun", "expired"]
        assert line.fired == {"cut": 1}
        async with calling(line) as streams:
            assert await ask(streams, b"up again") == b"up again"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with control(LineSettings(seed=5)) as client:
        yield client


async def test_terms_and_seeds_are_taken_and_shown_and_otherwise_absent(
    client: httpx.AsyncClient,
) -> None:
    made = await client.post(
        "/proxies",
        json={
            "name": "a",
            "upstream": "127.0.0.1:9",
            "seed": 7,
            "toxics": [
                {"type": "latency"},
                {"type": "down", "starts_after_seconds": 50, "expires_after_seconds": 100},
            ],
        },
    )

    assert made.status_code == 201
    assert made.json()["seed"] == 7
    plain, termed = made.json()["toxics"]
    assert set(plain) == {"attributes", "name", "type", "stream", "toxicity"}
    assert 40 < termed["starts_after_seconds"] <= 50
    assert 90 < termed["expires_after_seconds"] <= 100
    refused = await client.post(
        "/proxies/a/toxics", json={"type": "timeout", "expires_after_seconds": 0}
    )
    assert refused.status_code == 400


async def test_the_timeline_tells_past_and_coming(client: httpx.AsyncClient) -> None:
    await client.post("/proxies", json={"name": "a", "upstream": "127.0.0.1:9"})
    await client.post("/proxies/a/toxics", json={"type": "latency", "expires_after_seconds": 900})
    await client.post("/proxies/a", json={"enabled": False})
    await client.post(
        "/v1/line/weather", json={"proxy": "a", "profile": "kbit_128", "seed": 7, "speed": 60}
    )

    told = (await client.get("/v1/line/timeline?proxy=a&ahead_seconds=3600")).json()
    again = (await client.get("/v1/line/timeline?proxy=a&ahead_seconds=3600")).json()

    assert [event["what"] for event in told["past"]][-3:] == ["mounted", "cut", "weather"]
    assert "expired" in {event["what"] for event in told["coming"]}
    moments = [event["at_seconds"] for event in told["coming"]]
    assert moments == sorted(moments)
    assert all(told["now_seconds"] < at <= told["now_seconds"] + 3601 for at in moments)
    expected = [
        spell
        for spell in islice(forecast(7, KBIT_128), 1, 200)
        if spell.starts_at_seconds <= 3500 * 60
    ]
    skies = [event["name"] for event in told["coming"] if event["what"] == "weather"]
    assert skies[: len(expected)] == [spell.state for spell in expected]
    assert [e["name"] for e in again["coming"]][:5] == [e["name"] for e in told["coming"]][:5]
    assert (await client.get("/v1/line/timeline?proxy=b")).status_code == 404


@pytest.mark.rules
def test_the_page_of_the_line_names_every_toxic_and_attribute() -> None:
    rows = [row for row in PAGE.read_text().splitlines() if row.startswith("| `")]

    for kind, attributes in ATTRIBUTES.items():
        (row,) = (row for row in rows if row.startswith(f"| `{kind}`"))
        assert all(f"`{name}`" in row for name in attributes)
