"""Nobody is called unique twice, whoever is killed; and it would be seen."""

import sys
from pathlib import Path

import pytest

from services.command.storm.eyes import RUN, torture
from services.command.storm.parts import Plan

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kill -9 by pid, and prctl")


def test_a_person_is_unique_once_whoever_is_killed(tmp_path: Path) -> None:
    outcome = torture(Plan(tmp_path, seed=4, scale=0.06), RUN, 6)

    assert outcome.failures == ()
    assert outcome.figures["iris_kills"] == 6


def test_a_settler_without_the_ticket_is_found_out(tmp_path: Path) -> None:
    careless = "tests.storm.careless:run_settler_without_the_ticket"

    # Nobody dies: both are there all the time, and meet.
    outcome = torture(Plan(tmp_path, seed=4, scale=0.06), careless, 0, 8.0)

    assert any("unique twice" in one or "hole" in one for one in outcome.failures), outcome
