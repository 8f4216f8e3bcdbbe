"""Figures that several processes measure, each at its time, merged into one report file."""

import fcntl
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def merge(facts: dict[str, Any], path: Path) -> None:
    """Put facts into the report: a table into the table of its name, all else in its place."""

    def put(report: dict[str, Any]) -> None:
        for name, value in facts.items():
            if isinstance(value, dict):
                report.setdefault(name, {}).update(value)
            else:
                report[name] = value

    _change(put, path)


def merge_part(name: str, part: str, count: int, path: Path) -> None:
    """Put one process's part of a count into its table; the count is the sum of all parts."""

    def put(report: dict[str, Any]) -> None:
        parts = report.setdefault(f"{name}_by_part", {})
        parts[part] = count
        report[name] = sum(parts.values())

    _change(put, path)


def _change(change: Callable[[dict[str, Any]], None], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = json.loads(path.read_text()) if path.exists() else {}
        change(report)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")
        fresh.replace(path)
