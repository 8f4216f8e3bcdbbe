"""What the stories of the core ask for: record, wait, and look at both sides of the line."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from services.central import tables as central_tables
from services.regional import tables as regional_tables
from services.regional.central_client.client import CentralClient, CentreKeys
from shared.ids import new_id
from shared.signing import PinnedKeys
from tests.recordings import content
from tests.town import NEIGHBOUR, REGION, Town

PATIENCE_SECONDS = 60.0


async def record(
    client: httpx.AsyncClient, number: int, recording_id: UUID | None = None, **changes: Any
) -> httpx.Response:
    """Hand in the recording of person `number`."""
    recording_id = recording_id or new_id()
    return await client.put(f"/v1/recordings/{recording_id}", json=content(number, **changes))


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await is_so():
            await asyncio.sleep(0.02)


async def record_all(
    client: httpx.AsyncClient, numbers: Iterable[int], pause_seconds: float = 0.0
) -> list[UUID]:
    """As a station does: each person once, asked again under the same id until there is a receipt.

    Gives the ids in the order of their receipts.
    """
    acknowledged = []
    for number in numbers:
        recording_id = new_id()

        async def has_receipt(number: int = number, recording_id: UUID = recording_id) -> bool:
            try:
                answer = await record(client, number, recording_id)
            except httpx.TransportError:
                return False
            assert answer.status_code in (202, 503), answer.text
            return answer.status_code == 202

        await until(has_receipt)
        acknowledged.append(recording_id)
        await asyncio.sleep(pause_seconds)
    return acknowledged


@dataclass(frozen=True)
class Books:
    """What both sides hold of one region."""

    recorded: list[UUID]  # in order of seq
    arrived: list[UUID]
    registered: list[UUID]
    decided: list[UUID]
    permitted: list[UUID]

    @property
    def are_equal(self) -> bool:
        """Each recording once in every book, in one order: nothing lost, nothing doubled."""
        books = (self.arrived, self.decided, self.permitted)
        has_doubles = any(max(Counter(book).values(), default=1) > 1 for book in books)
        return (
            not has_doubles
            and all(book == self.recorded for book in books)
            and sorted(self.registered) == sorted(self.recorded)
        )


async def books(town: Town) -> Books:
    outbox, decision = regional_tables.outbox, regional_tables.decision
    permission = regional_tables.print_authorization
    envelope, registry = central_tables.envelope, central_tables.registry
    async with town.databases["regional"].begin() as transaction:
        recorded = await transaction.scalars(select(outbox.c.envelope_id).order_by(outbox.c.seq))
        decided = await transaction.scalars(
            select(decision.c.recording_id).order_by(decision.c.pos)
        )
        permitted = await transaction.scalars(
            select(permission.c.recording_id).order_by(permission.c.pos)
        )
    async with town.databases["central"].begin() as transaction:
        arrived = await transaction.execute(
            select(envelope.c.seq, envelope.c.envelope_id)
            .where(envelope.c.region_code == REGION)
            .order_by(envelope.c.seq)
        )
        rows = [tuple(row) for row in arrived]
        registered = await transaction.scalars(
            select(registry.c.recording_id).where(registry.c.region_code == REGION)
        )
        registered_ids = list(registered)
    assert [seq for seq, _ in rows] == list(range(1, len(rows) + 1))
    return Books(
        list(recorded),
        [envelope_id for _, envelope_id in rows],
        registered_ids,
        list(decided),
        list(permitted),
    )


@asynccontextmanager
async def neighbour(town: Town, region: str = NEIGHBOUR) -> AsyncIterator[CentralClient]:
    """Another region's way to the same centre, past our line."""
    pinned = PinnedKeys(json.loads(town.keys.centre_jwks.read_text()))
    key = town.keys.region_key(region)
    client = CentralClient(town.centre.address, region, key, CentreKeys(pinned, None))
    try:
        yield client
    finally:
        await client.close()


async def drained(town: Town) -> None:
    """Wait until everything is settled, answered and receipted, then the queue is empty."""
    client = town.at_region()

    async def is_empty() -> bool:
        return bool((await client.get("/v1/queue")).json()["waiting"] == 0)

    await town.settled()
    await until(is_empty)
