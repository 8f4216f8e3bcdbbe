"""docs/ASVS.md: every item of levels 1 and 2 once, and each place it names is there."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

import pytest

from deploy.checks.tracked import ROOT
from services.command import security_report

pytestmark = [pytest.mark.rules, pytest.mark.security]

PAGE = ROOT / "docs" / "ASVS.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| (met|n/a|not met) \| (.+) \|$")
NAMED = re.compile(
    r"`((?:[a-z_.]+/)[\w./-]+|pyproject\.toml|docker-compose\.yml|\.dockerignore)"
    r"(?:::(\w+))?`"
)
# Items of 5.0.0 by chapter, levels 1 and 2 together; from the standard's own list.
ITEMS_OF_CHAPTERS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7,
    10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip
REASON_CHARACTERS_MIN = 15


@dataclass(frozen=True, slots=True)
class Item:
    number: str
    level: int
    state: str
    why: str


@cache
def items() -> list[Item]:
    found = [ROW.match(line) for line in PAGE.read_text().splitlines()]
    return [Item(one[1], int(one[2]), one[4], one[5]) for one in found if one]


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree) if isinstance(node, functions)}


def test_every_item_stands_there_once_and_is_counted() -> None:
    told = items()

    rows = [line for line in PAGE.read_text().splitlines() if re.match(r"\| \d", line)]
    assert len(rows) == len(told), "a row of the table cannot be read"
    assert len({one.number for one in told}) == len(told)
    assert Counter(int(one.number.split(".")[0]) for one in told) == ITEMS_OF_CHAPTERS
    assert Counter(one.level for one in told) == {1: 70, 2: 183}
    states = Counter(one.state for one in told)
    security_report.put(
        {
            "asvs_l2_items": len(told),
            "asvs_l2_met": states["met"],
            "asvs_l2_not_applicable": states["n/a"],
            "asvs_l2_not_met": states["not met"],
        }
    )


def trouble_of(item: Item) -> str | None:
    named = NAMED.findall(item.why)
    if item.state == "met" and not named:
        return f"{item.number}: met by what?"
    if item.state != "met" and len(item.why) < REASON_CHARACTERS_MIN:
        return f"{item.number}: for what reason?"
    for path, test in named:
        if not (ROOT / path).exists():
            return f"{item.number}: {path} is not there"
        if test and test not in functions_of(path):
            return f"{item.number}: {path} has no {test}"
    return None


def test_what_an_item_names_is_there() -> None:
    assert [trouble for item in items() if (trouble := trouble_of(item))] == []


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("met", "by good will"),
        ("met", "`tests/docs/test_nothing.py`"),
        ("met", "`tests/docs/test_asvs.py::test_of_nothing`"),
        ("not met", "no reason"),
    ],
)
def test_a_row_that_names_nothing_is_found(state: str, why: str) -> None:
    assert trouble_of(Item("1.1.1", 1, state, why))
