"""kill -9 and database crashes cost nothing, and would be seen if they did."""

import sys
from pathlib import Path
from typing import Any

import pytest

from services.command.storm.kills import RUNS, torture
from services.command.storm.parts import Plan

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kill -9 by pid, and prctl")


@pytest.mark.fault("P2")
@pytest.mark.fault("D1")
def test_random_kills_and_a_database_crash_cost_nothing(tmp_path: Path, fired: Any) -> None:
    outcome = torture(Plan(tmp_path, seed=4), 32, RUNS)

    assert outcome.failures == ()
    receipted = outcome.figures["kills_receipted"]
    kills, crashes = outcome.figures["kills"], outcome.figures["database_crashes"]
    assert isinstance(receipted, int)
    assert receipted >= 20
    assert isinstance(kills, int)
    assert isinstance(crashes, int)
    fired("P2", kills)
    fired("D1", crashes)


def test_receipts_given_before_the_commit_are_found_to_be_lost(tmp_path: Path) -> None:
    careless = "tests.storm.careless:run_regional_that_receipts_first"

    outcome = torture(
        Plan(tmp_path, seed=4), 24, RUNS | {"regional": careless, "second-uplink": careless}
    )

    assert any("I1" in one for one in outcome.failures), outcome
    assert outcome.figures["lost"] != 0
