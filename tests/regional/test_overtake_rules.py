"""Overtakes and their causes: counted by columns, and as looking at every pair finds them."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.journey import overtakes as counting
from services.regional.journey.overtakes import OvertakeCause, Permitted, overtakes, trouble_of
from shared.contracts.outcomes import Outcome
from tests.recordings import NOON

pytestmark = pytest.mark.rules

LATE, PEOPLE = OvertakeCause.LATE_ARRIVAL, OvertakeCause.PEOPLE
# Captured within a few minutes, so that many pairs were captured at the same moment.
orders = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from([None, None, PEOPLE, OvertakeCause.SEARCH])),
    max_size=12,
).flatmap(
    lambda taken: st.permutations(range(len(taken))).map(
        lambda seqs: [
            Permitted(NOON + timedelta(minutes=minute), seq, trouble)
            for (minute, trouble), seq in zip(taken, seqs, strict=True)
        ]
    )
)


def _looked_at(order: list[Permitted]) -> dict[OvertakeCause, int]:
    found: Counter[OvertakeCause] = Counter()
    for place, one in enumerate(order):
        for earlier in order[:place]:
            if earlier.captured_at > one.captured_at:
                is_late = one.seq > earlier.seq
                found[LATE if is_late else one.trouble or OvertakeCause.UNEXPLAINED] += 1
    return dict(found)


@given(order=orders, chunk=st.integers(1, 13))
def test_overtakes_are_what_looking_at_every_pair_finds(order: list[Permitted], chunk: int) -> None:
    before, counting.CHUNK = counting.CHUNK, chunk
    try:
        assert overtakes(order) == _looked_at(order)
    finally:
        counting.CHUNK = before


def test_a_field_team_that_came_home_late_was_overtaken_for_a_named_cause() -> None:
    morning, noon, evening = (NOON + timedelta(hours=hours) for hours in (-4, 0, 4))

    # Captured in the morning, handed in last.
    found = overtakes([Permitted(noon, 1), Permitted(evening, 2), Permitted(morning, 3)])

    assert found == {LATE: 2}


def test_whom_people_compared_was_overtaken_for_that() -> None:
    earlier = NOON - timedelta(hours=1)

    assert overtakes([Permitted(NOON, 2), Permitted(earlier, 1, PEOPLE)]) == {PEOPLE: 1}


def test_an_overtake_in_the_queue_itself_is_unexplained() -> None:
    earlier = NOON - timedelta(hours=1)

    assert overtakes([Permitted(NOON, 2), Permitted(earlier, 1)]) == {OvertakeCause.UNEXPLAINED: 1}


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_names_a_cause(outcome: Outcome) -> None:
    assert trouble_of(outcome, None) not in (LATE, OvertakeCause.UNEXPLAINED)
    assert trouble_of(outcome, "set-aside") is OvertakeCause.SET_ASIDE
