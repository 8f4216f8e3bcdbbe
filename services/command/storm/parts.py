"""The parts a storm is made of, and what each hands in.

A part is a function of a plan that gives an `Outcome`; it runs in a process of its own, two at a
time, because this is what two cores can do.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson
from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to do.

    seed: None runs every seed of the part's list; a number replays that one alone, talking.
    scale: share of the usual work, 0.001 to 1; nightly runs take more than 1.
    folder: where a part may keep databases and logs; it is the part's own.
    """

    folder: Path
    seed: int | None = None
    scale: float = 1.0

    def times(self, usual: int, least: int = 1) -> int:
        """`usual` at this scale, at least `least`."""
        return max(least, round(usual * self.scale))


@dataclass(frozen=True, slots=True)
class Outcome:
    """figures: keys of the report, as they stand there. failures: sentences; empty means it held.

    A failure names what broke and ends with the command that shows it again.
    """

    figures: Mapping[str, JsonValue]
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what did not run here, and why
    seconds: float = field(default=0.0)

    def write(self, path: Path) -> None:
        path.write_bytes(orjson.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Self:
        found: dict[str, Any] = orjson.loads(path.read_bytes())
        return cls(
            found["figures"], tuple(found["failures"]), tuple(found["notes"]), found["seconds"]
        )


Run = Callable[[Plan], Outcome]

# name → module and function; the longest first, so that two cores end together.
PARTS: Mapping[str, str] = {
    "database": "services.command.storm.database:run",
    "core": "services.command.storm.core.part:run",
    "bugs": "services.command.storm.bugs:run",
    "virtual": "services.command.storm.virtual:run",
    "restore": "services.command.storm.restore:run",
    "evidence": "services.command.storm.evidence:run",
    "herd": "services.command.storm.herd:run",
    "kills": "services.command.storm.kills:run",
    "eyes": "services.command.storm.eyes:run",
    "crash-points": "services.command.storm.crash_points:run",
    "matrix": "services.command.storm.matrix:run",
}


def part_named(name: str) -> Run:
    """Raises KeyError for a name that is not in PARTS."""
    module, _, function = PARTS[name].partition(":")
    run: Run = getattr(importlib.import_module(module), function)
    return run


def again(part: str, seed: int) -> str:
    """The command that shows a failure again."""
    return f"tunggal storm --part {part} --seed {seed}"
