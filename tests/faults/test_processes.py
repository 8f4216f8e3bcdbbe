"""Rows P3, P4, P5: a second uplink that slept, clocks that lie, a pool with nothing left."""

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from services.command.storm.kill_processes import Nursery, kill
from services.simulator.link import Toxic
from services.simulator.proxy import Line
from shared.clock import SystemClock
from shared.database import engine
from shared.ids import new_id
from tests.fault_rows import Fired
from tests.stories.core_world import books, drained, record, record_all, until
from tests.town import REGION, Databases, Town, town_of


def state_of(pid: int) -> str:
    """One letter: T is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


@pytest.mark.fault("P3")
@pytest.mark.skipif(sys.platform != "linux", reason="a second process, stopped by its pid")
async def test_a_second_uplink_that_wakes_with_an_old_batch_does_no_harm(
    town: Town, tmp_path: Path, fired: Fired
) -> None:
    await town.line.cut()
    other = await Line(("127.0.0.1", town.centre.port)).start()
    await other.apply([Toxic("blackhole", "upstream")])
    settings = {
        "data_folder": str(tmp_path),
        "token_jwks": str(town.keys.issuer_jwks),
        "region": REGION,
        "centre_address": f"http://127.0.0.1:{other.listen[1]}",
        "centre_jwks": str(town.keys.centre_jwks),
        "key_file": str(town.keys.region(REGION)),
        "database_url": town.url("regional"),
        "database_connections_max": 3,
        "retry_cap_seconds": 0.2,
    }
    try:
        with Nursery(tmp_path) as nursery:
            first = await record_all(town.at_region(), range(3))
            second = nursery.start(
                "second", "services.command.storm.kill_processes:run_regional", settings
            )

            async def has_offered() -> bool:
                return bool(await offered_seq(town))

            await until(has_offered)
            await asyncio.sleep(0.2)  # the batch is on its way, into the silence
            os.kill(second, signal.SIGSTOP)

            async def is_stopped() -> bool:
                return state_of(second) == "T"

            await until(is_stopped)
            first += await record_all(town.at_region(), range(3, 6))
            await town.line.restore()
            await drained(town)
            await other.apply([])
            os.kill(second, signal.SIGCONT)
            fired()
            first += await record_all(town.at_region(), range(6, 9))
            await drained(town)
            await asyncio.sleep(0.5)  # both uplinks have had several turns
            kill(second)
    finally:
        await other.stop()

    found = await books(town)
    assert found.recorded == first
    assert found.are_equal


async def offered_seq(town: Town) -> int:
    async with town.databases["regional"].begin() as transaction:
        found = await transaction.execute(text("SELECT offered_seq FROM uplink_position"))
        return int(found.scalar_one())


class LyingClock:
    """The machine's clock, so much off."""

    def __init__(self, off: timedelta) -> None:
        self.off = off

    def now(self) -> datetime:
        return SystemClock().now() + self.off


@pytest.mark.fault("P4")
async def test_clocks_that_lie_and_jump_change_neither_order_nor_uniqueness(
    databases: Databases, tmp_path: Path, fired: Fired
) -> None:
    """Five days apart between region and centre, both ways, and jumps while people record."""
    here, there = LyingClock(timedelta(0)), LyingClock(timedelta(days=5))
    async with town_of(databases, tmp_path, clock=here) as town:
        await town.centre.stop()
        town.clock = there
        await town.start_centre()
        town.clock = here
        recorded, numbers = [], iter(range(100))
        for days_here, days_there in ((0, 5), (-5, 0), (5, -5), (-2, 3)):
            here.off, there.off = timedelta(days=days_here), timedelta(days=days_there)
            people = [next(numbers) for _ in range(5)]
            recorded += await record_all(town.at_region(), people)
            fired()
            twice = await record(town.at_region(), people[0], new_id())
            again = await record(town.at_region(), people[1], recorded[-4])
            assert (twice.status_code, twice.json()["code"]) == (409, "nik-already-recorded")
            assert (again.status_code, again.headers["idempotent-replayed"]) == (202, "true")
        await drained(town)
        found = await books(town)

    assert found.recorded == recorded
    assert found.decided == recorded
    assert found.are_equal


@pytest.mark.fault("P5")
async def test_a_pool_with_nothing_left_refuses_at_once_and_leaks_nothing(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fired: Fired
) -> None:
    """As many requests as connections wait for a lock; the others do not wait with them."""
    monkeypatch.setattr(engine, "WAIT_FOR_CONNECTION_SECONDS", 0.3)
    beyond = 12
    async with town_of(databases, tmp_path, regional={"loops": False}) as town:
        client = town.at_region()
        (kept,) = await record_all(client, [1])
        async with town.databases["regional"].begin() as transaction:
            await transaction.execute(text("LOCK TABLE recording IN ACCESS EXCLUSIVE MODE"))
            asked = [
                asyncio.create_task(client.get(f"/v1/recordings/{kept}"))
                for _ in range(engine.CONNECTIONS_MAX + beyond)
            ]

            async def are_refused() -> bool:
                return sum(one.done() for one in asked) >= beyond

            await until(are_refused)
            refused = [one.result() for one in asked if one.done()]
        answers = await asyncio.gather(*asked)
        later = await record_all(client, range(2, 6))

    assert {(one.status_code, one.json()["code"]) for one in refused} == {(503, "too-busy")}
    fired(times=len(refused))
    assert [one.status_code for one in answers].count(200) == engine.CONNECTIONS_MAX
    assert len(later) == 4
