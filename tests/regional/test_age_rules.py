"""Recorded at 16, printed at 17, or once married: by the calendar, 29 February included."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.regional.journey.rules import first_printable_day, first_recordable_day
from shared.contracts.recording import MaritalStatus

pytestmark = pytest.mark.rules

births = st.dates(date(1900, 1, 1), date(2090, 12, 31))
DAY = timedelta(days=1)


def age_on(born: date, day: date) -> int:
    """As a clerk counts: birthdays that have come."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@given(births)
@example(date(2000, 2, 29))
@example(date(2003, 12, 31))
@example(date(2004, 2, 29))
def test_a_card_is_printable_on_the_first_day_of_17_years_and_not_before(born: date) -> None:
    day = first_printable_day(born, MaritalStatus.NEVER_MARRIED)

    assert age_on(born, day) == 17
    assert age_on(born, day - DAY) == 16


@given(births)
@example(date(2000, 2, 29))
def test_a_person_is_recordable_on_the_first_day_of_16_years_and_not_before(born: date) -> None:
    day = first_recordable_day(born, MaritalStatus.NEVER_MARRIED)

    assert age_on(born, day) == 16
    assert age_on(born, day - DAY) == 15


@given(births, st.sampled_from([one for one in MaritalStatus if one != "never_married"]))
def test_who_is_or_was_married_waits_for_no_day(born: date, status: MaritalStatus) -> None:
    assert first_printable_day(born, status) == first_recordable_day(born, status) == born


def test_who_was_born_on_29_february_turns_16_on_one_and_17_the_day_after_28_february() -> None:
    born = date(2000, 2, 29)

    assert first_recordable_day(born, MaritalStatus.NEVER_MARRIED) == date(2016, 2, 29)
    assert first_printable_day(born, MaritalStatus.NEVER_MARRIED) == date(2017, 3, 1)
