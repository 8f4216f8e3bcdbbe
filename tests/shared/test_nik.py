from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.nik import Nik, NikText, NikWarning, Sex

pytestmark = pytest.mark.rules

sixteen_digits = st.integers(0, 10**16 - 1).map(lambda number: f"{number:016d}")
birth_dates = st.dates(date(1900, 1, 1), date(2099, 12, 31))
sexes = st.sampled_from(Sex)


def nik_for(birth_date: date, sex: Sex, serial: int = 1) -> Nik:
    day = birth_date.day + (40 if sex is Sex.FEMALE else 0)
    return Nik.parse(f"617201{day:02d}{birth_date:%m%y}{serial:04d}")


@given(sixteen_digits)
def test_all_sixteen_digits_come_back_leading_zeros_included(text: str) -> None:
    nik = Nik.parse(text)

    assert str(nik) == text
    assert Nik(nik.number) == nik


@given(st.text(max_size=20).filter(lambda t: not (len(t) == 16 and t.isascii() and t.isdigit())))
def test_anything_else_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a NIK is exactly 16 digits$"):
        Nik.parse(text)


@pytest.mark.parametrize(
    "text", ["617201010101000\N{FULLWIDTH DIGIT ONE}", "617201010101001\n", "+172010101010001"]
)
def test_digits_of_other_scripts_signs_and_line_ends_are_no_nik(text: str) -> None:
    with pytest.raises(ValueError, match="16 digits"):
        Nik.parse(text)
    with pytest.raises(ValidationError):
        TypeAdapter(NikText).validate_python(text)


@given(sixteen_digits)
def test_a_traceback_or_log_shows_no_digit(text: str) -> None:
    shown = repr(Nik.parse(text)) + repr([Nik.parse(text)])

    assert not any(character.isdigit() for character in shown)


@given(birth_dates, sexes, st.integers(1, 9_999))
def test_a_nik_made_by_the_rule_has_nothing_to_warn_of(born: date, sex: Sex, serial: int) -> None:
    nik = nik_for(born, sex, serial)

    assert nik.warnings(born, sex) == ()
    assert nik.sex is sex
    assert (nik.birth_day, nik.birth_month) == (born.day, born.month)
    assert nik.birth_year_of_century == born.year % 100
    assert nik.serial == serial


@given(birth_dates)
def test_a_womans_day_is_forty_more(born: date) -> None:
    assert int(str(nik_for(born, Sex.FEMALE))[6:8]) == born.day + 40
    assert nik_for(born, Sex.FEMALE).birth_day == born.day


@given(sixteen_digits, birth_dates, sexes)
def test_no_sixteen_digits_are_ever_refused_for_disagreeing(
    text: str, born: date, sex: Sex
) -> None:
    warnings = Nik.parse(text).warnings(born, sex)

    assert len(warnings) == len(set(warnings))
    assert not {NikWarning.NO_CALENDAR_DATE, NikWarning.BIRTH_DATE_DIFFERS} <= set(warnings)


@given(birth_dates, birth_dates, sexes)
def test_only_another_birth_date_is_warned_of(born: date, other: date, sex: Sex) -> None:
    same_digits = (born.day, born.month, born.year % 100) == (
        other.day,
        other.month,
        other.year % 100,
    )

    warnings = nik_for(born, sex).warnings(other, sex)

    assert warnings == (() if same_digits else (NikWarning.BIRTH_DATE_DIFFERS,))


@given(birth_dates)
def test_the_other_sex_is_warned_of(born: date) -> None:
    assert nik_for(born, Sex.FEMALE).warnings(born, Sex.MALE) == (NikWarning.SEX_DIFFERS,)
    assert nik_for(born, Sex.MALE).warnings(born, Sex.FEMALE) == (NikWarning.SEX_DIFFERS,)


def test_the_leap_day_is_a_calendar_date_in_leap_years_only() -> None:
    leap_day = date(1996, 2, 29)

    assert nik_for(leap_day, Sex.FEMALE).warnings(leap_day, Sex.FEMALE) == ()
    assert Nik.parse("6172012902970001").warnings(date(1997, 3, 1), Sex.MALE) == (
        NikWarning.NO_CALENDAR_DATE,
    )


def test_the_leap_day_of_2000_counts_although_1900_had_none() -> None:
    assert Nik.parse("6172012902000001").warnings(date(2000, 2, 29), Sex.MALE) == ()


def test_serial_zero_is_warned_of() -> None:
    born = date(1980, 5, 17)

    assert nik_for(born, Sex.MALE, serial=0).warnings(born, Sex.MALE) == (NikWarning.SERIAL_ZERO,)


def test_region_of_first_registration_is_read_from_the_front() -> None:
    nik = Nik.parse("6107031705800001")

    assert (nik.province_code, nik.regency_code, nik.district_code) == ("61", "61.07", "61.07.03")
