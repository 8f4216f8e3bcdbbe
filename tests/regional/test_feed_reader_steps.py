"""The feed on the region's side: each page once, with its cursor or not at all."""

import asyncio
from uuid import UUID

import orjson
import pytest
from sqlalchemy import func, select

from services.regional.feed_reader import steps
from services.regional.feed_reader.rules import PageDoesNotFit
from services.regional.printing import store as printing
from services.regional.recording.rules import NikTaken
from services.regional.tables import decision as decision_table
from services.regional.tables import feed_position, held_entry, metadata, print_authorization
from shared.contracts.outcomes import Outcome
from shared.database.engine import Database
from tests.dying import contents, died_at_each_statement
from tests.fault_rows import Fired
from tests.recordings import NOON, an_arrival
from tests.regional.office_world import (
    OFFICE,
    applied_pos,
    apply,
    page,
    permitted,
    signed_for,
    take,
    taken,
)
from tests.regional.pages import RIVAL, decision, fresh_permission
from tests.town import REGION


async def test_a_page_and_its_cursor_are_written_together(database: Database) -> None:
    ready, duplicate = an_arrival(1), an_arrival(2)
    await taken(database, ready, duplicate)
    signed = signed_for(ready)

    position = await apply(
        database,
        page(
            decision(ready.recording_id, signed=signed),
            decision(duplicate.recording_id, Outcome.DUPLICATE_RECORD, seq=2),
        ),
    )

    assert position == await applied_pos(database) == 2
    async with database.begin() as transaction:
        ((pos, first), (_, second)) = [
            (row.pos, row)
            for row in await transaction.execute(
                select(decision_table).order_by(decision_table.c.pos)
            )
        ]
        (permission,) = await transaction.execute(select(print_authorization))
        held = await printing.permission(transaction, signed.authorization_id)
    assert (pos, first.outcome, second.outcome) == (1, "PRINT_READY_RECORD", "DUPLICATE_RECORD")
    assert (second.rival_recording_id, second.rival_region) == (RIVAL.recording_id, RIVAL.region)
    assert (permission.recording_id, permission.jws) == (ready.recording_id, signed.jws)
    assert held is not None
    assert held.expires_at == signed.expires_at


@pytest.mark.fault("N8")
async def test_a_page_comes_twice_and_is_applied_once(database: Database, fired: Fired) -> None:
    one = an_arrival(1)
    await taken(database, one)
    told = page(decision(one.recording_id))
    await apply(database, told)
    before = await contents(database, metadata)

    with pytest.raises(PageDoesNotFit):
        await apply(database, told)
    fired()

    assert await contents(database, metadata) == before


async def test_of_two_readers_with_the_same_page_one_applies_it(database: Database) -> None:
    arrivals = [an_arrival(number) for number in range(10)]
    await taken(database, *arrivals)
    told = page(*(decision(one.recording_id, seq=n) for n, one in enumerate(arrivals, 1)))

    answers = await asyncio.gather(
        *(apply(database, told) for _ in range(4)), return_exceptions=True
    )

    assert [answer for answer in answers if not isinstance(answer, PageDoesNotFit)] == [10]
    async with database.begin() as transaction:
        assert await transaction.scalar(select(func.count()).select_from(decision_table)) == 10


async def test_what_cannot_be_read_is_held_and_nothing_is_printed_for_it(
    database: Database,
) -> None:
    one = an_arrival(1)
    await taken(database, one)
    known = orjson.loads(decision(one.recording_id, signed=signed_for(one)))
    newer = [
        orjson.dumps(known | {"outcome": "PRINT_AT_ONCE"}),
        orjson.dumps(known | {"version": 2}),
        orjson.dumps(known | {"kind": "checkpoint"}),
    ]

    assert await apply(database, page(*newer)) == 3

    async with database.begin() as transaction:
        held = await transaction.execute(select(held_entry).order_by(held_entry.c.pos))
        assert [orjson.loads(row.body) for row in held] == [orjson.loads(body) for body in newer]
        assert await printing.unspent(transaction, 0, 10) == []
        decided = await transaction.scalar(select(func.count()).select_from(decision_table))
    assert decided == 0


async def test_a_held_entry_does_not_keep_its_neighbours_back(database: Database) -> None:
    one, other = an_arrival(1), an_arrival(2)
    await taken(database, one, other)

    await apply(
        database,
        page(
            decision(one.recording_id, signed=signed_for(one)),
            b'{"version":7}',
            decision(other.recording_id, signed=signed_for(other)),
        ),
    )

    async with database.begin() as transaction:
        unspent = await printing.unspent(transaction, 0, 10)
    assert [(pos, held.recording_id) for pos, held in unspent] == [
        (1, one.recording_id),
        (3, other.recording_id),
    ]


@pytest.mark.parametrize("outcome", Outcome)
async def test_only_a_failed_enrolment_frees_the_nik(database: Database, outcome: Outcome) -> None:
    first, again = an_arrival(1), an_arrival(1)
    await taken(database, first)
    await apply(database, page(decision(first.recording_id, outcome)))

    (answer,) = await take(database, [again])

    has_failed = outcome in (
        Outcome.ENROLL_FAILURE_AT_CENTRAL,
        Outcome.ENROLL_FAILURE_AT_REGIONAL,
    )
    assert isinstance(answer, NikTaken) is not has_failed


async def test_a_fresh_permission_stands_beside_the_one_it_replaces(database: Database) -> None:
    one = an_arrival(1)
    first_id = await permitted(database, one)
    fresh = signed_for(one)

    await apply(database, page(fresh_permission(one.recording_id, first_id, fresh), after=1))

    async with database.begin() as transaction:
        held = await printing.permission(transaction, fresh.authorization_id)
    assert held is not None
    assert OFFICE.centre.verify(held.jws, "tunggal-print+jwt").kid == "centre"


async def test_an_older_epoch_is_refused_and_a_newer_one_kept(database: Database) -> None:
    async def epoch() -> int:
        async with database.begin() as transaction:
            return int(await transaction.scalar(select(feed_position.c.epoch)) or 0)

    await apply(database, page(decision(UUID(int=1)), epoch=2))

    with pytest.raises(PageDoesNotFit):
        await apply(database, page(decision(UUID(int=2)), after=1, epoch=1))
    assert await epoch() == 2

    await apply(database, page(after=1, epoch=3))
    assert await epoch() == 3


async def test_a_page_that_dies_anywhere_leaves_nothing_half_applied(database: Database) -> None:
    ready, failed = an_arrival(1), an_arrival(2)
    await taken(database, ready, failed)
    told = page(
        decision(ready.recording_id, signed=signed_for(ready)),
        decision(failed.recording_id, Outcome.ENROLL_FAILURE_AT_CENTRAL),
        b'{"version":9}',
        fresh_permission(ready.recording_id),
    )

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.apply(transaction, REGION, told, NOON),
    )

    assert statements == 6
    assert await applied_pos(database) == 4
