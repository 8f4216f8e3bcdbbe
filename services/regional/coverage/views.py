"""Coverage as programs get it: JSON with both numbers beside each percentage, and CSV."""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import Row

from services.regional.coverage import rules
from services.regional.coverage.rules import Coverage, Figure, OfWhom, Unknown


class PlaceCoverage(BaseModel):
    code: str
    population: int
    obliged: int
    obliged_recorded: int = Field(description="Obliged residents who are recorded (by domicile)")
    recorded_here: int = Field(description="Recordings taken here of people of this place")
    percent_of_obliged: float | None = Field(description="obliged_recorded / obliged")


class GroupCoverage(BaseModel):
    group: str
    population: int
    obliged: int
    obliged_recorded: int
    percent_of_obliged: float | None


class TakenView(BaseModel):
    """Recordings by place of recording: all that this office took, wherever people live."""

    recordings: int
    percent_of_obliged: float | None = Field(
        description="recordings / obliged residents; above 100 where others came to be recorded"
    )
    by_place: dict[str, int]
    of_whom: dict[OfWhom, int] = Field(
        description="obliged: the numerator by domicile; not_obliged: not yet 17; gone: died or "
        "moved since; unlisted: not on the residents' list; elsewhere: of other regions"
    )


class CoverageView(BaseModel):
    """Each percentage with both of its numbers, at the end of a day."""

    at: date
    counted_at: datetime
    listed_on: date | None = Field(description="The day the residents' list is of")
    frozen_at: datetime | None = Field(description="When these figures were frozen, if they were")
    total: PlaceCoverage
    districts: list[PlaceCoverage]
    wards: list[PlaceCoverage]
    sexes: list[GroupCoverage]
    age_groups: list[GroupCoverage]
    taken: TakenView
    uncertain: int = Field(description="Obliged by marriage before 17; since when is not known")
    unknowns: list[Unknown] = Field(description="What these figures cannot say")


class Snapshot(BaseModel):
    as_of: date
    frozen_at: datetime
    listed_on: date
    population: int
    obliged: int
    obliged_recorded: int
    percent_of_obliged: float | None


class Snapshots(BaseModel):
    items: list[Snapshot] = Field(description="The latest first")


def figure_of(row: Row[Any]) -> Figure:
    return Figure(int(row.population), int(row.obliged), int(row.recorded))


def snapshot_of(row: Row[Any]) -> Snapshot:
    figure = figure_of(row)
    return Snapshot(
        as_of=row.as_of,
        frozen_at=row.taken_at,
        listed_on=row.listed_on,
        population=figure.population,
        obliged=figure.obliged,
        obliged_recorded=figure.recorded,
        percent_of_obliged=figure.percent,
    )


def view_of(
    coverage: Coverage, region: str, now: datetime, today: date, frozen_at: datetime | None
) -> CoverageView:
    def place(code: str, figure: Figure) -> PlaceCoverage:
        return PlaceCoverage(
            code=code,
            population=figure.population,
            obliged=figure.obliged,
            obliged_recorded=figure.recorded,
            recorded_here=coverage.taken_of(code),
            percent_of_obliged=figure.percent,
        )

    return CoverageView(
        at=coverage.at,
        counted_at=frozen_at or now,
        listed_on=coverage.listed_on,
        frozen_at=frozen_at,
        total=place(region, coverage.total),
        districts=[place(*one) for one in coverage.by_district.items()],
        wards=[place(*one) for one in coverage.by_ward.items()],
        sexes=[_group(*one) for one in coverage.by_sex.items()],
        age_groups=[_group(*one) for one in coverage.by_age.items()],
        taken=TakenView(
            recordings=coverage.taken_here,
            percent_of_obliged=coverage.percent_by_place,
            by_place=coverage.by_place,
            of_whom=coverage.of_whom,
        ),
        uncertain=coverage.uncertain,
        unknowns=list(rules.unknowns(coverage.at, coverage.listed_on, coverage.uncertain, today)),
    )


def _group(name: str, figure: Figure) -> GroupCoverage:
    return GroupCoverage(
        group=name,
        population=figure.population,
        obliged=figure.obliged,
        obliged_recorded=figure.recorded,
        percent_of_obliged=figure.percent,
    )


CELL_COLUMNS = ("at", "ward", "sex", "age_group", "population", "obliged", "obliged_recorded")


def cells_csv(coverage: Coverage) -> str:
    """Every cell: ward by sex by age group. For the office only."""
    return csv_of(
        CELL_COLUMNS,
        (
            (
                coverage.at.isoformat(),
                cell.ward,
                cell.sex,
                cell.age_group,
                cell.figure.population,
                cell.figure.obliged,
                cell.figure.recorded,
            )
            for cell in coverage.cells
        ),
    )


def csv_of(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


_TOTAL = {
    "code": "61.72",
    "population": 262210,
    "obliged": 187433,
    "obliged_recorded": 137533,
    "recorded_here": 137533,
    "percent_of_obliged": 73.38,
}
_GROUP = {
    "group": "female",
    "population": 130412,
    "obliged": 93817,
    "obliged_recorded": 68790,
    "percent_of_obliged": 73.32,
}
EXAMPLE = {
    "at": "2017-10-13",
    "counted_at": "2017-10-13T05:00:00Z",
    "listed_on": "2017-10-13",
    "frozen_at": None,
    "total": _TOTAL,
    "districts": [{**_TOTAL, "code": "61.72.01"}],
    "wards": [{**_TOTAL, "code": "61.72.01.1001"}],
    "sexes": [_GROUP],
    "age_groups": [{**_GROUP, "group": "17-22"}],
    "taken": {
        "recordings": 138201,
        "percent_of_obliged": 73.73,
        "by_place": {"office": 98103, "school": 40098},
        "of_whom": {
            "obliged": 137533,
            "not_obliged": 212,
            "gone": 37,
            "unlisted": 8,
            "elsewhere": 411,
        },
    },
    "uncertain": 0,
    "unknowns": ["recorded-elsewhere"],
}
SNAPSHOT_EXAMPLE = {
    "as_of": "2017-12-31",
    "frozen_at": "2018-01-01T01:00:00Z",
    "listed_on": "2017-12-29",
    "population": 262610,
    "obliged": 188312,
    "obliged_recorded": 139373,
    "percent_of_obliged": 74.01,
}
