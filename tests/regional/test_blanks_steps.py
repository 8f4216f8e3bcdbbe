"""Blanks one by one on a real database: from the delivery to the card, or to the fire."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from services.regional.blanks import steps, store
from services.regional.blanks.rules import BlankFault, DaysLeft, State, Stock
from services.regional.blanks.steps import (
    BlankInUse,
    Brought,
    BurningDiffers,
    Clerk,
    DeliveryDiffers,
    NotToBurn,
    SameOfficerBurns,
    SerialsNotInARow,
    SerialsReceivedBefore,
)
from services.regional.printing import steps as printing
from services.regional.printing.refusals import BlankSpoiledBefore
from services.regional.tables import metadata
from shared.contracts.envelopes import CardResult
from shared.database.engine import Database
from shared.ids import new_id
from shared.refusals import NotFound
from tests.dying import contents, died_at_each_statement
from tests.recordings import NOON, an_arrival
from tests.regional.office_world import OFFICE, permitted
from tests.town import REGION

TODAY = date(2017, 10, 13)
SRI, BUDI = Clerk("officer-1", NOON, TODAY), Clerk("officer-2", NOON, TODAY)
NAMED = ("BLK-1", "BLK-2", "BLK-3", "BLK-4")
BROUGHT = Brought(TODAY, "Ditjen Dukcapil", "BAST/17/2017", NAMED)
PLACE = "Halaman kantor"


async def receive(
    database: Database, delivery_id: UUID | None = None, brought: Brought = BROUGHT
) -> store.Delivery:
    return await database.repeat(
        lambda transaction: steps.receive(transaction, SRI, delivery_id or new_id(), brought)
    )


async def put_aside(database: Database, serial: str) -> store.Known:
    async with database.begin() as transaction:
        return await steps.put_aside(transaction, SRI, serial, BlankFault.NO_CHIP)


async def use(
    database: Database, number: int, serial: str, *results: CardResult, days_ago: int = 0
) -> None:
    """Person `number`'s card is printed on this blank."""
    one = await permitted(database, an_arrival(number))
    async with database.begin() as transaction:
        await printing.spend(
            transaction, OFFICE, one, serial, "printer-1", NOON - timedelta(days=days_ago)
        )
        for result in results:
            await printing.report(transaction, REGION, serial, result, "failed-print", NOON)


async def write_minutes(
    database: Database, *serials: str, burning_id: UUID | None = None, clerk: Clerk = SRI
) -> store.Burning:
    return await database.repeat(
        lambda transaction: steps.write_minutes(
            transaction, clerk, burning_id or new_id(), PLACE, serials
        )
    )


async def bear_witness(database: Database, burning_id: UUID, clerk: Clerk) -> store.Burning:
    async with database.begin() as transaction:
        return await steps.bear_witness(transaction, clerk, burning_id)


async def stock(database: Database) -> tuple[Stock, DaysLeft | None]:
    async with database.begin() as transaction:
        return await steps.stock(transaction, OFFICE.zone, NOON)


async def test_every_blank_is_somewhere(database: Database) -> None:
    await receive(database)
    await use(database, 1, "BLK-1", CardResult.PRINTED, CardResult.ISSUED)
    await use(database, 2, "BLK-2", CardResult.SPOILED)
    await put_aside(database, "BLK-3")

    counted, _ = await stock(database)

    assert counted == Stock(received=4, left=1, printing=0, used=1, spoiled=2, burnt=0, uncounted=0)


async def test_a_blank_used_before_the_first_delivery_is_told_apart(database: Database) -> None:
    await use(database, 1, "OLD-1")
    await receive(database)

    counted, _ = await stock(database)

    assert (counted.received, counted.left, counted.printing, counted.uncounted) == (4, 4, 1, 1)


async def test_a_delivery_entered_twice_is_one_and_no_serial_comes_twice(
    database: Database,
) -> None:
    one = new_id()
    first = await receive(database, one)
    before = await contents(database, metadata)

    assert await receive(database, one) == first
    with pytest.raises(DeliveryDiffers):
        await receive(database, one, replace(BROUGHT, reference="BAST/18"))
    with pytest.raises(DeliveryDiffers):
        await receive(database, one, replace(BROUGHT, serials=("BLK-1", "X", "Y", "BLK-4")))
    with pytest.raises(SerialsReceivedBefore) as refusal:
        await receive(database, None, replace(BROUGHT, serials=("BLK-4", "BLK-5")))

    assert refusal.value.extra == {"count": 1}
    assert await contents(database, metadata) == before


def test_a_gap_between_serials_is_not_filled() -> None:
    with pytest.raises(SerialsNotInARow):
        steps.row_of("BLK-9", "BLK-1")


