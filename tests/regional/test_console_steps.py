"""Today's work, a recording's story and the desk's question, on a real database."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import insert

from services.regional.app import console_sources
from services.regional.console import line_store, steps
from services.regional.console.history import Sample, Seen
from services.regional.console.loop import LineWatch
from services.regional.console.rules import Advice
from services.regional.console.sources import Sources
from services.regional.disk.ballast import Ballast
from services.regional.disk.loop import DiskWatch, Limits
from services.regional.journey.remedies import RemedyCode
from services.regional.outbox import store as outbox
from services.regional.tables import outreach, resident, uplink_position
from shared.clock import ManualClock
from shared.contracts.envelopes import CardResult
from shared.contracts.outcomes import Outcome
from shared.database.engine import Database
from shared.nik import Nik
from shared.refusals import NotFound
from shared.zones import zone_of
from tests.recordings import NOON, an_arrival, nik
from tests.regional import pages
from tests.regional.office_world import applied_pos, apply, page, permitted, taken
from tests.regional.test_printing_steps import report, spend
from tests.town import REGION

TODAY = NOON.date()
WIB = zone_of("WIB")


@pytest.fixture
def sources(database: Database, tmp_path: Path) -> Sources:
    clock = ManualClock(NOON)
    limits = Limits(tmp_path, None, 0)
    disk = DiskWatch(database, REGION, limits, Ballast(tmp_path / "none", 0), clock)
    return console_sources(REGION, disk, clock)


async def work(database: Database, sources: Sources) -> steps.Work:
    async with database.begin() as transaction:
        return await steps.work_of(transaction, REGION, WIB, sources, NOON)


async def acknowledged(database: Database) -> None:
    """All that was written is at the centre."""
    async with database.begin() as transaction:
        seq = await outbox.last_seq(transaction, REGION)
        await transaction.execute(
            uplink_position.update().values(acked_seq=seq, offered_seq=seq, offered_at=NOON)
        )


async def decided(database: Database, recording_id: UUID, outcome: Outcome) -> None:
    after = await applied_pos(database)
    await apply(database, page(pages.decision(recording_id, outcome), after=after))


async def test_each_recording_lies_on_the_pile_of_whoever_acts_next(
    database: Database, sources: Sources
) -> None:
    duplicate, in_adjudication, silent, unsent = (an_arrival(number) for number in range(1, 5))
    await taken(database, duplicate, in_adjudication, silent)
    await decided(database, duplicate.recording_id, Outcome.DUPLICATE_RECORD)
    await decided(database, in_adjudication.recording_id, Outcome.ADJUDICATE_RECORD)
    printable, printed, issued = (an_arrival(number) for number in range(11, 14))
    await permitted(database, printable)
    for number, one in enumerate((printed, issued), 1):
        await spend(database, await permitted(database, one), f"BLK-{number}")
        await report(database, CardResult.PRINTED, f"BLK-{number}")
    await report(database, CardResult.ISSUED, "BLK-2")
    await acknowledged(database)
    await taken(database, unsent)

    found = await work(database, sources)

    assert found.recorded.count == 7
    assert [one.recording_id for one in found.unsent.rows] == [unsent.recording_id]
    assert [one.recording_id for one in found.undecided.rows] == [silent.recording_id]
    assert [one.row.recording_id for one in found.first_problems] == [duplicate.recording_id]
    # The rival was taken by the neighbour: the remedy is a move, and not a deletion.
    assert found.first_problems[0].problem.advice.code is RemedyCode.MOVE_FIRST
    (waits,) = found.first_with_others
    assert waits.row.recording_id == in_adjudication.recording_id
    assert [one.recording_id for one in found.printable.rows] == [printable.recording_id]
    assert [one.recording_id for one in found.uncollected.rows] == [printed.recording_id]
    assert (found.printable.count, found.uncollected.count, found.to_withdraw) == (1, 1, 0)


async def test_today_begins_at_the_offices_midnight(database: Database, sources: Sources) -> None:
    await taken(database, an_arrival(1))  # recorded at NOON, 12:00 in Singkawang

    async with database.begin() as transaction:
        late = await steps.work_of(
            transaction, REGION, WIB, sources, NOON + timedelta(hours=11, minutes=59)
        )
        next_day = await steps.work_of(
            transaction, REGION, WIB, sources, NOON + timedelta(hours=12)
        )

    assert (late.today, late.recorded.count) == (TODAY, 1)
    assert (next_day.today, next_day.recorded.count) == (TODAY + timedelta(days=1), 0)


async def test_a_recordings_story_holds_every_event_in_order_of_time(
    database: Database, sources: Sources
) -> None:
    one = an_arrival(1)
    authorization_id = await permitted(database, one)
    await acknowledged(database)
    await spend(database, authorization_id, "BLK-1")
    await report(database, CardResult.PRINTED, "BLK-1")
    after = await applied_pos(database)
    await apply(database, page(pages.revocation(one.recording_id, authorization_id), after=after))
    await report(database, CardResult.SPOILED, "BLK-1", "withdrawn")

    async with database.begin() as transaction:
        found = await steps.whole(transaction, sources, one.recording_id, TODAY)

    kinds = [event.kind for event in found.dossier.events]
    assert set(kinds) == {
        "captured",
        "recorded",
        "decided",
        "read_here",
        "permitted",
        "print_intended",
        "printed",
        "revoked",
        "spoiled",
    }
    assert kinds[0] == "captured"
    times = [event.at for event in found.dossier.events]
    assert times == sorted(times)
    spoiled = next(event for event in found.dossier.events if event.kind == "spoiled")
    assert dict(spoiled.details) == {"blank": "BLK-1", "cause": "withdrawn"}
    assert found.followed.stage.value == "revoked"


async def test_a_card_whose_permission_was_taken_back_is_withdrawn_and_not_handed_over(
    database: Database, sources: Sources
) -> None:
    one = an_arrival(1)
    authorization_id = await permitted(database, one)
    await spend(database, authorization_id, "BLK-1")
    await report(database, CardResult.PRINTED, "BLK-1")
    before = await work(database, sources)
    after = await applied_pos(database)
    await apply(database, page(pages.revocation(one.recording_id, authorization_id), after=after))

    found = await work(database, sources)

    assert (before.uncollected.count, before.to_withdraw) == (1, 0)
    assert (found.uncollected.count, found.uncollected.rows, found.to_withdraw) == (0, [], 1)


async def test_no_story_is_told_of_what_was_not_taken_here(
    database: Database, sources: Sources
) -> None:
    with pytest.raises(NotFound):
        async with database.begin() as transaction:
            await steps.whole(transaction, sources, UUID(int=7), TODAY)


async def test_the_desk_knows_who_is_recorded_here_and_who_is_on_the_list(
    database: Database, sources: Sources
) -> None:
    here = an_arrival(1)
    await taken(database, here)
    async with database.begin() as transaction:
        await transaction.execute(
            insert(resident).values(
                nik=int(nik(2)),
                ward="61.72.02.1001",
                sex="female",
                birth_date=date(1990, 7, 12),
                obliged=True,
                residency="blocked",
            )
        )
        await transaction.execute(
            insert(outreach).values(nik=int(nik(2)), person_id=UUID(int=2), letters=2)
        )
        at = [
            await steps.at_the_desk(transaction, sources, Nik.parse(nik(number)), TODAY)
            for number in (1, 2, 3)
        ]

    assert [one.checked.advice for one in at] == [
        Advice.DO_NOT_RECORD_AGAIN,
        Advice.RECORD_REVIVES,
        Advice.NOT_LISTED,
    ]
    assert at[0].live is not None
    assert at[0].live.recording_id == here.recording_id
    assert [one.invited.letters if one.invited else None for one in at] == [None, 2, None]


async def test_the_line_is_looked_at_once_a_minute_and_old_looks_go(
    database: Database, sources: Sources
) -> None:
    clock = ManualClock(NOON - timedelta(days=30))
    watch = LineWatch(database, sources, clock)
    await watch.look()
    async with database.begin() as transaction:
        await transaction.execute(
            uplink_position.update().values(
                failures_in_a_row=3, failing_since=NOON - timedelta(minutes=5)
            )
        )
    clock.advance(timedelta(days=30) - timedelta(minutes=1))
    for _ in range(3):
        await watch.look()
        clock.advance(timedelta(seconds=30))

    async with database.begin() as transaction:
        kept = await line_store.samples(transaction, NOON - timedelta(days=60), clock.now())
        told = await steps.line_story(transaction, 1, NOON + timedelta(minutes=1))
    assert [(one.minute, one.state) for one in kept] == [
        (NOON - timedelta(minutes=1), "down"),
        (NOON, "down"),
    ]
    assert [one.seen for one in told.spells] == [Seen.UNSEEN, Seen.DOWN]
    assert told.totals.down == timedelta(minutes=6)


async def test_a_sample_is_written_once_whoever_was_first(database: Database) -> None:
    make: Callable[[int], Sample] = lambda waiting: Sample(NOON, "up", None, waiting, None)  # noqa: E731
    for waiting in (1, 2):
        async with database.begin() as transaction:
            await line_store.save(transaction, make(waiting))

    async with database.begin() as transaction:
        kept = await line_store.samples(transaction, NOON, NOON + timedelta(minutes=1))
    assert [one.waiting for one in kept] == [1]
