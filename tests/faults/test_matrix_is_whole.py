"""Every row of the fault matrix has a test that stands for it, and the page says so."""

import ast
from pathlib import Path

import pytest

from tests.fault_rows import ROWS

pytestmark = pytest.mark.rules

TESTS = Path(__file__).resolve().parents[1]


def rows_with_a_test() -> set[str]:
    """Every string within a `fault(...)` mark that names a row."""
    found = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "fault":
                words = (one for part in node.args for one in ast.walk(part))
                found |= {one.value for one in words if isinstance(one, ast.Constant)}
    return found & set(ROWS)


def test_every_row_has_a_test() -> None:
    assert set(ROWS) - rows_with_a_test() == set()


def test_the_page_lists_every_row() -> None:
    page = (TESTS.parent / "docs" / "RELIABILITY.md").read_text()
    told = {line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")}

    assert set(ROWS) - told == set()
