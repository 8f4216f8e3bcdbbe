from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.suket import rules
from services.regional.suket.rules import End, Facts, Period, end_of, periods_of, valid_until
from tests.recordings import NOON

pytestmark = pytest.mark.rules

DAY = date(2017, 10, 13)
LAW = periods_of("2016-09-29/2020-03-01")


def facts(
    until: date = date(2018, 4, 13),
    card: datetime | None = None,
    withdrawn: datetime | None = None,
    *,
    is_renewed: bool = False,
    is_recording_live: bool = True,
) -> Facts:
    return Facts(until, card, withdrawn, is_renewed, is_recording_live)


@pytest.mark.parametrize(
    ("issued", "until"),
    [
        (date(2017, 10, 13), date(2018, 4, 13)),
        (date(2017, 8, 31), date(2018, 2, 28)),
        (date(2019, 8, 31), date(2020, 2, 29)),
        (date(2017, 12, 31), date(2018, 6, 30)),
    ],
)
def test_a_suket_counts_for_six_months(issued: date, until: date) -> None:
    assert valid_until(issued) == until


@given(st.dates(date(2010, 1, 1), date(2090, 1, 1)))
def test_no_suket_counts_for_less_or_much_more_than_half_a_year(issued: date) -> None:
    assert timedelta(days=178) <= valid_until(issued) - issued <= timedelta(days=185)


def test_the_law_allowed_it_from_the_letter_that_began_it_to_the_one_that_ended_it() -> None:
    days = [date(2016, 9, 28), date(2016, 9, 29), date(2020, 3, 1), date(2020, 3, 2)]

    assert [rules.is_allowed(LAW, day) for day in days] == [False, True, True, False]


def test_an_office_may_have_several_periods_and_one_without_end() -> None:
    assert periods_of("2016-09-29/2020-03-01, 2026-01-01/") == (
        Period(date(2016, 9, 29), date(2020, 3, 1)),
        Period(date(2026, 1, 1), None),
    )
    assert periods_of("") == ()
    with pytest.raises(ValueError, match="period"):
        periods_of("2016-09-29")


def test_what_ends_a_suket() -> None:
    last = date(2018, 4, 13)

    assert end_of(facts(), last) is None
    assert end_of(facts(), last + timedelta(days=1)) is End.EXPIRED
    assert end_of(facts(card=NOON), DAY) is End.CARD_ISSUED
    assert end_of(facts(withdrawn=NOON), DAY) is End.WITHDRAWN
    assert end_of(facts(is_renewed=True), DAY) is End.RENEWED
    assert end_of(facts(is_recording_live=False), DAY) is End.RECORDING_ENDED


def test_it_is_renewed_in_its_last_month_and_afterwards() -> None:
    until = date(2018, 4, 13)

    assert not rules.may_renew(None, until, date(2018, 3, 13))
    assert rules.may_renew(None, until, date(2018, 3, 14))
    assert rules.may_renew(End.EXPIRED, until, date(2018, 5, 1))
    assert rules.may_renew(End.WITHDRAWN, until, DAY)
