"""Requests at the centre: judged again, kept beside what was, and a card due gets permitted."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select, text

from services.central import settling
from services.central.acting import Deed
from services.central.intake import store as intake
from services.central.intake.rules import KNOWN_VERSIONS
from services.central.print_authorization.rules import Permitter
from services.central.set_aside import steps as set_aside
from services.central.tables import amendment, identity_version, metadata
from services.regional.amendments.rules import Arrival
from shared.amendment.objections import TOLD, Objection
from shared.contracts.amendments import AmendmentDecision
from shared.contracts.envelopes import CardResult
from shared.contracts.feed import FreshPermission
from shared.contracts.revocation import Revocation
from shared.database.engine import Database
from shared.signing import SigningKey
from tests.amendments import RENAMED, a_change, a_reprint, an_amendment
from tests.central.amendment_world import (
    answers,
    card_of,
    climb,
    live_id,
    outcomes,
    proven,
    renamed,
    request_envelope,
    versions,
)
from tests.central.centre_world import a_settler, settle_all, take, told
from tests.dying import contents, died_at_each_statement
from tests.recordings import (
    NOON,
    a_recording,
    card_envelope,
    envelope,
    nik,
    received,
    recording_envelope,
)
from tests.town import NEIGHBOUR, REGION

SPELLED = a_change("religion", "religious_leader_letter")
STUDIED = a_change("education", "diploma")


async def test_a_changed_card_gets_its_permission_and_the_old_one_is_taken_back(
    database: Database, permitter: Permitter, centre_key: SigningKey
) -> None:
    recording = await proven(database, permitter)
    old = await live_id(database)

    await climb(database, permitter, request_envelope(2, an_amendment()))

    _, taken_back, fresh, decided = await told(database, REGION)
    assert isinstance(taken_back, Revocation)
    assert isinstance(fresh, FreshPermission)
    assert isinstance(decided, AmendmentDecision)
    assert (taken_back.authorization_id, taken_back.reason) == (old, "amended")
    assert taken_back.replaced_by == fresh.permission.authorization_id == await live_id(database)
    assert fresh.replaces == old
    assert card_of(centre_key, fresh) == renamed(recording).digest()
    assert (decided.outcome, decided.is_card_due, decided.seq) == ("accepted", True, 2)
    assert decided.identity is not None
    assert decided.identity.card == renamed(recording)


async def test_every_value_that_ever_held_is_kept(database: Database, permitter: Permitter) -> None:
    recording = await proven(database, permitter)
    first, second = an_amendment(), an_amendment(SPELLED, STUDIED)
    await climb(database, permitter, request_envelope(2, first), request_envelope(3, second))

    found = await versions(database, recording)

    assert [(number, request_id) for number, request_id, _, _ in found] == [
        (1, None),
        (2, first.request.request_id),
        (3, second.request.request_id),
    ]
    assert [one.card.name for *_, one in found] == ["CONTOH SINTETIS", *["NAMA BARU SEKALI"] * 2]
    assert [one.card.religion for *_, one in found] == ["buddhist", "buddhist", "catholic"]
    assert {one.card.nik for *_, one in found} == {nik(3)}


async def test_what_no_card_shows_is_kept_and_no_card_is_due(
    database: Database, permitter: Permitter
) -> None:
    recording = await proven(database, permitter)
    old = await live_id(database)

    await climb(database, permitter, request_envelope(2, an_amendment(STUDIED)))

    _, decided = await told(database, REGION)
    assert isinstance(decided, AmendmentDecision)
    assert (decided.outcome, decided.is_card_due) == ("accepted", False)
    assert await live_id(database) == old
    assert (await versions(database, recording))[-1][3].education == "SARJANA"


@pytest.mark.parametrize(
    ("arrival", "objection"),
    [
        (an_amendment(a_change("nik", "court_ruling")), Objection.NIK_NEVER),
        (an_amendment(a_change("sex", "birth_certificate")), Objection.SEX),
        (an_amendment(a_change("name", "diploma")), Objection.ANOTHER_NAME),
        (
            an_amendment(a_change("birth_date", "diploma", value="1977-01-30")),
            Objection.NO_WRITING_ERROR,
        ),
        (an_amendment(RENAMED, recording_id=str(UUID(int=5))), Objection.OTHER_RECORDING),
        (an_amendment(RENAMED, number=4), Objection.NOT_PROVEN),
        (a_reprint(), Objection.NO_CARD),
        (a_reprint("damaged"), Objection.NO_CARD),
    ],
    ids=lambda one: one.value if isinstance(one, Objection) else "",
)
async def test_the_centre_judges_again_and_says_what_to_do(
    database: Database, permitter: Permitter, arrival: Arrival, objection: Objection
) -> None:
    """A region's door is no proof: an older one, or a forged one, may let anything through."""
    recording = await proven(database, permitter)
    old = await live_id(database)

    await climb(database, permitter, request_envelope(2, arrival))

    (decided,) = await answers(database)
    assert (decided.outcome, decided.reason) == ("refused", objection.value)
    assert decided.remedy == TOLD[objection].next_action
    assert decided.remedy_id == TOLD[objection].next_action_id
    assert decided.identity is None
    assert await live_id(database) == old
    assert await versions(database, recording) == []


