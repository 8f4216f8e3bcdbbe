"""Read a residents' list line by line; say what a new list changes. Pure."""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from shared.contracts.recording import MaritalStatus
from shared.nik import DIGITS, Nik, Sex

COLUMNS = ("nik", "sex", "birth_date", "ward", "obliged")
SEPARATORS = (",", ";", "\t")  # a spreadsheet of this country writes semicolons
LINE_CHARACTERS_MAX = 10_000
TEXT_CHARACTERS_MAX = 100
_WARD = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}")
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]*)?[eE]\+?[0-9]{1,2}")
_DECIMAL = re.compile(r"[0-9]+[.,]0+")
_YES = dict.fromkeys(("true", "yes", "ya", "1"), True) | dict.fromkeys(
    ("false", "no", "tidak", "0"), False
)
_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE, "laki-laki": Sex.MALE, "perempuan": Sex.FEMALE}


class Residency(StrEnum):
    ACTIVE = "active"
    MOVED = "moved"
    DEAD = "dead"
    BLOCKED = "blocked"


LIVING_HERE = frozenset({Residency.ACTIVE, Residency.BLOCKED})


@dataclass(frozen=True, slots=True)
class About:
    """What a list may say beside the five columns; None where it does not, or not legibly."""

    name: str | None = None
    birth_place: str | None = None
    street: str | None = None
    rt: str | None = None
    rw: str | None = None
    marital_status: MaritalStatus | None = None
    family_card: int | None = None
    residency: Residency = Residency.ACTIVE
    arrived_on: date | None = None
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Resident:
    nik: Nik
    ward: str
    sex: Sex
    birth_date: date
    obliged: bool
    about: About


@dataclass(frozen=True, slots=True)
class LineFault:
    """A line that was left out: its number (the header is 1) and why, never its content."""

    line: int
    why: str


class NotAResidentsList(ValueError):
    """The file as a whole cannot be read; the message says why, and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns stand."""

    separator: str
    width: int
    places: tuple[int, ...]
    more: Mapping[str, int]


def header_of(line: str) -> Header:
    """Read the first line; other columns are let pass. Raises NotAResidentsList."""
    best: list[str] = []
    separator = SEPARATORS[0]
    for one in SEPARATORS:
        try:
            (names,) = csv.reader([line.strip("\r\n")], delimiter=one, strict=True)
        except (csv.Error, ValueError):
            continue
        if len(names) > len(best):
            best, separator = [name.strip().lower() for name in names], one
    missing = [name for name in COLUMNS if name not in best]
    if missing:
        raise NotAResidentsList(f"Missing columns: {', '.join(missing)}.")
    return Header(
        separator,
        len(best),
        tuple(best.index(name) for name in COLUMNS),
        {name: best.index(name) for name in ABOUT if name in best},
    )


def parse(header: Header, line: str) -> Resident | str | None:
    """One line after the header: a resident, the code of what is wrong, or None of an empty line.

    A field may not run over lines: one unclosed quote would swallow the people after it.
    """
    line = line.rstrip("\r\n")
    if not line.strip():
        return None
    if '"' not in line:
        row = line.split(header.separator)
    else:
        try:
            (row,) = csv.reader([line], delimiter=header.separator, strict=True)
        except (csv.Error, ValueError):
            return "line-not-csv"
    if len(row) <= max(header.places):
        return "too-few-columns"
    if any(cell.strip() for cell in row[header.width :]):
        # Unquoted, a decimal comma makes two columns of one number.
        return "nik-scientific" if _is_torn(row, header) else "too-many-columns"
    return _resident(row, header)


def _is_torn(row: list[str], header: Header) -> bool:
    at = header.places[0]
    return _SCIENTIFIC.fullmatch(",".join(cell.strip() for cell in row[at : at + 2])) is not None


def _resident(row: list[str], header: Header) -> Resident | str:
    nik, sex, birth, ward, obliged = (row[place].strip() for place in header.places)
    if (damage := nik_damage(nik)) is not None:
        return damage
    if not _WARD.fullmatch(ward):  # it will be shown: with its columns mixed up it could be a name
        return "ward-not-a-code"
    if sex.lower() not in _SEXES:
        return "sex-unreadable"
    if obliged.lower() not in _YES:
        return "obliged-unreadable"
    try:
        born = date.fromisoformat(birth)
    except ValueError:
        return "birth-date-unreadable"
    about = _about(row, header.more)
    if isinstance(about, str):
        return about
    return Resident(Nik.parse(nik), ward, _SEXES[sex.lower()], born, _YES[obliged.lower()], about)


