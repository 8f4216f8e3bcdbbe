"""What a region says became of its cards: one fresh permission for one spoiled blank, no more."""

from sqlalchemy import select

from services.central.print_authorization.rules import Permitter
from services.central.tables import card
from shared.contracts.envelopes import CardResult, EnvelopeKind
from shared.contracts.feed import Decision, FreshPermission
from shared.contracts.outcomes import Outcome
from shared.database.engine import Database
from shared.ids import new_id
from tests.central.centre_world import a_settler, decisions, live, settle_all, take, told
from tests.recordings import (
    a_recording,
    batch_of,
    card_envelope,
    envelope,
    received,
    recording_envelope,
)
from tests.town import NEIGHBOUR, REGION


async def spoil(database: Database, region: str, seq: int, decision: Decision) -> None:
    assert decision.permission is not None
    spoiled = card_envelope(
        seq, decision.permission.authorization_id, decision.recording_id, CardResult.SPOILED
    )
    await take(database, region, received(region, [spoiled]))


async def test_a_spoiled_blank_earns_one_fresh_permission(
    database: Database, permitter: Permitter
) -> None:
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1)]))
    settler = a_settler(database, permitter)
    await settle_all(settler)
    (decision,) = await decisions(database, REGION)
    assert decision.permission is not None

    await spoil(database, REGION, 2, decision)
    await settle_all(settler)
    await spoil(database, REGION, 3, decision)  # the same word under another id
    await settle_all(settler)

    _, *fresh = await told(database, REGION)
    (only,) = fresh
    assert isinstance(only, FreshPermission)
    assert only.replaces == decision.permission.authorization_id
    row = await live(database, 1)
    assert row.authorization_id == only.permission.authorization_id
    assert row.authorizations_given == 2


async def test_of_receipts_for_one_card_only_the_next_step_is_news(
    database: Database, permitter: Permitter
) -> None:
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1)]))
    settler = a_settler(database, permitter)
    await settle_all(settler)
    (decision,) = await decisions(database, REGION)
    assert decision.permission is not None
    authorization_id = decision.permission.authorization_id
    results = [
        CardResult.ISSUED,  # never printed: not news
        CardResult.PRINTED,
        CardResult.SPOILED,  # too late: not news
        CardResult.PRINTED,
        CardResult.ISSUED,
        CardResult.SPOILED,
    ]
    receipts = [
        card_envelope(seq, authorization_id, decision.recording_id, result)
        for seq, result in enumerate(results, 2)
    ]

    await take(database, REGION, received(REGION, receipts))
    await settle_all(settler)

    assert len(await told(database, REGION)) == 1
    async with database.begin() as transaction:
        assert await transaction.scalar(select(card.c.result)) == CardResult.ISSUED.value
    assert (await live(database, 1)).authorization_id == authorization_id


async def test_a_forged_authorization_id_earns_nothing(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    await take(database, REGION, batch_of(REGION, 1, [person]))
    settler = a_settler(database, permitter)
    await settle_all(settler)
    before, feed_before = await live(database, 1), await told(database, REGION)
    forged = [
        card_envelope(2, new_id(), person.recording_id, CardResult.SPOILED),
        card_envelope(3, before.authorization_id, new_id(), CardResult.SPOILED),
        envelope(4, b"{}", kind=EnvelopeKind.CARD_RECEIPT),
    ]

    await take(database, REGION, received(REGION, forged))
    await settle_all(settler)

    assert await live(database, 1) == before
    assert await told(database, REGION) == feed_before


async def test_a_receipt_that_names_an_envelope_of_another_kind_stops_nobody(
    database: Database, permitter: Permitter
) -> None:
    other = envelope(1, b"{}", kind=EnvelopeKind.COVERAGE_BASE)
    forged = card_envelope(2, new_id(), other.head.envelope_id, CardResult.SPOILED)
    last = recording_envelope(3, a_recording(1))
    await take(database, REGION, received(REGION, [other, forged, last]))

    await settle_all(a_settler(database, permitter))

    assert [one.seq for one in await decisions(database, REGION)] == [3]


async def test_a_region_cannot_void_the_permission_of_another(
    database: Database, permitter: Permitter
) -> None:
    """It recorded the same person, copied the recording, and learnt the authorization id."""
    theirs, ours = a_recording(1), a_recording(1)
    settler = a_settler(database, permitter)
    await take(database, NEIGHBOUR, batch_of(NEIGHBOUR, 1, [theirs]))
    await settle_all(settler)
    await take(database, REGION, batch_of(REGION, 1, [ours, theirs]))
    await settle_all(settler)
    before = await live(database, 1)

    for seq, recording_id in ((3, theirs.recording_id), (4, ours.recording_id)):
        forged = card_envelope(seq, before.authorization_id, recording_id, CardResult.SPOILED)
        await take(database, REGION, received(REGION, [forged]))
    await settle_all(settler)

    assert await live(database, 1) == before
    assert [one.outcome for one in await decisions(database, REGION)] == [
        Outcome.DUPLICATE_RECORD
    ] * 2
    assert len(await told(database, REGION)) == 2
