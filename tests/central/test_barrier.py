"""After a restore nothing is decided or told until the regions have handed back what they hold."""

from datetime import timedelta

from sqlalchemy import select

from services.central.carrier import Carrier
from services.central.identity import Regions
from services.central.print_authorization.rules import Permitter
from services.central.resync import steps as resync
from services.central.set_aside import steps as set_aside
from services.central.tables import set_aside as set_aside_table
from shared.clock import ManualClock
from shared.contracts.carry import Part, seal, unseal
from shared.contracts.envelopes import wire_bytes
from shared.contracts.outcomes import Outcome
from shared.contracts.resync import ResyncClaim
from shared.database.engine import Database
from shared.signing import PinnedKeys, SigningKey, jwks_of, new_key, sign_message
from tests.central.centre_world import (
    REGIONS,
    a_settler,
    decisions,
    feed_of,
    live,
    raise_epoch,
    settle_all,
    take,
)
from tests.central.test_set_aside_steps import order, refusing, settle_to
from tests.recordings import NOON, a_recording, batch_of
from tests.town import REGION

HOUR = timedelta(hours=1)


async def test_an_order_under_way_when_the_epoch_rises_waits_for_the_barrier(
    database: Database, permitter: Permitter
) -> None:
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1)]))
    settler = a_settler(database, permitter)
    async with refusing(database, 1):
        await settle_to(settler, REGION, 1)
    await order(database, 1)
    async with database.begin() as transaction:
        waiting, _ = await set_aside.begin_order(transaction, REGION, NOON)
    assert waiting is not None
    await raise_epoch(database)

    assert await settler._act_on_order(REGION, waiting, NOON) == 0
    assert await settler._try_again(REGION) == 0

    assert [one.reason for one in await decisions(database, REGION)] == ["set-aside"]
    assert await live(database, 1) is None
    async with database.begin() as transaction:
        (row,) = await transaction.execute(select(set_aside_table))
    assert row.deaths == 0  # it waits, and nobody died of it
    assert row.again_at is not None


async def test_what_is_poison_is_told_only_after_the_barrier(
    database: Database, permitter: Permitter
) -> None:
    await take(database, REGION, batch_of(REGION, 1, [a_recording(1)]))
    settler = a_settler(database, permitter)
    async with refusing(database, 1):
        for _ in range(3):
            await settler.round()
        async with database.begin() as transaction:
            move = await set_aside.begin(transaction, REGION, 1, is_own=False)
        assert isinstance(move, set_aside.SetAside)
        await raise_epoch(database)

        assert await settler._set_aside(REGION, move, NOON) == 0

    assert await decisions(database, REGION) == []


async def hand_back(database: Database, page: bytes, own: PinnedKeys, acked_seq: int) -> None:
    """The epoch rises, the region's page comes back, and every region says that this was all."""
    await raise_epoch(database)
    handed = resync.HandedBack.of(page)
    async with database.begin() as transaction:
        await resync.take_page(transaction, REGION, handed, own, NOON)
        for region in REGIONS:
            is_ours = region == REGION
            claim = ResyncClaim(
                version=1,
                epoch=2,
                applied_pos=len(handed.bodies) if is_ours else 0,
                acked_seq=acked_seq if is_ours else 0,
            )
            word = await resync.declare(transaction, region, claim, NOON)
            assert word.state == "done"


async def test_an_order_that_a_lost_life_carried_out_gives_no_second_permission(
    database: Database, another: Database, permitter: Permitter, centre_key: SigningKey
) -> None:
    """The backup knows the order and not its outcome; the region brings the permission back."""
    batch = batch_of(REGION, 1, [a_recording(1)])
    for centre in (database, another):
        await take(centre, REGION, batch)
        async with refusing(centre, 1):
            await settle_to(a_settler(centre, permitter), REGION, 1)
        await order(centre, 1)
    assert await settle_all(a_settler(another, permitter)) == 1
    given = (await decisions(another, REGION))[-1].permission
    assert given is not None
    await hand_back(database, await feed_of(another), PinnedKeys(jwks_of([centre_key])), 1)

    await settle_all(a_settler(database, permitter))

    found = await decisions(database, REGION)
    permissions = [one.permission for one in found if one.permission]
    assert [one.outcome for one in found] == [
        Outcome.ENROLL_FAILURE_AT_CENTRAL,
        Outcome.PRINT_READY_RECORD,
    ]
    assert {one.authorization_id for one in permissions} == {given.authorization_id}
    assert (await live(database, 1)).authorization_id == given.authorization_id


async def test_what_a_lost_life_set_aside_is_tried_anew(
    database: Database, another: Database, permitter: Permitter, centre_key: SigningKey
) -> None:
    """Its list is lost with that life, so nobody could order it."""
    batch = batch_of(REGION, 1, [a_recording(1)])
    await take(another, REGION, batch)
    async with refusing(another, 1):
        await settle_to(a_settler(another, permitter), REGION, 1)
    await take(database, REGION, batch)

    await hand_back(database, await feed_of(another), PinnedKeys(jwks_of([centre_key])), 1)
    await settle_all(a_settler(database, permitter))

    assert [one.outcome for one in await decisions(database, REGION)] == [
        Outcome.ENROLL_FAILURE_AT_CENTRAL,
        Outcome.PRINT_READY_RECORD,
    ]


async def test_a_disk_brings_no_page_while_its_region_has_not_handed_back_what_it_holds(
    database: Database, permitter: Permitter, centre_key: SigningKey
) -> None:
    key = new_key(REGION)
    batch = batch_of(REGION, 1, [a_recording(1)])
    content = wire_bytes(batch.batch)
    parts = [
        Part(
            "envelopes",
            content,
            sign_message(key, f"envelopes {REGION}", batch.batch.manifest_bytes),
        )
    ]
    carrier = Carrier(database, Regions(PinnedKeys(jwks_of([key]))), centre_key, ManualClock(NOON))
    up = seal(key, "up", REGION, 0, (1, 1), parts)
    await carrier.take(up, 0)
    await settle_all(a_settler(database, permitter))
    before = await carrier.take(up, 0)
    await raise_epoch(database)

    after = await carrier.take(up, 0)

    own = PinnedKeys(jwks_of([centre_key]))
    kinds = [
        [part.kind for part in unseal(one.content, own, "down", NOON).parts]
        for one in (before, after)
    ]
    assert kinds == [["receipt", "page"], ["receipt"]]
    assert after.last_pos == 1
