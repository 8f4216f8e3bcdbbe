"""Recording on a real database: safe once, in one order, whatever happens beside it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy.exc import DBAPIError

from services.regional.recording import loop as recording_loop
from services.regional.recording import steps
from services.regional.recording.loop import CommitLane
from services.regional.recording.rules import ContentDiffers, NikTaken
from services.regional.recording.steps import Taken
from services.regional.tables import metadata
from shared.clock import ManualClock
from shared.database.engine import Database
from shared.refusals import DatabaseUnavailable, TooBusy
from tests.dying import contents, died_at_each_statement
from tests.recordings import NOON, an_arrival
from tests.regional.office_world import outbox_is_whole, take, taken
from tests.town import REGION


async def test_recordings_are_kept_in_the_order_they_came(database: Database) -> None:
    first = [an_arrival(number) for number in (5, 3, 9)]
    second = [an_arrival(number) for number in (1, 7)]

    answers = [*await taken(database, *first), *await taken(database, *second)]

    assert [answer.kept.seq for answer in answers] == [1, 2, 3, 4, 5]
    assert not any(answer.is_repeat for answer in answers)
    assert await outbox_is_whole(database) == [one.recording_id for one in (*first, *second)]


async def test_taking_the_same_again_changes_nothing_and_gives_the_same_receipts(
    database: Database,
) -> None:
    arrivals = [an_arrival(number) for number in range(3)]
    first = await taken(database, *arrivals)
    before = await contents(database, metadata)

    again = await taken(database, *reversed(arrivals))

    assert [answer.kept for answer in reversed(again)] == [answer.kept for answer in first]
    assert all(answer.is_repeat for answer in again)
    assert await contents(database, metadata) == before


async def test_what_is_refused_takes_no_place_in_the_order(database: Database) -> None:
    held = an_arrival(1)
    await taken(database, held)

    answers = await take(
        database,
        [
            an_arrival(2),
            an_arrival(1),
            an_arrival(8, held.recording_id),
            held,
            an_arrival(3),
        ],
    )

    assert [type(answer) for answer in answers] == [Taken, NikTaken, ContentDiffers, Taken, Taken]
    assert [answer.kept.seq for answer in answers if isinstance(answer, Taken)] == [2, 1, 3]
    await outbox_is_whole(database)


async def test_twins_in_one_batch_share_one_seq(database: Database) -> None:
    arrival = an_arrival(1)

    first, twin = await taken(database, arrival, replace(arrival))

    assert first.kept == twin.kept
    assert (first.is_repeat, twin.is_repeat) == (False, True)
    assert await outbox_is_whole(database) == [arrival.recording_id]


async def test_of_concurrent_groups_with_the_same_people_one_wins_each_and_no_seq_is_lost(
    database: Database,
) -> None:
    groups = [[an_arrival(number) for number in range(20)] for _ in range(4)]
    groups[1].reverse()
    groups[3].reverse()

    answers = await asyncio.gather(*(take(database, group) for group in groups))

    flat = [answer for group in answers for answer in group]
    winners = [answer.kept for answer in flat if isinstance(answer, Taken)]
    losers = [answer for answer in flat if isinstance(answer, NikTaken)]
    assert (len(winners), len(losers)) == (20, 60)
    assert {loser.earlier_id for loser in losers} == {winner.recording_id for winner in winners}
    assert len({winner.nik for winner in winners}) == 20
    assert set(await outbox_is_whole(database)) == {winner.recording_id for winner in winners}


async def test_the_same_recordings_from_several_stations_at_once_are_kept_once(
    database: Database,
) -> None:
    arrivals = [an_arrival(number) for number in range(20)]

    answers = await asyncio.gather(*(taken(database, *arrivals) for _ in range(4)))

    for group in answers:
        assert [one.kept.seq for one in group] == list(range(1, 21))
    assert sum(not one.is_repeat for group in answers for one in group) == 20
    assert await outbox_is_whole(database) == [one.recording_id for one in arrivals]


async def test_a_recording_that_dies_anywhere_is_neither_kept_nor_queued(
    database: Database,
) -> None:
    held = an_arrival(1)
    await taken(database, held)
    arrivals = [an_arrival(2), held, an_arrival(1), an_arrival(3)]

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.take(transaction, REGION, arrivals, NOON),
    )

    assert statements == 3  # what is kept, the outbox, the recordings
    assert len(await outbox_is_whole(database)) == 3


@pytest.fixture
async def lane(database: Database) -> AsyncIterator[CommitLane]:
    """Running, as in a service."""
    made = CommitLane(database, REGION, ManualClock(NOON))
    running = asyncio.create_task(made.run())
    await asyncio.sleep(0)
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_stations_that_come_together_share_commits_and_each_get_their_own_answer(
    lane: CommitLane, database: Database
) -> None:
    groups = [[an_arrival(10 * group + nth) for nth in range(3)] for group in range(40)]

    answers = await asyncio.gather(*(lane.take(group) for group in groups))

    for group, answered in zip(groups, answers, strict=True):
        kept = [answer.kept for answer in answered if isinstance(answer, Taken)]
        assert [one.recording_id for one in kept] == [one.recording_id for one in group]
        assert all(later.seq == one.seq + 1 for one, later in pairwise(kept))
    assert len(await outbox_is_whole(database)) == 120


async def test_one_that_the_database_cannot_take_does_not_cost_the_others_their_receipt(
    lane: CommitLane, database: Database
) -> None:
    bad = replace(an_arrival(0), officer="nul\x00")  # PostgreSQL keeps no such character
    good = [an_arrival(number) for number in range(1, 9)]

    answers = await asyncio.gather(
        *(lane.take([one]) for one in (*good[:4], bad, *good[4:])), return_exceptions=True
    )

    failed = [answer for answer in answers if isinstance(answer, BaseException)]
    assert isinstance(answers[4], DBAPIError)
    assert failed == [answers[4]]
    assert set(await outbox_is_whole(database)) == {one.recording_id for one in good}


async def test_before_the_loop_runs_nothing_is_promised(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        await CommitLane(database, REGION, ManualClock(NOON)).take([an_arrival(1)])


async def test_a_full_waiting_room_refuses_at_once_and_has_room_again_afterwards(
    lane: CommitLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_loop, "WAITING_RECORDINGS_MAX", 3)

    waiting = asyncio.create_task(lane.take([an_arrival(number) for number in range(3)]))
    await asyncio.sleep(0)
    with pytest.raises(TooBusy):
        await lane.take([an_arrival(4)])

    assert len(await waiting) == 3
    assert len(await lane.take([an_arrival(4)])) == 1


async def test_a_caller_that_gave_up_gets_its_receipt_when_it_asks_again(
    lane: CommitLane, database: Database
) -> None:
    arrival = an_arrival(1)
    impatient = asyncio.create_task(lane.take([arrival]))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)

    (answer,) = await lane.take([arrival])

    assert isinstance(answer, Taken)
    assert answer.kept.seq == 1
    assert await outbox_is_whole(database) == [arrival.recording_id]
