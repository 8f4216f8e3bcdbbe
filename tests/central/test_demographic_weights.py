"""Evidence field by field: what it weighs, what it says, and what it never says."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.central.penunggalan.demographic.birth_dates import (
    DateLevel,
    compare_dates,
    share_of,
)
from services.central.penunggalan.demographic.names import NameLevel
from services.central.penunggalan.demographic.sentences import SENTENCES
from services.central.penunggalan.demographic.weights import (
    GALLERY_MIN,
    M_DATE,
    M_MOTHER,
    M_NAME,
    Comparison,
    Contradiction,
    Field,
    compare,
    score_of,
)
from shared.contracts.recording import Recording
from tests.recordings import a_recording

pytestmark = pytest.mark.rules

dates = st.dates(date(1910, 1, 1), date(2009, 12, 31))


def someone(**changes: Any) -> Recording:
    """A woman of Singkawang, but for the changes."""
    card = {
        "name": "SUMINI HAYATI",
        "birth_place": "SINGKAWANG",
        "birth_date": "1978-03-09",
        "sex": "female",
    }
    more = {"mother_name": "KARTIKA PONIYAH", "family_card": "6172020101050001"}
    more |= {name: changes.pop(name) for name in more if name in changes}
    return a_recording(card=card | changes, **more)


def levels(comparison: Comparison) -> dict[Field, str]:
    return {one.field: one.level for one in comparison.fields}


def weight(comparison: Comparison, field: Field) -> float:
    return next(one.weight for one in comparison.fields if one.field is field)


# Birth dates


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ((1978, 3, 9), (1978, 3, 9), DateLevel.SAME),
        ((1978, 3, 9), (1978, 9, 3), DateLevel.DAY_AND_MONTH_SWAPPED),
        ((1978, 3, 9), (1979, 3, 9), DateLevel.ONE_PART_DIFFERS),
        ((1978, 3, 9), (1968, 3, 9), DateLevel.ONE_PART_DIFFERS),
        ((1978, 3, 9), (1987, 3, 9), DateLevel.ONE_PART_DIFFERS),
        ((1978, 3, 9), (1978, 3, 19), DateLevel.ONE_PART_DIFFERS),
        ((1950, 12, 31), (1950, 7, 1), DateLevel.GUESSED_DAY),
        ((1950, 7, 1), (1950, 3, 9), DateLevel.GUESSED_DAY),
        ((1950, 7, 1), (1954, 7, 1), DateLevel.NEAR),
        ((1978, 3, 9), (1979, 1, 20), DateLevel.NEAR),
        ((1978, 3, 9), (1983, 3, 9), DateLevel.FAR),
        ((1950, 7, 1), (1960, 7, 1), DateLevel.FAR),
    ],
)
def test_slips_of_a_birth_date_are_told_apart(
    one: tuple[int, int, int], other: tuple[int, int, int], level: DateLevel
) -> None:
    assert compare_dates(date(*one), date(*other)) is level
    assert compare_dates(date(*other), date(*one)) is level


@given(dates, dates)
def test_comparing_dates_has_no_direction(one: date, other: date) -> None:
    assert compare_dates(one, other) is compare_dates(other, one)
    assert (compare_dates(one, other) is DateLevel.SAME) == (one == other)


def test_a_day_written_for_the_unknown_weighs_less() -> None:
    ordinary = compare(someone(), someone())
    custom = compare(someone(birth_date="1978-07-01"), someone(birth_date="1978-07-01"))

    # 9.8 million against 520,000 born on such a day is a factor of 19, or 4.2 bits; crowded years
    # take some more.
    gap = weight(ordinary, Field.BIRTH_DATE) - weight(custom, Field.BIRTH_DATE)
    assert 4.2 < gap < 6
    assert levels(custom)[Field.BIRTH_DATE] == "same_custom_day"


def test_the_shares_of_a_years_days_add_up_to_that_year() -> None:
    days = [date.fromordinal(date(1977, 1, 1).toordinal() + day) for day in range(365)]

    custom = [day for day in days if (day.month, day.day) in {(7, 1), (12, 31), (1, 1)}]
    ordinary = sum(share_of(day) for day in days if day not in custom)

    assert ordinary == pytest.approx(1 / 55, rel=0.05)
    assert sum(share_of(day) for day in custom) == pytest.approx(0.074 / 30, rel=0.01)


# Weights and score


@pytest.mark.parametrize("m", [M_NAME, M_MOTHER, M_DATE])
def test_the_levels_of_one_person_add_up_to_certainty(m: dict[str, float]) -> None:
    assert sum(m.values()) == pytest.approx(1)


def test_the_same_person_elsewhere_scores_high_and_a_stranger_low() -> None:
    moved = compare(
        someone(),
        someone(name="Hj. Soemini Hajati, S.E.", family_card="6107010101090001"),
    )
    stranger = compare(
        someone(),
        someone(
            name="BONG FUI LAN",
            birth_date="1990-05-17",
            mother_name="TJHIN SUI MOI",
            family_card="6107010101090001",
        ),
    )

    assert moved.score > 0.99
    assert not moved.contradicts
    assert stranger.score < 0.001
    assert Contradiction.BIRTH_DATES_FAR in stranger.contradictions


def test_a_namesake_is_not_enough() -> None:
    namesake = compare(
        someone(), someone(birth_date="1990-05-17", mother_name="SRI", family_card="1" * 16)
    )

    assert namesake.score < 0.01


def test_brothers_and_sisters_of_one_card_stay_apart() -> None:
    sister = compare(someone(), someone(name="RUSMINI LESTARI", birth_date="1981-11-20"))

    assert levels(sister)[Field.MOTHER_NAME] == "same_household"
    assert sister.score < 0.01


def test_twins_contradict_however_alike_they_are() -> None:
    twin = compare(someone(), someone(name="RUSMINI HAYATI"))
    renamed = compare(
        someone(), someone(name="RUSMINI HAYATI", mother_name="SRI", family_card="1" * 16)
    )

    assert twin.contradictions == (Contradiction.LIKE_TWINS,)
    assert renamed.contradictions == ()


def test_another_sex_or_nothing_in_common_contradicts() -> None:
    man = compare(someone(), someone(sex="male"))
    other = compare(
        someone(), someone(name="LIU TET FONG", mother_name="SRI", birth_date="1978-03-10")
    )

    assert man.contradictions == (Contradiction.SEX_DIFFERS,)
    assert other.contradictions == (Contradiction.NOTHING_IN_COMMON,)


def test_a_larger_gallery_asks_for_more_evidence() -> None:
    scores = [score_of(30.0, gallery) for gallery in (1, GALLERY_MIN, 200_000, 200_000_000)]

    assert scores[0] == scores[1] > scores[2] > scores[3]
    assert scores[0] > 0.99
    assert scores[-1] < 0.1


# What is told


def test_every_field_is_explained_in_both_languages_and_no_value_is_told() -> None:
    found = compare(someone(), someone(name="RUSMINI KARTINI", birth_date="1978-09-03"))

    told = str(found.as_json())

    assert [one.field for one in found.fields] == list(Field)
    assert all(one.sentence_id and one.sentence_en for one in found.fields)
    for value in ("SUMINI", "sumini", "RUSMINI", "1978", "KARTIKA", "6172020101050001"):
        assert value not in told
        assert value not in repr(found)


def test_there_is_a_sentence_for_every_level_and_no_other() -> None:
    names = {(field, level.value) for field in ("name", "mother_name") for level in NameLevel}
    birth = {("birth_date", level.value) for level in DateLevel}
    plain = {
        ("birth_place", "same"),
        ("birth_place", "related"),
        ("birth_place", "different"),
        ("sex", "same"),
        ("sex", "different"),
        ("family_card", "same"),
        ("family_card", "different"),
        ("ward", "same"),
        ("ward", "same_district"),
        ("ward", "different"),
        ("ward", "same_household"),
        ("mother_name", "same_household"),
        ("birth_date", "same_custom_day"),
    }

    assert SENTENCES.keys() == names | birth | plain


@given(st.data())
def test_comparing_recordings_has_no_direction(data: st.DataObject) -> None:
    def drawn() -> Recording:
        return someone(
            name=data.draw(st.sampled_from(["SUMINI", "SUMINI HAYATI", "S. HAYATI", "BONG FUI"])),
            birth_date=data.draw(st.sampled_from(["1978-03-09", "1978-07-01", "1988-03-09"])),
            mother_name=data.draw(st.sampled_from(["KARTIKA", "KARTIKA PONIYAH"])),
            sex=data.draw(st.sampled_from(["male", "female"])),
        )

    one, other = drawn(), drawn()

    assert compare(one, other) == compare(other, one)
    assert 0 <= compare(one, other).score <= 1
