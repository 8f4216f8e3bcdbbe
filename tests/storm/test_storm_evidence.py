import math

import pytest

from services.command.storm.evidence import BREAKING, IMAGES_BYTES, measure

pytestmark = pytest.mark.rules


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


def test_a_seed_gives_its_figures_again() -> None:
    assert measure(5, 20) == measure(5, 20)
    assert measure(5, 20) != measure(6, 20)
