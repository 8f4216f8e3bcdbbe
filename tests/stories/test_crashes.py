"""Databases that crash or stop taking: a receipt is never more than the disk can keep."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from shared.database.embedded import EmbeddedPostgres, remove, start
from tests.fault_rows import Fired
from tests.recordings import content
from tests.stories.core_world import books, drained, record, record_all, until
from tests.town import END_OTHERS, Databases, Town, town_of

# Unlike the other tests' server, this one keeps what a receipt promises.
DURABLE = {"shared_buffers": "64MB", "max_connections": "100"}


@pytest.fixture(scope="module")
def durable_server() -> Iterator[EmbeddedPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="tunggal-tests-"))
    try:
        with start(folder / "postgres", settings=DURABLE) as server:
            yield server
    finally:
        remove(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def durable_databases(durable_server: EmbeddedPostgres) -> Databases:
    return Databases(durable_server)


@pytest.fixture
async def durable_town(durable_databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    async with town_of(durable_databases, tmp_path) as running:
        yield running


async def is_ready(town: Town) -> bool:
    answers = [await town.stranger(one).get("/readyz") for one in (town.region, town.centre)]
    return all(answer.status_code == 200 for answer in answers)


@pytest.mark.fault("D1")
async def test_every_receipt_given_before_a_database_crash_is_kept_after_it(
    durable_town: Town, durable_server: EmbeddedPostgres, fired: Fired
) -> None:
    town, stations = durable_town, 4
    handed_in: list[asyncio.Task[list[UUID]]] = [
        asyncio.create_task(
            record_all(town.at_region(), range(1_000 * n, 1_000 * n + 60), pause_seconds=0.02)
        )
        for n in range(stations)
    ]
    for _ in range(2):
        await asyncio.sleep(0.4)
        assert not any(station.done() for station in handed_in)
        durable_server.crash()
        durable_server.resume()
        fired()

    acknowledged = [one for ids in await asyncio.gather(*handed_in) for one in ids]
    await until(lambda: is_ready(town))
    await drained(town)

    found = await books(town)
    assert sorted(found.recorded) == sorted(acknowledged)
    assert len(acknowledged) == 60 * stations
    assert found.are_equal


@pytest.mark.fault("D5")
async def test_a_region_starts_before_its_database_and_recovers_when_it_comes(
    durable_town: Town, durable_server: EmbeddedPostgres, fired: Fired
) -> None:
    town = durable_town
    await town.region.stop()
    durable_server.crash()
    try:
        await town.start_region()
        unready = await town.stranger(town.region).get("/readyz")
        refused = await record(town.at_region(), 1)
    finally:
        durable_server.resume()
    await until(lambda: is_ready(town))
    recorded = await record_all(town.at_region(), [1])
    await drained(town)

    assert unready.status_code == 503
    assert refused.status_code == 503
    fired()
    found = await books(town)
    assert found.recorded == recorded
    assert found.are_equal


async def make_read_only(databases: Databases, url: str, *, is_read_only: bool) -> None:
    """As after a fail-over to a standby: sessions end, new ones cannot write."""
    name = url.partition("@/")[2].partition("?")[0]
    connection = await asyncpg.connect(databases.url("postgres").replace("+asyncpg", ""))
    try:
        word = "SET default_transaction_read_only = on" if is_read_only else "RESET ALL"
        await connection.execute(f"ALTER DATABASE {name} {word}")
        await connection.execute(END_OTHERS.replace("current_database()", f"'{name}'"))
    finally:
        await connection.close()


@pytest.mark.fault("D4")
async def test_a_read_only_database_refuses_and_never_receipts(
    databases: Databases, town: Town, fired: Fired
) -> None:
    client, kept = town.at_region(), await record_all(town.at_region(), [1])
    await make_read_only(databases, town.url("regional"), is_read_only=True)
    codes = []
    for number in range(2, 12):
        answer = await record(client, number)
        assert answer.status_code in (503, 507), answer.text
        codes.append(answer.json()["code"])
    bulk = await client.post(
        "/v1/recordings", json={"recordings": [{"recording_id": str(kept[0]), **content(1)}]}
    )
    await make_read_only(databases, town.url("regional"), is_read_only=False)

    later = await record_all(client, range(2, 12))
    await drained(town)

    assert codes[-1] == "storage-read-only"
    fired(times=codes.count("storage-read-only"))
    assert bulk.status_code == 200  # its receipt was given before: nothing is written for it
    assert bulk.json()["results"][0]["outcome"] == "repeated"
    found = await books(town)
    assert found.recorded == [*kept, *later]
    assert found.are_equal


@pytest.mark.fault("D4")
async def test_a_read_only_centre_receipts_nothing_and_nothing_is_lost(
    databases: Databases, town: Town, fired: Fired
) -> None:
    await make_read_only(databases, town.url("central"), is_read_only=True)
    client = town.at_region()

    recorded = await record_all(client, range(10))
    await asyncio.sleep(0.5)
    queue = (await client.get("/v1/queue")).json()
    await make_read_only(databases, town.url("central"), is_read_only=False)
    await drained(town)

    assert (queue["waiting"], queue["acknowledged_seq"]) == (10, 0)
    fired()
    found = await books(town)
    assert found.recorded == recorded
    assert found.are_equal
