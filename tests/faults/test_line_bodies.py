"""Rows N3, N7, N8, N9, N13, N14: cut, late, out of order, from an old centre, narrow, lossy."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from services.central.tables import incarnation
from services.regional.central_client.client import Heard, Refused, Unknown
from services.regional.tables import uplink_batch
from services.simulator.link import Toxic, both_ways
from shared.clock import SystemClock
from shared.contracts.envelopes import wire_bytes
from tests.fault_rows import Fired
from tests.faults.far_side import FarSide, far_side
from tests.faults.line_world import caller, hasty, held, line_address
from tests.recordings import a_recording, batch_of
from tests.stories.core_world import books, drained, record_all, until
from tests.town import REGION, Databases, Town, town_of

__all__ = ["far_side", "hasty"]


@pytest.fixture
async def quiet_town(databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    """A town whose own region does not speak: the test does."""
    async with town_of(databases, tmp_path, regional={"loops": False}) as running:
        yield running


@pytest.mark.fault("N3")
@pytest.mark.usefixtures("hasty")
async def test_a_batch_cut_at_any_byte_leaves_nothing_or_everything(
    quiet_town: Town, fired: Fired
) -> None:
    town, three = quiet_town, [a_recording(number) for number in range(3)]
    batch = batch_of(REGION, 1, three).batch
    length = len(wire_bytes(batch))

    for limit in (1, 150, 400, length // 3, length // 2, length - 1):
        await town.line.apply([Toxic("limit_data", "upstream", attributes={"bytes": limit})])
        async with caller(town, line_address(town)) as client:
            assert isinstance(await client.send(batch), Unknown), limit
        fired()
        assert await held(town) == []
    await town.line.apply([])
    async with caller(town, line_address(town)) as client:
        assert isinstance(await client.send(batch), Heard)

    assert await held(town) == [1, 2, 3]


@pytest.mark.fault("N7")
@pytest.mark.usefixtures("hasty")
async def test_a_batch_that_arrives_long_after_its_sender_gave_up_changes_nothing(
    quiet_town: Town, fired: Fired
) -> None:
    town, four = quiet_town, [a_recording(number) for number in range(4)]
    await town.line.apply([Toxic("blackhole", "upstream")])
    async with caller(town, line_address(town)) as late:
        lost = await late.send(batch_of(REGION, 1, four[:2]).batch)
        async with caller(town, town.centre.address) as straight:
            again = await straight.send(batch_of(REGION, 1, four[:3]).batch)
            further = await straight.send(batch_of(REGION, 4, four[3:]).batch)
        assert await held(town) == [1, 2, 3, 4]
    carried = {one.number: one.downstream_bytes for one in town.line.connections}
    assert carried  # the batch is still under way
    assert set(carried.values()) == {0}
    seen: set[int] = set()

    async def has_landed() -> bool:
        seen.update(one.number for one in town.line.connections if one.downstream_bytes)
        return bool(seen) or not town.line.connections

    await town.line.apply([])
    await until(has_landed)
    fired(times=len(carried))

    assert isinstance(lost, Unknown)
    assert isinstance(again, Heard)
    assert isinstance(further, Heard)
    assert await held(town) == [1, 2, 3, 4]


@pytest.mark.fault("N8")
async def test_batches_in_any_order_are_accepted_in_theirs(quiet_town: Town, fired: Fired) -> None:
    town, draw = quiet_town, random.Random(8)
    everybody = [a_recording(number) for number in range(12)]
    batches = [batch_of(REGION, first + 1, everybody[first : first + 3]) for first in (0, 3, 6, 9)]
    async with caller(town, town.centre.address) as client:
        while len(await held(town)) < len(everybody):
            draw.shuffle(batches)
            for one in batches:
                answer = await client.send(one.batch)
                if isinstance(answer, Refused):
                    assert answer.code == "out-of-order"
                    fired()

    assert await held(town) == list(range(1, 13))


@pytest.mark.fault("N9")
async def test_an_older_centre_behind_a_stale_name_is_not_believed(
    town: Town, fired: Fired
) -> None:
    """The region has heard of epoch 2; what it reaches is still epoch 1."""
    async with town.databases["regional"].begin() as transaction:
        await transaction.execute(text("UPDATE uplink_position SET epoch = 2"))
        await transaction.execute(text("UPDATE feed_position SET epoch = 2"))
    recorded = await record_all(town.at_region(), range(5))

    async def have_arrived() -> bool:
        return bool(await held(town))

    await until(have_arrived)
    await asyncio.sleep(0.5)
    queue = (await town.at_region().get("/v1/queue")).json()
    disbelieved = await books(town)

    assert queue["acknowledged_seq"] == 0
    assert disbelieved.decided == []
    fired()
    await town.centre.stop()
    async with town.databases["central"].begin() as transaction:
        await transaction.execute(insert(incarnation).values(epoch=2, began_at=SystemClock().now()))
    await town.start_centre()
    await drained(town)
    found = await books(town)
    assert found.recorded == recorded
    assert found.are_equal


@pytest.mark.fault("N13")
async def test_a_line_that_became_narrow_gets_smaller_batches(town: Town, fired: Fired) -> None:
    await town.line.apply(both_ways("bandwidth", attributes={"rate": 40}))
    await record_all(town.at_region(), range(40))
    await drained(town)
    async with town.databases["regional"].begin() as transaction:
        first = list(await transaction.scalars(select(uplink_batch.c.first_seq)))
        line = (
            await transaction.execute(text("SELECT goodput_bytes_per_second FROM uplink_position"))
        ).scalar_one()

    assert line < 60_000  # the uplink has seen how narrow it is
    fired()
    assert first
    assert (await books(town)).are_equal


@pytest.mark.fault("N14")
@pytest.mark.fault("N13")
async def test_a_narrow_link_that_drops_packets_carries_everything_once(
    quiet_town: Town, far_side: FarSide, fired: Fired
) -> None:
    """64 kB a second with room for four packets: whatever comes faster is lost."""
    town, many = quiet_town, [a_recording(number) for number in range(40)]
    await far_side.relay_to(town.centre.port)
    shape = ["rate", "512kbit", "burst", "4kb", "limit", "6kb"]
    far_side.say("tc", "qdisc", "add", "dev", far_side.near, "root", "tbf", *shape)
    async with caller(town, far_side.address) as client:
        answers = [await client.send(batch_of(REGION, 1, many).batch) for _ in range(2)]
    (told,) = json.loads(far_side.say("tc", "-s", "-j", "qdisc", "show", "dev", far_side.near))

    assert all(isinstance(answer, Heard) for answer in answers)
    assert await held(town) == list(range(1, 41))
    fired("N14", told["drops"])
    fired("N13", told["overlimits"])
