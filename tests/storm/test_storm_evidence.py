import math
from dataclasses import replace
from pathlib import Path

import pytest

from services.command.storm.evidence import BREAKING, IMAGES_BYTES, measure, measured, trial_of
from services.command.storm.evidence_lines import Seen, mean_between, run_trial
from services.command.storm.parts import Plan


@pytest.mark.rules
def test_the_model_agrees_with_theory_and_resuming_is_worth_ten_times() -> None:
    """Restarting until nothing breaks takes mean * (e^(needed/mean) - 1)."""
    needed = IMAGES_BYTES / BREAKING.bytes_per_second + BREAKING.round_trip_seconds
    mean = BREAKING.cut_mean_seconds
    theory = mean * (math.exp(needed / mean) - 1)

    found = measure(3)

    assert found.restarted_seconds.value == pytest.approx(theory, rel=0.15)
    assert needed < found.resumed_seconds.low
    assert found.resume_speedup.low > 10
    assert found.essentials_speedup > 50


@pytest.mark.rules
def test_a_seed_gives_its_figures_again() -> None:
    assert measure(5, 20) == measure(5, 20)
    assert measure(5, 20) != measure(6, 20)


@pytest.mark.rules
def test_what_did_not_finish_counts_with_the_time_it_was_watched() -> None:
    found = mean_between(4, 200.0)

    assert found.value == 50.0
    assert found.low < 50.0 < found.high


@pytest.mark.rules
def test_a_figure_for_which_nothing_was_seen_is_no_figure(tmp_path: Path) -> None:
    found = measured(trial_of(Plan(tmp_path)), Seen(resumed=[300.0]))

    assert (found["resume_speedup"], found["essentials_speedup"]) == (None, None)


def test_images_and_decisions_are_measured_on_real_lines_that_break(tmp_path: Path) -> None:
    """Smaller images and fewer lines: whether it is measured at all, and not what comes out."""
    trial = replace(
        trial_of(Plan(tmp_path)),
        window_seconds=8.0,
        restarting=2,
        images_bytes=80_000,
        break_mean_seconds=6.0,
        steady_speed=10.0,
    )

    seen = run_trial(trial, tmp_path)

    assert seen.resumed
    assert seen.restarted
    assert seen.breaks["resumed"]
    assert seen.breaks["restarted"]
    assert seen.decisions
    (images_first,) = seen.images_first
    assert images_first >= 80_000 / 16_000  # no faster than the line
    assert min(seen.resumed) >= 0.8 * 80_000 / 8_000  # but for what is under way
