"""The sentence, the line's state, and the overtakes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.journey.rules import Cause, Stage
from services.regional.status.rules import (
    Overtakes,
    Queue,
    ahead_of,
    is_stuck,
    line_state,
    overtakes,
    sentence,
)
from tests.recordings import NOON

pytestmark = pytest.mark.rules

UP = Queue(
    last_seq=20,
    acked_seq=10,
    offered_seq=12,
    offered_at=NOON,
    failures_in_a_row=0,
    failing_since=None,
    last_heard_at=NOON,
    goodput_bytes_per_second=50_000,
    oldest_at=NOON,
    oldest_captured_at=NOON,
    mean_bytes=2_000,
    applied_pos=10,
    head_pos=10,
)
# Captured within a few minutes, so that many pairs were captured at the same moment.
permitted = st.lists(st.integers(0, 6), max_size=12).flatmap(
    lambda minutes: st.permutations(range(len(minutes))).map(
        lambda seqs: [
            (NOON + timedelta(minutes=minute), seq)
            for minute, seq in zip(minutes, seqs, strict=True)
        ]
    )
)


@given(order=permitted)
def test_overtakes_are_what_looking_at_every_pair_finds(order: list[tuple[datetime, int]]) -> None:
    pairs = late_arrival = 0
    for place, (captured, seq) in enumerate(order):
        for later_captured, later_seq in order[place + 1 :]:
            was_overtaken = later_captured < captured
            pairs += was_overtaken
            late_arrival += was_overtaken and later_seq > seq

    assert overtakes(order) == Overtakes(pairs, late_arrival, pairs - late_arrival)


def test_a_field_team_that_came_home_late_was_overtaken_for_a_named_cause() -> None:
    morning, noon, evening = (NOON + timedelta(hours=hours) for hours in (-4, 0, 4))

    # Captured in the morning, handed in last.
    assert overtakes([(noon, 1), (evening, 2), (morning, 3)]) == Overtakes(2, 2, 0)


def test_an_overtake_in_the_queue_itself_is_unexplained() -> None:
    assert overtakes([(NOON, 2), (NOON - timedelta(hours=1), 1)]) == Overtakes(1, 0, 1)


@pytest.mark.parametrize(
    ("queue", "is_so"),
    [
        (UP, False),
        (replace(UP, failures_in_a_row=1), True),
        (replace(UP, trouble="foreign"), True),
        (replace(UP, trouble="fenced"), True),
    ],
)
def test_nothing_is_carried_while_the_line_is_down_or_people_must_look(
    queue: Queue, *, is_so: bool
) -> None:
    assert is_stuck(queue) is is_so


@pytest.mark.parametrize(
    ("queue", "state"),
    [
        (UP, "up"),
        (replace(UP, goodput_bytes_per_second=15_999), "slow"),
        (replace(UP, goodput_bytes_per_second=None), "up"),
        (replace(UP, last_heard_at=None), "unknown"),
        (replace(UP, failures_in_a_row=1), "down"),
        (replace(UP, failures_in_a_row=1, last_heard_at=None), "down"),
    ],
)
def test_the_line_is_up_slow_down_or_unknown(queue: Queue, state: str) -> None:
    assert line_state(queue) == state


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_sentence(cause: Cause) -> None:
    said = sentence(cause, ahead=3, since=None, action="ring the bell.")

    assert said.endswith(".")
    assert "{" not in said


def test_only_what_is_not_at_the_centre_has_others_before_it() -> None:
    assert ahead_of(15, acked_seq=10, stage=Stage.QUEUED) == 4
    assert ahead_of(11, acked_seq=10, stage=Stage.SENT) == 0
    assert ahead_of(15, acked_seq=10, stage=Stage.AT_CENTRE) == 0
