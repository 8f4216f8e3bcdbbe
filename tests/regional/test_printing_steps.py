"""Printing on a real database: one permission, one blank, one card."""

import asyncio
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from sqlalchemy import func, select

from services.central.journey.entries import SignedPermission
from services.regional.printing import steps, store
from services.regional.printing.rules import CardState
from services.regional.printing.steps import (
    CardStepNotAllowed,
    HolderUnder17,
    Office,
    PermissionExpired,
    PermissionNotValid,
    PermissionSpent,
    ToPrint,
)
from services.regional.tables import card, metadata, outbox
from shared.contracts.authorization import TYPE
from shared.contracts.envelopes import CARD_RECEIPT, CardReceipt, CardResult, EnvelopeKind
from shared.contracts.recording import RECORDING
from shared.database.engine import Database
from shared.ids import new_id
from shared.refusals import NotFound, Refusal
from shared.signing import PinnedKeys, jwks_of, new_key
from tests.dying import contents, died_at_each_statement
from tests.fault_rows import Fired
from tests.recordings import NOON, an_arrival
from tests.regional.office_world import OFFICE, PERMITTER, apply, page, permitted, signed_for
from tests.regional.pages import decision
from tests.town import NEIGHBOUR, REGION


async def spend(
    database: Database,
    authorization_id: UUID,
    blank: str = "BLK-1",
    office: Office = OFFICE,
    after: timedelta = timedelta(),
) -> ToPrint:
    async with database.begin() as transaction:
        return await steps.spend(
            transaction, office, authorization_id, blank, "printer-1", NOON + after
        )


async def report(
    database: Database, result: CardResult, blank: str = "BLK-1", cause: str | None = None
) -> store.Card:
    async with database.begin() as transaction:
        return await steps.report(transaction, REGION, blank, result, cause, NOON)


async def receipts(database: Database) -> list[CardReceipt]:
    """What the outbox tells the centre about cards, in order."""
    async with database.begin() as transaction:
        bodies = await transaction.scalars(
            select(outbox.c.body)
            .where(outbox.c.kind == EnvelopeKind.CARD_RECEIPT.value)
            .order_by(outbox.c.seq)
        )
        return [CARD_RECEIPT.validate_json(body) for body in bodies]


async def refused(database: Database, kind: type[Refusal], authorization_id: UUID) -> None:
    """Spending is refused, and nothing is written."""
    before = await contents(database, metadata)
    with pytest.raises(kind):
        await spend(database, authorization_id)
    assert await contents(database, metadata) == before


async def test_a_permission_is_spent_for_the_card_it_was_given_for(database: Database) -> None:
    arrival = an_arrival(1)
    authorization_id = await permitted(database, arrival)

    to_print = await spend(database, authorization_id)

    assert to_print.authorization_id == authorization_id
    assert to_print.card.nik == str(arrival.nik)
    async with database.begin() as transaction:
        made = await store.card_of(transaction, "BLK-1")
    assert made is not None
    assert (made.state, made.recording_id) == (CardState.PRINTING, arrival.recording_id)


@pytest.mark.fault("A2")
async def test_a_permission_is_spent_once_and_a_blank_is_used_once(
    database: Database, fired: Fired
) -> None:
    first = await permitted(database, an_arrival(1))
    second = await permitted(database, an_arrival(2))
    await spend(database, first, "BLK-1")

    with pytest.raises(PermissionSpent):
        await spend(database, first, "BLK-1")
    with pytest.raises(PermissionSpent):
        await spend(database, first, "BLK-2")
    fired()
    with pytest.raises(PermissionSpent):
        await spend(database, second, "BLK-1")

    assert (await spend(database, second, "BLK-2")).authorization_id == second


async def test_of_printers_that_race_one_gets_to_print(database: Database) -> None:
    authorization_id = await permitted(database, an_arrival(1))

    answers = await asyncio.gather(
        *(spend(database, authorization_id, f"BLK-{number}") for number in range(6)),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, ToPrint) for answer in answers) == 1
    assert sum(isinstance(answer, PermissionSpent) for answer in answers) == 5
    async with database.begin() as transaction:
        assert await transaction.scalar(select(func.count()).select_from(card)) == 1


async def test_a_permission_nobody_gave_is_not_found(database: Database) -> None:
    await refused(database, NotFound, new_id())


async def test_a_permission_another_key_signed_is_not_valid(database: Database) -> None:
    """The very same words, under the name of the centre's key."""
    arrival = an_arrival(1)
    signed = signed_for(arrival)
    words = OFFICE.centre.verify(signed.jws, TYPE).payload
    forged = replace(signed, jws=new_key("centre").sign(words, TYPE))

    await refused(database, PermissionNotValid, await permitted(database, arrival, forged))


@pytest.mark.fault("A2")
async def test_a_permission_for_another_office_is_not_valid(
    database: Database, fired: Fired
) -> None:
    arrival = an_arrival(1)
    signed = signed_for(arrival, NEIGHBOUR)

    await refused(database, PermissionNotValid, await permitted(database, arrival, signed))
    fired()


async def test_a_permission_of_another_persons_card_is_not_valid(database: Database) -> None:
    arrival, other = an_arrival(1), an_arrival(2)

    await refused(
        database, PermissionNotValid, await permitted(database, arrival, signed_for(other))
    )


async def test_a_permission_stored_under_another_id_is_not_valid(database: Database) -> None:
    """Else one signed permission, copied under two ids, would print two cards."""
    arrival = an_arrival(1)
    signed = signed_for(arrival)
    copy = SignedPermission(new_id(), signed.jws, signed.expires_at)

    await refused(database, PermissionNotValid, await permitted(database, arrival, copy))


