"""A permission the centre took back: refused offline; a card that is out is withdrawn."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.regional.feed_reader.rules import PageDoesNotFit
from services.regional.journey.rules import (
    Event,
    Happening,
    OfficialStatus,
    Stage,
    official_status,
    story,
)
from services.regional.printing import store
from services.regional.printing.rules import CardState
from services.regional.printing.steps import (
    CardStepNotAllowed,
    CardToWithdraw,
    PermissionReplaced,
    PermissionRevoked,
    PermissionSpent,
)
from services.regional.recording.rules import Arrival
from services.regional.status import store as status_store
from services.regional.tables import revocation
from shared.contracts.envelopes import CardResult
from shared.database.engine import Database
from tests.recordings import NOON, an_arrival
from tests.regional import pages
from tests.regional.office_world import (
    applied_pos,
    apply,
    page,
    permitted,
    signed_for,
)
from tests.regional.test_printing_steps import receipts, refused, report, spend


async def hear(database: Database, *bodies: bytes) -> None:
    await apply(database, page(*bodies, after=await applied_pos(database)))


async def taken_back(database: Database, arrival: Arrival, authorization_id: UUID) -> None:
    await hear(database, pages.revocation(arrival.recording_id, authorization_id))


async def printable(database: Database) -> list[UUID]:
    async with database.begin() as transaction:
        return [held.authorization_id for _, held in await store.unspent(transaction, 0, 10)]


async def stage(database: Database, arrival: Arrival) -> tuple[Stage, OfficialStatus]:
    async with database.begin() as transaction:
        decided = await status_store.after_the_centre(transaction, arrival.recording_id)
    told = story([Happening(Event.OFFERED, NOON), *decided])
    return told[-1][0], official_status(told[-1][0], None)


@pytest.fixture
async def arrival() -> Arrival:
    return an_arrival(1)


async def test_a_permission_taken_back_is_refused_without_the_line(
    database: Database, arrival: Arrival
) -> None:
    authorization_id = await permitted(database, arrival)

    await taken_back(database, arrival, authorization_id)

    await refused(database, PermissionRevoked, authorization_id)
    assert await printable(database) == []
    with pytest.raises(PermissionRevoked) as refusal:
        await spend(database, authorization_id)
    assert refusal.value.extra == {"reason": "same-person", "replaced_by": None}


async def test_it_may_be_told_in_the_page_of_the_permission_itself_and_again(
    database: Database, arrival: Arrival
) -> None:
    signed = signed_for(arrival)
    authorization_id = await permitted(database, arrival, signed)
    word = pages.revocation(arrival.recording_id, authorization_id)

    await hear(database, word, word)
    await hear(database, word)

    async with database.begin() as transaction:
        assert await transaction.scalar(select(func.count()).select_from(revocation)) == 1


async def test_of_two_permissions_of_one_recording_only_the_newest_is_spent(
    database: Database, arrival: Arrival
) -> None:
    old = await permitted(database, arrival)
    fresh = signed_for(arrival)
    await hear(database, pages.fresh_permission(arrival.recording_id, old, fresh))

    await refused(database, PermissionReplaced, old)
    assert await printable(database) == [fresh.authorization_id]
    await spend(database, fresh.authorization_id)
    await refused(database, PermissionReplaced, old)


async def test_a_fresh_permission_is_not_spent_while_the_old_ones_card_stands(
    database: Database, arrival: Arrival
) -> None:
    """The centre renewed what was being printed; nobody took it back."""
    old = await permitted(database, arrival)
    await spend(database, old)
    fresh = signed_for(arrival)
    await hear(database, pages.fresh_permission(arrival.recording_id, old, fresh))

    await refused(database, PermissionSpent, fresh.authorization_id)
    assert await printable(database) == []

    await report(database, CardResult.SPOILED)
    assert await printable(database) == [fresh.authorization_id]


async def test_a_replaced_card_is_withdrawn_and_the_fresh_one_is_printed(
    database: Database, arrival: Arrival
) -> None:
    old = await permitted(database, arrival)
    await spend(database, old)
    await report(database, CardResult.PRINTED)
    fresh = signed_for(arrival)
    await hear(
        database,
        pages.revocation(arrival.recording_id, old, fresh.authorization_id),
        pages.fresh_permission(arrival.recording_id, old, fresh),
    )

    with pytest.raises(CardToWithdraw):
        await report(database, CardResult.ISSUED)
    to_print = await spend(database, fresh.authorization_id, "BLK-2")

    assert to_print.authorization_id == fresh.authorization_id
    assert await stage(database, arrival) == (Stage.PRINTING, OfficialStatus.SENT_FOR_CARD_PRINTING)


async def test_a_card_in_the_printer_comes_out_and_is_withdrawn(
    database: Database, arrival: Arrival
) -> None:
    authorization_id = await permitted(database, arrival)
    await spend(database, authorization_id)
    await taken_back(database, arrival, authorization_id)
    assert await stage(database, arrival) == (Stage.TO_WITHDRAW, OfficialStatus.CARD_PRINTED)

    assert (await report(database, CardResult.PRINTED)).state is CardState.PRINTED
    with pytest.raises(CardToWithdraw):
        await report(database, CardResult.ISSUED)
    await report(database, CardResult.SPOILED)

    told = await receipts(database)
    assert [(one.result, one.cause) for one in told] == [
        (CardResult.PRINTED, None),
        (CardResult.SPOILED, "withdrawn"),
    ]
    assert await stage(database, arrival) == (Stage.REVOKED, OfficialStatus.RECEIVED_AT_CENTRAL)


async def test_a_card_handed_over_is_taken_back(database: Database, arrival: Arrival) -> None:
    authorization_id = await permitted(database, arrival)
    await spend(database, authorization_id)
    for result in (CardResult.PRINTED, CardResult.ISSUED):
        await report(database, result)
    with pytest.raises(CardStepNotAllowed):
        await report(database, CardResult.SPOILED)  # nobody took it back yet

    await taken_back(database, arrival, authorization_id)

    assert (await report(database, CardResult.ISSUED)).state is CardState.ISSUED  # a repeat
    assert (await report(database, CardResult.SPOILED)).state is CardState.SPOILED
    assert await printable(database) == []


async def test_a_voided_permission_is_never_spent_after_the_old_page_is_read_again(
    database: Database, arrival: Arrival
) -> None:
    """A spoiled blank voids it; the page that gave it is what a copied disk would bring back."""
    signed = signed_for(arrival)
    voided = await permitted(database, arrival, signed)
    await spend(database, voided)
    await report(database, CardResult.SPOILED, cause="jam")
    for blank in ("BLK-1", "BLK-2"):
        with pytest.raises(PermissionSpent):
            await spend(database, voided, blank)
    fresh = signed_for(arrival)
    await hear(database, pages.fresh_permission(arrival.recording_id, voided, fresh))
    with pytest.raises(PermissionReplaced):
        await spend(database, voided, "BLK-3")

    with pytest.raises(PageDoesNotFit):
        await apply(database, page(pages.decision(arrival.recording_id, signed=signed)))

    with pytest.raises(PermissionReplaced):
        await spend(database, voided, "BLK-3", after=timedelta(minutes=1))
