"""What sealing costs: the bulk way with and without it, turn by turn on one machine, in one run.

    python -m services.command.bench.sealing [recordings]

Puts `sealing_speed_ratio` into the security report: sealed speed over speed in clear, each the best
of its turns, with the whole way counted from the first request to the last decision applied.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from services.command import security_report
from services.command.bench import runs
from services.command.bench.runs import Run
from services.simulator.population import PlannedRecording, city, recordings
from shared.database.embedded import remove

RECORDINGS = 40_000
TURNS = 3


async def measure(folder: Path, made: Sequence[PlannedRecording], turns: int) -> dict[str, Any]:
    nobody = folder / "no-key.json"
    nobody.write_text(json.dumps({"keys": []}))
    settings: dict[str, Mapping[str, str]] = {
        "clear": {"SEALING_JWKS": str(nobody)},
        "sealed": {},
    }
    found: dict[str, list[Run]] = {name: [] for name in settings}
    for turn in range(turns):
        # Whoever comes second finds a warmer machine: they take turns at that as well.
        for name in list(settings)[:: 1 if turn % 2 == 0 else -1]:
            run = await runs.bulk(folder / f"{name}-{turn}", made, settings[name])
            found[name].append(run)
            print(f"{name}: {run.per_second:,.0f}/s, {run.cpu_microseconds}", file=sys.stderr)  # noqa: T201
    speeds = {name: [round(run.per_second) for run in made_] for name, made_ in found.items()}
    cpu = {
        name: round(min(sum(run.cpu_microseconds.values()) for run in made_), 1)
        for name, made_ in found.items()
    }
    return {
        "sealing_speed_ratio": round(max(speeds["sealed"]) / max(speeds["clear"]), 3),
        "sealing_speeds": speeds,
        "sealing_cpu_microseconds": cpu,
        "sealing_cpu_ratio": round(cpu["clear"] / cpu["sealed"], 3),
        "sealing_conditions": {
            "cores": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 1),
            "recordings": len(made),
            "turns": turns,
            "payload_bytes": runs.mean_bytes(made),
        },
    }


def main(arguments: Sequence[str]) -> None:
    count = int(arguments[0]) if arguments else RECORDINGS
    turns = int(arguments[1]) if len(arguments) > 1 else TURNS
    folder = Path(tempfile.mkdtemp(prefix="tunggal-sealing-"))
    folder.chmod(0o755)
    try:
        made = list(islice(recordings(city(7, recorded=max(count, 2_000))), count))
        report = asyncio.run(measure(folder, made, turns))
    finally:
        for postgres in folder.glob("*/**/postgres"):
            remove(postgres)
        shutil.rmtree(folder, ignore_errors=True)
    security_report.put(report)
    print(json.dumps(report, indent=2))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
