"""A residents' list line by line: what is kept, what is damaged, what is proposed."""

import io
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.residents.faults import FAULTS
from services.regional.residents.loop import lines_of
from services.regional.residents.rules import (
    LINE_CHARACTERS_MAX,
    About,
    Missing,
    NotAResidentsList,
    Residency,
    Resident,
    header_of,
    missing_default,
    nik_damage,
    parse,
    seem_rounded,
)
from shared.contracts.recording import MaritalStatus
from shared.nik import Sex

pytestmark = pytest.mark.rules

HEADER = "nik,sex,birth_date,ward,obliged"
MORE = "name,birth_place,street,rt,rw,marital_status,family_card,residency,arrived_on,left_on"
WARD = "61.72.02.1001"


def read(text: str, header: str = HEADER) -> Resident | str | None:
    return parse(header_of(header), text)


def resident(text: str, header: str = HEADER) -> Resident:
    found = read(text, header)
    assert isinstance(found, Resident)
    return found


def line(nik: str = "6172025207900003", obliged: str = "yes", **changes: str) -> str:
    row = {"nik": nik, "sex": "female", "birth_date": "1990-07-12", "ward": WARD}
    return ",".join((row | changes | {"obliged": obliged}).values())


def test_a_nik_keeps_its_leading_zeros() -> None:
    assert str(resident(line("0072025207900003")).nik) == "0072025207900003"


@pytest.mark.parametrize(
    ("damaged", "why"),
    [
        ("72025207900003", "nik-too-short"),  # a spreadsheet ate the zeros
        ("61720252079000031", "nik-too-long"),
        ("6.17203E+15", "nik-scientific"),
        ('"6,17202E+15"', "nik-scientific"),
        ("6,17202E+15", "nik-scientific"),  # unquoted, torn in two
        ("6E15", "nik-scientific"),
        ("6172025207900003.0", "nik-decimal"),
        ('"6172025207900003,00"', "nik-decimal"),
        ("6172025207900000", "nik-trailing-zeros"),
        ("6172025200000000", "nik-trailing-zeros"),
        ("'6172025207900003", "nik-apostrophe"),
        ("61720252079O0003", "nik-not-digits"),
        ("6172 0252 0790 0003", "nik-not-digits"),
        ("\uff16" * 16, "nik-not-digits"),
        ("", "nik-empty"),
    ],
)
def test_a_damaged_nik_is_named_and_never_guessed_at(damaged: str, why: str) -> None:
    assert read(line(damaged)) == why


@given(number=st.integers(0, 10**16 - 1).filter(lambda n: n % 10_000))
def test_every_sound_nik_is_taken_as_it_stands(number: int) -> None:
    assert nik_damage(f"{number:016d}") is None
    assert resident(line(f"{number:016d}")).nik.number == number


@pytest.mark.parametrize(
    ("word", "is_obliged"),
    [
        *((word, True) for word in ("true", "yes", "ya", "1", "YA", " Yes ", "TRUE")),
        *((word, False) for word in ("false", "no", "tidak", "0", "TIDAK", "No", "FALSE")),
    ],
)
def test_yes_and_no_are_read_in_both_languages(word: str, is_obliged: bool) -> None:
    assert resident(line(obliged=word)).obliged is is_obliged


@pytest.mark.parametrize(
    ("word", "sex"), [("male", Sex.MALE), ("LAKI-LAKI", Sex.MALE), ("Perempuan", Sex.FEMALE)]
)
def test_sexes_are_read_in_both_languages(word: str, sex: Sex) -> None:
    assert resident(line(sex=word)).sex is sex


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (line(obliged="maybe"), "obliged-unreadable"),
        (line(obliged=""), "obliged-unreadable"),
        (line(birth_date="1990-02-30"), "birth-date-unreadable"),
        (line(birth_date="12/07/1990"), "birth-date-unreadable"),
        (line(sex="P"), "sex-unreadable"),
        (line(ward="JALAN CONTOH"), "ward-not-a-code"),
        ("6172025207900003,female", "too-few-columns"),
        (line() + ",more", "too-many-columns"),
        (line() + ',"open', "line-not-csv"),
    ],
)
def test_a_line_is_left_out_for_a_reason_with_advice(bad: str, why: str) -> None:
    assert read(bad) == why
    assert all((FAULTS[why].wrong, FAULTS[why].do, FAULTS[why].wrong_id, FAULTS[why].do_id))