async def test_a_permission_of_an_epoch_nobody_here_has_heard_is_not_valid(
    database: Database,
) -> None:
    arrival = an_arrival(1)
    recording = RECORDING.validate_json(arrival.body)
    ahead = replace(PERMITTER, epoch=2).sign(REGION, new_id(), recording, NOON)
    authorization_id = await permitted(database, arrival, ahead)

    await refused(database, PermissionNotValid, authorization_id)
    await apply(database, page(decision(new_id()), after=1, epoch=2))
    assert (await spend(database, authorization_id)).authorization_id == authorization_id


async def test_a_permission_whose_algorithm_was_swapped_is_not_valid(database: Database) -> None:
    arrival = an_arrival(1)
    signed = signed_for(arrival)
    _, payload, signature = signed.jws.split(".")
    head = urlsafe_b64encode(orjson.dumps({"alg": "none", "kid": "centre", "typ": TYPE})).rstrip(
        b"="
    )
    forged = replace(signed, jws=f"{head.decode()}.{payload}.{signature}")

    await refused(database, PermissionNotValid, await permitted(database, arrival, forged))


async def test_a_key_the_office_does_not_pin_does_not_count(database: Database) -> None:
    authorization_id = await permitted(database, an_arrival(1))
    elsewhere = replace(OFFICE, centre=PinnedKeys(jwks_of([new_key("centre")])))

    with pytest.raises(PermissionNotValid):
        await spend(database, authorization_id, office=elsewhere)


async def test_an_expired_permission_says_since_when(database: Database) -> None:
    authorization_id = await permitted(database, an_arrival(1))

    with pytest.raises(PermissionExpired) as refusal:
        await spend(database, authorization_id, after=PERMITTER.lifetime)

    assert refusal.value.extra["expired_at"] == (NOON + PERMITTER.lifetime).isoformat()


async def test_a_card_waits_for_the_17th_birthday_by_the_offices_calendar(
    database: Database,
) -> None:
    """17:00 in UTC on the eve is midnight in Singkawang."""
    arrival = an_arrival(1, card={"birth_date": "2000-10-14"})
    authorization_id = await permitted(database, arrival)

    with pytest.raises(HolderUnder17) as refusal:
        await spend(database, authorization_id, after=timedelta(hours=11, minutes=59))
    assert refusal.value.extra["printable_on"] == "2017-10-14"

    to_print = await spend(database, authorization_id, after=timedelta(hours=12))
    assert to_print.authorization_id == authorization_id


async def test_each_result_is_told_to_the_centre_once(database: Database) -> None:
    authorization_id = await permitted(database, an_arrival(1))
    await spend(database, authorization_id)

    for result in (CardResult.PRINTED, CardResult.PRINTED, CardResult.ISSUED, CardResult.ISSUED):
        made = await report(database, result)
        assert made.state.value == result.value

    told = await receipts(database)
    assert [one.result for one in told] == [CardResult.PRINTED, CardResult.ISSUED]
    assert {(one.authorization_id, one.blank_serial) for one in told} == {
        (authorization_id, "BLK-1")
    }


async def test_two_reports_at_once_are_one(database: Database) -> None:
    await spend(database, await permitted(database, an_arrival(1)))

    await asyncio.gather(*(report(database, CardResult.PRINTED) for _ in range(4)))

    assert len(await receipts(database)) == 1


async def test_of_contradicting_reports_at_once_one_stands(database: Database) -> None:
    await spend(database, await permitted(database, an_arrival(1)))

    answers = await asyncio.gather(
        report(database, CardResult.PRINTED),
        report(database, CardResult.SPOILED, cause="jam"),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, CardStepNotAllowed) for answer in answers) == 1
    assert len(await receipts(database)) == 1


async def test_a_spoiled_blank_is_told_with_its_cause_and_never_printed(
    database: Database,
) -> None:
    authorization_id = await permitted(database, an_arrival(1))
    await spend(database, authorization_id)

    await report(database, CardResult.SPOILED, cause="power-cut")

    (told,) = await receipts(database)
    assert (told.result, told.cause) == (CardResult.SPOILED, "power-cut")
    with pytest.raises(CardStepNotAllowed):
        await report(database, CardResult.PRINTED)
    with pytest.raises(PermissionSpent):
        await spend(database, authorization_id, "BLK-2")


async def test_a_card_is_not_handed_over_before_it_is_printed(database: Database) -> None:
    await spend(database, await permitted(database, an_arrival(1)))

    with pytest.raises(CardStepNotAllowed) as refusal:
        await report(database, CardResult.ISSUED)

    assert refusal.value.extra == {"state": "printing"}
    assert await receipts(database) == []


async def test_an_unknown_blank_has_no_card(database: Database) -> None:
    with pytest.raises(NotFound):
        await report(database, CardResult.PRINTED, "BLK-404")


async def test_spending_that_dies_anywhere_spends_nothing(database: Database) -> None:
    authorization_id = await permitted(database, an_arrival(1))

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.spend(
            transaction, OFFICE, authorization_id, "BLK-1", "printer-1", NOON
        ),
    )

    assert statements == 10


async def test_a_report_that_dies_anywhere_tells_nothing(database: Database) -> None:
    await spend(database, await permitted(database, an_arrival(1)))

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.report(
            transaction, REGION, "BLK-1", CardResult.SPOILED, "jam", NOON
        ),
    )

    assert statements == 3
    assert len(await receipts(database)) == 1
