"""Percentages, how cells add up, which days are frozen, and what the public cannot work out."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.coverage.rules import (
    AGE_GROUPS,
    AGES_FROM,
    Cell,
    Coverage,
    Figure,
    OfWhom,
    Taken,
    Unknown,
    hide_small,
    hide_small_counts,
    hide_small_wards,
    is_semester_end,
    is_small,
    last_semester_end,
    latest_birth,
    percent,
    unknowns,
)

pytestmark = pytest.mark.rules
CENSUS_DAY = date(2017, 10, 13)


def test_the_sources_percentage() -> None:
    assert percent(137_533, 187_433) == 73.38
    assert percent(0, 5) == 0.0
    assert percent(0, 0) is None
    assert Figure(262_210, 187_433, 137_533).percent == 73.38


@st.composite
def figures(draw: st.DrawFn, most: int = 60) -> Figure:
    recorded, unrecorded, young = (draw(st.integers(0, most)) for _ in range(3))
    return Figure(recorded + unrecorded + young, recorded + unrecorded, recorded)


wards = st.builds("61.72.{:02d}.{:04d}".format, st.integers(1, 5), st.integers(1001, 1004))
cells = st.lists(
    st.builds(
        Cell, wards, st.sampled_from(["male", "female"]), st.sampled_from(AGE_GROUPS), figures()
    )
)


@given(cells=cells)
def test_every_way_of_adding_up_comes_to_the_same(cells: list[Cell]) -> None:
    coverage = Coverage(CENSUS_DAY, CENSUS_DAY, tuple(cells), (), 0)

    for sums in (coverage.by_ward, coverage.by_district, coverage.by_sex, coverage.by_age):
        assert sum(sums.values(), Figure()) == coverage.total
        assert list(sums) == sorted(sums)


def test_above_100_percent_is_told_with_whose_recordings_they_are() -> None:
    taken = (
        Taken("61.72.01.1001", "office", OfWhom.OBLIGED, 8),
        Taken("61.72.01.1001", "school", OfWhom.NOT_OBLIGED, 2),
        Taken("61.07", "office", OfWhom.ELSEWHERE, 3),
    )
    cell = Cell("61.72.01.1001", "male", "17-22", Figure(20, 10, 8))
    coverage = Coverage(CENSUS_DAY, CENSUS_DAY, (cell,), taken, 0)

    assert coverage.total.percent == 80.0
    assert coverage.percent_by_place == 130.0
    assert coverage.of_whom == {
        OfWhom.OBLIGED: 8,
        OfWhom.NOT_OBLIGED: 2,
        OfWhom.GONE: 0,
        OfWhom.UNLISTED: 0,
        OfWhom.ELSEWHERE: 3,
    }
    assert coverage.by_place == {"office": 11, "school": 2}
    assert (coverage.taken_of("61.72"), coverage.taken_of("61.07")) == (10, 3)


@given(at=st.dates(date(1990, 1, 1), date(2100, 1, 1)), years=st.sampled_from(AGES_FROM))
def test_whoever_is_of_an_age_was_born_by_its_last_birth_date(at: date, years: int) -> None:
    last = latest_birth(at, years)

    assert at.year - last.year == years
    assert (last.month, last.day) == (at.month, at.day) or (at.month, at.day) == (2, 29)
    assert latest_birth(at + timedelta(days=1), years) >= last


def test_a_29_february_turns_17_on_the_first_of_march() -> None:
    assert latest_birth(date(2017, 2, 28), 17) == date(2000, 2, 28)
    assert latest_birth(date(2017, 3, 1), 17) == date(2000, 3, 1)


@pytest.mark.parametrize(
    ("today", "end"),
    [
        (date(2017, 10, 13), date(2017, 6, 30)),
        (date(2017, 12, 31), date(2017, 6, 30)),  # not over yet
        (date(2018, 1, 1), date(2017, 12, 31)),
        (date(2018, 7, 1), date(2018, 6, 30)),
    ],
)
def test_a_semester_is_frozen_when_it_is_over(today: date, end: date) -> None:
    assert last_semester_end(today) == end
    assert is_semester_end(end)
    assert not is_semester_end(today) or today == date(2017, 12, 31)


keyed = st.dictionaries(st.sampled_from("abcdefgh"), figures(), max_size=8)


@given(rows=keyed, cell_min=st.integers(1, 30))
def test_what_is_hidden_cannot_be_worked_out_from_the_sum(
    rows: Mapping[str, Figure], cell_min: int
) -> None:
    shown = hide_small(rows, cell_min)

    assert list(shown) == list(rows)
    for key, figure in shown.items():
        assert figure is None or (figure == rows[key] and not is_small(figure, cell_min))
    hidden = [rows[key] for key, figure in shown.items() if figure is None]
    everybody = [figure for figure in rows.values() if figure.population]
    if hidden and len(hidden) < len(everybody):
        # The sum less what is shown: of several, and of nobody or of enough in each group.
        assert len(hidden) > 1
        assert not is_small(sum(hidden, Figure()), cell_min)


@given(rows=keyed)
def test_nothing_is_hidden_without_need(rows: Mapping[str, Figure]) -> None:
    needless = {key: figure for key, figure in rows.items() if not is_small(figure, 10)}

    assert hide_small(needless, 10) == needless
    assert hide_small(rows, 1) == rows


def test_the_smallest_are_hidden_with_a_small_one() -> None:
    rows = {
        "a": Figure(900, 600, 400),
        "b": Figure(300, 200, 100),
        "c": Figure(50, 30, 5),
        "d": Figure(),
    }

    assert hide_small(rows, 10) == {**rows, "b": None, "c": None}


def test_wards_of_a_hidden_district_are_hidden_with_it() -> None:
    many, few = Figure(900, 600, 400), Figure(12, 9, 4)
    by_ward = {"61.72.01.1001": many, "61.72.01.1002": many, "61.72.02.1001": few}
    by_ward |= {"61.72.03.1001": many}
    districts: dict[str, Figure] = {}
    for ward, figure in by_ward.items():
        districts[ward[:8]] = districts.get(ward[:8], Figure()) + figure

    shown = hide_small(districts, 10)

    assert [code for code, figure in shown.items() if figure is None] == ["61.72.02", "61.72.03"]
    assert hide_small_wards(shown, by_ward, 10) == {
        "61.72.01.1001": many,
        "61.72.01.1002": many,
        "61.72.02.1001": None,
        "61.72.03.1001": None,
    }


def test_counts_are_hidden_like_figures() -> None:
    counts = {"obliged": 800, "gone": 3, "elsewhere": 40, "unlisted": 0}

    assert hide_small_counts(counts, 10) == {**counts, "gone": None, "elsewhere": None}


def test_what_a_day_cannot_tell_is_said() -> None:
    day = timedelta(days=1)

    def said(at: date, uncertain: int = 0) -> set[Unknown]:
        return set(unknowns(at, CENSUS_DAY, uncertain, CENSUS_DAY + 9 * day))

    assert said(CENSUS_DAY + 9 * day) == {Unknown.ELSEWHERE, Unknown.AFTER_LIST}
    assert said(CENSUS_DAY) == {Unknown.ELSEWHERE, Unknown.TAKEN_OUT}
    assert said(CENSUS_DAY - day, uncertain=1) == {
        Unknown.ELSEWHERE,
        Unknown.BEFORE_LIST,
        Unknown.MARRIED_WHEN,
        Unknown.TAKEN_OUT,
    }
    assert unknowns(CENSUS_DAY, None, 0, CENSUS_DAY) == (Unknown.NO_LIST,)
