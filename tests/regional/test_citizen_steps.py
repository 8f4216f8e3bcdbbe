"""Who may know of a recording, and what an office's waits teach, on a real database."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from services.regional.citizen import steps, store
from services.regional.citizen.learning_store import Waits, waits
from services.regional.citizen.loop import Learner
from services.regional.citizen.refusals import NothingKnown, ReceiptNotKnown
from services.regional.citizen.rules import InQueue, QueueName, WaitStage
from services.regional.citizen.steps import NotRecorded, PrintedEarlier, Told
from services.regional.journey.overtakes import OvertakeCause
from services.regional.recording.rules import Arrival
from services.regional.status import steps as status_steps
from services.regional.tables import (
    card,
    print_exception,
    recording,
    resident,
    uplink_batch,
    uplink_position,
)
from shared.clock import ManualClock
from shared.contracts.outcomes import Outcome
from shared.database.engine import Database
from shared.ids import new_id
from shared.refusals import NotFound
from tests.recordings import NOON, an_arrival, nik
from tests.regional.office_world import applied_pos, apply, page, permitted, taken
from tests.regional.pages import decision as decision_entry
from tests.town import REGION

BORN = date(1990, 7, 12)
SECRET = bytes(32)
LATER = NOON + timedelta(hours=2)
SINCE = NOON - timedelta(days=30)


async def _ask(database: Database, number: int, born: date = BORN) -> UUID | NotRecorded:
    async with database.begin() as transaction:
        return await steps.look_up(transaction, int(nik(number)), born)


async def _tell(database: Database, learner: Learner, recording_id: UUID) -> Told:
    async with database.begin() as transaction:
        standing = await status_steps.status_of(transaction, REGION, recording_id, NOON.date())
        return await steps.tell(transaction, REGION, standing, recording_id, learner.learnt, LATER)


def _learner(database: Database) -> Learner:
    return Learner(database, REGION, ManualClock(LATER))


async def _acknowledge(database: Database, first_seq: int, last_seq: int, hours: float) -> None:
    """The centre receipted these so many hours after noon."""
    at = NOON + timedelta(hours=hours)
    async with database.begin() as transaction:
        await transaction.execute(
            insert(uplink_batch).values(
                first_seq=first_seq,
                last_seq=last_seq,
                payload_bytes=1,
                attempts=1,
                first_sent_at=NOON,
                acknowledged_at=at,
                receipt=b"",
                signature="",
            )
        )
        await transaction.execute(update(uplink_position).values(acked_seq=last_seq))


async def _decided(database: Database, arrival: Arrival, outcome: Outcome) -> None:
    after = await applied_pos(database)
    await apply(database, page(decision_entry(arrival.recording_id, outcome), after=after))


async def _waits(database: Database) -> dict[tuple[WaitStage, bool], list[Waits]]:
    async with database.begin() as transaction:
        acked_seq = await store.acked_seq(transaction, REGION)
        found = await waits(transaction, acked_seq, SINCE, LATER)
    told: dict[tuple[WaitStage, bool], list[Waits]] = {}
    for one in found:
        told.setdefault((one.stage, one.has_ended), []).append(one)
    return told


async def test_who_knows_nik_and_birth_date_finds_the_recording(database: Database) -> None:
    mine = an_arrival(3)
    await taken(database, mine, an_arrival(4))

    assert await _ask(database, 3) == mine.recording_id


async def test_an_unknown_nik_and_a_wrong_date_are_refused_alike(database: Database) -> None:
    await taken(database, an_arrival(3))

    with pytest.raises(NothingKnown) as unknown:
        await _ask(database, 9)
    with pytest.raises(NothingKnown) as wrong:
        await _ask(database, 3, date(1990, 7, 13))

    assert unknown.value.args == wrong.value.args
    assert (unknown.value.detail, unknown.value.extra) == (wrong.value.detail, wrong.value.extra)


async def test_either_birth_date_opens_when_list_and_recording_differ(database: Database) -> None:
    mine, listed = an_arrival(3), date(1990, 12, 7)
    await taken(database, mine)
    await _listed(database, 3, listed)

    assert await _ask(database, 3, BORN) == await _ask(database, 3, listed) == mine.recording_id
    with pytest.raises(NothingKnown):
        await _ask(database, 3, date(1991, 7, 12))


async def _listed(database: Database, number: int, born: date = BORN) -> None:
    """The residents' list knows them."""
    person = {"ward": "61.72.02.1001", "sex": "female", "birth_date": born, "obliged": True}
    async with database.begin() as transaction:
        await transaction.execute(insert(resident).values(nik=int(nik(number)), **person))


async def test_whom_the_list_knows_alone_is_told_to_come(database: Database) -> None:
    await _listed(database, 5)

    assert await _ask(database, 5) == NotRecorded()
    with pytest.raises(NothingKnown):
        await _ask(database, 5, date(1990, 7, 13))


async def test_the_recording_that_stands_comes_before_an_old_one_and_an_old_one_before_none(
    database: Database,
) -> None:
    old, fresh = an_arrival(3), an_arrival(3)
    await taken(database, old)
    async with database.begin() as transaction:
        await transaction.execute(update(recording).values(is_live=False))
    assert await _ask(database, 3) == old.recording_id

    await taken(database, fresh)

    assert await _ask(database, 3) == fresh.recording_id
    assert (await _tell(database, _learner(database), old.recording_id)).is_past


