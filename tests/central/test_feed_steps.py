"""The feed on a real database: gapless positions, and a reader by cursor who misses nothing."""

import asyncio

from services.central.journey import steps
from services.central.journey.entries import NewEntry
from services.central.tables import metadata
from shared.database.engine import Database
from shared.ids import new_id
from tests.central.centre_world import REGIONS
from tests.dying import died_at_each_statement
from tests.recordings import NOON
from tests.town import REGION

PUBLISHERS = 8
ROUNDS = 12


def entries_of(publisher: int, round_: int, count: int) -> list[NewEntry]:
    return [
        NewEntry("decision", new_id(), None, b"%d/%d/%d" % (publisher, round_, nth))
        for nth in range(count)
    ]


async def test_positions_are_gapless_and_no_reader_misses_one_while_eight_publish(
    database: Database,
) -> None:
    """Real concurrency: transactions stay open across awaits and commit in any order."""
    are_publishing = True

    async def publisher(number: int) -> None:
        for round_ in range(ROUNDS):
            region = REGIONS[(number + round_) % len(REGIONS)]
            async with database.begin() as transaction:
                await steps.last_pos(transaction, region)  # as a settler reads before it writes
                await asyncio.sleep(0)
                fresh = entries_of(number, round_, 1 + (number + round_) % 3)
                await steps.publish(transaction, region, fresh, NOON)
                await asyncio.sleep(0.001 * (number % 3))

    async def reader(region: str) -> list[tuple[int, bytes]]:
        read: list[tuple[int, bytes]] = []
        while True:
            is_last_look = not are_publishing
            async with database.begin() as transaction:
                after = read[-1][0] if read else 0
                page = await steps.page_after(transaction, region, after, 4)
            assert [pos for pos, _ in page] == list(range(after + 1, after + 1 + len(page)))
            read += page
            if not page and is_last_look:
                return read
            await asyncio.sleep(0)

    readers = [asyncio.create_task(reader(region)) for region in REGIONS]
    await asyncio.gather(*(publisher(number) for number in range(PUBLISHERS)))
    are_publishing = False
    read = dict(zip(REGIONS, await asyncio.gather(*readers), strict=True))

    written = [body for region in REGIONS for _, body in read[region]]
    expected = [
        entry.body
        for number in range(PUBLISHERS)
        for round_ in range(ROUNDS)
        for entry in entries_of(number, round_, 1 + (number + round_) % 3)
    ]
    assert sorted(written) == sorted(expected)
    async with database.begin() as transaction:
        for region in REGIONS:
            assert await steps.last_pos(transaction, region) == len(read[region])


async def test_a_page_holds_the_oldest_entries_after_the_cursor(database: Database) -> None:
    fresh = entries_of(0, 0, 5)
    async with database.begin() as transaction:
        assert await steps.publish(transaction, REGION, fresh, NOON) == 5

    async with database.begin() as transaction:
        page = await steps.page_after(transaction, REGION, 1, 3)
        beyond = await steps.page_after(transaction, REGION, 5, 3)

    assert page == [(pos, fresh[pos - 1].body) for pos in (2, 3, 4)]
    assert beyond == []


async def test_a_publisher_that_dies_leaves_no_hole(database: Database) -> None:
    first, second = entries_of(0, 0, 2), entries_of(0, 1, 2)
    async with database.begin() as transaction:
        await steps.publish(transaction, REGION, first, NOON)

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.publish(transaction, REGION, second, NOON),
    )

    assert statements == 2
    async with database.begin() as transaction:
        page = await steps.page_after(transaction, REGION, 0, 10)
    assert page == list(enumerate([one.body for one in (*first, *second)], 1))


async def test_an_unknown_region_has_an_empty_feed(database: Database) -> None:
    async with database.begin() as transaction:
        assert await steps.last_pos(transaction, "99.99") == 0
        assert await steps.page_after(transaction, "99.99", 0, 10) == []
