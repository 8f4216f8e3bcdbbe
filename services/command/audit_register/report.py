"""The report: one JSON line for each pair, and a summary. Ids, levels and weights; no values."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from services.command.audit_register.model import LEVELS

PAIRS_FILE, SUMMARY_FILE = "pairs.jsonl", "summary.json"
_OWNER_ONLY = 0o600


def write_pairs(path: Path, rows: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    """Write the rows as they come; gives the count after each."""
    path.touch(_OWNER_ONLY)
    with path.open("wb") as file:
        for count, row in enumerate(rows, 1):
            file.write(orjson.dumps(pair_of(row)) + b"\n")
            yield count


def pair_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A scored pair as Splink gives it, in our words."""
    return {
        "recordings": [
            {"region": row[f"region_{side}"], "recording_id": row[f"unique_id_{side}"]}
            for side in ("l", "r")
        ],
        "score": round(row["match_probability"], 6),
        "weight": round(row["match_weight"], 2),
        "fields": [
            {"field": field, "level": _level(field, row), "weight": _weight(field, row)}
            for field in LEVELS
        ],
    }


def _level(field: str, row: Mapping[str, Any]) -> str:
    # Splink counts levels from the worst, 0, upwards.
    return str(LEVELS[field][len(LEVELS[field]) - 1 - int(row[f"gamma_{field}"])])


def _weight(field: str, row: Mapping[str, Any]) -> float:
    return round(float(row[f"mw_{field}"]) + float(row.get(f"mw_tf_adj_{field}") or 0.0), 2)


def write_summary(path: Path, summary: Mapping[str, Any]) -> None:
    path.touch(_OWNER_ONLY)
    path.write_bytes(orjson.dumps(summary, option=orjson.OPT_INDENT_2) + b"\n")
