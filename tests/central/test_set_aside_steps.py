"""Envelopes that cannot be settled, on a real database whose constraints refuse them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from services.central.intake.rules import KNOWN_VERSIONS
from services.central.print_authorization.rules import Permitter
from services.central.set_aside import steps, store
from services.central.tables import envelope, settled_head
from services.central.worker import Settler
from shared.contracts.envelopes import EnvelopeKind
from shared.contracts.outcomes import Outcome
from shared.database.engine import Database
from shared.refusals import NotFound
from tests.central.centre_world import a_settler, decisions, live, settle_all, take
from tests.recordings import (
    NOON,
    a_recording,
    batch_of,
    nik,
    received,
    recording_envelope,
)
from tests.recordings import (
    envelope as an_envelope,
)
from tests.town import NEIGHBOUR, REGION

ROUNDS_MAX = 100


@asynccontextmanager
async def refusing(database: Database, number: int) -> AsyncIterator[None]:
    """The database does not take person `number` while this lasts."""
    async with database.begin() as transaction:
        await transaction.execute(
            text(f"ALTER TABLE registry ADD CONSTRAINT poison CHECK (nik <> {nik(number)})")
        )
    try:
        yield
    finally:
        async with database.begin() as transaction:
            await transaction.execute(text("ALTER TABLE registry DROP CONSTRAINT poison"))


async def settled_seq(database: Database, region: str) -> int:
    async with database.begin() as transaction:
        found = await transaction.scalar(
            select(settled_head.c.settled_seq).where(settled_head.c.region_code == region)
        )
    return int(found or 0)


async def settle_to(settler: Settler, region: str, seq: int) -> None:
    for _ in range(ROUNDS_MAX):
        if await settled_seq(settler.database, region) >= seq:
            return
        await settler.round()
    raise AssertionError("never settled")


async def aside(database: Database) -> list[Any]:
    async with database.begin() as transaction:
        return await store.listed(transaction)


async def order(database: Database, seq: int) -> None:
    async with database.begin() as transaction:
        await steps.order(transaction, REGION, seq, KNOWN_VERSIONS, NOON)


async def test_an_envelope_that_cannot_be_settled_keeps_its_place_and_stops_nobody(
    database: Database, permitter: Permitter
) -> None:
    people = [a_recording(number) for number in range(1, 41)]
    await take(database, REGION, batch_of(REGION, 1, people))
    await take(database, NEIGHBOUR, batch_of(NEIGHBOUR, 1, [a_recording(99)]))

    async with refusing(database, 17):
        settler = a_settler(database, permitter)
        await settler.round()
        assert await settled_seq(database, NEIGHBOUR) == 1  # in the very round that failed
        await settle_to(settler, REGION, 40)

    found = await decisions(database, REGION)
    assert [one.seq for one in found] == list(range(1, 41))
    lost = found[16]
    assert lost.recording_id == people[16].recording_id
    assert (lost.outcome, lost.reason) == (Outcome.ENROLL_FAILURE_AT_CENTRAL, "set-aside")
    assert {one.outcome for one in found if one is not lost} == {Outcome.PRINT_READY_RECORD}
    (listed,) = await aside(database)
    assert (listed.region, listed.seq, listed.attempts) == (REGION, 17, 3)
    assert (listed.note, listed.reason) == ("set-aside", "sqlstate-23514")


async def test_failures_are_counted_over_restarts(database: Database, permitter: Permitter) -> None:
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1)]))

    async with refusing(database, 1):
        for _ in range(3):
            await a_settler(database, permitter).round()
            assert await aside(database) == []
        await a_settler(database, permitter).round()

    assert [one.seq for one in await aside(database)] == [1]


async def test_a_process_that_dies_while_it_settles_is_counted(
    database: Database, permitter: Permitter
) -> None:
    """Each of them is gone after it wrote its try down, and before any end of it."""
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1), a_recording(2)]))
    for _ in range(8):
        async with database.begin() as transaction:
            await steps.begin(transaction, REGION, 2, is_own=False)

    await settle_to(a_settler(database, permitter), REGION, 2)

    (listed,) = await aside(database)
    assert (listed.seq, listed.reason) == (1, "died")
    assert [one.reason for one in await decisions(database, REGION)] == ["set-aside", None]


async def test_what_the_world_does_is_no_fault_of_an_envelope(
    database: Database, permitter: Permitter
) -> None:
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1)]))
    settler = a_settler(database, permitter)
    async with database.begin() as transaction:
        await transaction.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '53100'; END $$"
            )
        )
        await transaction.execute(
            text(
                "CREATE TRIGGER refusing BEFORE INSERT ON registry FOR EACH ROW "
                "EXECUTE FUNCTION refuse()"
            )
        )
    try:
        for _ in range(10):
            with pytest.raises(DBAPIError):
                await settler.round()
    finally:
        async with database.begin() as transaction:
            await transaction.execute(text("DROP FUNCTION refuse() CASCADE"))

    assert await settle_all(settler) == 1
    assert await aside(database) == []
    (decision,) = await decisions(database, REGION)
    assert decision.outcome is Outcome.PRINT_READY_RECORD


async def test_an_order_settles_it_as_if_it_were_new_once_the_cause_is_mended(
    database: Database, permitter: Permitter
) -> None:
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1), a_recording(2)]))
    settler = a_settler(database, permitter)
    async with refusing(database, 1):
        await settle_to(settler, REGION, 2)
        await order(database, 1)
        await settler.round()
        (listed,) = await aside(database)
        assert (listed.attempts, listed.again_at) == (4, None)
        assert len(await decisions(database, REGION)) == 2  # the region was told already

    await order(database, 1)
    await order(database, 1)
    await settle_all(settler)

    *_, last = await decisions(database, REGION)
    assert (last.seq, last.outcome) == (1, Outcome.PRINT_READY_RECORD)
    assert last.permission is not None
    assert (await live(database, 1)).authorization_id == last.permission.authorization_id
    assert await aside(database) == []
    assert len(await decisions(database, REGION)) == 3


async def test_a_person_recorded_again_meanwhile_gets_no_second_permission_by_an_order(
    database: Database, permitter: Permitter
) -> None:
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1)]))
    settler = a_settler(database, permitter)
    async with refusing(database, 1):
        await settle_to(settler, REGION, 1)
    await take(database, REGION, batch_of(REGION, 2, [a_recording(1)]))
    await settle_all(settler)

    await order(database, 1)
    await settle_all(settler)

    assert [one.outcome for one in await decisions(database, REGION)] == [
        Outcome.ENROLL_FAILURE_AT_CENTRAL,
        Outcome.PRINT_READY_RECORD,
        Outcome.DUPLICATE_RECORD,
    ]


async def test_an_ordered_try_that_kills_its_process_is_given_up(
    database: Database, permitter: Permitter
) -> None:
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1)]))
    settler = a_settler(database, permitter)
    async with refusing(database, 1):
        await settle_to(settler, REGION, 1)
        await order(database, 1)
        for _ in range(steps.DEATHS_MAX):
            async with database.begin() as transaction:
                await steps.begin_order(transaction, REGION, NOON)
        await settler.round()

    (listed,) = await aside(database)
    assert (listed.reason, listed.again_at) == ("died", None)


async def test_what_was_held_is_acted_on_after_an_upgrade_in_the_regions_order(
    database: Database, permitter: Permitter
) -> None:
    """Three recordings came while the centre could not read their version."""
    people = [a_recording(number) for number in (1, 2, 1)]
    batch = received(
        REGION,
        [
            *(recording_envelope(seq, one) for seq, one in enumerate(people, 1)),
            an_envelope(4, b"{}", kind="residence_move"),
            recording_envelope(5, a_recording(5)),
        ],
    )
    await take(database, REGION, batch)
    async with database.begin() as transaction:
        newest = KNOWN_VERSIONS[EnvelopeKind.RECORDING]
        unread = update(envelope).where(envelope.c.seq <= 3)
        await transaction.execute(unread.values(note="held", version=newest))
    settler = a_settler(database, permitter)
    await settle_all(settler)
    assert [one.seq for one in await decisions(database, REGION)] == [5]

    async with database.begin() as transaction:
        await store.order_readable(transaction, KNOWN_VERSIONS, NOON)
    await settle_all(settler)

    found = await decisions(database, REGION)
    assert [one.seq for one in found] == [5, 1, 2, 3]
    assert [one.outcome for one in found[1:]] == [
        Outcome.PRINT_READY_RECORD,
        Outcome.PRINT_READY_RECORD,
        Outcome.DUPLICATE_RECORD,
    ]
    assert [(one.seq, one.note) for one in await aside(database)] == [(4, "held")]


async def test_what_cannot_be_tried_again_is_refused(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    batch = received(
        REGION,
        [
            recording_envelope(1, person),
            recording_envelope(2, person),
            an_envelope(3, b"{}", kind="residence_move"),
        ],
    )
    await take(database, REGION, batch)
    await settle_all(a_settler(database, permitter))

    for seq in (1, 2, 9):
        with pytest.raises(NotFound):
            await order(database, seq)
    with pytest.raises(steps.StillHeld):
        await order(database, 3)


async def test_a_batch_that_comes_again_is_answered_as_before_it_was_set_aside(
    database: Database, permitter: Permitter
) -> None:
    batch = batch_of(REGION, 1, [a_recording(1)])
    first = await take(database, REGION, batch)
    async with refusing(database, 1):
        await settle_to(a_settler(database, permitter), REGION, 1)

    assert await take(database, REGION, batch) == first


async def test_settlers_that_race_strike_nobody(database: Database, permitter: Permitter) -> None:
    """Each finds a try of another one written down, whose process is well alive."""
    for first in range(1, 61, 2):
        people = [a_recording(first), a_recording(first + 1)]
        await take(database, REGION, batch_of(REGION, first, people))
        await asyncio.gather(*(settle_all(a_settler(database, permitter)) for _ in range(6)))

    assert {one.outcome for one in await decisions(database, REGION)} == {
        Outcome.PRINT_READY_RECORD
    }
    async with database.begin() as transaction:
        standing = await store.lock_standing(transaction, REGION)
    assert (standing.under_way, standing.strikes) == (None, 0)
