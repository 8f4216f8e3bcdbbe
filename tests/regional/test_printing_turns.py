"""Whose card is printed first: the oldest permissions, exceptions with a name, second tries."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from services.regional.printing import desk, hands, steps, store, turns
from services.regional.printing.desk import Desk
from services.regional.printing.refusals import (
    BlankNotReceived,
    BlankSpoiledBefore,
    CollectorNotFamily,
    ExceptionStands,
    PrintOutOfTurn,
)
from services.regional.printing.rules import BlankRule, Collector, Ground, NotFamily, Relative
from services.regional.printing.steps import HolderUnder17, Office, PermissionSpent, ToPrint
from services.regional.tables import (
    blank,
    blank_delivery,
    handover,
    metadata,
    resident,
    revocation,
)
from shared.contracts.envelopes import CardResult
from shared.database.engine import Database
from shared.ids import new_id
from shared.refusals import NotFound
from tests.dying import contents, died_at_each_statement
from tests.recordings import NOON, an_arrival, nik
from tests.regional.office_world import OFFICE, permitted
from tests.town import REGION

TWO = replace(OFFICE, window=2)
TODAY = date(2017, 10, 13)
NOW = turns.Moment(NOON, TODAY)
SRI = Desk(REGION, "officer-12", NOON)
KK = "6172020101100042"


async def in_queue(database: Database, count: int, first: int = 1) -> list[UUID]:
    """Permissions of people 1 to `count`, the oldest first."""
    return [await permitted(database, an_arrival(n)) for n in range(first, first + count)]


async def spend(
    database: Database, authorization_id: UUID, blank_serial: str = "BLK-1", office: Office = TWO
) -> ToPrint:
    async with database.begin() as transaction:
        return await steps.spend(
            transaction, office, authorization_id, blank_serial, "printer-1", NOON
        )


async def report(database: Database, blank_serial: str, result: CardResult) -> store.Card:
    async with database.begin() as transaction:
        return await steps.report(transaction, REGION, blank_serial, result, None, NOON)


async def let_before(
    database: Database, authorization_id: UUID, words: str = "operasi pekan ini"
) -> turns.LetBefore:
    return await database.repeat(
        lambda transaction: desk.let_before(
            transaction, SRI, authorization_id, Ground.MEDICAL, words
        )
    )


async def test_the_oldest_may_be_printed_in_any_order_and_nobody_before_them(
    database: Database,
) -> None:
    first, second, third = await in_queue(database, 3)
    before = await contents(database, metadata)

    with pytest.raises(PrintOutOfTurn) as refusal:
        await spend(database, third)
    assert refusal.value.extra == {"ahead": 2, "window": 2}
    assert await contents(database, metadata) == before

    await spend(database, second, "BLK-2")
    await spend(database, third, "BLK-3")
    await spend(database, first, "BLK-1")


async def test_desks_that_print_the_list_at_once_are_in_nobodys_way(database: Database) -> None:
    wide = replace(OFFICE, window=8)
    queue = await in_queue(database, 8)

    answers = await asyncio.gather(
        *(spend(database, one, f"BLK-{n}", wide) for n, one in enumerate(queue)),
        return_exceptions=True,
    )

    assert all(isinstance(answer, ToPrint) for answer in answers)


async def test_who_is_let_before_others_is_printed_under_an_officers_name(
    database: Database,
) -> None:
    _, _, third = await in_queue(database, 3)

    made = await let_before(database, third)
    again = await let_before(database, third)

    assert (made.officer, made.reason) == ("officer-12", "medical")
    assert again == made
    with pytest.raises(ExceptionStands):
        await let_before(database, third, "pelayanan lain sama sekali")
    await spend(database, third)
    async with database.begin() as transaction:
        (kept,) = await turns.exceptions(transaction, 10)
    assert (kept.authorization_id, kept.state) == (third, "printing")


async def test_what_is_spent_or_unknown_has_no_exception(database: Database) -> None:
    (one,) = await in_queue(database, 1)
    await spend(database, one)

    with pytest.raises(PermissionSpent):
        await let_before(database, one)
    with pytest.raises(NotFound):
        await let_before(database, new_id())


async def test_an_exception_that_dies_anywhere_is_none(database: Database) -> None:
    (one,) = await in_queue(database, 1)

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: desk.let_before(
            transaction, SRI, one, Ground.COURT, "sidang hari Senin"
        ),
    )

    assert statements > 3


async def test_people_under_17_are_in_nobodys_way_and_listed_with_their_day(
    database: Database,
) -> None:
    young = [
        await permitted(database, an_arrival(n, card={"birth_date": f"2000-11-0{n}"}))
        for n in (3, 2, 1)
    ]
    grown = await permitted(database, an_arrival(4))

    await spend(database, grown)
    with pytest.raises(HolderUnder17):
        await spend(database, young[2], "BLK-2")

    async with database.begin() as transaction:
        await steps.learn_days(transaction)
        held = await turns.held_for_age(transaction, TODAY, 10)
        assert await turns.oldest(transaction, NOW, 10) == []
    assert [one.printable_on for one in held] == [date(2017, 11, n) for n in (1, 2, 3)]
    assert [one.held.authorization_id for one in held] == young[::-1]


async def test_whose_blank_was_spoiled_keeps_the_turn(database: Database) -> None:
    first, _ = an_arrival(1), await in_queue(database, 3, first=2)
    spoiled = await permitted(database, first)
    await let_before(database, spoiled)
    await spend(database, spoiled, "BLK-1")
    await report(database, "BLK-1", CardResult.SPOILED)
    fresh = await permitted(database, first)  # another for the same recording

    await spend(database, fresh, "BLK-2")

    await report(database, "BLK-2", CardResult.PRINTED)
    async with database.begin() as transaction:
        assert await turns.leave(transaction, fresh) == (False, False)


async def test_a_card_taken_back_gives_no_turn(database: Database) -> None:
    """It was spoiled because its permission was revoked, not for want of luck."""
    (one,) = await in_queue(database, 1)
    await spend(database, one)
    await report(database, "BLK-1", CardResult.SPOILED)
    async with database.begin() as transaction:
        assert await turns.leave(transaction, one) == (False, True)
        taken_back = {"authorization_id": one, "recording_id": new_id(), "pos": 99}
        taken_back |= {"reason": "same-person", "revoked_at": NOON, "applied_at": NOON}
        await transaction.execute(revocation.insert(), [taken_back])

        assert await turns.leave(transaction, one) == (False, False)


async def receive(database: Database, *serials: str, spoiled: str | None = None) -> None:
    async with database.begin() as transaction:
        delivery = {
            "delivery_id": new_id(),
            "received_on": TODAY,
            "source": "Ditjen Dukcapil",
            "reference": "BAST-1",
            "first_serial": serials[0],
            "last_serial": serials[-1],
            "blanks": len(serials),
            "officer": "officer-12",
            "entered_at": NOON,
        }
        await transaction.execute(blank_delivery.insert(), [delivery])
        await transaction.execute(
            blank.insert(),
            [
                {
                    "serial": one,
                    "delivery_id": delivery["delivery_id"],
                    "spoiled_at": NOON if one == spoiled else None,
                    "cause": "no-chip" if one == spoiled else None,
                }
                for one in serials
            ],
        )


async def test_blanks_are_counted_from_the_first_delivery_on(database: Database) -> None:
    first, second, third = await in_queue(database, 3)
    await spend(database, first, "ANY-1")
    await receive(database, "BLK-1", "BLK-2", spoiled="BLK-2")

    with pytest.raises(BlankNotReceived):
        await spend(database, second, "ANY-2")
    with pytest.raises(BlankSpoiledBefore):
        await spend(database, second, "BLK-2")
    await spend(database, second, "BLK-1")

    free = replace(TWO, blanks=BlankRule.FREE)
    await spend(database, third, "ANY-3", free)


async def test_an_office_may_count_before_its_first_delivery(database: Database) -> None:
    (one,) = await in_queue(database, 1)

    with pytest.raises(BlankNotReceived):
        await spend(database, one, "BLK-1", replace(TWO, blanks=BlankRule.COUNTED))


async def printed(database: Database, number: int = 1, blank_serial: str = "BLK-1") -> None:
    """A card of person `number` waits to be collected; the family card is KK."""
    one = await permitted(database, an_arrival(number, family_card=KK))
    await spend(database, one, blank_serial)
    await report(database, blank_serial, CardResult.PRINTED)


async def hand_over(
    database: Database, collector: Collector | Relative, blank_serial: str = "BLK-1"
) -> store.Card:
    async with database.begin() as transaction:
        return await desk.hand_over(transaction, SRI, blank_serial, collector)


async def test_a_card_goes_to_its_holder_and_who_gave_it_is_kept(database: Database) -> None:
    await printed(database)

    handed = await hand_over(database, Collector.SELF)
    again = await hand_over(database, Collector.SELF)

    assert handed.state.value == again.state.value == "issued"
    async with database.begin() as transaction:
        (row,) = (await transaction.execute(select(handover))).all()
    assert (row.collector, row.collector_nik, row.officer) == ("self", None, "officer-12")


async def test_a_relative_on_the_same_family_card_collects(database: Database) -> None:
    await printed(database)
    await permitted(database, an_arrival(2, family_card=KK))

    await hand_over(database, Relative(int(nik(2)), int(KK)))

    async with database.begin() as transaction:
        (row,) = (await transaction.execute(select(handover))).all()
    assert (row.collector, row.collector_nik) == ("family", int(nik(2)))


@pytest.mark.parametrize(
    ("relative", "why"),
    [
        (Relative(int(nik(2)), int(KK) + 1), NotFamily.OTHER_FAMILY_CARD),
        (Relative(int(nik(3)), int(KK)), NotFamily.RELATIVE_ELSEWHERE),
        (Relative(int(nik(4)), int(KK)), NotFamily.RELATIVE_ELSEWHERE),
        (Relative(int(nik(1)), int(KK)), NotFamily.SAME_PERSON),
    ],
)
async def test_nobody_else_gets_it(database: Database, relative: Relative, why: NotFamily) -> None:
    await printed(database)
    await permitted(database, an_arrival(3, family_card="6172020101100099"))
    async with database.begin() as transaction:
        listed = {"nik": int(nik(4)), "ward": "61.72.02.1001", "sex": "male", "obliged": True}
        listed |= {"birth_date": date(1990, 1, 1), "family_card": 6172020101100098}
        await transaction.execute(resident.insert(), [listed])
    before = await contents(database, metadata)

    with pytest.raises(CollectorNotFamily) as refusal:
        await hand_over(database, relative)

    assert refusal.value.extra == {"why": why.value}
    assert await contents(database, metadata) == before


async def test_a_hand_over_that_dies_anywhere_is_none(database: Database) -> None:
    await printed(database)

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: desk.hand_over(
            transaction, SRI, "BLK-1", Relative(int(nik(2)), int(KK))
        ),
    )

    assert statements > 5


async def test_what_nobody_collected_is_listed_longest_first(database: Database) -> None:
    await printed(database, 1, "BLK-1")
    await printed(database, 2, "BLK-2")
    await hand_over(database, Collector.SELF, "BLK-1")

    async with database.begin() as transaction:
        waiting = await hands.uncollected(transaction, 10)
        assert await hands.count_uncollected(transaction) == 1
    assert [one.blank_serial for one in waiting] == ["BLK-2"]
    assert waiting[0].printed_at == NOON + timedelta()
