"""Wilayah: the regions of Indonesia by code, from province down to ward.

Codes are dotted: "61" province, "61.72" regency or city, "61.72.01" district, "61.72.01.1001" ward.
Regions split and their codes die while people keep them in their NIK, so an unknown code is
never refused: it stands for itself and is named by its code.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property
from pathlib import Path

from shared.wilayah_facts import (
    PROVINCES,
    SINGKAWANG_DISTRICTS,
    SINGKAWANG_WARDS,
    WEST_KALIMANTAN,
)

_DOTTED = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?", re.ASCII)
_PLAIN_PART_ENDS = {2: (2,), 4: (2, 4), 6: (2, 4, 6), 10: (2, 4, 6, 10)}
_HEADER_CODES = frozenset({"code", "kode"})


class Level(IntEnum):
    """How deep a code lies: the number of its parts."""

    PROVINCE = 1
    REGENCY = 2
    DISTRICT = 3
    WARD = 4


class WardKind(StrEnum):
    """What kind of ward, by the first digit of its part: 1, 2, 3, or something newer."""

    KELURAHAN = "kelurahan"
    DESA = "desa"
    DESA_ADAT = "desa_adat"
    UNKNOWN = "unknown"


_WARD_KINDS = {"1": WardKind.KELURAHAN, "2": WardKind.DESA, "3": WardKind.DESA_ADAT}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of a table that was left out; `number` counts from 1, the header included."""

    number: int
    reason: str


def dotted(code: str) -> str:
    """Write a code with dots, from "6172011001" or "61.72.01.1001".

    Raises ValueError for anything that has not the shape of a code, as when a spreadsheet has
    made 61.10 into 61.1.
    """
    if _DOTTED.fullmatch(code):
        return code
    ends = _PLAIN_PART_ENDS.get(len(code))
    if ends is None or not (code.isascii() and code.isdigit()):
        raise ValueError("not a region code: 2, 4, 6 or 10 digits, dotted or plain")
    starts = (0, *ends[:-1])
    return ".".join(code[start:end] for start, end in zip(starts, ends, strict=True))


def ward_kind(code: str) -> WardKind:
    """Kelurahan, desa or desa adat. Raises ValueError if the code is not a ward's."""
    if Wilayah.level(code) is not Level.WARD:
        raise ValueError("not a ward code")
    return _WARD_KINDS.get(dotted(code).split(".")[3][0], WardKind.UNKNOWN)


@dataclass(frozen=True)
class Wilayah:
    """A table of regions, and the lines that could not be read into it."""

    names: Mapping[str, str]  # by dotted code
    bad_lines: tuple[BadLine, ...] = ()

    @classmethod
    def builtin(cls) -> "Wilayah":
        """All provinces, West Kalimantan's regencies, Singkawang's districts and wards."""
        return cls({**PROVINCES, **WEST_KALIMANTAN, **SINGKAWANG_DISTRICTS, **SINGKAWANG_WARDS})

    @classmethod
    def from_csv(cls, path: Path) -> "Wilayah":
        """Read a national table over the builtin one: columns code and name, UTF-8.

        Codes dotted or plain; a header line ("code,name" or "kode,nama") may be there; where a code
        comes twice the last name stands. Lines that are neither are in `bad_lines`.
        Raises OSError, and UnicodeDecodeError for another encoding.
        """
        names = dict(cls.builtin().names)
        bad_lines = []
        with path.open(encoding="utf-8-sig", newline="") as table:
            for number, row in _numbered_rows(table):
                if number == 1 and row[0].lower() in _HEADER_CODES:
                    continue
                try:
                    code, name = _read_row(row)
                except ValueError as unreadable:
                    bad_lines.append(BadLine(number, str(unreadable)))
                else:
                    names[code] = name
        return cls(names, tuple(bad_lines))

    def knows(self, code: str) -> bool:
        return _standing_for_itself(code) in self.names

    def name(self, code: str) -> str:
        """The region's name; the code itself where this table has none, as for dead codes."""
        dotted_code = _standing_for_itself(code)
        return self.names.get(dotted_code, dotted_code)

    @staticmethod
    def level(code: str) -> Level:
        """The level of a code by its shape, known or not. Raises ValueError as `dotted`."""
        return Level(dotted(code).count(".") + 1)

    @staticmethod
    def parent(code: str) -> str | None:
        """The region around this one, known or not; None around a province."""
        return dotted(code).rpartition(".")[0] or None

    def children(self, code: str) -> tuple[str, ...]:
        """Codes directly inside a region, in rising order; none for an unknown region."""
        return self._children.get(_standing_for_itself(code), ())

    @property
    def provinces(self) -> tuple[str, ...]:
        return self._children.get(None, ())

    @cached_property
    def _children(self) -> dict[str | None, tuple[str, ...]]:
        inside: dict[str | None, list[str]] = {}
        for code in sorted(self.names):
            inside.setdefault(self.parent(code), []).append(code)
        return {code: tuple(children) for code, children in inside.items()}


def _standing_for_itself(code: str) -> str:
    try:
        return dotted(code)
    except ValueError:
        return code


def _numbered_rows(table: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, trimmed, with the number of the line they end on."""
    rows = csv.reader(table)
    for row in rows:
        trimmed = [cell.strip() for cell in row]
        if any(trimmed):
            yield rows.line_num, trimmed


def _read_row(row: list[str]) -> tuple[str, str]:
    if len(row) != 2:
        raise ValueError("expected two columns, code and name")
    if not row[1]:
        raise ValueError("the name is empty")
    return dotted(row[0]), row[1]
