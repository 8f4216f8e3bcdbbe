"""Work out percentages. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass


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
