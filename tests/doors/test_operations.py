"""What operations rely on: health that tells the truth, draining, measures, and silent logs."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import structlog

from services.regional.recording.examples import CONTENT_EXAMPLE
from shared.ids import new_id
from shared.signing import SIGNATURE_HEADER, sign_message
from shared.telemetry import logs
from tests.doors.operation_calls import is_problem
from tests.town import END_OTHERS, REGION, Databases, Served, Town, town_of

SOON_SECONDS = 2.0
RECOVERY_SECONDS_MAX = 15
PERSONAL = ("6172025207900003", "CONTOH SINTETIS", "IBU CONTOH", "JALAN CONTOH", "6172020101150007")


@asynccontextmanager
async def _without_database(databases: Databases, url: str) -> AsyncIterator[None]:
    """Take a database away from under a service, and give it back."""
    name = urlsplit(url).path.removeprefix("/")
    connection = await asyncpg.connect(databases.url("postgres").replace("+asyncpg", ""))
    try:
        await connection.execute(END_OTHERS.replace("current_database()", f"'{name}'"))
        while True:
            try:
                await connection.execute(f"ALTER DATABASE {name} RENAME TO {name}_away")
                break
            except asyncpg.ObjectInUseError:
                await connection.execute(END_OTHERS.replace("current_database()", f"'{name}'"))
        yield
    finally:
        await connection.execute(f"ALTER DATABASE {name}_away RENAME TO {name}")
        await connection.close()


async def _readiness(town: Town, served: Served, wanted: int) -> httpx.Response:
    client = town.stranger(served)
    async with asyncio.timeout(RECOVERY_SECONDS_MAX):
        while True:
            answer = await client.get("/readyz?verbose=true")
            if answer.status_code == wanted:
                return answer
            await asyncio.sleep(0.05)


async def test_a_database_that_goes_makes_unready_and_one_that_returns_ready(
    databases: Databases, town: Town
) -> None:
    recording = f"/v1/recordings/{new_id()}"
    client = town.at_region()
    async with _without_database(databases, town.url("regional")):
        unready = await _readiness(town, town.region, 503)
        alive = await client.get("/livez")
        refused = await client.put(recording, json=CONTENT_EXAMPLE)
        measured = await client.get("/metrics")
    await _readiness(town, town.region, 200)
    taken = await client.put(recording, json=CONTENT_EXAMPLE)
    await town.settled()

    assert "[-]postgres failed" in unready.text
    assert "[+]serving ok" in unready.text
    assert alive.status_code == measured.status_code == 200
    assert is_problem(refused, 503, "database-unavailable")
    assert refused.headers["retry-after"].isdigit()
    assert taken.status_code == 202


async def test_a_region_started_without_its_database_serves_and_recovers(
    databases: Databases, town: Town
) -> None:
    await town.region.stop()
    async with _without_database(databases, town.url("regional")):
        await town.start_region()
        await _readiness(town, town.region, 503)
        refused = await town.at_region().get("/v1/queue")
    await _readiness(town, town.region, 200)

    assert is_problem(refused, 503, "database-unavailable")
    assert (await town.at_region().get("/v1/queue")).status_code == 200


async def test_a_region_with_its_line_cut_is_ready_and_records(town: Town) -> None:
    await town.line.cut()
    answer = await town.at_region().put(f"/v1/recordings/{new_id()}", json=CONTENT_EXAMPLE)
    ready = await town.stranger(town.region).get("/readyz")
    await town.line.restore()
    await town.settled()

    assert answer.status_code == 202
    assert ready.status_code == 200


async def test_a_long_poll_is_answered_when_draining_begins(town: Town) -> None:
    path = f"/v1/regions/{REGION}/feed?after=0&limit=10&wait=25"
    client = town.stranger(town.centre)
    key = town.keys.region_key(REGION)
    client.headers[SIGNATURE_HEADER] = sign_message(key, f"GET {path}", b"")
    asking = asyncio.create_task(client.get(path))
    await asyncio.sleep(0.1)
    is_waiting = not asking.done()
    town.centre.draining.begin()
    async with asyncio.timeout(SOON_SECONDS):
        answer = await asking
    unready = await town.stranger(town.centre).get("/readyz?verbose")

    assert is_waiting
    assert answer.status_code == 200
    assert answer.json()["entries"] == []
    assert unready.status_code == 503
    assert "[-]serving failed" in unready.text


async def test_measures_have_the_names_dashboards_use_and_no_ids(town: Town) -> None:
    recording_id = new_id()
    client = town.at_region()
    await client.put(f"/v1/recordings/{recording_id}", json=CONTENT_EXAMPLE)
    await client.get("/v1/recordings/6172025207900003")
    await town.settled()

    text = (await client.get("/metrics")).text

    for name in (
        'tunggal_outbox_items{state="waiting"}',
        "tunggal_outbox_oldest_age_seconds",
        'tunggal_uplink_attempts_total{outcome="heard"}',
        "tunggal_uplink_sent_bytes_total",
        "tunggal_feed_lag_entries",
        "tunggal_line_up",
        "tunggal_uniqueness_check_duration_seconds_count",
        "tunggal_build_info{",
        'http_response_status_code="202",http_route="/v1/recordings/{recording_id}"}',
    ):
        assert name in text, name
    assert str(recording_id) not in text
    assert not any(word in text for word in PERSONAL)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Logs as a service writes them in production, at their loudest."""
    before, level = structlog.get_config(), logging.getLogger().level
    handlers = logging.getLogger().handlers[:]
    logs.set_up("town", "json", "debug")
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    lines = io.StringIO()
    handler.setStream(lines)
    yield lines
    structlog.configure(**before)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


