"""An officer's irises in a citizen's recording: what is found at the door, and what is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.regional.operators import rules
from services.regional.operators.rules import Eyes, Gallery
from shared.iris import Words, distance
from tests.eyes import a_person, an_eye
from tests.recordings import a_recording, nik

pytestmark = pytest.mark.rules

OFFICERS = [Eyes(an_eye(2 * n), an_eye(2 * n + 1)) for n in range(1, 4)]
STRANGER = 50


def turned(eye: Words, columns: int) -> Words:
    return np.roll(eye, columns, axis=1)


@settings(max_examples=20)
@given(st.integers(-20, 20), st.floats(0.0, 0.5), st.integers(1, 3))
def test_distances_are_those_of_the_definition(columns: int, poor: float, officer: int) -> None:
    probe = turned(an_eye(2 * officer, take=7, poor=poor), columns)
    lefts = [one.left for one in OFFICERS]

    found = rules._distances(probe, rules._turned(lefts), len(lefts))

    assert found.tolist() == pytest.approx(
        [distance(probe, left) for left in lefts if left is not None]
    )


def test_an_officers_eyes_are_found_under_anybodys_nik_and_a_strangers_are_not() -> None:
    gallery = Gallery(OFFICERS)

    assert gallery.carried_by(a_person(9, eyes=2, take=1))
    assert not gallery.carried_by(a_person(STRANGER))
    assert not Gallery().carried_by(a_person(9, eyes=2))


def test_one_eye_is_enough_on_either_side() -> None:
    gallery = Gallery([Eyes(an_eye(2), None), Eyes(None, an_eye(5))])

    assert gallery.carried_by(a_person(9, eyes=1, take=1))
    assert gallery.carried_by(a_person(9, eyes=2, take=1))
    assert not gallery.carried_by(a_person(9, eyes=3))


def test_an_officer_is_a_citizen_too() -> None:
    gallery = Gallery([Eyes(an_eye(2), an_eye(3), own_nik=int(nik(1)))])

    assert not gallery.carried_by(a_person(1, take=1))
    assert gallery.carried_by(a_person(9, eyes=1, take=1))


def test_templates_nobody_reads_here_are_let_pass() -> None:
    assert not Gallery(OFFICERS).carried_by(a_recording(1))


def test_a_poor_take_of_an_officer_is_found_still() -> None:
    poor = an_eye(2, take=3, poor=0.29)

    assert Gallery(OFFICERS).holds(poor, None, -2)
    assert not Gallery(OFFICERS).holds(an_eye(2, take=3, poor=0.45), None, -2)