@given(text=st.text(max_size=200))
def test_whatever_a_line_holds_its_fault_is_one_that_is_explained(text: str) -> None:
    found = read(text.replace("\n", " "), f"{HEADER},{MORE}")

    assert found is None or isinstance(found, Resident) or found in FAULTS


def test_columns_may_stand_in_any_order_with_others_between() -> None:
    found = resident(
        f"x,ya,{WARD},1990-07-12,female,6172025207900003",
        header="Note,OBLIGED, Ward ,birth_date,sex,nik",
    )

    assert found == resident(line())


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_spreadsheets_separators_are_understood(separator: str) -> None:
    text = line().replace(",", separator)

    assert read(text, HEADER.replace(",", separator)) == resident(line())


def test_what_else_a_list_tells_is_kept() -> None:
    found = resident(
        line() + ",BUDI,SAMBAS,JALAN A NO. 1,7,012,MARRIED,0172010101050001,Moved,"
        "2017-01-02,2017-09-01",
        header=f"{HEADER},{MORE}",
    )

    assert found.about == About(
        name="BUDI",
        birth_place="SAMBAS",
        street="JALAN A NO. 1",
        rt="007",
        rw="012",
        marital_status=MaritalStatus.MARRIED,
        family_card=172010101050001,
        residency=Residency.MOVED,
        arrived_on=date(2017, 1, 2),
        left_on=date(2017, 9, 1),
    )


def test_what_else_a_list_tells_may_be_missing_or_illegible() -> None:
    both = f"{HEADER},{MORE}"
    illegible = resident(line() + ",BU\x07DI,,JALAN A,x,1234,happy,1.72E+15,,,", both)

    assert illegible.about == About(street="JALAN A")
    assert resident(line(), both).about == About()


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (",,,,,,,gone,,", "residency-unreadable"),
        (",,,,,,,,yesterday,", "arrived-on-unreadable"),
        (",,,,,,,,,2017-02-30", "left-on-unreadable"),
    ],
)
def test_who_may_have_left_is_not_counted_by_guess(bad: str, why: str) -> None:
    assert read(line() + "," + bad, header=f"{HEADER},{MORE}") == why


@pytest.mark.parametrize("header", ["", "nik,sex,birth_date,ward", line(), '"nik,sex'])
def test_what_is_not_a_residents_list_is_refused_without_repeating_it(header: str) -> None:
    with pytest.raises(NotAResidentsList) as refused:
        header_of(header)

    assert "6172025207900003" not in str(refused.value)


def lines(content: bytes) -> list[tuple[int, str]]:
    return list(lines_of(io.BytesIO(content)))


def test_line_numbers_are_those_an_editor_shows() -> None:
    assert lines("\ufeffa\r\n\nb".encode()) == [(1, "a\r\n"), (2, "\n"), (3, "b")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x" * (4 * LINE_CHARACTERS_MAX + 1), "Line 1 is too long"),
        (b"a\n\xff\xfe", "Line 2 is not UTF-8"),
        ("nik;sex\n".encode("utf-16"), "Line 1 is not UTF-8"),
    ],
)
def test_a_file_of_something_else_is_given_up_at_once(content: bytes, said: str) -> None:
    with pytest.raises(NotAResidentsList, match=said):
        lines(content)


def test_a_file_whose_niks_end_in_zero_went_through_a_spreadsheet() -> None:
    assert seem_rounded(100_000, 100_000)
    assert not seem_rounded(10_000, 100_000)
    assert not seem_rounded(5, 8)  # too few to say


@pytest.mark.parametrize(
    ("counts", "proposed"),
    [
        ((3, 1_000, 0), Missing.LEAVE_UNRECORDED),
        ((3, 1_000, 1), Missing.KEEP),  # they may be behind the damaged line
        ((500, 1_000, 0), Missing.KEEP),  # half a file
        ((0, 0, 0), Missing.LEAVE_UNRECORDED),
    ],
)
def test_people_stay_when_a_list_may_have_lost_them(
    counts: Sequence[int], proposed: Missing
) -> None:
    assert missing_default(*counts) is proposed