async def test_another_regions_person_is_not_changed(
    database: Database, permitter: Permitter
) -> None:
    recording = a_recording(3)
    await take(database, NEIGHBOUR, received(NEIGHBOUR, [recording_envelope(1, recording)]))
    await settle_all(a_settler(database, permitter))
    old = await live_id(database)

    await climb(
        database,
        permitter,
        request_envelope(1, an_amendment()),
        request_envelope(2, an_amendment(SPELLED)),
    )

    assert await outcomes(database) == [Objection.ELSEWHERE] * 2
    assert await live_id(database) == old
    assert len(await told(database, NEIGHBOUR)) == 1


async def test_an_amendment_is_decided_after_the_recording_sent_before_it(
    database: Database, permitter: Permitter
) -> None:
    recording = a_recording(3)

    await climb(
        database,
        permitter,
        recording_envelope(1, recording),
        request_envelope(2, an_amendment()),
    )

    assert await outcomes(database) == ["accepted"]


async def test_who_turns_out_not_to_be_unique_is_not_amended(
    database: Database, permitter: Permitter
) -> None:
    await take(database, NEIGHBOUR, received(NEIGHBOUR, [recording_envelope(1, a_recording(3))]))
    await settle_all(a_settler(database, permitter))
    duplicate = a_recording(3)

    named = an_amendment(RENAMED, recording_id=str(duplicate.recording_id))
    await climb(database, permitter, recording_envelope(1, duplicate), request_envelope(2, named))

    assert await outcomes(database) == [Objection.ELSEWHERE]


@pytest.mark.parametrize("result", [CardResult.PRINTED, CardResult.ISSUED])
async def test_a_card_that_is_gone_is_printed_again_unchanged(
    database: Database, permitter: Permitter, centre_key: SigningKey, result: CardResult
) -> None:
    """The receipt comes in the same batch: what happened first is acted on first."""
    recording = await proven(database, permitter)
    old = await live_id(database)
    printed = card_envelope(2, old, recording.recording_id, CardResult.PRINTED)
    lost = a_reprint(recording_id=str(recording.recording_id))
    receipts = [printed]
    if result is CardResult.ISSUED:
        receipts.append(card_envelope(3, old, recording.recording_id, CardResult.ISSUED))

    await climb(database, permitter, *receipts, request_envelope(2 + len(receipts), lost))

    _, taken_back, fresh, decided = await told(database, REGION)
    assert isinstance(taken_back, Revocation)
    assert isinstance(fresh, FreshPermission)
    assert isinstance(decided, AmendmentDecision)
    assert (taken_back.authorization_id, taken_back.reason) == (old, "lost")
    assert card_of(centre_key, fresh) == recording.card.digest()
    assert await versions(database, recording) == []
    async with database.begin() as transaction:
        (row,) = await transaction.execute(select(amendment))
    assert row.old_blank_serial == f"BLK-{1 + len(receipts)}"


async def test_a_second_reprint_finds_a_permission_that_waits(
    database: Database, permitter: Permitter
) -> None:
    recording = await proven(database, permitter)
    printed = card_envelope(2, await live_id(database), recording.recording_id, CardResult.PRINTED)

    await climb(
        database,
        permitter,
        printed,
        request_envelope(3, a_reprint()),
        request_envelope(4, a_reprint("damaged")),
    )

    assert await outcomes(database) == ["accepted", Objection.NO_CARD]


@pytest.mark.parametrize("is_spoiled_first", [True, False])
@pytest.mark.parametrize("batches", [1, 2])
async def test_a_blank_spoiled_while_the_data_changes_leaves_one_live_permission(
    database: Database, permitter: Permitter, is_spoiled_first: bool, batches: int
) -> None:
    """The card was in the printer when the change was asked for."""
    recording = await proven(database, permitter)
    old = await live_id(database)
    seqs = (2, 3) if is_spoiled_first else (3, 2)
    both = [
        card_envelope(seqs[0], old, recording.recording_id, CardResult.SPOILED),
        request_envelope(seqs[1], an_amendment()),
    ]
    both.sort(key=lambda one: one.head.seq)

    for batch in [both] if batches == 1 else [both[:1], both[1:]]:
        await climb(database, permitter, *batch)

    entries = await told(database, REGION)
    assert await outcomes(database) == ["accepted"]
    given = [one.permission.authorization_id for one in entries if isinstance(one, FreshPermission)]
    replaced = {one.replaces for one in entries if isinstance(one, FreshPermission)}
    (standing,) = [one for one in given if one not in replaced]
    assert standing == given[-1] == await live_id(database)
    assert old in replaced


