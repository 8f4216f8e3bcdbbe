"""Is every figure of the security report there, and within its bound? `make security` asks last.

A figure that no test put in fails like one that is out of bounds: silence proves nothing.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from services.command.security_report import REPORT

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bound:
    """What one figure has to be; the words stand in the table."""

    words: str
    holds: Callable[[float, Facts], bool]


def at_least(least: float) -> Bound:
    return Bound(f"≥ {least:g}", lambda value, _: value >= least)


def at_most(most: float) -> Bound:
    return Bound(f"≤ {most:g}", lambda value, _: 0 < value <= most)


def as_many_as(other: str) -> Bound:
    return Bound(f"= {other}", lambda value, facts: value == facts.get(other))


def no_more_than(other: str) -> Bound:
    return Bound(f"1 … {other}", lambda value, facts: 1 <= value <= facts.get(other, 0))


NONE = Bound("= 0", lambda value, _: value == 0)

FIGURES = {
    "operations": at_least(1),
    "matrix_cases": at_least(1),
    "matrix_failures": NONE,
    "canaries": at_least(1),
    "canary_leaks": NONE,
    "tamper_kinds": at_least(4),
    "tamper_found": as_many_as("tamper_kinds"),
    "fuzz_cases": at_least(1),
    "fuzz_5xx": NONE,
    "loris_connections_held": at_least(1),
    "flood_latency_ratio": at_most(2),
    "asvs_l2_items": at_least(1),
    "asvs_l2_met": no_more_than("asvs_l2_items"),
}
# Measured only when asked for: `make security FULL=1`.
MEASURED_FIGURES = {"sealing_speed_ratio": at_least(0.85)}


def wrong(facts: Facts, figures: dict[str, Bound]) -> dict[str, str]:
    """What is not as it should be, by figure: missing, no number, or out of its bound."""
    found = {}
    for name, bound in figures.items():
        value = facts.get(name)
        if value is None:
            found[name] = "missing: no test put it in"
        elif isinstance(value, bool) or not isinstance(value, int | float):
            found[name] = "not a number"
        elif not bound.holds(value, facts):
            found[name] = "out of bounds"
    return found


def main(path: Path = REPORT) -> int:
    figures = FIGURES | (MEASURED_FIGURES if "--full" in sys.argv[1:] else {})
    facts: Facts = json.loads(path.read_text()) if path.exists() else {}
    trouble = wrong(facts, figures)
    table = Table("figure", "is", "has to be", "", box=None, pad_edge=False)
    for name, bound in figures.items():
        verdict = trouble.get(name, "ok")
        table.add_row(name, str(facts.get(name, "-")), bound.words, verdict)
    Console().print(table)
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main())
