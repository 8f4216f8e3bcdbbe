"""Recordings and the weather: whatever the line does, each arrives once, in order."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from services.central.tables import envelope as envelope_table
from services.regional.central_client import client as central_client
from services.regional.feed_reader import loop as feed_reader
from services.regional.tables import uplink_batch
from services.simulator.link import Toxic, both_ways
from services.simulator.weather import demo_storm
from shared.ids import new_id
from shared.telemetry.metrics import UPLINK_ATTEMPTS
from tests.fault_rows import Fired
from tests.recordings import a_recording, batch_of, content
from tests.stories.core_world import books, drained, neighbour, record_all, until
from tests.town import REGION, Databases, Town, town_of

STORM_SECONDS = 4.5


@pytest.fixture
async def hasty_town(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """Days in seconds: a silence counts as one much sooner."""
    monkeypatch.setattr(central_client, "SILENCE_SECONDS", 0.6)
    monkeypatch.setattr(feed_reader, "LONG_POLL_SECONDS_MAX", 1)
    async with town_of(databases, tmp_path) as running:
        yield running


@pytest.mark.fault("N16")
@pytest.mark.parametrize("seed", [3, 17])
async def test_recordings_survive_a_long_storm_none_lost_none_twice(
    hasty_town: Town, seed: int, fired: Fired
) -> None:
    town, stations = hasty_town, 3
    storm = asyncio.create_task(
        town.line.follow(demo_storm(seed, length_seconds=STORM_SECONDS, outages=3))
    )

    acknowledged = await asyncio.gather(
        *(
            record_all(
                town.at_region(), range(1_000 * n, 1_000 * n + 40), STORM_SECONDS / stations / 20
            )
            for n in range(stations)
        )
    )
    await storm
    await drained(town)

    found = await books(town)
    assert town.line.tally.outages == town.line.tally.outages_survived == 3
    assert sorted(found.recorded) == sorted(one for ids in acknowledged for one in ids)
    assert found.are_equal
    # A line that never failed would have proved nothing.
    fired(times=town.line.tally.resets + town.line.tally.unreachable)


LOST_ANSWERS = {
    "nothing-comes-back": Toxic("limit_data", attributes={"bytes": 0}),
    "cut-in-the-head": Toxic("limit_data", attributes={"bytes": 60}),
    "cut-in-the-receipt": Toxic("limit_data", attributes={"bytes": 400}),
    "reset": Toxic("reset_peer", attributes={"timeout": 30}),
    "flipped-bits": Toxic("corrupt", attributes={"every": 100}),
}
DAMAGED = ("cut-in-the-head", "cut-in-the-receipt", "flipped-bits")


@pytest.mark.parametrize(
    "toxic",
    [
        pytest.param(toxic, id=name, marks=pytest.mark.fault("N5" if name in DAMAGED else "N4"))
        for name, toxic in LOST_ANSWERS.items()
    ],
)
async def test_a_lost_receipt_means_sending_again_and_nothing_more(
    hasty_town: Town, toxic: Toxic, fired: Fired
) -> None:
    town = hasty_town
    await town.line.apply([toxic])
    await town.line.cut()  # the connections that stand begin anew under the toxic
    await town.line.restore()

    (recording_id,) = await record_all(town.at_region(), [1])
    await until(lambda: _has_arrived(town))
    await asyncio.sleep(0.3)  # some tries more
    is_acknowledged_in_the_storm = await _receipts(town) > 0
    await town.line.apply([])
    await drained(town)

    found = await books(town)
    assert not is_acknowledged_in_the_storm  # though it had arrived
    fired()
    assert found.recorded == [recording_id]
    assert found.are_equal
    assert await _receipts(town) == 1


async def _has_arrived(town: Town) -> bool:
    async with town.databases["central"].begin() as transaction:
        return bool(await transaction.scalar(select(func.count()).select_from(envelope_table)))


async def _receipts(town: Town) -> int:
    async with town.databases["regional"].begin() as transaction:
        return int(await transaction.scalar(select(func.count()).select_from(uplink_batch)) or 0)


@pytest.mark.fault("N6")
async def test_damaged_batches_are_refused_whole_and_sent_again(
    hasty_town: Town, fired: Fired
) -> None:
    """Without TLS between: the hashes and the signature find every flipped bit."""
    town = hasty_town
    await town.line.cut()
    await record_all(town.at_region(), range(20))
    await town.line.apply(both_ways("corrupt", attributes={"every": 500}))
    await town.line.restore()

    await asyncio.sleep(0.7)
    assert (await books(town)).arrived == []
    assert town.line.tally.connections > 0  # so something was sent, and none of it taken
    fired(times=town.line.tally.connections)
    await town.line.apply([])
    await drained(town)

    assert (await books(town)).are_equal


async def test_with_the_centre_away_from_the_start_the_region_records_all_the_same(
    hasty_town: Town,
) -> None:
    town = hasty_town
    await town.centre.stop()
    await town.region.stop()
    await town.start_region()
    client = town.at_region()

    recorded = await record_all(client, range(12))
    await until(lambda: _is_down(town))
    queue = (await client.get("/v1/queue")).json()
    await town.start_centre()
    await drained(town)

    assert (queue["waiting"], queue["acknowledged_seq"]) == (12, 0)
    assert queue["expected_seconds_from"] is None
    found = await books(town)
    assert found.recorded == recorded
    assert found.are_equal


async def _is_down(town: Town) -> bool:
    return (await town.at_region().get("/v1/queue")).json()["line"]["state"] == "down"


async def test_a_region_restored_from_an_old_backup_never_passes_for_received(
    hasty_town: Town,
) -> None:
    """The centre holds other people under the seqs this region gives out again."""
    town = hasty_town
    await town.line.cut()
    before = [a_recording(number) for number in (101, 102)]
    async with neighbour(town, REGION) as lost_server:
        await lost_server.send(batch_of(REGION, 1, before).batch)
    after = await record_all(town.at_region(), [1, 2])

    await town.line.restore()
    await asyncio.sleep(1.0)

    queue = (await town.at_region().get("/v1/queue")).json()
    found = await books(town)
    assert queue["waiting"] == 2
    assert found.recorded == after
    assert found.arrived == [one.recording_id for one in before]


async def test_what_only_people_can_mend_is_not_tried_without_a_pause(
    databases: Databases, tmp_path: Path
) -> None:
    """Two servers in one name: the position is answered each time, the batch refused each time."""
    refused = UPLINK_ATTEMPTS.labels(outcome="refused")._value
    async with town_of(databases, tmp_path, regional={"retry_cap_seconds": 30}) as town:
        async with neighbour(town, REGION) as other_server:
            await other_server.send(batch_of(REGION, 1, [a_recording(101)]).batch)
        before = refused.get()

        await record_all(town.at_region(), [1])
        await asyncio.sleep(1.6)  # without a pause a try comes twice a second or more

        assert refused.get() - before == 1


async def test_the_line_may_be_cut_at_any_moment_of_a_long_handover(hasty_town: Town) -> None:
    town = hasty_town
    await town.line.cut()
    client = town.at_region()
    items = [{"recording_id": str(new_id()), **content(number)} for number in range(300)]
    answer = await client.post("/v1/recordings", json={"recordings": items})
    assert {one["outcome"] for one in answer.json()["results"]} == {"accepted"}
    await town.line.apply(both_ways("bandwidth", attributes={"rate": 400}))

    for _ in range(6):
        await town.line.restore()
        await asyncio.sleep(0.25)
        await town.line.cut()
    await town.line.apply([])
    await town.line.restore()
    await drained(town)

    assert (await books(town)).are_equal
