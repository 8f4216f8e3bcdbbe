"""Thresholds by size of gallery, from the binomial model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.central.penunggalan.iris import thresholds

pytestmark = pytest.mark.rules


@pytest.mark.parametrize(
    ("size", "one_eye", "mean_of_two"),
    [(100_000, 0.333, 0.376), (1_000_000, 0.324, 0.370), (100_000_000, 0.307, 0.358)],
)
def test_thresholds_agree_with_the_published_table(
    size: int, one_eye: float, mean_of_two: float
) -> None:
    found = thresholds.for_gallery(size)

    # A little stricter: the false alarms are shared by two rules, and sizes are rounded up.
    assert one_eye - 0.006 < found.one_eye < one_eye
    assert mean_of_two - 0.005 < found.mean_of_two < mean_of_two


@given(size=st.integers(0, 400_000_000), more=st.integers(0, 400_000_000))
def test_a_larger_gallery_never_asks_for_less_likeness(size: int, more: int) -> None:
    smaller, larger = thresholds.for_gallery(size), thresholds.for_gallery(size + more)

    assert larger.one_eye <= smaller.one_eye < smaller.mean_of_two
    assert larger.mean_of_two <= smaller.mean_of_two


@given(
    left=st.none() | st.floats(0, 1),
    right=st.none() | st.floats(0, 1),
)
def test_a_match_is_always_a_candidate(left: float | None, right: float | None) -> None:
    limits = thresholds.for_gallery(200_000)

    assert limits.is_candidate(left, right) or not limits.is_match(left, right)
    assert limits.is_candidate(left, right) == limits.is_candidate(right, left)


def test_an_eye_that_is_missing_makes_no_match() -> None:
    limits = thresholds.for_gallery(200_000)

    assert limits.is_candidate(0.1, None)
    assert not limits.is_match(0.1, None)
    assert not limits.is_candidate(None, None)


def test_two_eyes_that_each_miss_a_little_make_a_candidate_together() -> None:
    limits = thresholds.for_gallery(200_000)
    little_more = (limits.one_eye + limits.mean_of_two) / 2

    assert limits.is_candidate(little_more, little_more)
    assert not limits.is_candidate(little_more, None)
