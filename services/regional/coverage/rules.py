"""Read the residents' list line by line; work out percentages. Pure."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from shared.contracts.recording import MaritalStatus
from shared.nik import Nik, Sex

COLUMNS = ("nik", "sex", "birth_date", "ward", "obliged")
FAULTS_SHOWN_MAX = 100
LINE_CHARACTERS_MAX = 100
_WARD = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}")
_YES = dict.fromkeys(("true", "yes", "ya", "1"), True) | dict.fromkeys(
    ("false", "no", "tidak", "0"), False
)


class Residency(StrEnum):
    ACTIVE = "active"
    MOVED = "moved"
    DEAD = "dead"
    BLOCKED = "blocked"


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
    """The first line lacks columns, or a line is no CSV; the message says which, never more."""


def read(lines: Iterable[str]) -> Iterator[Resident | LineFault]:
    """Each line as a resident, or as the fault it is left out for. More columns are let pass.

    Raises NotAResidentsList.
    """
    rows = _rows(lines)
    _, first = next(rows, (0, []))
    header = [name.strip().lower() for name in first]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise NotAResidentsList(f"Missing columns: {', '.join(missing)}.")
    places = [header.index(name) for name in COLUMNS]
    more = {name: header.index(name) for name in ABOUT if name in header}
    seen: set[int] = set()
    for line, row in rows:
        if not row:
            continue
        parsed = _resident(row, places, more)
        if isinstance(parsed, str):
            yield LineFault(line, parsed)
        elif parsed.nik.number in seen:
            yield LineFault(line, "nik-twice")
        else:
            seen.add(parsed.nik.number)
            yield parsed


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Rows with their line numbers. Raises NotAResidentsList."""
    reader = csv.reader(lines)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error:
        raise NotAResidentsList(f"Line {reader.line_num + 1} is not CSV.") from None


def _resident(row: list[str], places: list[int], more: Mapping[str, int]) -> Resident | str:
    if len(row) <= max(places):
        return "too-few-columns"
    nik_text, sex_text, birth_text, ward, obliged_text = (row[place].strip() for place in places)
    try:
        nik = Nik.parse(nik_text)
    except ValueError:
        return "nik-not-16-digits"
    if not _WARD.fullmatch(ward):  # it will be shown: with its columns mixed up it could be a name
        return "ward-not-a-code"
    try:
        return Resident(
            nik,
            ward,
            Sex(sex_text),
            date.fromisoformat(birth_text),
            _YES[obliged_text.lower()],
            _about(row, more),
        )
    except (ValueError, KeyError):
        return "unreadable-value"


def _about(row: list[str], more: Mapping[str, int]) -> About:
    told = {name: row[place].strip() for name, place in more.items() if place < len(row)}
    return About(**{name: ABOUT[name](text) for name, text in told.items() if text})


def _line(text: str) -> str | None:
    return text if text.isprintable() and len(text) <= LINE_CHARACTERS_MAX else None


def _neighbourhood(text: str) -> str | None:
    """Three digits; a spreadsheet may have eaten the zeros."""
    return text.zfill(3) if re.fullmatch(r"[0-9]{1,3}", text) else None


def _family_card(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{16}", text) else None


def _marital_status(text: str) -> MaritalStatus | None:
    return MaritalStatus(text.lower()) if text.lower() in _MARITAL else None


_MARITAL = frozenset(MaritalStatus)
# The columns a list may have beside COLUMNS, and how each is read.
ABOUT: Mapping[str, Callable[[str], Any]] = {
    "name": _line,
    "birth_place": _line,
    "street": _line,
    "rt": _neighbourhood,
    "rw": _neighbourhood,
    "marital_status": _marital_status,
    "family_card": _family_card,
    "residency": Residency,  # unreadable, it would count somebody who is not there
    "arrived_on": date.fromisoformat,
    "left_on": date.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Counted:
    """One place's figures. `recorded_here` counts recordings; the others count residents."""

    code: str
    population: int
    obliged: int
    obliged_recorded: int
    recorded_here: int


def percent(part: int, whole: int) -> float | None:
    """Two decimals; None of nothing. May be above 100."""
    return round(100 * part / whole, 2) if whole else None


def by_district(wards: Iterable[Counted]) -> list[Counted]:
    """Add wards up to their districts, by code."""
    found: dict[str, Counted] = {}
    for ward in wards:
        code = ward.code[:8]
        before = found.get(code, Counted(code, 0, 0, 0, 0))
        found[code] = add(before, ward)
    return [found[code] for code in sorted(found)]


def add(one: Counted, other: Counted) -> Counted:
    return Counted(
        one.code,
        one.population + other.population,
        one.obliged + other.obliged,
        one.obliged_recorded + other.obliged_recorded,
        one.recorded_here + other.recorded_here,
    )