def nik_damage(text: str) -> str | None:
    """The code of what happened to a NIK, or None. It is never mended by guessing."""
    if not text.isascii():
        return "nik-not-digits"
    if text.isdigit():
        if len(text) != DIGITS:
            return "nik-too-short" if len(text) < DIGITS else "nik-too-long"
        # Serials begin at 0001. A spreadsheet keeps fifteen digits, a bad conversion fewer.
        return "nik-trailing-zeros" if text.endswith("0000") else None
    if not text:
        return "nik-empty"
    if _SCIENTIFIC.fullmatch(text):
        return "nik-scientific"
    if _DECIMAL.fullmatch(text):
        return "nik-decimal"
    return "nik-apostrophe" if text.startswith("'") else "nik-not-digits"


def _about(row: list[str], more: Mapping[str, int]) -> About | str:
    told = {name: row[place].strip() for name, place in more.items() if place < len(row)}
    found: dict[str, Any] = {}
    for name, text in told.items():
        if text:
            try:
                found[name] = ABOUT[name](text)
            except ValueError:
                return f"{name.replace('_', '-')}-unreadable"
    return About(**found)


def _text(text: str) -> str | None:
    return text if text.isprintable() and len(text) <= TEXT_CHARACTERS_MAX else None


def _neighbourhood(text: str) -> str | None:
    """Three digits; a spreadsheet may have eaten the zeros, and here they can be given back."""
    return text.zfill(3) if re.fullmatch(r"[0-9]{1,3}", text) else None


def _family_card(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{16}", text) else None


def _marital_status(text: str) -> MaritalStatus | None:
    return MaritalStatus(text.lower()) if text.lower() in _MARITAL else None


def _residency(text: str) -> Residency:
    return Residency(text.lower())


_MARITAL = frozenset(MaritalStatus)
# The columns a list may have beside COLUMNS, and how each is read. Those that raise ValueError
# leave their line out: illegible, they would count somebody who is not there.
ABOUT: Mapping[str, Callable[[str], Any]] = {
    "name": _text,
    "birth_place": _text,
    "street": _text,
    "rt": _neighbourhood,
    "rw": _neighbourhood,
    "marital_status": _marital_status,
    "family_card": _family_card,
    "residency": _residency,
    "arrived_on": date.fromisoformat,
    "left_on": date.fromisoformat,
}


# Of about ten NIKs one ends in zero. A file whose NIKs nearly all do went through a spreadsheet.
ROUNDED_SHARE, ROUNDED_LINES_MIN = 0.3, 50


def seem_rounded(ending_in_zero: int, with_16_digits: int) -> bool:
    """Whether the NIKs of a file lost their last digits, the lines that look sound included."""
    return with_16_digits >= ROUNDED_LINES_MIN and ending_in_zero > ROUNDED_SHARE * with_16_digits


class SetState(StrEnum):
    READING = "reading"
    READ = "read"  # compared, and waits for an officer's word
    APPLIED = "applied"
    DISCARDED = "discarded"
    FAILED = "failed"


class Change(StrEnum):
    """What a list changes of one person; who is listed as before has none."""

    ARRIVED = "arrived"  # new here, or back
    WARD = "ward"  # lives in another ward
    CHANGED = "changed"  # something else is written differently
    DIED = "died"
    LEFT = "left"  # the list says so
    MISSING = "missing"  # was on the last list and is not on this


class Missing(StrEnum):
    """What becomes of people who are missing from a list."""

    KEEP = "keep"  # they stay as they were
    LEAVE_UNRECORDED = "leave_unrecorded"  # they have moved away, except who is recorded here
    LEAVE_ALL = "leave_all"


MISSING_SHARE_MAX = 0.05


def missing_default(missing: int, living_before: int, left_out: int) -> Missing:
    """What is proposed. A person may be missing because of a damaged line, or of half a file."""
    is_doubtful = left_out > 0 or missing > MISSING_SHARE_MAX * living_before
    return Missing.KEEP if is_doubtful else Missing.LEAVE_UNRECORDED