async def test_a_whole_story_leaves_nothing_personal_in_any_log(
    databases: Databases, tmp_path: Path, written: io.StringIO
) -> None:
    async with town_of(databases, tmp_path) as town:
        await _live_through_everything(town, databases)
    said = written.getvalue()
    databases_said = "".join(path.read_text() for path in _log_files(databases))

    events = [json.loads(line) for line in said.splitlines()]
    told = {event["event"] for event in events}
    assert told >= {"uplink.no_answer", "recording.commit_failed"}
    assert all({"ts", "level", "event", "service.name"} <= event.keys() for event in events)
    assert databases_said
    for word in PERSONAL:
        assert word not in said
        assert word not in databases_said


async def _live_through_everything(town: Town, databases: Databases) -> None:
    """Recorded, repeated, refused, cut off, decided, printed, issued; then a lost database."""
    client = town.at_region()
    first, second = new_id(), new_id()
    nik = CONTENT_EXAMPLE["card"]["nik"]
    await town.line.cut()
    await client.put(f"/v1/recordings/{first}", json=CONTENT_EXAMPLE)
    await client.put(f"/v1/recordings/{first}", json={**CONTENT_EXAMPLE, "station": "other"})
    await client.put(f"/v1/recordings/{second}", json=CONTENT_EXAMPLE)
    await client.put(f"/v1/recordings/{second}", json={**CONTENT_EXAMPLE, nik: nik})
    await client.post("/v1/recordings/search", json={"nik": nik})
    await client.get(f"/v1/recordings/{nik}")
    await client.get(f"/{nik}?nik={nik}")
    async with asyncio.timeout(RECOVERY_SECONDS_MAX):
        while (await client.get("/v1/queue")).json()["line"]["state"] != "down":
            await asyncio.sleep(0.05)
    await town.line.restore()
    await town.settled()
    for blank, result in (("B-1", "spoiled"), ("B-2", "printed")):
        listed = (await client.get("/v1/print-authorizations")).json()["items"]
        spend = f"/v1/print-authorizations/{listed[0]['authorization_id']}/spend"
        assert (await client.post(spend, json={"blank_serial": blank})).status_code == 200
        await client.post(f"/v1/cards/{blank}/result", json={"result": result, "cause": None})
        await town.settled()
    assert (await client.post("/v1/cards/B-2/issue")).json()["state"] == "issued"
    csv = f"nik,sex,birth_date,ward,obliged\n{nik},female,1990-07-12,61.72.02.1001,true\n"
    await client.put("/v1/residents", content=csv * 2, headers={"content-type": "text/csv"})
    async with _without_database(databases, town.url("regional")):
        await client.put(f"/v1/recordings/{new_id()}", json=CONTENT_EXAMPLE)
    await _readiness(town, town.region, 200)


def _log_files(databases: Databases) -> list[Path]:
    return sorted((databases.server._placement.cluster / "log").glob("*.log"))
