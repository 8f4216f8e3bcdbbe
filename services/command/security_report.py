"""`.tunggal/security-report.json`: what stood against whom, by the tests that attacked it.

Tests marked `security` run in several processes: each puts its figures in.
"""

from pathlib import Path
from typing import Any

from services.command.figures import merge, merge_part

REPORT = Path(".tunggal/security-report.json")


def put(facts: dict[str, Any], path: Path = REPORT) -> None:
    """Merge figures into the report; a table goes into the table of its name."""
    merge(facts, path)


def put_part(name: str, part: str, count: int, path: Path = REPORT) -> None:
    """One process's part of a count; the report shows the sum, and the parts beside it."""
    merge_part(name, part, count, path)
