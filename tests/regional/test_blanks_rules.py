from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.blanks import rules
from services.regional.blanks.rules import (
    SERIALS_MAX,
    DaysLeft,
    NotARange,
    State,
    Stock,
    days_left,
    serials_between,
)

pytestmark = pytest.mark.rules

TODAY = date(2017, 10, 13)


def test_serials_keep_their_zeros() -> None:
    assert serials_between("BLK-0098", "BLK-0101") == [
        "BLK-0098",
        "BLK-0099",
        "BLK-0100",
        "BLK-0101",
    ]
    assert serials_between("A", "A") == ["A"]


@given(st.integers(0, 10**9), st.integers(1, SERIALS_MAX))
def test_a_row_has_as_many_serials_as_it_says_and_none_twice(first: int, count: int) -> None:
    found = serials_between(f"K{first:012d}", f"K{first + count - 1:012d}")

    assert len(found) == len(set(found)) == count


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("BLK-2", "BLK-1"),
        ("BLK-1", "KLB-2"),
        ("BLK-9", "BLK-10"),
        ("A", "B"),
        ("K00000", f"K{SERIALS_MAX:05d}"),
    ],
)
def test_what_is_no_row_is_not_guessed(first: str, last: str) -> None:
    with pytest.raises(NotARange):
        serials_between(first, last)


def used(per_day: dict[int, int]) -> dict[date, int]:
    """So many so many days ago."""
    return {TODAY - timedelta(days=ago): count for ago, count in per_day.items()}


def test_the_stock_lasts_as_the_busiest_and_the_quietest_week_say() -> None:
    taken = used({1: 70, 8: 35, 15: 140})

    assert days_left(200, taken, TODAY) == DaysLeft(least=20, most=40)


def test_only_whole_weeks_since_the_first_use_count() -> None:
    """The oldest use is 15 days ago: two whole weeks, and the day itself is in neither."""
    assert days_left(200, used({1: 70, 15: 140}), TODAY) == DaysLeft(least=20, most=None)
    assert days_left(200, used({3: 70}), TODAY) is None
    assert days_left(200, {}, TODAY) is None
    assert days_left(200, {TODAY: 9}, TODAY) is None


@given(
    st.integers(0, 10_000),
    st.dictionaries(st.integers(0, 60), st.integers(0, 400), max_size=60),
)
def test_the_least_is_never_more_than_the_most(left: int, per_day: dict[int, int]) -> None:
    found = days_left(left, used(per_day), TODAY)

    if found is not None and found.most is not None:
        assert 0 <= found.least <= found.most


def test_every_blank_is_counted_once() -> None:
    stock = Stock.of(
        {
            (True, State.LEFT): 5,
            (True, State.USED): 4,
            (True, State.PRINTING): 1,
            (True, State.SPOILED): 2,
            (True, State.BURNT): 3,
            (False, State.USED): 7,
            (False, State.SPOILED): 1,
        }
    )

    assert stock == Stock(received=15, left=5, printing=1, used=11, spoiled=3, burnt=3, uncounted=8)


def test_whoever_wrote_the_minutes_is_no_witness() -> None:
    assert not rules.may_bear_witness("officer-1", "officer-1")
    assert rules.may_bear_witness("officer-1", "officer-2")
