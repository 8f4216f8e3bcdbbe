"""The sentence, and the line's state."""

from dataclasses import replace

import pytest

from services.regional.journey.rules import Cause, Stage
from services.regional.status.rules import (
    Queue,
    ahead_of,
    is_stuck,
    line_state,
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
