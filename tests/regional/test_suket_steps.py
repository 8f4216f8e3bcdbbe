"""Sukets on a real database: given, renewed, ended by a card that was handed over; and on paper."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from services.regional.journey.rules import OfficialStatus
from services.regional.papers import Office, pages_in
from services.regional.printing import desk as printing_desk
from services.regional.printing import steps as printing
from services.regional.printing.rules import Collector
from services.regional.suket import rules, steps, store, views
from services.regional.suket.paper import suket_pdf
from services.regional.suket.rules import End, periods_of
from services.regional.suket.steps import (
    Desk,
    SuketDiffers,
    SuketHasCard,
    SuketNotAllowed,
    SuketNotRecorded,
    SuketStillValid,
    SuketUnder17,
)
from services.regional.suket.store import Suket
from services.regional.tables import metadata
from shared.contracts.envelopes import CardResult
from shared.database.engine import Database, Transaction
from shared.ids import new_id
from shared.refusals import Refusal
from tests.dying import contents, died_at_each_statement
from tests.recordings import NOON, an_arrival, nik
from tests.regional.office_world import OFFICE, permitted, taken
from tests.town import REGION

TODAY = date(2017, 10, 13)
LETTERHEAD = Office("PEMERINTAH KOTA", "DINAS", "Jalan 1", "Singkawang", "Kantor", "8-15", "Kepala")


@dataclass(frozen=True)
class Waits:
    official_status: OfficialStatus = OfficialStatus.SENT_FOR_ENROLLMENT


async def standing(transaction: Transaction, region: str, recording: UUID, today: date) -> Waits:
    return Waits()


SRI = Desk(REGION, "officer-1", NOON, TODAY, periods_of("2016-09-29/2020-03-01"), standing)


def later(days: int) -> Desk:
    return replace(SRI, now=NOON + timedelta(days=days), today=TODAY + timedelta(days=days))


async def give(
    database: Database, number: int = 1, desk: Desk = SRI, suket_id: UUID | None = None
) -> Suket:
    one = suket_id or new_id()
    return await database.repeat(
        lambda transaction: steps.give(transaction, desk, one, int(nik(number)))
    )


async def end_of(database: Database, one: Suket, today: date = TODAY) -> End | None:
    async with database.begin() as transaction:
        return rules.end_of((await steps.look_up(transaction, one.suket_id)).facts, today)


async def hand_card_over(database: Database, authorization_id: UUID, days: int = 0) -> None:
    now = NOON + timedelta(days=days)
    who = printing_desk.Desk(REGION, "officer-1", now)
    async with database.begin() as transaction:
        await printing.spend(transaction, OFFICE, authorization_id, "BLK-1", "printer-1", now)
        await printing.report(transaction, REGION, "BLK-1", CardResult.PRINTED, None, now)
        await printing_desk.hand_over(transaction, who, "BLK-1", Collector.SELF)


async def refused(database: Database, kind: type[Refusal], desk: Desk = SRI) -> None:
    before = await contents(database, metadata)
    with pytest.raises(kind):
        await give(database, desk=desk)
    assert await contents(database, metadata) == before


async def test_somebody_recorded_without_a_card_gets_one(database: Database) -> None:
    await taken(database, an_arrival(1))
    suket_id = new_id()

    one = await give(database, suket_id=suket_id)

    assert (one.valid_until, one.status_code, one.name) == (
        date(2018, 4, 13),
        "SFE",
        "470/00001/SUKET/2017",
    )
    assert await give(database, suket_id=suket_id) == one
    assert await end_of(database, one) is None


async def test_others_do_not(database: Database) -> None:
    await refused(database, SuketNotRecorded)
    await taken(database, an_arrival(1, card={"birth_date": "2000-11-01"}))
    await refused(database, SuketUnder17)
    await refused(database, SuketNotAllowed, replace(SRI, today=date(2020, 3, 2)))


async def test_an_id_is_one_persons(database: Database) -> None:
    await taken(database, an_arrival(1), an_arrival(2))
    one = await give(database, 1)

    with pytest.raises(SuketDiffers):
        await give(database, 2, suket_id=one.suket_id)


async def test_a_card_that_is_handed_over_ends_it(database: Database) -> None:
    permission = await permitted(database, an_arrival(1))
    one = await give(database)

    await hand_card_over(database, permission, days=3)

    assert await end_of(database, one) is End.CARD_ISSUED
    await refused(database, SuketHasCard, later(4))


async def test_it_is_renewed_and_its_history_kept(database: Database) -> None:
    await taken(database, an_arrival(1))
    first = await give(database)
    await refused(database, SuketStillValid, later(100))

    second = await give(database, desk=later(160))

    assert second.renews == first.suket_id
    assert await end_of(database, first) is End.RENEWED
    async with database.begin() as transaction:
        history = await store.history_of(transaction, first.recording_id)
        waiting = await store.expiring(transaction, 10)
        assert await store.counts(transaction, later(160).today) == (2, 1)
    assert [one.suket_id for one in history] == [second.suket_id, first.suket_id]
    assert [one.suket_id for one in waiting] == [second.suket_id]


async def test_one_withdrawn_may_be_given_anew_at_once(database: Database) -> None:
    await taken(database, an_arrival(1))
    first = await give(database)

    async with database.begin() as transaction:
        await steps.withdraw(transaction, SRI, first.suket_id)
        await steps.withdraw(transaction, later(1), first.suket_id)
    second = await give(database)

    assert await end_of(database, first) is End.WITHDRAWN
    assert await end_of(database, second) is None


async def test_of_two_desks_that_give_one_person_a_suket_one_does(database: Database) -> None:
    await taken(database, an_arrival(1))

    answers = await asyncio.gather(*(give(database) for _ in range(3)), return_exceptions=True)

    assert sum(isinstance(answer, Suket) for answer in answers) == 1
    assert sum(isinstance(answer, SuketStillValid) for answer in answers) == 2


async def test_numbers_are_given_once(database: Database) -> None:
    await taken(database, *(an_arrival(number) for number in range(1, 5)))

    given = await asyncio.gather(*(give(database, number) for number in range(1, 5)))

    assert sorted(one.number for one in given) == [1, 2, 3, 4]


async def test_giving_that_dies_anywhere_gives_nothing(database: Database) -> None:
    await taken(database, an_arrival(1))

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.give(transaction, SRI, new_id(), int(nik(1))),
    )

    assert statements == 9


async def test_whoever_checks_a_paper_learns_no_name(database: Database) -> None:
    await taken(database, an_arrival(1))
    one = await give(database)

    async with database.begin() as transaction:
        known = views.check_of(await store.by_token(transaction, one.token), TODAY)
        unknown = views.check_of(await store.by_token(transaction, "x"), TODAY)

    assert (known.state, known.number, unknown.state) == ("valid", one.name, "unknown")
    assert set(known.model_dump()) == {"state", "number", "valid_until", "ended"}


async def test_the_code_on_the_paper_opens_its_check(database: Database) -> None:
    await taken(database, an_arrival(1))
    one = await give(database)
    address = f"https://kantor.example/suket/{one.token}"
    async with database.begin() as transaction:
        card = await steps.card_of(transaction, one.recording_id)

    pdf = suket_pdf(LETTERHEAD, one, card, address)

    assert pages_in(pdf) == 1
    assert suket_pdf(LETTERHEAD, one, card, address) == pdf
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        text = page.get_textpage().get_text_bounded()
        bitmap = page.render(scale=2, grayscale=True)
        found = zxingcpp.read_barcodes(np.ascontiguousarray(bitmap.to_numpy().squeeze()))
        page.close()
    assert [code.text for code in found] == [address]
    assert one.name in text
    assert nik(1) in text
