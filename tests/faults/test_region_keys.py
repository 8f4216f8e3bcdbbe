"""A region's own key: two officers let it in, its word lets in the next, one officer ends it."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.central.tables import audit_entry
from services.command import security_report
from shared.clock import ManualClock
from shared.contracts.region_keys import fingerprint_of, request_of
from shared.signing import SigningKey, new_key
from tests.faults.key_world import DAYS, KeyWorld, a_key
from tests.recordings import NOON
from tests.town import NEIGHBOUR, REGION, Databases, town_of

NEW_REGION, FAR = "61.71", "61.01"


@pytest.fixture(scope="module")
async def world(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[KeyWorld]:
    """A centre whose clock is ours; nobody speaks there but the tests."""
    async with town_of(
        databases,
        tmp_path_factory.mktemp("keys"),
        clock=ManualClock(NOON),
        regional={"loops": False},
        central={"region_key_overlap_days": 14, "region_key_grace_days": 30},
    ) as town:
        yield KeyWorld(town)


def later(world: KeyWorld, days: float) -> None:
    clock = world.town.clock
    assert isinstance(clock, ManualClock)
    clock.advance(timedelta(days=days))


async def acts_about(world: KeyWorld, key: SigningKey) -> list[str]:
    """What the audit of the centre holds of a key, oldest first."""
    subject = f"region-key:{key.kid}"
    async with world.town.databases["central"].begin() as transaction:
        rows = await transaction.execute(select(audit_entry).order_by(audit_entry.c.position))
        return [row.act for row in rows if subject in row.subjects]


async def test_a_key_counts_from_the_second_officers_word_on_and_not_before(
    world: KeyWorld,
) -> None:
    key = a_key(NEW_REGION)

    handed = await world.hand_in(key, region=NEW_REGION)
    again = await world.hand_in(key, region=NEW_REGION)
    before = await world.asked(key, NEW_REGION)
    first = await world.approve(key, "pusat-1")
    between = await world.asked(key, NEW_REGION)
    same = await world.approve(key, "pusat-1")
    second = await world.approve(key, "pusat-2")

    assert handed["state"] == "pending"
    assert handed == again
    assert (before, between) == ("region-key-pending", "region-key-pending")
    assert first["state"] == "pending"
    assert same["code"] == "another-officer-needed"
    assert second["state"] == "active"
    assert [one["officer"] for one in second["approvals"]] == ["pusat-1", "pusat-2"]
    # A region the centre never heard of has its positions, and may speak.
    assert await world.asked(key, NEW_REGION) == "heard"


async def test_a_fingerprint_that_was_not_read_out_approves_nothing(world: KeyWorld) -> None:
    wanted, thief = a_key(), a_key()
    await world.hand_in(thief)

    told = await world.approve(thief, "pusat-1", fingerprint_of(wanted.x))
    refused = await world.end(thief, "pusat-1", "refusal")
    after = await world.approve(thief, "pusat-2")

    assert told["code"] == "fingerprint-differs"
    assert refused["state"] == "refused"
    assert after["code"] == "key-not-pending"
    assert await world.asked(thief) == "region-key-unknown"


async def test_a_key_must_sign_for_itself_and_for_its_own_region(world: KeyWorld) -> None:
    key, thief = a_key(), a_key()
    body = request_of(key, REGION, DAYS).model_dump()
    head, payload, _ = body["jws"].split(".")
    forged = {**body, "jws": f"{head}.{payload}.{request_of(thief, REGION, DAYS).jws[-86:]}"}

    answers = [
        await world.post(f"/v1/regions/{REGION}/keys", forged),
        await world.post(f"/v1/regions/{NEIGHBOUR}/keys", body),
        await world.post(f"/v1/regions/{REGION}/keys", {**body, "jws": "a.b.c"}),
    ]

    assert [one["code"] for one in answers] == ["key-request-not-valid"] * 3


async def test_strangers_cannot_fill_the_list_and_a_disk_gets_past_them(world: KeyWorld) -> None:
    town = "61.04"
    for _ in range(5):
        assert (await world.hand_in(a_key(town), region=town))["state"] == "pending"
    mine = a_key(town)

    crowded = await world.hand_in(mine, region=town)
    brought = await world.post(
        f"/v1/regions/{town}/keys/brought", request_of(mine, town, DAYS).model_dump(), "pusat-1"
    )
    later(world, 15)
    lapsed = await world.hand_in(a_key(town), region=town)

    assert crowded["code"] == "too-many-key-requests"
    assert (brought["state"], brought["brought_by"]) == ("pending", "pusat-1")
    assert lapsed["state"] == "pending"


async def test_the_present_key_lets_the_next_one_in_and_retires_after_the_overlap(
    world: KeyWorld,
) -> None:
    old, new = await world.enrolled(), a_key()

    rotated = await world.hand_in(new, by=old)
    again = await world.hand_in(new, by=old)
    both = [await world.asked(one) for one in (old, new)]
    later(world, 14)
    after = [await world.asked(one) for one in (old, new)]
    from_the_past = await world.hand_in(a_key(), by=old)

    assert (rotated["state"], again) == ("active", rotated)
    assert both == ["heard", "heard"]
    assert after == ["region-key-retired", "heard"]
    assert from_the_past["code"] == "region-key-retired"


async def test_an_expired_key_may_ask_for_the_next_one_within_its_grace_and_nothing_else(
    world: KeyWorld,
) -> None:
    key = await world.enrolled()
    later(world, DAYS + 7)

    asked = await world.asked(key)
    renewed = await world.hand_in(following := a_key(), by=key)
    later(world, 30)
    too_late = await world.hand_in(a_key(), by=key)

    assert asked == "region-key-expired"
    assert renewed["state"] == "active"
    assert await world.asked(following) == "heard"
    assert too_late["code"] in {"region-key-expired", "region-key-retired"}


async def test_a_key_long_expired_renews_nothing(world: KeyWorld) -> None:
    key = await world.enrolled()
    later(world, DAYS + 31)

    assert (await world.hand_in(a_key(), by=key))["code"] == "region-key-expired"


async def test_a_revoked_key_is_refused_at_once_with_all_it_let_in(world: KeyWorld) -> None:
    stolen, thiefs = await world.enrolled(), a_key()
    await world.hand_in(thiefs, by=stolen)

    ended = await world.end(stolen, "pusat-9")
    again = await world.end(stolen, "pusat-9")

    assert [one["kid"] for one in ended["items"]] == [stolen.kid, thiefs.kid]
    assert [one["kid"] for one in again["items"]] == [stolen.kid]
    assert await acts_about(world, stolen) == [
        "region-key-approved",
        "region-key-approved",
        "region-key-renewed",
        "region-key-revoked",
        "region-key-revoked",
    ]
    assert [await world.asked(one) for one in (stolen, thiefs)] == ["region-key-revoked"] * 2
    assert (await world.hand_in(a_key(), by=stolen))["code"] == "region-key-revoked"
    assert (await world.approve(stolen, "pusat-1"))["code"] == "key-not-pending"


async def test_a_key_of_the_file_is_revoked_without_a_restart_and_its_neighbour_stands(
    world: KeyWorld,
) -> None:
    pinned = world.town.keys.region_key(NEIGHBOUR)
    before = await world.asked(pinned, NEIGHBOUR)

    await world.end(pinned, "pusat-9")

    assert before == "heard"
    assert await world.asked(pinned, NEIGHBOUR) == "region-key-revoked"


ATTACKS = (
    "signed-by-another-region",
    "region-key-unknown",
    "region-not-proven",
    "region-key-pending",
    "region-key-expired",
    "region-key-retired",
    "region-key-revoked",
)


@pytest.mark.security
async def test_each_way_of_not_being_the_region_is_refused_by_a_code_of_its_own(
    world: KeyWorld,
) -> None:
    expiring = await world.enrolled(FAR)
    later(world, DAYS + 1)
    retiring = await world.enrolled()
    await world.hand_in(present := a_key(), by=retiring)
    later(world, 15)
    revoked = await world.enrolled()
    await world.end(revoked, "pusat-9")
    await world.hand_in(waiting := a_key())
    codes = [
        await world.asked(await world.enrolled(NEW_REGION)),
        await world.asked(new_key(f"{REGION}#0123456789ab")),
        await world.asked(new_key(present.kid)),
        await world.asked(waiting),
        await world.asked(expiring, FAR),
        await world.asked(retiring),
        await world.asked(revoked),
    ]
    told = dict(Counter(codes))

    security_report.put({"region_refusals": told})
    measured = (await world.town.stranger(world.town.centre).get("/metrics")).text
    assert re.search(r'tunggal_region_keys\{state="revoked"\} [1-9]', measured)
    assert told == dict.fromkeys(ATTACKS, 1)
