"""Letters go to whoever is unrecorded, in order, within a limit; reasons close a search."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, literal, select, update

from services.regional.outreach import letter_store, rules, steps, store
from services.regional.outreach.letter_store import Delivery
from services.regional.outreach.refusals import (
    AlreadyRecorded,
    HeardOnADayToCome,
    NobodyToWriteTo,
    NoteDiffers,
    NotTheDayForLetters,
    SearchClosed,
    SearchNotClosed,
)
from services.regional.outreach.rules import Heard, Reason, Source, Whereabouts
from services.regional.outreach.steps import Limits, Noting
from services.regional.tables import move_entry, outreach, resident
from shared.database.engine import Database
from shared.ids import new_id
from shared.refusals import NotFound
from tests.outreach import (
    BORN,
    MONDAY,
    OTHER_WARD,
    WARD,
    Lives,
    list_residents,
    record,
    unrecord,
)
from tests.recordings import NOON

LIMITS = Limits(ward_day_max=2, again_days=30)
SITI = Lives(1)
AWAY = "Jalan Jauh 7, Pontianak"


def noting(today: date = MONDAY, officer: str | None = "officer-1") -> Noting:
    return Noting(officer, today, NOON)


async def make(
    database: Database, day: date = MONDAY, wards: list[str] | None = None, limits: Limits = LIMITS
) -> list[Delivery]:
    return await database.repeat(
        lambda transaction: steps.make_day(transaction, day, wards, limits, noting(day))
    )


async def sent(database: Database, deliveries: list[Delivery]) -> list[int]:
    """Whose letters would be printed now, in their order."""
    async with database.begin() as transaction:
        found = [await letter_store.addressed(transaction, one.delivery_id) for one in deliveries]
    return [one.nik for people in found for one in people]


async def hear(
    database: Database,
    one: Lives,
    whereabouts: Whereabouts,
    *,
    source: Source = Source.FAMILY,
    on: date = MONDAY,
    forward_to: str | None = None,
    closes: bool = False,
    event_id: UUID | None = None,
) -> bool:
    heard = Heard(whereabouts, source, on, forward_to)
    officer = None if source is Source.CITIZEN else "officer-1"
    _, is_repeat = await database.repeat(
        lambda transaction: steps.hear(
            transaction, event_id or new_id(), one.nik, heard, noting(on, officer), closes=closes
        )
    )
    return is_repeat


async def close(database: Database, one: Lives, reason: Reason = Reason.DEAD) -> None:
    await database.repeat(
        lambda transaction: steps.close(
            transaction, new_id(), one.nik, reason, Source.NEIGHBOURHOOD, MONDAY, noting()
        )
    )


async def reopen(database: Database, one: Lives) -> None:
    await database.repeat(
        lambda transaction: steps.reopen(transaction, new_id(), one.nik, "Salah orang.", noting())
    )


async def acts(database: Database, one: Lives) -> list[str]:
    async with database.begin() as transaction:
        return [each.act for each in await store.history(transaction, one.nik)][::-1]


async def token_of(database: Database, delivery: Delivery) -> str:
    async with database.begin() as transaction:
        return (await letter_store.addressed(transaction, delivery.delivery_id))[0].token


async def test_letters_go_by_ward_neighbourhood_and_street_and_no_more_than_a_days_limit(
    database: Database,
) -> None:
    people = [
        Lives(1, OTHER_WARD),
        Lives(2, rw="002", rt="001"),
        Lives(3, rw="001", rt="002"),
        Lives(4, rw="001", rt="001", street="JALAN ZAITUN 1"),
        Lives(5, rw="001", rt="001", street="JALAN ANGGREK 1"),
    ]
    await list_residents(database, people)

    first = await make(database)
    again = await make(database)
    second = await make(database, MONDAY + timedelta(days=1))

    assert [(one.ward, one.letters) for one in first] == [(WARD, 2), (OTHER_WARD, 1)]
    assert await sent(database, first) == [people[4].nik, people[3].nik, people[0].nik]
    assert again == first
    assert await sent(database, second) == [people[2].nik, people[1].nik]


async def test_two_officers_at_once_make_a_days_letters_once(database: Database) -> None:
    await list_residents(database, [Lives(number) for number in range(1, 8)])

    days = [MONDAY, MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)]
    made = await asyncio.gather(*(make(database, day) for day in days))

    assert made[0] == made[1]
    niks = [nik for one in made[1:] for nik in await sent(database, one)]
    assert len(niks) == len(set(niks)) == 6


async def test_nobody_gets_a_letter_who_is_recorded_gone_too_young_or_without_an_address(
    database: Database,
) -> None:
    recorded, moved_in, unrecorded = Lives(1), Lives(2), Lives(3)
    others = [
        Lives(4, obliged=False),
        Lives(5, residency="dead"),
        Lives(6, residency="moved"),
        Lives(7, street=None),
        Lives(8, name=None),
    ]
    blocked = Lives(9, residency="blocked")
    await list_residents(database, [recorded, moved_in, unrecorded, blocked, *others])
    await record(database, recorded)
    async with database.begin() as transaction:
        await transaction.execute(
            insert(move_entry).values(
                pos=1,
                recording_id=new_id(),
                move_id=new_id(),
                verdict="moved",
                nik=moved_in.nik,
                decided_at=NOON,
                applied_at=NOON,
            )
        )

    made = await make(database, limits=Limits(50, 30))

    assert await sent(database, made) == [unrecorded.nik, blocked.nik]


async def test_a_letter_is_not_printed_once_its_person_is_recorded_and_is_due_again_after_deletion(
    database: Database,
) -> None:
    await list_residents(database, [SITI, Lives(2)])
    made = await make(database)

    await record(database, SITI)
    assert await sent(database, made) == [Lives(2).nik]
    later = MONDAY + timedelta(days=30)
    assert await sent(database, await make(database, later)) == [Lives(2).nik]

    await unrecord(database, SITI)
    assert SITI.nik in await sent(database, await make(database, later + timedelta(days=1)))


async def test_letters_are_made_for_workdays_of_the_coming_month(database: Database) -> None:
    await list_residents(database, [SITI])

    for day in (MONDAY - timedelta(days=3), MONDAY + timedelta(days=5), date(2017, 11, 17)):
        with pytest.raises(NotTheDayForLetters):
            await database.repeat(
                lambda transaction, day=day: steps.make_day(
                    transaction, day, None, LIMITS, noting()
                )
            )
    with pytest.raises(NobodyToWriteTo):
        await make(database, wards=[OTHER_WARD])


async def test_a_closed_search_gets_no_letter_until_it_is_opened_again_and_all_is_kept(
    database: Database,
) -> None:
    await list_residents(database, [SITI])
    await close(database, SITI)

    with pytest.raises(NobodyToWriteTo):
        await make(database)
    with pytest.raises(SearchClosed):
        await close(database, SITI)
    await reopen(database, SITI)
    with pytest.raises(SearchNotClosed):
        await reopen(database, SITI)

    assert await sent(database, await make(database)) == [SITI.nik]
    await close(database, SITI, Reason.NOT_FOUND)
    assert await acts(database, SITI) == ["closed", "reopened", "closed"]


async def test_a_letter_made_before_is_not_printed_after_its_search_is_closed(
    database: Database,
) -> None:
    await list_residents(database, [SITI])
    made = await make(database)

    await close(database, SITI)

    assert await sent(database, made) == []


async def test_an_officers_word_closes_and_a_citizens_waits_for_an_officer(
    database: Database,
) -> None:
    ali = Lives(2)
    await list_residents(database, [SITI, ali])

    await hear(database, SITI, Whereabouts.DEAD, source=Source.FAMILY, closes=True)
    await hear(database, ali, Whereabouts.DEAD, source=Source.CITIZEN, closes=True)

    assert await acts(database, SITI) == ["heard", "closed"]
    assert await acts(database, ali) == ["heard"]
    async with database.begin() as transaction:
        count = (await store.counts(transaction, WARD[:8]))[0]
    assert (count.unrecorded, count.answered, count.to_check, count.closed) == (2, 2, 1, 1)
    with pytest.raises(NobodyToWriteTo):
        await make(database)


async def test_a_letter_is_forwarded_to_where_somebody_is(database: Database) -> None:
    await list_residents(database, [SITI])
    await make(database)
    tuesday = MONDAY + timedelta(days=1)

    await hear(database, SITI, Whereabouts.AWAY, on=tuesday, forward_to=AWAY)
    forwarded = await make(database, tuesday)

    async with database.begin() as transaction:
        letter = (await letter_store.addressed(transaction, forwarded[0].delivery_id))[0]
    assert (letter.nik, letter.forward_to) == (SITI.nik, AWAY)


async def test_the_ill_are_visited_instead(database: Database) -> None:
    await list_residents(database, [SITI, Lives(2)])
    await hear(database, SITI, Whereabouts.ILL)

    assert await sent(database, await make(database)) == [Lives(2).nik]
    async with database.begin() as transaction:
        waiting = await store.to_visit(transaction, [Whereabouts.ILL], 10)
        counted = await store.counts(transaction, WARD)
    assert [one.nik for _, one in waiting] == [SITI.nik]
    assert [(one.code, one.unrecorded, one.home_visits) for one in counted] == [("001/001", 2, 1)]


async def test_the_same_note_twice_is_one_and_another_under_its_id_is_refused(
    database: Database,
) -> None:
    await list_residents(database, [SITI, Lives(2)])
    note = new_id()

    assert not await hear(database, SITI, Whereabouts.AWAY, event_id=note)
    assert await hear(database, SITI, Whereabouts.AWAY, event_id=note)
    with pytest.raises(NoteDiffers):
        await hear(database, SITI, Whereabouts.ILL, event_id=note)
    with pytest.raises(NoteDiffers):
        await hear(database, Lives(2), Whereabouts.AWAY, event_id=note)
    assert await acts(database, SITI) == ["heard"]


async def test_notes_about_nobody_the_recorded_and_the_future_are_refused(
    database: Database,
) -> None:
    await list_residents(database, [SITI, Lives(2)])
    await record(database, SITI)

    with pytest.raises(NotFound):
        await hear(database, Lives(3), Whereabouts.AWAY)
    with pytest.raises(AlreadyRecorded):
        await hear(database, SITI, Whereabouts.AWAY)
    with pytest.raises(HeardOnADayToCome):
        await database.repeat(
            lambda transaction: steps.hear(
                transaction,
                new_id(),
                Lives(2).nik,
                Heard(Whereabouts.AWAY, Source.FAMILY, MONDAY + timedelta(days=1)),
                noting(),
            )
        )


async def reply(database: Database, token: str, born: date) -> bool:
    heard = Heard(Whereabouts.IN_TOWN, Source.CITIZEN, MONDAY)
    return await database.repeat(
        lambda transaction: steps.reply(transaction, token, born, heard, noting(officer=None))
    )


async def test_a_reply_needs_the_letter_and_the_birth_date_and_ten_wrong_ones_end_it(
    database: Database,
) -> None:
    await list_residents(database, [SITI])
    token = await token_of(database, (await make(database))[0])

    assert not await reply(database, "nobodysletter", BORN)
    for wrong in range(steps.WRONG_TRIES_MAX - 1):
        assert not await reply(database, token, BORN + timedelta(days=1 + wrong))
    assert await reply(database, token, BORN)
    assert await acts(database, SITI) == ["heard"]
    assert not await reply(database, token, BORN + timedelta(days=1))
    assert not await reply(database, token, BORN)


async def test_a_reply_after_the_list_forgot_its_person_is_not_taken(database: Database) -> None:
    await list_residents(database, [SITI])
    token = await token_of(database, (await make(database))[0])
    async with database.begin() as transaction:
        await transaction.execute(
            update(resident).where(resident.c.nik == SITI.nik).values(nik=SITI.nik + 1)
        )

    assert not await reply(database, token, BORN)


async def test_whoever_is_due_is_found_behind_hundreds_who_are_not(database: Database) -> None:
    ill = [Lives(number, rw="001") for number in range(1, steps.LOOKED_AT + 51)]
    due = [Lives(900 + number, rw="002") for number in range(3)]
    await list_residents(database, [*ill, *due])
    async with database.begin() as transaction:
        await transaction.execute(
            insert(outreach).from_select(
                ["nik", "person_id", "letters", "whereabouts", "source", "heard_on"],
                select(
                    resident.c.nik,
                    func.gen_random_uuid(),
                    literal(0),
                    literal("ill"),
                    literal("family"),
                    literal(MONDAY),
                ).where(resident.c.rw == "001"),
            )
        )

    assert await sent(database, await make(database)) == [one.nik for one in due[:2]]


@pytest.mark.parametrize("again_days", [7, 30, 365])
async def test_a_forwarded_letter_is_repeated_after_its_own_time_however_long_others_wait(
    database: Database, again_days: int
) -> None:
    limits = Limits(50, again_days)
    await list_residents(database, [SITI])
    await hear(database, SITI, Whereabouts.AWAY, forward_to=AWAY)
    await make(database, limits=limits)

    later = MONDAY + timedelta(days=rules.AWAY_DAYS + 3)

    assert await sent(database, await make(database, later, limits=limits)) == [SITI.nik]
