"""Stages, events, official statuses, and who waits for what."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.journey.rules import (
    TRANSITIONS,
    Cause,
    Event,
    Happening,
    IllegalStep,
    OfficialStatus,
    Stage,
    advance,
    first_printable_day,
    official_status,
    story,
    waiting_cause,
)
from shared.contracts.outcomes import Outcome
from shared.contracts.recording import MaritalStatus
from tests.recordings import NOON

pytestmark = pytest.mark.rules

UNSETTLING = [outcome for outcome in Outcome if outcome is not Outcome.PRINT_READY_RECORD]


def reachable() -> set[Stage]:
    found = {Stage.QUEUED}
    while more := {to for (at, _), to in TRANSITIONS.items() if at in found} - found:
        found |= more
    return found


def test_every_stage_is_reached_from_the_queue() -> None:
    assert reachable() == set(Stage)


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_has_an_official_status_and_a_cause_whatever_the_outcome(stage: Stage) -> None:
    for outcome in (None, *Outcome):
        assert official_status(stage, outcome) in OfficialStatus
        for is_line_down in (True, False):
            for is_too_young in (True, False):
                cause = waiting_cause(
                    stage, outcome, is_line_down=is_line_down, is_too_young=is_too_young
                )
                assert cause in Cause


@pytest.mark.parametrize("outcome", UNSETTLING)
def test_an_unsettled_recording_is_called_by_its_outcome(outcome: Outcome) -> None:
    assert official_status(Stage.UNSETTLED, outcome).value == outcome.value


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("event", Event)
def test_what_the_table_does_not_name_is_illegal(stage: Stage, event: Event) -> None:
    if (stage, event) in TRANSITIONS:
        assert advance(stage, event) is TRANSITIONS[stage, event]
    else:
        with pytest.raises(IllegalStep):
            advance(stage, event)


def test_no_card_is_printed_without_a_permission() -> None:
    """Without PERMITTED, no way leads to the printer."""
    found = {Stage.QUEUED}
    while (
        more := {
            to
            for (at, event), to in TRANSITIONS.items()
            if at in found and event is not Event.PERMITTED
        }
        - found
    ):
        found |= more

    assert found.isdisjoint({Stage.PRINTABLE, Stage.PRINTING, Stage.PRINTED, Stage.ISSUED})


@given(
    spoiled=st.integers(0, 3),
    doubts=st.integers(0, 3),
    sent_again=st.integers(0, 3),
    is_receipt_late=st.booleans(),
)
def test_a_story_folds_to_the_stage_after_each_happening(
    spoiled: int, doubts: int, sent_again: int, is_receipt_late: bool
) -> None:
    events = [Event.OFFERED] * (1 + sent_again)
    events += [] if is_receipt_late else [Event.RECEIPTED]
    events += [Event.NOT_PERMITTED] * doubts + [Event.PERMITTED]
    events += [Event.PRINT_INTENDED, Event.CARD_SPOILED, Event.PERMITTED] * spoiled
    events += [Event.PRINT_INTENDED, Event.CARD_PRINTED, Event.CARD_ISSUED]

    told = story(Happening(event, NOON + timedelta(hours=n)) for n, event in enumerate(events))

    assert [happening.event for _, happening in told] == events
    assert [stage for stage, _ in told][-3:] == [Stage.PRINTING, Stage.PRINTED, Stage.ISSUED]
    assert all(
        after is advance(before, happening.event)
        for (before, _), (after, happening) in pairwise(told)
    )


def test_a_story_that_cannot_happen_is_not_told() -> None:
    with pytest.raises(IllegalStep):
        story([Happening(Event.OFFERED, NOON), Happening(Event.PRINT_INTENDED, NOON)])


def test_nothing_happened_is_the_beginning_of_every_story() -> None:
    assert story([]) == []


def test_a_recording_waits_for_the_line_only_while_it_is_down() -> None:
    for stage in (Stage.QUEUED, Stage.SENT):
        down = waiting_cause(stage, None, is_line_down=True, is_too_young=False)
        up = waiting_cause(stage, None, is_line_down=False, is_too_young=False)
        assert (down, up) == (Cause.LINE, Cause.QUEUE)


@given(
    born=st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    status=st.sampled_from(MaritalStatus),
)
def test_a_card_may_be_printed_from_the_seventeenth_birthday_or_for_whoever_was_married(
    born: date, status: MaritalStatus
) -> None:
    day = first_printable_day(born, status)

    if status is not MaritalStatus.NEVER_MARRIED:
        assert day == born
    elif (born.month, born.day) == (2, 29):
        assert day == date(born.year + 17, 3, 1)  # 17 years after a leap year comes none
    else:
        assert day == date(born.year + 17, born.month, born.day)


def test_a_birth_date_that_cannot_be_is_never_printable_rather_than_a_crash() -> None:
    assert first_printable_day(date(9990, 5, 1), MaritalStatus.NEVER_MARRIED) == date.max
