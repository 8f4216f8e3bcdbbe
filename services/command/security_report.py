"""`.tunggal/security-report.json`: what stood against whom, by the tests that attacked it.

Tests marked `security` run in several processes: each puts its figures in.
"""

from pathlib import Path
from typing import Any

from services.command.figures import merge

REPORT = Path(".tunggal/security-report.json")


def put(facts: dict[str, Any], path: Path = REPORT) -> None:
    """Merge figures into the report; a table goes into the table of its name."""
    merge(facts, path)
