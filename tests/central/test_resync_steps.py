"""Witnesses, claims and names at the centre: who dies in the middle leaves nothing half done."""

from uuid import UUID

import pytest
from sqlalchemy import select

from services.central import epochs, lives
from services.central.fencing import steps as fencing
from services.central.print_authorization.rules import Permitter
from services.central.resync import steps as resync
from services.central.resync.steps import HandedBack
from services.central.tables import contested, metadata
from shared.contracts.outcomes import Outcome
from shared.contracts.resync import LifeClaim, ResyncClaim
from shared.database.engine import Database
from shared.ids import new_id
from shared.signing import PinnedKeys, SigningKey, jwks_of
from tests.central.centre_world import (
    a_settler,
    decisions,
    feed_of,
    live,
    raise_epoch,
    settle_all,
    take,
)
from tests.dying import contents, died_at_each_statement
from tests.recordings import NOON, a_recording, batch_of
from tests.town import NEIGHBOUR, REGION

ALL_OF_IT = ResyncClaim(version=1, epoch=2, applied_pos=2, acked_seq=2)


@pytest.fixture
async def page(another: Database, permitter: Permitter) -> HandedBack:
    """What the region was told in the life that is lost: two permissions."""
    await take(another, REGION, batch_of(REGION, 1, [a_recording(1), a_recording(2)]))
    await settle_all(a_settler(another, permitter))
    return HandedBack.of(await feed_of(another))


@pytest.fixture
def own(centre_key: SigningKey) -> PinnedKeys:
    return PinnedKeys(jwks_of([centre_key]))


async def test_a_raise_that_dies_anywhere_begins_no_epoch(database: Database) -> None:
    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: epochs.raise_to(transaction, 1, "SITI", "a drill", NOON),
    )

    assert statements == 5
    async with database.begin() as transaction:
        assert await epochs.current(transaction) == 2
        assert await epochs.is_barred(transaction)


async def test_a_page_that_comes_back_is_put_back_whole_or_not_at_all_and_once(
    database: Database, page: HandedBack, own: PinnedKeys
) -> None:
    await raise_epoch(database)

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: resync.take_page(transaction, REGION, page, own, NOON),
    )
    once = await contents(database, metadata)
    async with database.begin() as transaction:
        word = await resync.take_page(transaction, REGION, page, own, NOON)

    assert statements > 5
    assert (word.last_pos, word.wanted_pos) == (2, None)
    twice = await contents(database, metadata)
    assert {name for name in once if once[name] != twice[name]} <= {"resync"}  # compared_pos
    assert len(await decisions(database, REGION)) == 2
    assert (await live(database, 1)).region_code == REGION


async def test_a_claim_that_was_given_on_meanwhile_is_contested_once_wherever_its_page_dies(
    database: Database, permitter: Permitter, page: HandedBack, own: PinnedKeys
) -> None:
    """Person 1 was recorded elsewhere, too, and admitted there after the restore."""
    await take(database, NEIGHBOUR, batch_of(NEIGHBOUR, 1, [a_recording(1)]))
    await settle_all(a_settler(database, permitter))
    await raise_epoch(database)

    await died_at_each_statement(
        database,
        metadata,
        lambda transaction: resync.take_page(transaction, REGION, page, own, NOON),
    )
    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: resync.declare(transaction, REGION, _claim(acked_seq=0), NOON),
    )

    assert statements > 5
    told = await decisions(database, REGION)
    assert [one.outcome for one in told][-1] is Outcome.ADJUDICATE_RECORD
    assert len(told) == 3
    async with database.begin() as transaction:
        (row,) = await transaction.execute(select(contested))
    assert row.told_at == NOON
    assert (await live(database, 1)).region_code == NEIGHBOUR


def _claim(acked_seq: int) -> ResyncClaim:
    return ALL_OF_IT.model_copy(update={"acked_seq": acked_seq})


async def test_a_region_is_done_only_when_all_it_speaks_of_is_here(
    database: Database, page: HandedBack, own: PinnedKeys
) -> None:
    await raise_epoch(database)
    async with database.begin() as transaction:
        early = await resync.declare(transaction, REGION, ALL_OF_IT, NOON)
        await resync.take_page(transaction, REGION, page, own, NOON)
        without_envelopes = await resync.declare(transaction, REGION, ALL_OF_IT, NOON)
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1), a_recording(2)]))

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: resync.declare(transaction, REGION, ALL_OF_IT, NOON),
    )

    assert (early.state, without_envelopes.state) == ("awaiting", "awaiting")
    assert statements > 3
    async with database.begin() as transaction:
        assert (await resync.declare(transaction, REGION, ALL_OF_IT, NOON)).state == "done"


def _life(life: UUID, predecessor: UUID | None = None) -> LifeClaim:
    return LifeClaim(version=1, life=life, predecessor=predecessor)


async def test_a_name_is_claimed_whole_or_not_at_all_and_once(database: Database) -> None:
    first, second = new_id(), new_id()

    for life, predecessor in ((first, None), (second, first)):
        claim = _life(life, predecessor)
        statements = await died_at_each_statement(
            database,
            metadata,
            lambda transaction, claim=claim: fencing.claim(transaction, REGION, claim, NOON),
        )
        assert statements == 6
        before = await contents(database, metadata)
        async with database.begin() as transaction:
            assert await fencing.claim(transaction, REGION, claim, NOON)
        assert await contents(database, metadata) == before

    async with database.begin() as transaction:
        assert await lives.current(transaction, REGION) == second
        assert not await fencing.claim(transaction, REGION, _life(first), NOON)


async def test_a_name_is_handed_over_whole_or_not_at_all(database: Database) -> None:
    holder, copy = new_id(), new_id()
    async with database.begin() as transaction:
        assert await fencing.claim(transaction, REGION, _life(holder), NOON)
        assert not await fencing.claim(transaction, REGION, _life(copy, new_id()), NOON)

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: fencing.hand_over(transaction, REGION, copy, "SITI", "a drill", NOON),
    )

    assert statements == 6
    async with database.begin() as transaction:
        assert await lives.current(transaction, REGION) == copy
