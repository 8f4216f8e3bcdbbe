"""The residents' list line by line, and percentages."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.coverage.rules import (
    About,
    Counted,
    LineFault,
    NotAResidentsList,
    Residency,
    Resident,
    add,
    by_district,
    percent,
    read,
)
from shared.contracts.recording import MaritalStatus
from shared.nik import Sex

pytestmark = pytest.mark.rules

HEADER = "nik,sex,birth_date,ward,obliged"
WARD = "61.72.02.1001"


def listed(*lines: str, header: str = HEADER) -> list[Resident | LineFault]:
    return list(read([header, *lines]))


def line(nik: str = "6172025207900003", obliged: str = "yes", **changes: str) -> str:
    row = {"nik": nik, "sex": "female", "birth_date": "1990-07-12", "ward": WARD}
    return ",".join((row | changes | {"obliged": obliged}).values())


def test_a_nik_keeps_its_leading_zeros() -> None:
    (resident,) = listed(line("0072025207900003"))

    assert isinstance(resident, Resident)
    assert str(resident.nik) == "0072025207900003"


@pytest.mark.parametrize(
    "damaged",
    [
        "72025207900003",  # a spreadsheet ate the zeros
        "6.17203E+15",
        "6172025207900003.0",
        "'6172025207900003",
        "61720252079O0003",
        "\uff16" * 16,
        "",
    ],
)
def test_a_damaged_nik_is_left_out_and_never_guessed_at(damaged: str) -> None:
    assert listed(line(damaged)) == [LineFault(2, "nik-not-16-digits")]


def test_who_is_listed_twice_is_counted_once() -> None:
    first, fault = listed(line(obliged="yes"), line(obliged="no"))

    assert isinstance(first, Resident)
    assert first.obliged
    assert fault == LineFault(3, "nik-twice")


@pytest.mark.parametrize(
    ("word", "is_obliged"),
    [
        *((word, True) for word in ("true", "yes", "ya", "1", "YA", " Yes ", "TRUE")),
        *((word, False) for word in ("false", "no", "tidak", "0", "TIDAK", "No", "FALSE")),
    ],
)
def test_yes_and_no_are_read_in_both_languages(word: str, is_obliged: bool) -> None:
    (resident,) = listed(line(obliged=word))

    assert isinstance(resident, Resident)
    assert resident.obliged is is_obliged


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (line(obliged="maybe"), "unreadable-value"),
        (line(obliged=""), "unreadable-value"),
        (line(birth_date="1990-02-30"), "unreadable-value"),
        (line(birth_date="12/07/1990"), "unreadable-value"),
        (line(sex="P"), "unreadable-value"),
        (line(ward="JALAN CONTOH"), "ward-not-a-code"),
        (line(ward="61.72.02.1001 "), None),
        ("6172025207900003,female", "too-few-columns"),
    ],
)
def test_a_line_is_left_out_for_a_reason_that_repeats_nothing_of_it(
    bad: str, why: str | None
) -> None:
    (found,) = listed(bad)

    if why is None:
        assert isinstance(found, Resident)
    else:
        assert found == LineFault(2, why)


def test_columns_may_stand_in_any_order_with_others_between() -> None:
    (resident,) = listed(
        f"x,ya,{WARD},1990-07-12,female,6172025207900003",
        header="Note,OBLIGED, Ward ,birth_date,sex,nik",
    )

    assert resident == listed(line())[0]


def test_line_numbers_are_those_an_editor_shows() -> None:
    faults = [one for one in listed("", line(), "", line("1")) if isinstance(one, LineFault)]

    assert faults == [LineFault(5, "nik-not-16-digits")]


@pytest.mark.parametrize("lines", [[], [""], ["nik,sex,birth_date,ward"], [line()]])
def test_what_is_not_a_residents_list_is_refused_without_repeating_it(lines: list[str]) -> None:
    with pytest.raises(NotAResidentsList) as refused:
        list(read(lines))

    assert "6172025207900003" not in str(refused.value)


def test_the_sources_percentage() -> None:
    assert percent(137_533, 187_433) == 73.38
    assert percent(0, 5) == 0.0
    assert percent(0, 0) is None


counts = st.integers(0, 10**6)
wards = st.lists(
    st.builds(
        Counted,
        st.builds("61.72.{:02d}.{:04d}".format, st.integers(1, 5), st.integers(1001, 1009)),
        counts,
        counts,
        counts,
        counts,
    ),
    max_size=20,
)


@given(wards=wards)
def test_districts_add_up_to_what_their_wards_are(wards: Sequence[Counted]) -> None:
    districts = by_district(wards)

    codes = [one.code for one in districts]
    assert codes == sorted({ward.code[:8] for ward in wards})
    zero = Counted("61.72", 0, 0, 0, 0)
    in_wards = in_districts = zero
    for ward in wards:
        in_wards = add(in_wards, ward)
    for district in districts:
        in_districts = add(in_districts, district)
    assert in_districts == in_wards


def test_sexes_are_read_as_the_contract_names_them() -> None:
    (resident,) = listed(line(sex="male"))

    assert isinstance(resident, Resident)
    assert resident.sex is Sex.MALE


MORE = "name,birth_place,street,rt,rw,marital_status,family_card,residency,arrived_on,left_on"


def test_what_else_a_list_tells_is_kept() -> None:
    (resident,) = listed(
        line() + ",BUDI,SAMBAS,JALAN A NO. 1,7,012,MARRIED,0172010101050001,moved,"
        "2017-01-02,2017-09-01",
        header=f"{HEADER},{MORE}",
    )

    assert isinstance(resident, Resident)
    assert resident.about == About(
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
    (resident, shorter) = listed(
        line() + ",BU\x07DI,,JALAN A,x,1234,happy,1.72E+15,,,",
        line("6172025207900004"),
        header=f"{HEADER},{MORE}",
    )

    assert isinstance(resident, Resident)
    assert resident.about == About(street="JALAN A")
    assert isinstance(shorter, Resident)
    assert shorter.about == About()


@pytest.mark.parametrize("bad", [",,,,,,,gone,,", ",,,,,,,,yesterday,", ",,,,,,,,,2017-02-30"])
def test_who_may_have_left_is_not_counted_by_guess(bad: str) -> None:
    assert listed(line() + "," + bad, header=f"{HEADER},{MORE}") == [
        LineFault(2, "unreadable-value")
    ]
