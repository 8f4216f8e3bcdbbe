"""Real applications under a virtual clock: a seed replays, and a planted bug is caught."""

import asyncio
import contextlib
import itertools
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from services.central.intake import store as intake
from services.command.storm import virtual, virtual_world
from services.command.storm.parts import Plan
from services.command.storm.virtual import Told
from services.command.storm.virtual_loop import VirtualLoop, Witness
from services.regional.recording import steps as recording
from services.regional.recording.loop import CommitLane
from shared.database.embedded import start
from shared.database.engine import Database, Transaction


def in_six_minutes(folder: Path) -> Told:
    with start(folder / "postgres", settings=virtual.QUICK) as server, virtual.as_simulated():
        return virtual.live(server, folder, "once", 7, hours=0.1)


def test_a_seed_gives_one_trace_and_costs_nothing(tmp_path: Path) -> None:
    """Deaths and bites of the road included: a run that met none would prove nothing."""
    outcome = virtual.run(Plan(tmp_path, seed=7, scale=0.1))

    figures: Any = outcome.figures
    assert outcome.failures == ()
    assert (figures["lost"], figures["doubled"], figures["overtakes"]) == (0, 0, 0)
    assert figures["virtual_recordings"] > 0
    assert figures["virtual_deaths"] > 0
    assert sum(n for what, n in figures["virtual_bites"].items() if what != "delivered") > 0


def test_a_receipt_for_what_was_rolled_back_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every third recording: its station is told that it is safe, and it is not."""
    commit, groups = CommitLane._commit, itertools.count()

    async def careless(lane: CommitLane, group: list[Any]) -> None:
        if next(groups) % 3:
            await commit(lane, group)
            return
        arrivals = [arrival for waiting in group for arrival in waiting.arrivals]
        async with lane._database.engine.connect() as connection:
            group[0].answer.set_result(
                await recording.take(connection, lane._region, arrivals, lane._clock.now())
            )

    monkeypatch.setattr(CommitLane, "_commit", careless)

    told = in_six_minutes(tmp_path)

    assert told.found.lost
    assert told.found.broken["I1"] == told.found.lost


def test_an_envelope_the_centre_acknowledged_and_dropped_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The positions go on; the settler and the regions notice nothing."""
    save = intake.save

    async def careless(transaction: Transaction, region: str, *what: Any) -> None:
        await save(transaction, region, *what)
        await transaction.execute(
            text("DELETE FROM envelope WHERE region_code = :region AND seq % 3 = 0"),
            {"region": region},
        )

    monkeypatch.setattr(intake, "save", careless)
    monkeypatch.setattr(virtual, "DRAIN_HOURS_MAX", 0.1)  # it never will be

    told = in_six_minutes(tmp_path)

    assert told.found.lost


def test_chance_that_no_seed_rules_shows_in_the_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids that come from the machine are in permissions, and these are in the trace."""
    monkeypatch.setattr(virtual, "ids_from", lambda _: contextlib.nullcontext())

    outcome = virtual.run(Plan(tmp_path, seed=7, scale=0.1))

    assert outcome.failures == ("seed 7 gave another trace; tunggal storm --part virtual --seed 7",)


def test_locks_are_waited_for_and_no_time_passes(tmp_path: Path) -> None:
    """Three transactions want one row at once; then an hour goes by in no time."""

    async def add(database: Database) -> float:
        async with database.begin() as transaction:
            await transaction.execute(text("UPDATE counter SET value = value + 1"))
            await transaction.execute(text("SELECT 1"))
        return asyncio.get_running_loop().time()

    async def work(url: str) -> tuple[list[float], int]:
        database = Database(url)
        async with database.begin() as transaction:
            await transaction.execute(text("CREATE TABLE counter AS SELECT 0 AS value"))
        moments = await asyncio.gather(*(add(database) for _ in range(3)))
        await asyncio.sleep(3600)
        async with database.begin() as transaction:
            value = (await transaction.execute(text("SELECT value FROM counter"))).scalar_one()
        await database.close()
        return [*moments, asyncio.get_running_loop().time()], value

    with (
        start(tmp_path, settings=virtual.QUICK) as server,
        asyncio.Runner(loop_factory=VirtualLoop) as runner,
    ):
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        loop.witness = Witness(server.url("postgres"))
        moments, value = runner.run(work(server.url("counting")))
        loop.witness.close()

    assert moments == [0.0, 0.0, 0.0, 3600.0]
    assert value == 3
    assert loop.lock_waits > 0


def test_a_dead_process_is_dead(tmp_path: Path) -> None:
    """Its open transaction is rolled back before anybody else goes on."""

    async def work(url: str) -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        database, other = Database(url), Database(url)
        async with other.begin() as transaction:
            await transaction.execute(text("CREATE TABLE counter AS SELECT 0 AS value"))
        connection = await database.engine.connect()
        await connection.execute(text("UPDATE counter SET value = 1"))
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        loop.break_off([raw.driver_connection.get_server_pid()])
        async with other.begin() as transaction:
            await transaction.execute(text("UPDATE counter SET value = value + 2"))
            value = (await transaction.execute(text("SELECT value FROM counter"))).scalar_one()
        await connection.invalidate()
        await connection.close()
        await database.close()
        await other.close()
        return int(value)

    with (
        start(tmp_path, settings=virtual.QUICK) as server,
        virtual.as_simulated(),
        asyncio.Runner(loop_factory=VirtualLoop) as runner,
    ):
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        loop.witness = Witness(server.url("postgres"))
        value = runner.run(work(server.url("counting")))
        loop.witness.close()

    assert value == 2


def test_everybody_s_share_of_chance_is_the_seed_s(tmp_path: Path) -> None:
    """Keys too: their signatures are in the trace."""
    first = virtual_world.lay_keys(tmp_path / "a", Random("7/keys"))
    again = virtual_world.lay_keys(tmp_path / "b", Random("7/keys"))
    other = virtual_world.lay_keys(tmp_path / "c", Random("8/keys"))

    assert first.centre.read_bytes() == again.centre.read_bytes()
    assert first.centre.read_bytes() != other.centre.read_bytes()
