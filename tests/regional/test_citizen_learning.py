"""What an office's waits and permissions teach, on a real database."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from services.regional.citizen import store
from services.regional.citizen.learning_store import Waits, waits
from services.regional.citizen.rules import InQueue, QueueName, WaitStage
from services.regional.citizen.steps import (
    PrintedEarlier,
)
from services.regional.journey.overtakes import OvertakeCause
from services.regional.recording.rules import Arrival
from services.regional.tables import (
    card,
    print_exception,
)
from shared.contracts.outcomes import Outcome
from shared.database.engine import Database
from tests.recordings import NOON, an_arrival
from tests.regional.citizen_world import LATER, SINCE, a_learner, acknowledge, decided, tell
from tests.regional.office_world import permitted, taken
from tests.town import REGION


async def _waits(database: Database) -> dict[tuple[WaitStage, bool], list[Waits]]:
    async with database.begin() as transaction:
        acked_seq = await store.acked_seq(transaction, REGION)
        found = await waits(transaction, acked_seq, SINCE, LATER)
    told: dict[tuple[WaitStage, bool], list[Waits]] = {}
    for one in found:
        told.setdefault((one.stage, one.has_ended), []).append(one)
    return told


async def test_each_wait_is_counted_in_its_stage(database: Database) -> None:
    sent, compared, printed, here = (an_arrival(number) for number in range(3, 7))
    for arrival in (sent, compared):
        await taken(database, arrival)
    await permitted(database, printed)
    await taken(database, here)
    await acknowledge(database, 1, 3, hours=1)
    await decided(database, compared, Outcome.ADJUDICATE_RECORD)

    found = await _waits(database)

    counted = {stage: sum(row.count for row in rows) for stage, rows in found.items()}
    assert counted == {
        (WaitStage.LINE, True): 3,
        (WaitStage.LINE, False): 1,
        (WaitStage.CENTRE, True): 2,
        (WaitStage.CENTRE, False): 1,
        (WaitStage.PEOPLE, False): 1,
        (WaitStage.PRINTING, False): 1,
    }
    (line,) = found[WaitStage.LINE, True]
    assert line.bucket == pytest.approx(16 * 8.188, abs=1)  # ln 3600

    await decided(database, compared, Outcome.PRINT_READY_RECORD)
    found = await _waits(database)
    assert (WaitStage.PEOPLE, True) in found
    assert (WaitStage.PEOPLE, False) not in found


@pytest.mark.parametrize(
    ("digits", "waits_for_a_blank"),
    [
        ("6172020101030003", False),  # 1 January 2003
        ("6172025410000003", False),  # a woman of 14 October 2000: 17 tomorrow
        ("6172021310000003", True),
        ("6172025207900003", True),
    ],
)
async def test_who_is_under_17_waits_for_a_birthday_and_not_for_a_blank(
    database: Database, digits: str, *, waits_for_a_blank: bool
) -> None:
    await permitted(database, an_arrival(3, card={"nik": digits}))

    assert ((WaitStage.PRINTING, False) in await _waits(database)) is waits_for_a_blank


async def test_cards_and_their_blanks_are_counted_to_the_hand_over(database: Database) -> None:
    mine = an_arrival(3)
    authorization_id = await permitted(database, mine)
    hours = [NOON + timedelta(hours=hours) for hours in (0, 1, 2)]
    async with database.begin() as transaction:
        await transaction.execute(
            insert(card).values(
                authorization_id=authorization_id,
                blank_serial="BLK-1",
                recording_id=mine.recording_id,
                state="issued",
                officer="printer-1",
                intended_at=hours[0],
                printed_at=hours[1],
                issued_at=hours[2],
            )
        )

    found = await _waits(database)

    assert {stage for stage, has_ended in found if has_ended} >= {
        WaitStage.PRINTING,
        WaitStage.COLLECTION,
    }
    assert (WaitStage.PRINTING, False) not in found


async def test_only_new_permissions_are_read_and_the_earlier_ones_are_told_of(
    database: Database,
) -> None:
    morning = (NOON - timedelta(hours=4)).isoformat()
    later, mine = an_arrival(3), an_arrival(4, captured_at=morning)
    await permitted(database, later)
    learner = a_learner(database)
    assert (await learner.learn()).permitted == 1
    await taken(database, mine)
    await acknowledge(database, 1, 2, hours=1)
    await learner.learn()

    told = await tell(database, learner, mine.recording_id)
    # Captured before the other, and in the queue behind it.
    assert told.earlier == {OvertakeCause.LATE_ARRIVAL: 1}

    await decided(database, mine, Outcome.PRINT_READY_RECORD)
    learnt = await learner.learn()
    assert (learnt.permitted, learnt.overtakes) == (2, {OvertakeCause.LATE_ARRIVAL: 1})
    assert (await tell(database, learner, later.recording_id)).earlier == {}


async def test_whom_people_compare_is_told_that_others_were_earlier_for_it(
    database: Database,
) -> None:
    morning = (NOON - timedelta(hours=4)).isoformat()
    mine, other = an_arrival(4, captured_at=morning), an_arrival(3)
    await taken(database, mine)
    await decided(database, mine, Outcome.ADJUDICATE_RECORD)
    await permitted(database, other)
    await acknowledge(database, 1, 2, hours=1)
    learner = a_learner(database)
    await learner.learn()

    told = await tell(database, learner, mine.recording_id)
    assert told.earlier == {OvertakeCause.PEOPLE: 1}

    await decided(database, mine, Outcome.PRINT_READY_RECORD)
    assert (await learner.learn()).overtakes == {OvertakeCause.PEOPLE: 1}


async def test_the_place_in_each_queue_is_told(database: Database) -> None:
    arrivals = [an_arrival(number) for number in range(3, 9)]
    settled, before, mine, printable, second, _ = arrivals
    await taken(database, settled, before, mine)
    first_permission = await permitted(database, printable)
    await permitted(database, second)
    await taken(database, arrivals[-1])
    await decided(database, settled, Outcome.DUPLICATE_RECORD)
    learner = a_learner(database)
    await learner.learn()

    line = (await tell(database, learner, mine.recording_id)).place
    assert line == InQueue(QueueName.LINE, 2)

    await acknowledge(database, 1, 5, hours=1)
    assert (await tell(database, learner, mine.recording_id)).place == InQueue(QueueName.CENTRE, 1)
    assert (await tell(database, learner, second.recording_id)).place == InQueue(
        QueueName.PRINTING, 1
    )
    async with database.begin() as transaction:
        await transaction.execute(
            insert(card).values(
                authorization_id=first_permission,
                blank_serial="BLK-1",
                recording_id=printable.recording_id,
                state="printing",
                officer="printer-1",
                intended_at=NOON,
            )
        )
    await learner.learn()
    assert (await tell(database, learner, second.recording_id)).place == InQueue(
        QueueName.PRINTING, 0
    )


async def test_who_waits_for_a_blank_is_told_how_many_younger_ones_were_printed(
    database: Database,
) -> None:
    mine, one, other = (an_arrival(number) for number in range(3, 6))
    await permitted(database, mine)
    younger = [await permitted(database, arrival) for arrival in (one, other)]
    await acknowledge(database, 1, 3, hours=1)
    async with database.begin() as transaction:
        for number, arrival in enumerate((one, other)):
            await transaction.execute(
                insert(card).values(
                    authorization_id=younger[number],
                    blank_serial=f"BLK-{number}",
                    recording_id=arrival.recording_id,
                    state="printed",
                    officer="printer-1",
                    intended_at=NOON,
                    printed_at=NOON,
                )
            )
        await transaction.execute(insert(print_exception).values(**_exception(younger[1], other)))
    learner = a_learner(database)
    learnt = await learner.learn()

    told = await tell(database, learner, mine.recording_id)
    assert told.printed_earlier == PrintedEarlier(cards=2, by_exception=1)
    assert (await tell(database, learner, other.recording_id)).printed_earlier is None
    assert learnt.exceptions_by_reason == {"medical": 1}


def _exception(authorization_id: UUID, arrival: Arrival) -> dict[str, object]:
    return {
        "authorization_id": authorization_id,
        "recording_id": arrival.recording_id,
        "reason": "medical",
        "words": "Berangkat berobat",
        "officer": "head-1",
        "made_at": NOON,
    }


async def test_oldest_cases_and_exceptions_are_for_the_office(database: Database) -> None:
    mine = an_arrival(3)
    authorization_id = await permitted(database, mine)
    async with database.begin() as transaction:
        await transaction.execute(
            insert(print_exception).values(**_exception(authorization_id, mine))
        )

    learnt = await a_learner(database).learn()

    assert [one.recording_id for one in learnt.oldest] == [mine.recording_id]
    assert [(one.reason, one.officer) for one in learnt.exceptions] == [("medical", "head-1")]


async def test_a_learner_that_starts_late_begins_with_what_it_keeps(database: Database) -> None:
    arrivals = [an_arrival(number) for number in range(3, 6)]
    for arrival in arrivals:
        await permitted(database, arrival)
    # Permitted once more, as after a restore of the centre: that is no first permission.
    await decided(database, arrivals[0], Outcome.PRINT_READY_RECORD)

    assert (await a_learner(database).learn()).order.pos.tolist() == [1, 2, 3]
