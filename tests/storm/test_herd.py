"""Hundreds of regions come back at once: with appointments in order, without them in a crowd."""

import pytest

from services.command.storm.herd import PEAK_TO_MEAN_MAX, come_back

pytestmark = pytest.mark.rules


def test_appointments_keep_the_crowd_within_twice_the_mean_and_nobody_starves() -> None:
    booked = come_back(1)

    assert booked.requests_peak <= PEAK_TO_MEAN_MAX
    assert booked.envelopes_peak <= PEAK_TO_MEAN_MAX
    assert booked.longest_pause_seconds < 30


def test_without_them_the_crowd_is_seen() -> None:
    assert come_back(1, are_booked=False).envelopes_peak > PEAK_TO_MEAN_MAX


def test_a_seed_tells_the_same_story_again() -> None:
    assert come_back(7) == come_back(7)
    assert come_back(7) != come_back(8)
