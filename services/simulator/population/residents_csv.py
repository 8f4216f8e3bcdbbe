"""The list of residents as an office exports it: what coverage and letters need, and no more."""

import csv
from collections.abc import Iterable
from pathlib import Path

from services.simulator.population.people import Resident

HEADER = (
    "nik",  # 16 digits as text, zeros kept
    "name",
    "sex",
    "birth_place",
    "birth_date",  # ISO 8601
    "marital_status",
    "district",  # dotted code
    "ward",  # dotted code
    "street",
    "rt",
    "rw",
    "family_card",  # 16 digits as text
    "obliged",  # "yes" or "no", on the day of the census
)


def write_residents_csv(path: Path, residents: Iterable[Resident]) -> int:
    """Write UTF-8 with a header line and commas; gives the number of residents."""
    written = 0
    with path.open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(HEADER)
        for written, person in enumerate(residents, 1):  # noqa: B007 the last one is the answer
            writer.writerow(_row(person))
    return written


def _row(person: Resident) -> tuple[str, ...]:
    return (
        person.nik,
        person.name,
        person.sex,
        person.birth_place,
        person.birth_date.isoformat(),
        person.marital_status,
        person.district,
        person.ward,
        person.street,
        person.rt,
        person.rw,
        person.family_card,
        "yes" if person.obliged else "no",
    )
