"""A region's key through the years: enrolled, renewed after a week offline, revoked, enrolled anew.

Real servers, a real line that is cut, and a clock that is ours.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.clock import ManualClock
from shared.signing import read_key, write_key
from tests.faults.key_world import KeyWorld, a_key
from tests.recordings import NOON
from tests.stories.core_world import drained, record_all, until
from tests.town import REGION, Databases, Town, town_of

DAYS = 90
WEEK = timedelta(days=7)


@pytest.fixture
async def aging(databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    """A town whose clock is ours."""
    async with town_of(
        databases, tmp_path, clock=ManualClock(NOON), regional={"key_days": DAYS}
    ) as town:
        yield town


def key_file(town: Town) -> Path:
    return town.keys.region(REGION)


def kid_of_file(town: Town) -> str:
    return read_key(key_file(town)).kid


async def enrolled(town: Town) -> str:
    """The region gets a key of its own, approved by two, while it runs; gives its kid."""
    world, key = KeyWorld(town), a_key()
    write_key(key_file(town), key)
    await until(lambda: _stands(world, key.kid, "pending"))
    await world.approve(key, "pusat-1")
    await world.approve(key, "pusat-2")
    await until(lambda: _has_life(town))
    return key.kid


async def _stands(world: KeyWorld, kid: str, state: str) -> bool:
    found = (await world.town.at_centre().get("/v1/region-keys")).json()["items"]
    return any((one["kid"], one["state"]) == (kid, state) for one in found)


async def _has_life(town: Town) -> bool:
    return read_key(key_file(town)).life is not None


async def _is_another(town: Town, kid: str) -> bool:
    return kid_of_file(town) != kid


async def _line_is(town: Town, state: str) -> bool:
    queue = (await town.at_region().get("/v1/queue")).json()
    return bool(queue["line"]["state"] == state)


async def permitted(town: Town) -> int:
    return int((await town.at_region().get("/v1/fairness")).json()["permitted"])


@pytest.mark.security
async def test_a_week_offline_over_the_end_of_its_key_costs_a_region_nothing(
    aging: Town,
) -> None:
    clock = aging.clock
    assert isinstance(clock, ManualClock)
    first = await enrolled(aging)
    await record_all(aging.at_region(), range(3))
    await drained(aging)

    clock.advance(timedelta(days=DAYS - 3 - 31))  # before the last third of its life
    assert kid_of_file(aging) == first
    await aging.line.cut()
    clock.advance(timedelta(days=31) + WEEK)  # it ended four days ago, and nobody could renew it
    await record_all(aging.at_region(), range(3, 8))
    health = (await aging.at_region().get("/v1/health")).json()
    await aging.line.restore()
    await until(lambda: _is_another(aging, first))
    await drained(aging)

    assert health["detail"]["keys"]["signing_key"]["state"] == "expired"
    assert await permitted(aging) == 8
    assert key_file(aging).stat().st_mode & 0o777 == 0o600
    second = kid_of_file(aging)
    world = KeyWorld(aging)
    found = (await aging.at_centre().get("/v1/region-keys")).json()["items"]
    assert {one["kid"]: one["vouched_by"] for one in found}[second] == first
    assert await world.asked(read_key(key_file(aging))) == "heard"


@pytest.mark.security
async def test_a_region_whose_key_was_revoked_says_so_records_on_and_comes_back_by_a_new_one(
    aging: Town,
) -> None:
    world = KeyWorld(aging)
    first = await enrolled(aging)
    await record_all(aging.at_region(), range(2))
    await drained(aging)

    await world.end(read_key(key_file(aging)), "pusat-9")
    recorded = await record_all(aging.at_region(), range(2, 6))
    await until(lambda: _line_is(aging, "key"))
    health = (await aging.at_region().get("/v1/health")).json()
    second = await enrolled(aging)
    await drained(aging)

    assert len(recorded) == 4
    assert health["detail"]["key_refused"] == "revoked"
    assert second != first
    assert await permitted(aging) == 6
    assert await _line_is(aging, "up")


async def test_a_rotation_goes_on_where_it_was_cut_off(aging: Town) -> None:
    first = await enrolled(aging)
    await record_all(aging.at_region(), range(2))
    await drained(aging)
    clock = aging.clock
    assert isinstance(clock, ManualClock)

    await aging.line.cut()
    clock.advance(timedelta(days=DAYS - 10))
    following = key_file(aging).with_name(f"{key_file(aging).name}.next")
    await until(lambda: asyncio.to_thread(following.exists))
    made = read_key(following).kid
    await aging.region.stop()
    await aging.start_region()
    await aging.line.restore()
    await until(lambda: _is_another(aging, first))
    await record_all(aging.at_region(), range(2, 4))
    await drained(aging)

    assert kid_of_file(aging) == made
    assert not following.exists()
    assert await permitted(aging) == 4
