"""`.tunggal/office-report.json`: what letters and pages were measured to be, by whoever measured.

Page tests run in several processes and `make letters` at another time: each puts its facts in.
"""

import json
from pathlib import Path
from typing import Any

from services.command.figures import merge

REPORT = Path(".tunggal/office-report.json")


def put(facts: dict[str, Any], path: Path = REPORT) -> None:
    """Merge facts into the office's report."""
    merge(facts, path)


def put_page(name: str, weight_kb: float, serious: int, path: Path = REPORT) -> None:
    """One page as a browser saw it. weight_kb: all its files as they came over the line, KiB.

    serious: findings of the accessibility checker that stop people; sums are made anew.
    """
    put(
        {
            "page_weights_kb": {name: round(weight_kb, 1)},
            "page_accessibility_serious": {name: serious},
        },
        path,
    )
    report = json.loads(path.read_text())
    found = report["page_accessibility_serious"]
    put({"pages_tested": len(found), "accessibility_serious": sum(found.values())}, path)
