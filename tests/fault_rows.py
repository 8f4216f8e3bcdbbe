"""Which rows of the fault matrix a test stands for, and how often the fault really bit.

`@pytest.mark.fault("N4")` names the row; the test calls `fired()` whenever it has seen the fault
happen: a connection reset, an SQLSTATE, a process gone. A fault that never fired proves nothing, so
the test is red. `make storm` adds the counts up.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

TOLD_TO = "TUNGGAL_TEST_MATRIX"
ROWS = (
    *(f"N{number}" for number in range(1, 17)),
    *(f"P{number}" for number in range(1, 7)),
    *(f"D{number}" for number in range(1, 7)),
    *(f"X{number}" for number in range(1, 8)),
    *(f"A{number}" for number in range(1, 5)),
)


class Fired:
    """Call it when the fault bit; name the row when the test stands for more than one."""

    def __init__(self, rows: list[str]) -> None:
        self.rows = rows
        self.times: Counter[str] = Counter()
        self.is_excused = False

    def excuse(self, reason: str) -> NoReturn:
        """This machine cannot make the fault: skip, loudly."""
        self.is_excused = True
        pytest.skip(f"row {', '.join(self.rows)} not run here: {reason}")

    def __call__(self, row: str | None = None, times: int = 1) -> None:
        if row is None:
            (row,) = self.rows
        assert row in self.rows
        self.times[row] += times


@pytest.fixture
def fired(request: pytest.FixtureRequest) -> Iterator[Fired]:
    rows = [mark.args[0] for mark in request.node.iter_markers("fault")]
    assert rows, "a test with `fired` names its row: @pytest.mark.fault(...)"
    assert set(rows) <= set(ROWS)
    counter = Fired(rows)
    yield counter
    if counter.is_excused:
        return
    silent = [row for row in rows if not counter.times[row]]
    assert not silent, f"the fault of {', '.join(silent)} never fired"
    if told_to := os.environ.get(TOLD_TO):
        with Path(told_to).open("a") as lines:  # one short line each: whole, also from two workers
            for row in rows:
                told = {"row": row, "times": counter.times[row], "test": request.node.nodeid}
                lines.write(json.dumps(told) + "\n")
