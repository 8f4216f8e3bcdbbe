"""Figures that several processes measure, each at its time, merged into one report file."""

import fcntl
import json
from pathlib import Path
from typing import Any


def merge(facts: dict[str, Any], path: Path) -> None:
    """Put facts into the report: a table into the table of its name, all else in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        report = json.loads(path.read_text()) if path.exists() else {}
        for name, value in facts.items():
            if isinstance(value, dict):
                report.setdefault(name, {}).update(value)
            else:
                report[name] = value
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")
        fresh.replace(path)
