"""The checker reads real books: what a town did holds, and one row taken away is found."""

from uuid import UUID

import asyncpg

from services.command.storm.books import check
from services.command.storm.books_sql import RegionSource, read_books
from tests.stories.core_world import drained, record_all
from tests.town import REGION, Town


async def receipts(town: Town, ids: list[UUID]) -> dict[UUID, bytes]:
    connection = await asyncpg.connect(town.url("regional").replace("+asyncpg", ""))
    try:
        rows = await connection.fetch("SELECT recording_id, sha256 FROM recording")
    finally:
        await connection.close()
    told = {row["recording_id"]: row["sha256"] for row in rows}
    return {one: told[one] for one in ids}


async def test_a_town_that_worked_has_books_that_hold(town: Town) -> None:
    ids = await record_all(town.at_region(), range(5))
    await drained(town)
    source = RegionSource(REGION, town.url("regional"), await receipts(town, ids))

    found = check(await read_books(town.url("central"), [source]))

    assert found.holds, found.sentences
    assert found.recordings == 5


async def test_a_row_gone_at_the_centre_is_found(town: Town) -> None:
    ids = await record_all(town.at_region(), range(3))
    await drained(town)
    source = RegionSource(REGION, town.url("regional"), await receipts(town, ids))
    connection = await asyncpg.connect(town.url("central").replace("+asyncpg", ""))
    await connection.execute("DELETE FROM envelope WHERE seq = 2")
    await connection.close()

    found = check(await read_books(town.url("central"), [source]))

    assert found.lost > 0
    assert found.broken["I4"] > 0
