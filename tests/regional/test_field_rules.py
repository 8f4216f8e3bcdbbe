"""What may follow what of a home visit, and what stands in its way."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.field.checks import Known, Listed, VisitFound, check
from services.regional.field.rules import (
    AHEAD_DAYS,
    OPEN_STATES,
    Act,
    Noted,
    Visit,
    VisitState,
    after,
    may_be_day,
)
from shared.contracts.outcomes import Outcome
from shared.ids import new_id

pytestmark = pytest.mark.rules
TODAY = date(2017, 10, 13)
ASKED = Visit(VisitState.ASKED, None, None)
PLANNED = Visit(VisitState.PLANNED, TODAY, "tim-1")
GROWN = Listed(date(1950, 7, 1), None, "active", is_obliged=True)


def found(known: Known) -> list[tuple[VisitFound, bool]]:
    return [(one.found, one.stands_in_way) for one in check(known, TODAY)]


@given(state=st.sampled_from(VisitState), act=st.sampled_from(Act))
def test_nothing_follows_an_ended_visit_and_an_open_one_can_always_be_closed(
    state: VisitState, act: Act
) -> None:
    then = after(Visit(state, None, None), Noted(act, visit_on=TODAY, team="tim-1"))

    if state not in OPEN_STATES:
        assert then is None
    elif act in (Act.CLOSED, Act.RECORDED):
        assert then is not None
        assert then.state not in OPEN_STATES


def test_a_visit_put_off_keeps_its_team_or_waits_for_a_day() -> None:
    later = TODAY + timedelta(days=1)

    assert after(PLANNED, Noted(Act.NOT_TODAY, visit_on=later)) == Visit(
        VisitState.PLANNED, later, "tim-1"
    )
    assert after(PLANNED, Noted(Act.NOT_TODAY)) == ASKED
    assert after(ASKED, Noted(Act.NOT_TODAY)) is None


def test_nobody_is_visited_yesterday_or_in_years() -> None:
    assert may_be_day(TODAY, TODAY)
    assert not may_be_day(TODAY - timedelta(days=1), TODAY)
    assert not may_be_day(TODAY + timedelta(days=AHEAD_DAYS + 1), TODAY)


def test_who_is_blocked_may_still_be_recorded() -> None:
    blocked = Listed(GROWN.birth_date, None, "blocked", is_obliged=True)

    assert found(Known(blocked)) == [(VisitFound.BLOCKED, False)]
    assert found(Known(GROWN)) == []


def test_what_stands_in_the_way_comes_first() -> None:
    known = Known(None, is_deletion_open=True, is_amendment_open=True, is_visit_open=True)

    assert found(known) == [
        (VisitFound.DELETION_OPEN, True),
        (VisitFound.AMENDMENT_OPEN, True),
        (VisitFound.VISIT_OPEN, True),
        (VisitFound.NOT_LISTED, False),
    ]


def test_the_centres_remedy_is_told_of_a_recording_it_did_not_permit() -> None:
    recording_id, remedy = new_id(), ("Choose one identity.", "Pilih satu identitas.")

    (one,) = check(Known(GROWN, recording_id, Outcome.DUPLICATE_RECORD, remedy), TODAY)

    assert (one.found, one.remedy_id) == (VisitFound.REMEDY_OPEN, remedy[1])
    assert one.recording_id == recording_id
    for outcome in (None, Outcome.PRINT_READY_RECORD):
        known = Known(GROWN, recording_id, outcome, remedy)
        assert found(known) == [(VisitFound.RECORDED, True)]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (
            Listed(GROWN.birth_date, None, "dead", is_obliged=False),
            (VisitFound.LISTED_AS_DEAD, True),
        ),
        (
            Listed(GROWN.birth_date, None, "moved", is_obliged=False),
            (VisitFound.LISTED_AS_MOVED, False),
        ),
        (
            Listed(date(2001, 10, 14), None, "active", is_obliged=False),
            (VisitFound.TOO_YOUNG, True),
        ),
    ],
)
def test_the_list_of_residents_is_asked(listed: Listed, expected: tuple[VisitFound, bool]) -> None:
    assert found(Known(listed)) == [expected]


def test_who_is_sixteen_or_married_may_be_visited() -> None:
    sixteen = Listed(date(2001, 10, 13), None, "active", is_obliged=False)
    married = Listed(date(2005, 1, 1), "married", "active", is_obliged=True)

    assert found(Known(sixteen)) == found(Known(married)) == []
