"""Deaths at every await are real ones, and the checker finds what a careless commit loses."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from services.command.storm.crash_points import PLACES, run
from services.command.storm.parts import Plan
from services.regional.recording import steps
from services.regional.recording.loop import CommitLane


@pytest.mark.fault("P1")
@pytest.mark.fault("A3")
def test_whoever_dies_at_any_await_costs_nothing(tmp_path: Path, fired: Any) -> None:
    """Every eighth point here; `tunggal storm --part crash-points` takes them all."""
    outcome = run(Plan(tmp_path, scale=1 / 8))

    points = outcome.figures["crash_points_by_place"]
    assert isinstance(points, dict)
    assert outcome.failures == ()
    assert set(points) == set(PLACES)
    fired("A3", points["printing"])
    fired("P1", sum(points.values()))


def test_a_receipt_given_before_the_commit_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one thing the lane must never do."""

    async def receipt_first(lane: CommitLane, group: list[Any]) -> None:
        arrivals = [arrival for waiting in group for arrival in waiting.arrivals]
        async with lane._database.begin() as transaction:
            answers = await steps.take(transaction, lane._region, arrivals, lane._clock.now())
            group[0].answer.set_result(answers)
            await asyncio.sleep(0)  # anything that waits between will do

    monkeypatch.setattr(CommitLane, "_commit", receipt_first)
    monkeypatch.setattr(
        "services.command.storm.crash_points.PLACES", {"recording": PLACES["recording"]}
    )

    outcome = run(Plan(tmp_path))

    assert outcome.figures["lost"] == 1
    assert "recording, killed at await" in outcome.failures[0]
    assert "I1" in outcome.failures[0]
