from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.wilayah import BadLine, Level, WardKind, Wilayah, dotted, ward_kind

pytestmark = pytest.mark.rules

WILAYAH = Wilayah.builtin()


def test_builtin_holds_every_province_west_kalimantan_and_singkawang() -> None:
    wards = [w for district in WILAYAH.children("61.72") for w in WILAYAH.children(district)]

    assert len(WILAYAH.provinces) == 38
    assert len(WILAYAH.children("61")) == 14
    assert len(WILAYAH.children("61.72")) == 5
    assert len(wards) == len(set(wards)) == 26


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("61", "Kalimantan Barat"),
        ("61.72", "Kota Singkawang"),
        ("61.72.04", "Singkawang Utara"),
        ("61.72.04.1007", "Semelagi Kecil"),
        ("6172041007", "Semelagi Kecil"),
        ("96", "Papua Barat Daya"),
    ],
)
def test_a_region_is_named_by_dotted_or_plain_code(code: str, name: str) -> None:
    assert WILAYAH.name(code) == name
    assert WILAYAH.knows(code)


def test_every_known_code_lies_inside_a_known_one() -> None:
    for code in WILAYAH.names:
        parent = WILAYAH.parent(code)
        if parent is None:
            assert WILAYAH.level(code) is Level.PROVINCE
        else:
            assert code in WILAYAH.children(parent)
            assert WILAYAH.level(code) == WILAYAH.level(parent) + 1


@pytest.mark.parametrize("code", ["54", "54.01", "91.16", "61.72.09.1001"])
def test_a_dead_code_keeps_standing_for_itself(code: str) -> None:
    assert WILAYAH.name(code) == code
    assert not WILAYAH.knows(code)
    assert WILAYAH.children(code) == ()
    assert WILAYAH.level(code) == code.count(".") + 1


def test_a_code_of_no_shape_is_named_by_itself_but_has_no_level() -> None:
    assert WILAYAH.name("61.7") == "61.7"
    with pytest.raises(ValueError, match="not a region code"):
        WILAYAH.level("61.7")


@given(
    st.from_regex(r"\A[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?\Z").filter(str.isascii),
)
def test_a_plain_code_reads_back_with_its_dots(code: str) -> None:
    assert dotted(code.replace(".", "")) == code
    assert dotted(code) == code


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("61.72.01.1001", WardKind.KELURAHAN),
        ("61.07.01.2003", WardKind.DESA),
        ("91.01.01.3001", WardKind.DESA_ADAT),
        ("61.72.01.9001", WardKind.UNKNOWN),
    ],
)
def test_the_first_digit_tells_the_kind_of_ward(code: str, kind: WardKind) -> None:
    assert ward_kind(code) is kind


def test_a_district_has_no_kind_of_ward() -> None:
    with pytest.raises(ValueError, match="ward"):
        ward_kind("61.72.01")


def test_a_national_table_is_merged_over_the_builtin_one(tmp_path: Path) -> None:
    table = tmp_path / "wilayah.csv"
    table.write_text(
        "\ufeffkode,nama\n35.78,Kota Surabaya\n6101,KAB. SAMBAS\n"
        '"6101012001","Sebangun, Hilir"\n\n',
        encoding="utf-8",
    )

    wilayah = Wilayah.from_csv(table)

    assert wilayah.bad_lines == ()
    assert wilayah.name("35.78") == "Kota Surabaya"
    assert wilayah.name("61.01") == "KAB. SAMBAS"
    assert wilayah.name("61.01.01.2001") == "Sebangun, Hilir"
    assert wilayah.name("61.72") == "Kota Singkawang"
    assert wilayah.children("61.01.01") == ("61.01.01.2001",)


def test_bad_lines_are_reported_by_number_and_the_others_kept(tmp_path: Path) -> None:
    table = tmp_path / "wilayah.csv"
    table.write_text("code,name\n61.1,Melawi\n62.71,Kota Palangka Raya\n63.01\n64.01,\n")

    wilayah = Wilayah.from_csv(table)

    assert wilayah.name("62.71") == "Kota Palangka Raya"
    assert [line.number for line in wilayah.bad_lines] == [2, 4, 5]
    assert wilayah.bad_lines[2] == BadLine(5, "the name is empty")