async def test_a_receipt_opens_its_recording_until_it_is_revoked(database: Database) -> None:
    mine = an_arrival(3)
    await taken(database, mine)
    async with database.begin() as transaction:
        token = await steps.token_of(transaction, SECRET, mine.recording_id)
        assert await steps.behind(transaction, SECRET, token) == mine.recording_id
        await steps.revoke(transaction, mine.recording_id, "officer-1", NOON)
        again = await steps.token_of(transaction, SECRET, mine.recording_id)

        assert await steps.behind(transaction, SECRET, again) == mine.recording_id
        with pytest.raises(ReceiptNotKnown):
            await steps.behind(transaction, SECRET, token)
        with pytest.raises(NotFound):
            await steps.revoke(transaction, new_id(), "officer-1", NOON)


async def test_the_secret_is_made_once_and_kept(database: Database) -> None:
    first, second = _learner(database), _learner(database)

    assert await first.secret() == await second.secret() == await first.secret()


async def test_each_wait_is_counted_in_its_stage(database: Database) -> None:
    sent, compared, printed, here = (an_arrival(number) for number in range(3, 7))
    for arrival in (sent, compared):
        await taken(database, arrival)
    await permitted(database, printed)
    await taken(database, here)
    await _acknowledge(database, 1, 3, hours=1)
    await _decided(database, compared, Outcome.ADJUDICATE_RECORD)

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

    await _decided(database, compared, Outcome.PRINT_READY_RECORD)
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
    learner = _learner(database)
    assert (await learner.learn()).permitted == 1
    await taken(database, mine)
    await _acknowledge(database, 1, 2, hours=1)
    await learner.learn()

    told = await _tell(database, learner, mine.recording_id)
    # Captured before the other, and in the queue behind it.
    assert told.earlier == {OvertakeCause.LATE_ARRIVAL: 1}

    await _decided(database, mine, Outcome.PRINT_READY_RECORD)
    learnt = await learner.learn()
    assert (learnt.permitted, learnt.overtakes) == (2, {OvertakeCause.LATE_ARRIVAL: 1})
    assert (await _tell(database, learner, later.recording_id)).earlier == {}


async def test_whom_people_compare_is_told_that_others_were_earlier_for_it(
    database: Database,
) -> None:
    morning = (NOON - timedelta(hours=4)).isoformat()
    mine, other = an_arrival(4, captured_at=morning), an_arrival(3)
    await taken(database, mine)
    await _decided(database, mine, Outcome.ADJUDICATE_RECORD)
    await permitted(database, other)
    await _acknowledge(database, 1, 2, hours=1)
    learner = _learner(database)
    await learner.learn()

    told = await _tell(database, learner, mine.recording_id)
    assert told.earlier == {OvertakeCause.PEOPLE: 1}

    await _decided(database, mine, Outcome.PRINT_READY_RECORD)
    assert (await learner.learn()).overtakes == {OvertakeCause.PEOPLE: 1}


async def test_the_place_in_each_queue_is_told(database: Database) -> None:
    arrivals = [an_arrival(number) for number in range(3, 9)]
    decided, before, mine, printable, second, _ = arrivals
    await taken(database, decided, before, mine)
    first_permission = await permitted(database, printable)
    await permitted(database, second)
    await taken(database, arrivals[-1])
    await _decided(database, decided, Outcome.DUPLICATE_RECORD)
    learner = _learner(database)
    await learner.learn()

    line = (await _tell(database, learner, mine.recording_id)).place
    assert line == InQueue(QueueName.LINE, 2)

    await _acknowledge(database, 1, 5, hours=1)
    assert (await _tell(database, learner, mine.recording_id)).place == InQueue(QueueName.CENTRE, 1)
    assert (await _tell(database, learner, second.recording_id)).place == InQueue(
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
    assert (await _tell(database, learner, second.recording_id)).place == InQueue(
        QueueName.PRINTING, 0
    )


async def test_who_waits_for_a_blank_is_told_how_many_younger_ones_were_printed(
    database: Database,
) -> None:
    mine, one, other = (an_arrival(number) for number in range(3, 6))
    await permitted(database, mine)
    younger = [await permitted(database, arrival) for arrival in (one, other)]
    await _acknowledge(database, 1, 3, hours=1)
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
    learner = _learner(database)
    learnt = await learner.learn()

    told = await _tell(database, learner, mine.recording_id)
    assert told.printed_earlier == PrintedEarlier(cards=2, by_exception=1)
    assert (await _tell(database, learner, other.recording_id)).printed_earlier is None
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

    learnt = await _learner(database).learn()

    assert [one.recording_id for one in learnt.oldest] == [mine.recording_id]
    assert [(one.reason, one.officer) for one in learnt.exceptions] == [("medical", "head-1")]


async def test_a_learner_that_starts_late_begins_with_what_it_keeps(database: Database) -> None:
    arrivals = [an_arrival(number) for number in range(3, 6)]
    for arrival in arrivals:
        await permitted(database, arrival)
    # Permitted once more, as after a restore of the centre: that is no first permission.
    await _decided(database, arrivals[0], Outcome.PRINT_READY_RECORD)

    assert (await _learner(database).learn()).order.pos.tolist() == [1, 2, 3]
