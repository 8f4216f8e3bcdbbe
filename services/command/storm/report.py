"""The storm's report: figures of every part, what must be true of them, and whether it was."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
from pydantic import JsonValue

from services.command.storm.parts import Outcome
from shared.clock import SystemClock
from shared.files import write_whole

# Added up over the parts that hand them in.
SUMMED = ("lost", "doubled", "overtakes")


@dataclass(frozen=True, slots=True)
class Whole:
    figures: Mapping[str, JsonValue]
    failures: tuple[str, ...]


def assembled(found: Mapping[str, Outcome], scale: float) -> Whole:
    """One report of all parts: figures side by side, sums where every part has its share."""
    figures: dict[str, JsonValue] = {}
    for outcome in found.values():
        for name, value in outcome.figures.items():
            if name in SUMMED:
                figures[name] = _number(figures.get(name, 0)) + _number(value)
            else:
                figures[name] = value
    failures = [sentence for outcome in found.values() for sentence in outcome.failures]
    failures += [
        f"{name} is {figures[name]}, must be 0" for name in SUMMED if figures.get(name, 0) != 0
    ]
    figures |= {
        "upper_bound_per_recording": _upper_bound(figures),
        "scale": scale,
        "seconds": {name: round(outcome.seconds, 1) for name, outcome in found.items()},
        "notes": [note for outcome in found.values() for note in outcome.notes],
        "failures": list(failures),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}",
        "written_at": SystemClock().now().isoformat(),
    }
    return Whole(figures, tuple(failures))


def write(path: Path, whole: Whole) -> None:
    write_whole(path, orjson.dumps(whole.figures, option=orjson.OPT_INDENT_2).decode() + "\n")


def table(whole: Whole) -> str:
    """The figures a person looks at, one a line."""
    lines = []
    for name, value in whole.figures.items():
        if name in ("notes", "failures", "machine", "written_at"):
            continue
        if isinstance(value, Mapping):
            told = ", ".join(f"{key} {one}" for key, one in value.items())
        else:
            told = f"{value:,}" if isinstance(value, int) else str(value)
        lines.append(f"{name:<26} {told}")
    return "\n".join([*lines, *(f"BROKEN: {one}" for one in whole.failures)])


def _upper_bound(figures: Mapping[str, JsonValue]) -> float | None:
    """With no failure in n trials, the 95 % upper bound of its rate is 3/n."""
    trials = sum(
        _number(figures.get(name, 0)) for name in ("core_recordings", "database_recordings")
    )
    return 3 / trials if trials else None


def _number(value: JsonValue) -> int:
    return value if isinstance(value, int) else 0
