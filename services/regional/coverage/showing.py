"""Figures as people are shown them: named, in order, and with small cells hidden where they are."""

from collections.abc import Iterable, Mapping
from datetime import date

from pydantic import BaseModel, Field

from services.regional.coverage import rules
from services.regional.coverage.rules import AGE_GROUPS, Coverage, Figure, OfWhom, Unknown
from services.regional.coverage.views import csv_of
from shared.wilayah import Wilayah

WILAYAH = Wilayah.builtin()
EVERYTHING = 1  # people: a cell of one is shown, as it is to the office


class Row(BaseModel):
    """One line of a table; all numbers null where it is hidden."""

    code: str
    name: str
    population: int | None
    obliged: int | None
    obliged_recorded: int | None
    percent_of_obliged: float | None

    @property
    def is_hidden(self) -> bool:
        return self.population is None


class District(Row):
    wards: list[Row]


class Shown(BaseModel):
    at: date
    region: str
    listed_on: date | None
    cell_min: int = Field(description="Rows of fewer people are hidden, and others with them")
    total: Row
    districts: list[District]
    sexes: list[Row]
    age_groups: list[Row]
    taken_here: int | None
    percent_by_place: float | None
    of_whom: dict[OfWhom, int | None]
    by_place: dict[str, int | None]
    uncertain: int | None
    unknowns: list[Unknown]


def shown_of(coverage: Coverage, region: str, cell_min: int, today: date) -> Shown:
    """What may be seen of a day's figures by whom cells under `cell_min` are hidden from."""
    total = coverage.total
    is_too_few = rules.is_small(total, cell_min)
    districts = rules.hide_small(coverage.by_district, cell_min)
    wards = rules.hide_small_wards(districts, coverage.by_ward, cell_min)
    ages = {name: figure for name in AGE_GROUPS if (figure := coverage.by_age.get(name))}
    if is_too_few:
        districts, wards = dict.fromkeys(districts), dict.fromkeys(wards)
    taken_too_few = 0 < coverage.taken_here < cell_min

    def group(figures: Mapping[str, Figure]) -> list[Row]:
        shown = rules.hide_small(figures, cell_min)
        return [_row(key, key, None if is_too_few else one) for key, one in shown.items()]

    def counted(numbers: Mapping[rules.K, int]) -> dict[rules.K, int | None]:
        shown = rules.hide_small_counts(numbers, cell_min)
        return dict.fromkeys(shown) if taken_too_few else shown

    return Shown(
        at=coverage.at,
        region=region,
        listed_on=coverage.listed_on,
        cell_min=cell_min,
        total=_row(region, WILAYAH.name(region), None if is_too_few else total),
        districts=[
            District(
                **_row(code, WILAYAH.name(code), figure).model_dump(),
                wards=[
                    _row(ward, WILAYAH.name(ward), one)
                    for ward, one in wards.items()
                    if ward.startswith(f"{code}.")
                ],
            )
            for code, figure in districts.items()
        ],
        sexes=group(coverage.by_sex),
        age_groups=group(ages),
        taken_here=None if taken_too_few else coverage.taken_here,
        percent_by_place=None if is_too_few or taken_too_few else coverage.percent_by_place,
        of_whom=counted(coverage.of_whom),
        by_place=counted(coverage.by_place),
        uncertain=None if 0 < coverage.uncertain < cell_min else coverage.uncertain,
        unknowns=list(rules.unknowns(coverage.at, coverage.listed_on, coverage.uncertain, today)),
    )


def _row(code: str, name: str, figure: Figure | None) -> Row:
    return Row(
        code=code,
        name=name,
        population=figure.population if figure else None,
        obliged=figure.obliged if figure else None,
        obliged_recorded=figure.recorded if figure else None,
        percent_of_obliged=figure.percent if figure else None,
    )


COLUMNS = (
    "at",
    "table",
    "code",
    "name",
    "population",
    "obliged",
    "obliged_recorded",
    "percent_of_obliged",
)


def shown_csv(shown: Shown) -> str:
    """The tables one under the other; hidden numbers are empty."""
    return csv_of(COLUMNS, _lines(shown))


def _lines(shown: Shown) -> Iterable[tuple[object, ...]]:
    tables: list[tuple[str, list[Row]]] = [("region", [shown.total])]
    tables += [("district", list(shown.districts))]
    tables += [("ward", [ward for one in shown.districts for ward in one.wards])]
    tables += [("sex", shown.sexes), ("age_group", shown.age_groups)]
    for table, rows in tables:
        for row in rows:
            yield (
                shown.at.isoformat(),
                table,
                row.code,
                row.name,
                row.population,
                row.obliged,
                row.obliged_recorded,
                row.percent_of_obliged,
            )