async def test_a_permission_after_a_spoiled_blank_is_for_the_amended_card(
    database: Database, permitter: Permitter, centre_key: SigningKey
) -> None:
    recording = await proven(database, permitter)
    await climb(database, permitter, request_envelope(2, an_amendment()))
    spoiled = card_envelope(3, await live_id(database), recording.recording_id, CardResult.SPOILED)

    await climb(database, permitter, spoiled)

    fresh = (await told(database, REGION))[-1]
    assert isinstance(fresh, FreshPermission)
    assert card_of(centre_key, fresh) == renamed(recording).digest()


async def test_a_request_that_cannot_be_read_is_answered(
    database: Database, permitter: Permitter
) -> None:
    await proven(database, permitter)
    broken = an_amendment()
    other_id = an_amendment()

    await climb(
        database,
        permitter,
        envelope(2, b"{}", broken.request.request_id, broken.kind, 1),
        envelope(3, other_id.body, UUID(int=9), other_id.kind, 1),
    )

    assert await outcomes(database) == [Objection.UNREADABLE] * 2
    assert [one.request_id for one in await answers(database)] == [
        broken.request.request_id,
        UUID(int=9),
    ]


async def test_the_same_envelope_again_and_another_under_its_id_change_nothing(
    database: Database, permitter: Permitter
) -> None:
    await proven(database, permitter)
    one = an_amendment()
    await climb(database, permitter, request_envelope(2, one))
    before = await live_id(database)
    feed_before = await told(database, REGION)

    other = Arrival.of(one.request.request_id, an_amendment(SPELLED).request)
    again = [request_envelope(3, one), request_envelope(4, other)]
    await climb(database, permitter, *again)

    assert await told(database, REGION) == feed_before
    assert await live_id(database) == before
    async with database.begin() as transaction:
        assert await intake.count_notes(transaction) == {"repeat": 1, "conflict": 1}


async def test_two_settlers_decide_a_request_once(database: Database, permitter: Permitter) -> None:
    recording = await proven(database, permitter)
    await take(database, REGION, received(REGION, [request_envelope(2, an_amendment())]))

    await asyncio.gather(*(a_settler(database, permitter).round() for _ in range(3)))

    assert await outcomes(database) == ["accepted"]
    assert len(await versions(database, recording)) == 2


async def test_decisions_of_a_lost_life_hold(database: Database, permitter: Permitter) -> None:
    """A restored centre has the entries back from the region, and then the envelopes again."""
    recording = await proven(database, permitter)
    renaming, lost = an_amendment(), a_reprint()
    await climb(database, permitter, request_envelope(2, renaming))
    printed = card_envelope(3, await live_id(database), recording.recording_id, CardResult.PRINTED)
    refused = an_amendment(a_change("sex", "diploma"))
    await climb(
        database, permitter, printed, request_envelope(4, lost), request_envelope(5, refused)
    )
    feed_before, live_before = await told(database, REGION), await live_id(database)
    deeds = [
        Deed(seq, one.request.request_id, one.kind, one.body)
        for seq, one in ((2, renaming), (4, lost), (5, refused))
    ]
    async with database.begin() as transaction:
        await transaction.execute(amendment.delete())
        await transaction.execute(identity_version.delete())
        entries = await settling.act_on(transaction, permitter, REGION, deeds, NOON)

    assert entries == {}
    assert await outcomes(database) == ["accepted", "accepted", Objection.SEX]
    assert await told(database, REGION) == feed_before
    assert await live_id(database) == live_before
    assert [one.card for *_, one in await versions(database, recording)] == [
        recording.card,
        renamed(recording),
    ]


async def test_a_request_that_cannot_be_acted_on_is_told_so_and_may_be_ordered_again(
    database: Database, permitter: Permitter
) -> None:
    await proven(database, permitter)
    await take(database, REGION, received(REGION, [request_envelope(2, an_amendment())]))
    settler = a_settler(database, permitter)
    async with database.begin() as transaction:
        await transaction.execute(
            text("ALTER TABLE amendment ADD CONSTRAINT poison CHECK (outcome <> 'accepted')")
        )

    for _ in range(5):
        await settler.round()
    told_first = await outcomes(database)
    async with database.begin() as transaction:
        await transaction.execute(text("ALTER TABLE amendment DROP CONSTRAINT poison"))
        await set_aside.order(transaction, REGION, 2, KNOWN_VERSIONS, NOON)
    await settle_all(settler)

    assert told_first == [Objection.SET_ASIDE]
    assert await outcomes(database) == [Objection.SET_ASIDE, "accepted"]


async def test_a_settlement_that_dies_anywhere_leaves_nothing_half_done(
    database: Database, permitter: Permitter
) -> None:
    recording = await proven(database, permitter)
    printed = card_envelope(2, await live_id(database), recording.recording_id, CardResult.PRINTED)
    envelopes = [printed, request_envelope(3, an_amendment()), request_envelope(4, a_reprint())]
    await take(database, REGION, received(REGION, envelopes))

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: settling.settle_in(transaction, permitter, REGION, 10, NOON),
    )

    assert statements > 20
    assert await outcomes(database) == ["accepted", Objection.NO_CARD]
    after = await contents(database, metadata)
    assert len(after["identity_version"]) == 2
