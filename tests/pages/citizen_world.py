"""An office with a past: recordings of weeks, cards printed and handed over, one team come late."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from services.regional.citizen.loop import Learner
from tests.recordings import content
from tests.stories.core_world import record_all
from tests.town import Databases, Town, town_of

PEOPLE = 40
# Each recording happened so many minutes before the next; every tenth was captured a day earlier.
AGED = (
    "UPDATE outbox SET written_at = written_at - interval '47 min' * (70 - seq)",
    """UPDATE recording SET recorded_at = recorded_at - interval '47 min' * (70 - seq),
    captured_at = now() - interval '47 min' * (70 - seq)
    - CASE WHEN seq % 10 = 0 THEN interval '1 day' ELSE interval '1 min' END""",
    """UPDATE uplink_batch
    SET acknowledged_at = acknowledged_at - interval '44 min' * (70 - last_seq)""",
    """UPDATE decision SET applied_at = now() - interval '31 min' * (42 - pos),
    decided_at = now() - interval '31 min' * (42 - pos)""",
    "UPDATE print_authorization SET issued_at = now() - interval '31 min' * (42 - pos)",
    """INSERT INTO card (authorization_id, blank_serial, recording_id, state, officer, intended_at,
    printed_at, issued_at) SELECT authorization_id, 'BLK-' || pos, recording_id, 'issued', 'p-1',
    issued_at + interval '9 min' * (37 - pos), issued_at + interval '9 min' * (37 - pos),
    issued_at + interval '9 min' * (37 - pos) + interval '3 min' * (pos % 7 + 1)
    FROM print_authorization WHERE pos <= 36""",
    """INSERT INTO print_exception (authorization_id, recording_id, reason, words, officer, made_at)
    SELECT authorization_id, recording_id, 'medical', 'Berangkat berobat', 'kepala-1', now()
    FROM print_authorization WHERE pos = 25""",
)


@dataclass(frozen=True)
class Office:
    """recorded: by the place in the queue; the last was recorded with the line cut."""

    town: Town
    recorded: list[UUID]
    waiting: UUID


@asynccontextmanager
async def office_of(databases: Databases, folder: Path) -> AsyncIterator[Office]:
    has_past, has_learnt = asyncio.Event(), asyncio.Event()
    learn = Learner.learn

    async def learn_of_the_past(self: Learner) -> object:
        await has_past.wait()
        found = await learn(self)
        has_learnt.set()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "learn", learn_of_the_past)
        async with town_of(databases, folder) as town:
            desk = town.at_region()
            recorded = await record_all(desk, range(3, 3 + PEOPLE))
            await town.settled()
            async with town.databases["regional"].begin() as transaction:
                for statement in AGED:
                    await transaction.execute(text(statement))
            await town.line.cut()
            (waiting,) = await record_all(desk, [100])
            has_past.set()
            await has_learnt.wait()
            yield Office(town, recorded, waiting)


def birth_date(number: int = 3) -> tuple[str, str, str]:
    year, month, day = str(content(number)["card"]["birth_date"]).split("-")
    return day, month, year
