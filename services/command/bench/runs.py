"""The measured runs, each from the first request to the last decision applied."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from services.command.bench import load, raw
from services.command.town import Town, TownPlan
from services.simulator.population import PlannedRecording
from shared.roles import Role

DRAIN_SECONDS_MAX = 300
BULK_RECORDINGS = 1_000
BULK_CONNECTIONS = 3
NOTHING: Mapping[str, str] = {}
WATCHED = ("regional", "central", "regional-postgres", "central-postgres")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run measured. Rates are recordings per second with the drain included."""

    recordings: int
    accept_seconds: float
    seconds: float
    per_second: float
    regional_rss_mb: float
    central_rss_mb: float
    cpu_microseconds: dict[str, float]  # per recording, by who spent them


async def single(folder: Path, recordings: Sequence[PlannedRecording], connections: int) -> Run:
    """Each recording its own PUT."""

    def prepared(token: str) -> list[bytes]:
        return [
            load.request("PUT", f"/v1/recordings/{one.recording_id}", one.content, token)
            for one in recordings
        ]

    return await _run(folder, prepared, len(recordings), connections, expected=202)


async def bulk(
    folder: Path, recordings: Sequence[PlannedRecording], regional: Mapping[str, str] = NOTHING
) -> Run:
    """A thousand recordings per POST. regional: settings of the region's server."""

    def prepared(token: str) -> list[bytes]:
        return [
            load.request(
                "POST",
                "/v1/recordings",
                b'{"recordings":['
                + b",".join(one.body for one in recordings[first : first + BULK_RECORDINGS])
                + b"]}",
                token,
            )
            for first in range(0, len(recordings), BULK_RECORDINGS)
        ]

    return await _run(folder, prepared, len(recordings), BULK_CONNECTIONS, 200, regional)


async def _run(
    folder: Path,
    prepare: Callable[[str], list[bytes]],
    count: int,
    connections: int,
    expected: int,
    regional: Mapping[str, str] = NOTHING,
) -> Run:
    folder.mkdir(parents=True)
    with Town(TownPlan(folder, regional={"LOG_LEVEL": "warning", **regional})) as town:
        region = town.start_regional(town.start_central())
        requests = prepare(town.token(Role.OFFICER))
        pids = {name: town.processes(name) for name in WATCHED}
        before = {name: _cpu_seconds(found) for name, found in pids.items()}
        own_before = sum(os.times()[:2])
        watcher = await raw.connect(town.postgres_url("regional", "regional"))
        started = time.perf_counter()
        sending = asyncio.create_task(load.send_all(region, requests, connections))
        rss = {"regional": 0.0, "central": 0.0}
        accept_seconds = 0.0
        while True:
            await asyncio.sleep(0.05)
            if sending.done() and not accept_seconds:
                accept_seconds = time.perf_counter() - started
                tally = sending.result()
                assert set(tally.by_status) == {expected}, tally.by_status
            rss = {name: max(seen, _rss_mb(town.pid(name))) for name, seen in rss.items()}
            if accept_seconds and await _applied(watcher) >= count:
                break
            if time.perf_counter() - started > DRAIN_SECONDS_MAX:
                raise TimeoutError(f"{await _applied(watcher)} of {count} decided")
            town.check_alive()
        seconds = time.perf_counter() - started
        spent = {name: _cpu_seconds(town.processes(name)) - before[name] for name in pids}
        spent["load"] = sum(os.times()[:2]) - own_before
        await _check(watcher, town, count)
        await watcher.close()
    return Run(
        count,
        accept_seconds,
        seconds,
        count / seconds,
        rss["regional"],
        rss["central"],
        {name: round(1e6 * cost / count, 1) for name, cost in spent.items()},
    )


async def _applied(watcher: "asyncpg.Connection[asyncpg.Record]") -> int:
    return int(await watcher.fetchval("SELECT applied_pos FROM feed_position"))


async def _check(watcher: "asyncpg.Connection[asyncpg.Record]", town: Town, count: int) -> None:
    """Every recording is at the region, at the centre, decided and permitted, once."""
    central = await raw.connect(town.postgres_url("central", "central"))
    counted = [
        await watcher.fetchval("SELECT count(*) FROM recording"),
        await watcher.fetchval("SELECT count(DISTINCT recording_id) FROM decision"),
        await watcher.fetchval("SELECT count(DISTINCT recording_id) FROM print_authorization"),
        await central.fetchval("SELECT count(*) FROM envelope"),
        await central.fetchval("SELECT count(*) FROM registry"),
        await central.fetchval("SELECT count(*) FROM feed"),
    ]
    await central.close()
    assert counted == [count] * len(counted), counted


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of these processes; one that has ended counts nothing."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def mean_bytes(recordings: Sequence[PlannedRecording]) -> int:
    """Mean size of what is stored and sent; planned bodies are canonical already."""
    sample = recordings[:1_000]
    return sum(len(one.body) for one in sample) // len(sample)
