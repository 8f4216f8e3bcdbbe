"""A permission taken back, replaced, asked for anew: never two live ones for a person."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from services.central import epochs, revoking
from services.central.journey import steps as journey
from services.central.journey.permissions import Grounds
from services.central.print_authorization import steps
from services.central.print_authorization.rules import Permitter
from services.central.resync import steps as resync
from services.central.resync.steps import HandedBack
from services.central.tables import feed, feed_head, metadata, registry, revocation
from shared.contracts.authorization import claims_told
from shared.contracts.envelopes import CardResult, EnvelopeKind
from shared.contracts.feed import page_bytes
from shared.contracts.recording import Recording
from shared.contracts.revocation import RENEWAL_REQUEST, RenewalRequest, Revocation
from shared.database.engine import Database
from shared.ids import new_id
from shared.signing import PinnedKeys, SigningKey, jwks_of
from tests.central.centre_world import a_settler, live, settle_all, take, told
from tests.central.permission_world import (
    BY_OFFICER,
    card_told,
    fresh_permissions,
    permitted,
    permitted_anew,
    revoked,
    taken_back,
)
from tests.dying import died_at_each_statement
from tests.recordings import NOON, a_recording, envelope, received
from tests.town import NEIGHBOUR, REGION

AMENDED = Grounds("amended")


async def test_a_permission_taken_back_is_told_and_kept_with_who_said_so(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    permission = await permitted(database, permitter, person)

    await revoked(database, person)

    _, entry = await told(database, REGION)
    assert isinstance(entry, Revocation)
    assert (entry.authorization_id, entry.reason) == (permission.authorization_id, "same-person")
    (row,) = await taken_back(database)
    assert (row.officer, row.note) == (BY_OFFICER.officer, BY_OFFICER.note)
    assert (await live(database, 1)).authorization_revoked_at == NOON


async def test_taking_back_twice_tells_once(database: Database, permitter: Permitter) -> None:
    person = a_recording(1)
    await permitted(database, permitter, person)

    assert await revoked(database, person) is not None
    assert await revoked(database, person, Grounds("again"), NOON + timedelta(days=1)) is None

    assert len(await told(database, REGION)) == 2
    assert (await taken_back(database))[0].reason == "same-person"


async def test_what_was_never_permitted_cannot_be_taken_back(
    database: Database, permitter: Permitter
) -> None:
    await permitted(database, permitter, a_recording(1))

    assert await revoked(database, a_recording(2)) is None
    async with database.begin() as transaction:
        person = (await live(database, 1)).recording_id
        other_office = await steps.revoke(transaction, NEIGHBOUR, person, BY_OFFICER, NOON)
    assert other_office is None


async def test_the_nik_stays_taken_by_a_recording_whose_permission_was_taken_back(
    database: Database, permitter: Permitter
) -> None:
    await permitted(database, permitter, person := a_recording(1))
    await revoked(database, person)

    with pytest.raises(AssertionError):
        await permitted(database, permitter, a_recording(1), seq=2)


async def test_a_spoiled_blank_of_a_permission_taken_back_earns_nothing(
    database: Database, permitter: Permitter
) -> None:
    """It was in the printer when the revocation came."""
    person = a_recording(1)
    permission = await permitted(database, permitter, person)
    await revoked(database, person)

    await card_told(database, permitter, 2, person, permission, CardResult.SPOILED)

    assert await fresh_permissions(database) == []


@pytest.mark.parametrize("is_out_before", [True, False])
async def test_a_card_that_is_out_is_withdrawn_and_earns_nothing(
    database: Database, permitter: Permitter, is_out_before: bool
) -> None:
    person = a_recording(1)
    permission = await permitted(database, permitter, person)
    if is_out_before:
        await card_told(database, permitter, 2, person, permission, CardResult.PRINTED)
        await revoked(database, person)
    else:
        await revoked(database, person)
        await card_told(database, permitter, 2, person, permission, CardResult.PRINTED)
    assert await _out(database) == [permission.authorization_id]

    await card_told(database, permitter, 3, person, permission, CardResult.SPOILED)

    assert await _out(database) == []
    assert await fresh_permissions(database) == []


async def _out(database: Database) -> list[object]:
    async with database.begin() as transaction:
        rows = await steps.store.revocations(transaction, REGION, 10, only_out=True)
    return [one.authorization_id for one in rows]


async def test_changed_data_get_a_permission_of_their_own_and_the_old_one_is_taken_back(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    old = await permitted(database, permitter, person)
    changed = person.model_copy(
        update={"card": person.card.model_copy(update={"occupation": "GURU"})}
    )

    await permitted_anew(database, permitter, changed, AMENDED)

    _, back, fresh = await told(database, REGION)
    (only,) = await fresh_permissions(database)
    assert fresh == only
    assert isinstance(back, Revocation)
    assert back.authorization_id == only.replaces == old.authorization_id
    assert back.replaced_by == only.permission.authorization_id
    assert claims_told(only.permission.jws).card_sha256 == changed.card.digest()
    row = await live(database, 1)
    assert row.authorization_id == only.permission.authorization_id
    assert (row.authorizations_given, row.authorization_revoked_at) == (2, None)


async def test_a_spoiled_blank_of_a_replaced_permission_earns_no_third(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    old = await permitted(database, permitter, person)
    await permitted_anew(database, permitter, person, AMENDED)

    await card_told(database, permitter, 2, person, old, CardResult.SPOILED)

    assert len(await fresh_permissions(database)) == 1


async def test_what_an_officer_took_back_only_an_officer_gives_again(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    await permitted(database, permitter, person)
    await revoked(database, person)

    assert await permitted_anew(database, permitter, person, Grounds("lost")) == []
    give = revoking.permit_again(permitter)
    async with database.begin() as transaction:
        assert await give(transaction, REGION, person.recording_id, BY_OFFICER, NOON)
        assert not await give(transaction, REGION, person.recording_id, BY_OFFICER, NOON)

    (fresh,) = await fresh_permissions(database)
    row = await live(database, 1)
    assert row.authorization_id == fresh.permission.authorization_id
    assert row.authorization_revoked_at is None
    (kept,) = await taken_back(database)
    assert kept.replaced_by == fresh.permission.authorization_id
    assert kept.given_again == f"{BY_OFFICER.officer}: {BY_OFFICER.note}"


async def test_a_recording_that_does_not_hold_its_nik_is_not_permitted_anew(
    database: Database, permitter: Permitter
) -> None:
    await permitted(database, permitter, a_recording(1))

    assert await permitted_anew(database, permitter, a_recording(1), AMENDED) == []


async def asked(
    database: Database, permitter: Permitter, seq: int, person: Recording, authorization_id: object
) -> None:
    request = RenewalRequest.model_validate(
        {
            "authorization_id": authorization_id,
            "recording_id": person.recording_id,
            "expired_at": NOON,
            "asked_at": NOON,
        }
    )
    letter = envelope(
        seq, RENEWAL_REQUEST.dump_json(request), kind=EnvelopeKind.RENEWAL_REQUEST, version=1
    )
    await take(database, REGION, received(REGION, [letter]))
    await settle_all(a_settler(database, permitter))


async def test_a_permission_that_was_given_up_is_renewed_once(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    old = await permitted(database, permitter, person)

    await asked(database, permitter, 2, person, old.authorization_id)
    await asked(database, permitter, 3, person, old.authorization_id)

    (fresh,) = await fresh_permissions(database)
    assert fresh.replaces == old.authorization_id
    assert (await live(database, 1)).authorization_id == fresh.permission.authorization_id


async def test_a_renewal_of_what_was_taken_back_says_so_again(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    old = await permitted(database, permitter, person)
    await revoked(database, person)

    await asked(database, permitter, 2, person, old.authorization_id)

    _, first, second = await told(database, REGION)
    assert first == second
    assert isinstance(first, Revocation)


async def test_a_renewal_of_a_spent_or_invented_permission_earns_nothing(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    old = await permitted(database, permitter, person)
    await card_told(database, permitter, 2, person, old, CardResult.PRINTED)

    await asked(database, permitter, 3, person, old.authorization_id)
    await asked(database, permitter, 4, person, new_id())
    await take(
        database,
        REGION,
        received(REGION, [envelope(5, b"{}", kind=EnvelopeKind.RENEWAL_REQUEST, version=1)]),
    )
    await settle_all(a_settler(database, permitter))

    assert len(await told(database, REGION)) == 1


async def test_taking_back_and_replacing_that_die_anywhere_leave_nothing_half_done(
    database: Database, permitter: Permitter
) -> None:
    person = a_recording(1)
    await permitted(database, permitter, person)

    replacing = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.permit_anew(
            transaction, REGION, person, permitter, AMENDED, NOON
        ),
    )
    revoking = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: steps.revoke(
            transaction, REGION, person.recording_id, BY_OFFICER, NOON
        ),
    )

    assert (replacing, revoking) == (3, 3)


async def test_a_restored_centre_is_given_its_revocations_back(
    database: Database, permitter: Permitter, centre_key: SigningKey
) -> None:
    """As a region's page brings them, when the centre has forgotten all it said."""
    person = a_recording(1)
    permission = await permitted(database, permitter, person)
    await revoked(database, person)
    async with database.begin() as transaction:
        pages = await journey.page_after(transaction, REGION, 0, 10)
        content = page_bytes(REGION, 1, 0, 2, pages)
        for table in (feed, registry, revocation):
            await transaction.execute(delete(table))
        await transaction.execute(update(feed_head).values(last_pos=0))
        await epochs.raise_to(transaction, 1, "SITI", "restored", NOON)

    async with database.begin() as transaction:
        await resync.take_page(
            transaction, REGION, HandedBack.of(content), PinnedKeys(jwks_of([centre_key])), NOON
        )

    assert len(await told(database, REGION)) == 2
    (row,) = await taken_back(database)
    assert (row.authorization_id, row.reason) == (permission.authorization_id, "same-person")
    assert (await live(database, 1)).authorization_revoked_at == NOON
