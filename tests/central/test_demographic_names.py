"""Names as Indonesians write them: what counts as one name, and what does not."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.central.penunggalan.demographic.names import (
    NameAgreement,
    NameLevel,
    PersonName,
    compare_names,
)
from shared.contracts.recording import Name

pytestmark = pytest.mark.rules

_NAME = TypeAdapter(Name)


def is_allowed(text: str) -> bool:
    try:
        _NAME.validate_python(text)
    except ValidationError:
        return False
    return True


# Whatever the contract lets through, letters or not.
any_name = st.text(st.characters(min_codepoint=33, codec="utf-8"), min_size=1, max_size=60).filter(
    is_allowed
)
_STOCK = (
    *("MUHAMMAD", "SITI", "NUR", "ABDUL", "KARIM", "SUYONO", "SUMINI", "BONG", "KIM", "LIONG"),
    *("TJHIN", "FUI", "YULIUS", "NYANGKONG", "HAYATI", "AINI", "M.", "ANDI", "RADEN", "WIJAYA"),
)
known_words = st.sampled_from(_STOCK)
made_up_words = st.text("ABCDEFGHIKLMNOPRSTUWY", min_size=5, max_size=9)
full_names = st.lists(known_words | made_up_words, min_size=1, max_size=5)


def agreement(one: str, other: str) -> NameAgreement:
    return compare_names(PersonName.of(one), PersonName.of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Muhammad Ali", "Moch. Ali"),
        ("MOHAMAD ALI", "M. ALI"),
        ("Mhd Ali", "ALI MUHAMAD"),
        ("ABD. RAHMAN", "Abdurrahman"),
        ("Abdul Rochman", "ABDURRAHMAN"),
        ("Siti Nurhayati", "ST. NUR HAYATI"),
        ("NOER AINI", "Nuraini"),
        ("Soejono", "Suyono"),
        ("SJAMSOEL BACHRI", "Syamsul Bahri"),
        ("Djoko Tjahjono", "JOKO CAHYONO"),
        ("Khairul Anwar", "CHOIRUL ANWAR"),
        ("Fatimah", "PATIMA"),
        ("SUPRIYADI", "Supriadi"),
        ("Christina", "KRISTINA"),
        ("TJHIN KIM LIONG", "Kim Liong Chen"),
        ("BONG FUI LAN", "HUANG FUI LAN"),
        ("Wong Fui Lan", "BONG FUI LAN"),
        ("LIE MIAU JIN", "Lee Miau Jin"),
        ("TJIA SUI FA", "CIA SUI FA"),
        ("PHANG NYIT MIN", "Pang Nyit Min"),
        ("LIU TET FONG", "LAUW TET FONG"),
        ("YULIUS NJANGKONG", "Yulius Nyangkong"),
        ("Agus Salim", "AGUS S."),
    ],
)
def test_spellings_of_one_name_sound_the_same(one: str, other: str) -> None:
    found = agreement(one, other)

    # "Choirul" and "Khairul" differ by a letter as well, which is a slip of the pen.
    assert found.level in {NameLevel.SOUNDS_SAME, NameLevel.SLIP}
    assert found.bits > 4


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Drs. H. Abdul Karim, S.H., M.H.", "ABDUL KARIM"),
        ("Hj. SUMINI, S. Pd.", "sumini"),
        ("dr.Kartini", "KARTINI"),
        ("SARIMIN S.Pd.I", "H. Sarimin"),
        ("RADEN SUYONO", "SUYONO"),
        ("TEUKU KARIM", "KARIM"),
        ("CUT HAYATI", "HAYATI"),
        ("ANDI KARIM", "KARIM"),
        ("YULIUS NYANGKONG BAGAK", "YULIUS NYANGKONG"),
        ("NYANGKONG ANAK YULIUS", "Yulius Nyangkong"),
        ("LIONG KIM BONG", "BONG KIM LIONG"),
        ("BONG KIM LIONG alias HENDRA", "HENDRA BONG KIM LIONG"),
        ("Ma'ruf", "MARUF"),
        ("Zoë", "ZOE"),
    ],
)
def test_titles_particles_and_order_leave_a_name_the_same(one: str, other: str) -> None:
    assert agreement(one, other).level is NameLevel.SAME


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("SARIMIN", "SARIMAN", NameLevel.SLIP),
        ("HENDRA KIM LIONG", "BONG KIM LIONG HENDRA", NameLevel.WORDS_MISSING),
        ("SUMINI", "SUMINI HAYATI", NameLevel.WORDS_MISSING),
        ("SUMINI KARTIKA", "SUMINI HAYATI", NameLevel.SOME_WORDS),
        ("SUMINI", "KARTIKA", NameLevel.DIFFERENT),
        ("FUI", "SUI", NameLevel.DIFFERENT),
        ("SUSAN", "SUSANTI", NameLevel.DIFFERENT),
    ],
)
def test_what_is_left_apart_has_a_level_of_its_own(one: str, other: str, level: NameLevel) -> None:
    assert agreement(one, other).level is level


def test_a_common_word_tells_less_than_a_rare_one() -> None:
    assert agreement("MUHAMMAD", "MUHAMMAD").bits < agreement("SUMINI", "SUMINI").bits
    assert agreement("M. ALI", "M. ALI").bits < agreement("MUHAMMAD ALI", "MUHAMMAD ALI").bits


@pytest.mark.parametrize("odd", ["...", "H.", "S.E.", "黄金龍", "-", "'", "ﷺ", "🙂", "Ⅻ", "M", "İ"])
def test_a_name_without_words_is_still_a_name(odd: str) -> None:
    assert is_allowed(odd)
    assert agreement(odd, odd).level is NameLevel.SAME
    assert agreement(odd, "SUMINI").level is NameLevel.DIFFERENT


@given(any_name, any_name)
def test_every_name_the_contract_allows_compares_the_same_both_ways(one: str, other: str) -> None:
    found = agreement(one, other)

    assert found == agreement(other, one)
    assert (found.level is NameLevel.DIFFERENT) == (found.bits == 0)
    assert agreement(one, one).level is NameLevel.SAME
    assert PersonName.of(one).codes()


@given(full_names, full_names)
def test_comparing_names_has_no_direction(one: list[str], other: list[str]) -> None:
    left, right = " ".join(one), " ".join(other)

    assert agreement(left, right) == agreement(right, left)


def is_short_without_a_degree(words: list[str]) -> bool:
    """Two initials after a name are a degree: "Siti M. M." is Siti, a master of management."""
    return len(words) < 5 and sum(word.endswith(".") for word in words) < 2


@given(full_names.filter(is_short_without_a_degree), full_names)
def test_the_order_of_words_never_matters(one: list[str], other: list[str]) -> None:
    name = PersonName.of(" ".join(other))

    orders = [PersonName.of(" ".join(order)) for order in permutations(one)]

    assert len({compare_names(order, name) for order in orders}) == 1
    assert {order.codes() for order in orders} == {orders[0].codes()}


@given(
    full_names,
    st.lists(st.sampled_from(["H.", "Hj.", "Drs.", "Dr.", "Ir.", "Prof.", "HAJI", "KH."])),
    st.lists(st.sampled_from(["S.E.", "M.Pd.", "S.Pd.I", "S. H.", "Ph.D."])),
)
def test_titles_never_matter(words: list[str], before: list[str], after: list[str]) -> None:
    plain = " ".join(words)

    titled = ", ".join([" ".join([*before, plain]), *after])

    assert PersonName.of(titled) == PersonName.of(plain)


@given(st.lists(st.sampled_from(_STOCK[:16]) | made_up_words, min_size=1, max_size=5))
def test_the_short_way_for_plain_letters_ends_where_the_long_one_does(words: list[str]) -> None:
    name = " ".join(words)

    assert PersonName.of(f"({name})") == PersonName.of(name)


@given(full_names)
def test_capitals_never_matter(words: list[str]) -> None:
    name = " ".join(words)

    assert PersonName.of(name.title()) == PersonName.of(name)
