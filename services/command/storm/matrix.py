"""The fault matrix as tests: run those that stand for a row, and count how often each fired."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import orjson
from pydantic import JsonValue

from services.command.storm.parts import Outcome, Plan

TESTS = Path(__file__).resolve().parents[3] / "tests"
SHOWN_LINES = 30


def run(plan: Plan) -> Outcome:
    """Needs the source tree: the tests are not in the wheel."""
    if not (TESTS / "fault_rows.py").exists():
        return Outcome({}, ("The matrix runs from the source tree only: no tests here.",))
    told = plan.folder / "matrix.jsonl"
    told.touch()
    command = [sys.executable, "-m", "pytest", "-q", "-m", "fault", "-rfEs", "--durations=5"]
    command += ["-p", "no:cacheprovider", "--rootdir", str(TESTS.parent), str(TESTS)]
    ended = subprocess.run(  # noqa: S603 our own tests
        command,
        cwd=TESTS.parent,
        env={**os.environ, "TUNGGAL_TEST_MATRIX": str(told)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    fired: Counter[str] = Counter()
    for line in told.read_text().splitlines():
        one = orjson.loads(line)
        fired[one["row"]] += one["times"]
    failures = []
    if ended.returncode:
        last_lines = "\n  ".join(ended.stdout.strip().splitlines()[-SHOWN_LINES:])
        failures.append(f"pytest -m fault ended with {ended.returncode}:\n  {last_lines}")
    skipped = tuple(line for line in ended.stdout.splitlines() if line.startswith("SKIPPED"))
    matrix: dict[str, JsonValue] = {row: fired[row] for row in sorted(fired, key=_order)}
    return Outcome({"matrix": matrix}, tuple(failures), skipped)


def _order(row: str) -> tuple[int, int]:
    return "NPDXA".index(row[0]), int(row[1:])
