"""What tests of the centre's steps say often."""

from typing import Any

import orjson
from sqlalchemy import select

from services.central import epochs
from services.central.feed.loop import NewEntries
from services.central.intake import steps as intake
from services.central.intake.rules import Differs, Gap
from services.central.intake.steps import Accepted
from services.central.journey import steps as journey
from services.central.penunggalan.checks import NIK_ALONE, Uniqueness
from services.central.print_authorization.rules import Permitter
from services.central.tables import feed, feed_head, metadata, registry
from services.central.worker import Settler
from shared.clock import ManualClock
from shared.contracts.envelopes import ReceivedBatch
from shared.contracts.feed import Decision, KnownEntry, UnknownEntry, page_bytes, read_page
from shared.database.engine import Database
from tests.recordings import NOON, nik
from tests.town import NEIGHBOUR, REGION

THIRD = "61.01"
REGIONS = (REGION, NEIGHBOUR, THIRD)


def a_settler(
    database: Database, permitter: Permitter, uniqueness: Uniqueness = NIK_ALONE
) -> Settler:
    return Settler(database, permitter, ManualClock(NOON), NewEntries(), uniqueness)


async def take(database: Database, region: str, batch: ReceivedBatch) -> Accepted | Gap | Differs:
    return await database.repeat(lambda transaction: intake.take(transaction, region, batch, NOON))


async def settle_all(settler: Settler) -> int:
    settled = 0
    while count := await settler.round():
        settled += count
    return settled


async def told(database: Database, region: str) -> list[KnownEntry]:
    """A region's whole feed, read as the region reads it; it must have no hole."""
    async with database.begin() as transaction:
        rows = await transaction.execute(
            select(feed.c.pos, feed.c.body).where(feed.c.region_code == region).order_by(feed.c.pos)
        )
        entries = [(int(row.pos), bytes(row.body)) for row in rows]
        head_pos = await transaction.scalar(
            select(feed_head.c.last_pos).where(feed_head.c.region_code == region)
        )
    assert [pos for pos, _ in entries] == list(range(1, len(entries) + 1))
    assert head_pos == len(entries)
    page = read_page(page_bytes(region, 1, 0, len(entries), entries))
    found: list[KnownEntry] = []
    for item in page.entries:
        assert not isinstance(item.entry, UnknownEntry), orjson.dumps(str(item.pos))
        found.append(item.entry)
    return found


async def decisions(database: Database, region: str) -> list[Decision]:
    return [one for one in await told(database, region) if isinstance(one, Decision)]


async def live(database: Database, number: int) -> Any:
    """The registry's row of person `number`."""
    async with database.begin() as transaction:
        rows = await transaction.execute(select(registry).where(registry.c.nik == int(nik(number))))
        return rows.one_or_none()


async def raise_epoch(database: Database) -> None:
    async with database.begin() as transaction:
        await epochs.raise_to(transaction, 1, "SITI", "restored from a backup", NOON)


async def feed_of(database: Database, after: int = 0) -> bytes:
    """The region's feed as one page, as the centre signs it."""
    async with database.begin() as transaction:
        entries = await journey.page_after(transaction, REGION, after, 100)
        head_pos = await journey.last_pos(transaction, REGION)
    return page_bytes(REGION, 1, after, head_pos, entries)


async def copy(centre: Database, backup: Database) -> None:
    """All that a centre holds, as a backup brings it back."""
    for table in metadata.sorted_tables:
        async with centre.begin() as transaction:
            rows = [dict(row._mapping) for row in await transaction.execute(select(table))]
        async with backup.begin() as transaction:
            await transaction.execute(table.delete())
            if rows:
                await transaction.execute(table.insert(), rows)
