"""`tunggal bench`: raw limits, both ways of recording, claims, memory; a table and a report."""

import asyncio
import os
import platform
import shutil
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from services.command.bench import claims, raw, runs
from services.command.town import REGION, Town, TownPlan
from services.simulator.population import PlannedRecording, city, recordings
from shared.database.embedded import remove, start

REPORT = Path(".tunggal/bench-report.json")
NATIONAL_PER_SECOND = 2_130  # 184 million recordings in one day; performance notes
SINGLE_CONNECTIONS = 64
SINGLE_RECORDINGS = 40_000
BULK_RECORDINGS = 120_000
RAW_ROWS = 60_000
CLAIM_LITTLE = 10_000
CLAIM_MUCH = 1_000_000
FLOORS: dict[str, tuple[str, float]] = {
    "single_ratio": (">=", 0.4),
    "single_per_second": (">=", 2 * NATIONAL_PER_SECOND),
    "bulk_ratio": (">=", 0.35),
    "bulk_per_second": (">=", 6 * NATIONAL_PER_SECOND),
    "claim_growth": ("<=", 1.5),
    "regional_rss_mb": ("<=", 300),
}


def bench(scale: float) -> None:
    """Measure speed and memory against this machine's own limits, in one run.

    Floors are told, never enforced: a busy machine says nothing about the program.
    """
    talk = Console(stderr=True)
    folder = Path(tempfile.mkdtemp(prefix="tunggal-bench-"))
    folder.chmod(0o755)
    try:
        report = asyncio.run(_measure(folder, scale, talk))
    finally:
        for postgres in folder.glob("*/**/postgres"):
            remove(postgres)
        shutil.rmtree(folder, ignore_errors=True)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")
    Console().print(_table(report))
    talk.print(f"report: {REPORT}")


async def _measure(folder: Path, scale: float, talk: Console) -> dict[str, Any]:
    singles, bulks = int(SINGLE_RECORDINGS * scale), int(BULK_RECORDINGS * scale)
    talk.print(f"making {bulks:,} synthetic recordings")
    made = list(islice(recordings(city(7, recorded=max(bulks, 2_000))), bulks))
    payload_bytes = runs.mean_bytes(made)
    talk.print("measuring the database bare")
    limits = await _limits(folder / "raw", made[0], payload_bytes, int(RAW_ROWS * scale))
    talk.print(f"one recording per PUT, {SINGLE_CONNECTIONS} connections, {singles:,} recordings")
    single = await runs.single(folder / "single", made[:singles], SINGLE_CONNECTIONS)
    talk.print(f"a thousand per POST, {bulks:,} recordings")
    bulk = await runs.bulk(folder / "bulk", made)
    talk.print(f"claims with {CLAIM_LITTLE:,} and {CLAIM_MUCH:,} waiting")
    little, much = await _claims(folder / "claims", made[0].body, scale)
    return {
        "single_ratio": round(single.per_second / limits["single_commits_per_second"], 3),
        "single_per_second": round(single.per_second),
        "bulk_ratio": round(bulk.per_second / limits["batched_inserts_per_second"], 3),
        "bulk_per_second": round(bulk.per_second),
        "claim_growth": round(much / little, 2),
        "regional_rss_mb": round(max(single.regional_rss_mb, bulk.regional_rss_mb), 1),
        "raw": {name: round(value) for name, value in limits.items()},
        "claim_milliseconds": {"little": round(little, 2), "much": round(much, 2)},
        "central_rss_mb": round(max(single.central_rss_mb, bulk.central_rss_mb), 1),
        "cpu_microseconds_per_recording": {
            "single": single.cpu_microseconds,
            "bulk": bulk.cpu_microseconds,
        },
        "accept_per_second": {
            "single": round(single.recordings / single.accept_seconds),
            "bulk": round(bulk.recordings / bulk.accept_seconds),
        },
        "conditions": {
            "cores": os.cpu_count(),
            "load_before": os.getloadavg()[0],
            "python": platform.python_version(),
            "postgres": "18, embedded, fsync and synchronous_commit on, one cluster per service",
            "load_generator": "on the same cores",
            "line": "none: loopback",
            "payload_bytes": payload_bytes,
            "recordings": {"single": singles, "bulk": bulks},
            "region": REGION,
        },
    }


async def _limits(
    folder: Path, one: PlannedRecording, payload_bytes: int, rows: int
) -> dict[str, float]:
    folder.mkdir(parents=True)
    with start(folder / "postgres") as postgres:
        url = postgres.url("raw")
        return {
            "single_commits_per_second": await raw.single_commits_per_second(
                url, payload_bytes, SINGLE_CONNECTIONS, folder
            ),
            "batched_inserts_per_second": await raw.batched_inserts_per_second(
                url, one.body, max(rows, raw.BATCH_ROWS)
            ),
        }


async def _claims(folder: Path, body: bytes, scale: float) -> tuple[float, float]:
    folder.mkdir(parents=True)
    with Town(TownPlan(folder, regional={"LOOPS": "false"})) as town:
        # The region lays its schema; its loops stay still, so that what is put in waits.
        town.start_regional("http://127.0.0.1:9")
        url = town.postgres_url("regional", "regional")
        little = await claims.milliseconds(url, CLAIM_LITTLE, body)
        much = await claims.milliseconds(url, max(int(CLAIM_MUCH * scale), CLAIM_LITTLE), body)
    return little, much


def _table(report: dict[str, Any]) -> Table:
    table = Table(title="Tunggal bench")
    for heading in ("measure", "value", "floor", ""):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    for name, (sense, floor) in FLOORS.items():
        value = report[name]
        is_kept = value >= floor if sense == ">=" else value <= floor
        table.add_row(
            name,
            f"{value:,}",
            f"{sense} {floor:,}",
            "kept" if is_kept else f"missed by {abs(value - floor) / floor:.0%}",
        )
    for name, value in report["raw"].items():
        table.add_row(f"raw {name}", f"{value:,}", "", "")
    for way, spent in report["cpu_microseconds_per_recording"].items():
        parts = ", ".join(f"{who} {cost:g}" for who, cost in spent.items())
        table.add_row(f"CPU µs per recording, {way}", f"{sum(spent.values()):g}", "", parts)
    conditions = report["conditions"]
    table.caption = (
        f"{conditions['cores']} cores, Python {conditions['python']}, PostgreSQL "
        f"{conditions['postgres']}; {conditions['payload_bytes']} bytes a recording; "
        f"load generator on the same cores; load average before: {conditions['load_before']:.1f}"
    )
    return table