async def test_a_blank_put_aside_is_never_printed_on(database: Database) -> None:
    await receive(database)

    aside = await put_aside(database, "BLK-1")
    again = await put_aside(database, "BLK-1")

    assert (aside.state, aside.cause) == (State.SPOILED, "no-chip")
    assert again == aside
    with pytest.raises(BlankSpoiledBefore):
        await use(database, 1, "BLK-1")
    with pytest.raises(NotFound):
        await put_aside(database, "BLK-404")


async def test_a_blank_in_a_printer_is_not_put_aside(database: Database) -> None:
    await receive(database)
    await use(database, 1, "BLK-1")

    with pytest.raises(BlankInUse):
        await put_aside(database, "BLK-1")


async def test_a_clerk_who_takes_the_blank_that_is_being_put_into_a_printer_does_not_get_it(
    database: Database,
) -> None:
    await receive(database)
    permission = await permitted(database, an_arrival(1))

    async with database.begin() as transaction:
        await printing.spend(transaction, OFFICE, permission, "BLK-1", "printer-1", NOON)
        clerk = asyncio.create_task(put_aside(database, "BLK-1"))
        await until_somebody_waits(database)

    with pytest.raises(BlankInUse):
        await clerk


async def until_somebody_waits(database: Database) -> None:
    """For a lock that another transaction holds."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(30):
        while True:
            async with database.begin() as transaction:
                if await transaction.scalar(waiting):
                    return


async def test_spoiled_blanks_are_burnt_before_two_officers(database: Database) -> None:
    await receive(database)
    await use(database, 1, "BLK-1", CardResult.SPOILED)
    await put_aside(database, "BLK-2")
    one = new_id()

    written = await write_minutes(database, "BLK-1", "BLK-2", burning_id=one)
    assert await write_minutes(database, "BLK-2", "BLK-1", burning_id=one) == written
    with pytest.raises(BurningDiffers):
        await write_minutes(database, "BLK-1", burning_id=one)
    assert (written.year, written.number, written.blanks) == (2017, 1, 2)
    counted, _ = await stock(database)
    assert (counted.spoiled, counted.burnt) == (2, 0)

    with pytest.raises(SameOfficerBurns):
        await bear_witness(database, one, SRI)
    seen = await bear_witness(database, one, BUDI)
    assert await bear_witness(database, one, replace(BUDI, officer="officer-3")) == seen

    assert (seen.officer, seen.witness) == ("officer-1", "officer-2")
    counted, _ = await stock(database)
    assert (counted.spoiled, counted.burnt, counted.left) == (0, 2, 2)
    async with database.begin() as transaction:
        lines = await store.burnt(transaction, one)
        assert await store.to_burn(transaction, 10) == []
    assert [(line.serial, line.cause) for line in lines] == [
        ("BLK-1", "failed-print"),
        ("BLK-2", "no-chip"),
    ]


async def test_a_good_card_and_a_blank_of_other_minutes_are_not_burnt(
    database: Database,
) -> None:
    await receive(database)
    await use(database, 1, "BLK-1", CardResult.PRINTED)
    await put_aside(database, "BLK-2")
    await put_aside(database, "BLK-3")
    await write_minutes(database, "BLK-2")

    with pytest.raises(NotToBurn) as refusal:
        await write_minutes(database, "BLK-1", "BLK-2", "BLK-3", "BLK-404")

    places = [one["pointer"] for one in refusal.value.errors]
    assert places == ["/serials/0", "/serials/1", "/serials/3"]
    assert refusal.value.extra == {"count": 3}


async def test_minutes_written_at_once_have_numbers_of_their_own(database: Database) -> None:
    await receive(database)
    for serial in NAMED:
        await put_aside(database, serial)

    written = await asyncio.gather(*(write_minutes(database, serial) for serial in NAMED))

    assert sorted(one.number for one in written) == [1, 2, 3, 4]


async def test_the_days_left_follow_from_what_left_the_stock(database: Database) -> None:
    await receive(database, None, replace(BROUGHT, serials=steps.row_of("K-001", "K-100")))
    for number, ago in enumerate((1, 1, 8), 1):
        await use(database, number, f"K-00{number}", days_ago=ago)
    await use(database, 4, "K-004", days_ago=20)

    counted, lasting = await stock(database)

    assert counted.left == 96
    assert lasting == DaysLeft(least=336, most=672)


async def test_minutes_that_die_anywhere_are_not_written(database: Database) -> None:
    await receive(database)
    await put_aside(database, "BLK-1")

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.write_minutes(transaction, SRI, new_id(), PLACE, ["BLK-1"]),
    )

    assert statements == 5


async def test_a_delivery_that_dies_anywhere_brings_nothing(database: Database) -> None:
    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.receive(transaction, SRI, new_id(), BROUGHT),
    )

    assert statements == 3
