"""Queries of the residents' list beside the recordings, on a day, and of frozen snapshots."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from services.regional.coverage.rules import (
    AGE_GROUPS,
    AGES_FROM,
    OBLIGED_YEARS,
    Cell,
    Coverage,
    Figure,
    OfWhom,
    Taken,
    latest_birth,
)
from services.regional.tables import (
    coverage_snapshot,
    coverage_snapshot_cell,
    coverage_snapshot_taken,
    recording,
    resident,
    resident_change,
    residents_change_set,
)
from shared.database.engine import Transaction

LIVING = ("active", "blocked")
MONTHS_MAX = 400
_who = resident.c


@dataclass(frozen=True, slots=True)
class Day:
    """A day as queries need it.

    until: its end in the office's zone. listed_on: the day of the last residents' list.
    """

    at: date
    until: datetime
    listed_on: date


async def listed_on(transaction: Transaction) -> tuple[date | None, date | None]:
    """The days of the first and of the last residents' list applied."""
    sets = residents_change_set.c
    found = (
        await transaction.execute(
            select(func.min(sets.listed_on), func.max(sets.listed_on)).where(
                sets.state == "applied"
            )
        )
    ).one()
    return found[0], found[1]


async def has_residents(transaction: Transaction) -> bool:
    return bool(await transaction.scalar(select(select(_who.nik).exists())))


def _recorded_at() -> ColumnElement[datetime]:
    """The station's clock says when somebody was recorded; ours, that it was not later."""
    return func.least(recording.c.captured_at, recording.c.recorded_at)


def _lives_here(day: Day) -> ColumnElement[bool]:
    return and_(
        _who.birth_date <= day.at,
        or_(_who.arrived_on.is_(None), _who.arrived_on <= day.at),
        or_(_who.residency.in_(LIVING), _who.left_on > day.at),
    )


def _is_adult(at: date) -> ColumnElement[bool]:
    return _who.birth_date <= latest_birth(at, OBLIGED_YEARS)


def _is_uncertain(day: Day) -> ColumnElement[bool]:
    """Obliged by the list before 17, so by marriage; the list does not say since when."""
    if day.at >= day.listed_on:
        return literal(False)
    return and_(_who.obliged, ~_is_adult(day.at), ~_is_adult(day.listed_on))


def _is_obliged(day: Day) -> ColumnElement[bool]:
    """The list's word, moved to another day by the 17th birthday alone."""
    if day.at < day.listed_on:
        return and_(_who.obliged, or_(_is_adult(day.at), ~_is_adult(day.listed_on)))
    turned_17 = and_(_is_adult(day.at), ~_is_adult(day.listed_on))
    return or_(_who.obliged, turned_17)


def _age_group(at: date) -> ColumnElement[str]:
    oldest_first = list(zip(AGES_FROM, AGE_GROUPS, strict=True))[::-1]
    return case(
        *((_who.birth_date <= latest_birth(at, age), name) for age, name in oldest_first[:-1]),
        else_=AGE_GROUPS[0],
    )


def _ward_before(day: Day) -> Any:
    """Where people lived whose ward a later list changed."""
    change, sets = resident_change.c, residents_change_set.c
    return (
        select(change.nik, change.ward_before)
        .ext(distinct_on(change.nik))
        .join(residents_change_set, sets.change_set_id == change.change_set_id)
        .where(change.kind == "ward", sets.state == "applied", sets.listed_on > day.at)
        .order_by(change.nik, sets.listed_on, sets.closed_at)
        .subquery("ward_before")
    )


async def count_cells(transaction: Transaction, day: Day) -> tuple[tuple[Cell, ...], int]:
    """Residents by ward, sex and age group; and how many are obliged since nobody knows when."""
    moved = _ward_before(day)
    ward = func.coalesce(moved.c.ward_before, _who.ward).label("ward")
    age_group, obliged = _age_group(day.at).label("age_group"), _is_obliged(day)
    found = await transaction.execute(
        select(
            ward,
            _who.sex,
            age_group,
            func.count().label("population"),
            func.count().filter(obliged).label("obliged"),
            func.count(recording.c.recording_id).filter(obliged).label("recorded"),
            func.count().filter(_is_uncertain(day)).label("uncertain"),
        )
        .select_from(resident)
        .outerjoin(moved, moved.c.nik == _who.nik)
        .outerjoin(
            recording,
            and_(recording.c.nik == _who.nik, recording.c.is_live, _recorded_at() < day.until),
        )
        .where(_lives_here(day))
        .group_by(ward, _who.sex, age_group)
        .order_by(ward, _who.sex, age_group)
    )
    rows = list(found)
    cells = tuple(
        Cell(row.ward, row.sex, row.age_group, Figure(row.population, row.obliged, row.recorded))
        for row in rows
    )
    return cells, sum(row.uncertain for row in rows)


async def count_taken(transaction: Transaction, region: str, day: Day) -> tuple[Taken, ...]:
    """Live recordings taken here until the day's end, by domicile, place and whose they are."""
    at_home = recording.c.ward.startswith(f"{region}.", autoescape=True)
    of_whom = case(
        (_who.nik.is_(None), case((at_home, OfWhom.UNLISTED), else_=OfWhom.ELSEWHERE)),
        (_lives_here(day), case((_is_obliged(day), OfWhom.OBLIGED), else_=OfWhom.NOT_OBLIGED)),
        else_=OfWhom.GONE,
    ).label("of_whom")
    ward = case((at_home, recording.c.ward), else_=func.left(recording.c.ward, 5)).label("ward")
    found = await transaction.execute(
        select(ward, recording.c.place, of_whom, func.count().label("recordings"))
        .select_from(recording)
        .outerjoin(resident, _who.nik == recording.c.nik)
        .where(recording.c.is_live, _recorded_at() < day.until)
        .group_by(ward, recording.c.place, of_whom)
        .order_by(ward, recording.c.place, of_whom)
    )
    return tuple(Taken(row.ward, row.place, OfWhom(row.of_whom), row.recordings) for row in found)


async def recordings_by_month(
    transaction: Transaction, zone: str, until: datetime
) -> list[tuple[date, int]]:
    """Live recordings by the first day of their month, the oldest first. zone: as in tzdata."""
    month = func.date_trunc("month", func.timezone(zone, _recorded_at())).label("month")
    found = await transaction.execute(
        select(month, func.count().label("number"))
        .where(recording.c.is_live, _recorded_at() < until)
        .group_by(month)
        .order_by(month.desc())
        .limit(MONTHS_MAX)
    )
    return [(row.month.date(), row.number) for row in found][::-1]


async def freeze(transaction: Transaction, coverage: Coverage, now: datetime) -> bool:
    """Write a day's figures down for good; False when they were before, and stay as they were."""
    fresh = await transaction.scalar(
        upsert(coverage_snapshot)
        .values(
            as_of=coverage.at,
            taken_at=now,
            listed_on=coverage.listed_on,
            uncertain=coverage.uncertain,
        )
        .on_conflict_do_nothing()
        .returning(coverage_snapshot.c.as_of)
    )
    if fresh is None:
        return False
    cells = [
        {
            "as_of": coverage.at,
            "ward": cell.ward,
            "sex": cell.sex,
            "age_group": cell.age_group,
            "population": cell.figure.population,
            "obliged": cell.figure.obliged,
            "obliged_recorded": cell.figure.recorded,
        }
        for cell in coverage.cells
    ]
    taken = [
        {
            "as_of": coverage.at,
            "ward": one.ward,
            "place": one.place,
            "of_whom": one.of_whom,
            "recordings": one.recordings,
        }
        for one in coverage.taken
    ]
    await transaction.execute(insert(coverage_snapshot_cell), cells)
    if taken:
        await transaction.execute(insert(coverage_snapshot_taken), taken)
    return True


async def find_snapshot(transaction: Transaction, as_of: date) -> Row[Any] | None:
    found = await transaction.execute(
        select(coverage_snapshot).where(coverage_snapshot.c.as_of == as_of)
    )
    return found.one_or_none()


async def read_snapshot(transaction: Transaction, head: Row[Any]) -> Coverage:
    cell, taken = coverage_snapshot_cell.c, coverage_snapshot_taken.c
    cells = await transaction.execute(
        select(coverage_snapshot_cell)
        .where(cell.as_of == head.as_of)
        .order_by(cell.ward, cell.sex, cell.age_group)
    )
    recordings = await transaction.execute(
        select(coverage_snapshot_taken)
        .where(taken.as_of == head.as_of)
        .order_by(taken.ward, taken.place, taken.of_whom)
    )
    return Coverage(
        head.as_of,
        head.listed_on,
        tuple(
            Cell(
                row.ward,
                row.sex,
                row.age_group,
                Figure(row.population, row.obliged, row.obliged_recorded),
            )
            for row in cells
        ),
        tuple(
            Taken(row.ward, row.place, OfWhom(row.of_whom), row.recordings) for row in recordings
        ),
        head.uncertain,
    )


async def snapshots(transaction: Transaction) -> list[Row[Any]]:
    """Every frozen day with its totals, the latest first."""
    head, cell = coverage_snapshot.c, coverage_snapshot_cell.c
    found = await transaction.execute(
        select(
            head.as_of,
            head.taken_at,
            head.listed_on,
            func.sum(cell.population).label("population"),
            func.sum(cell.obliged).label("obliged"),
            func.sum(cell.obliged_recorded).label("recorded"),
        )
        .join(coverage_snapshot_cell, cell.as_of == head.as_of)
        .group_by(head.as_of)
        .order_by(head.as_of.desc())
    )
    return [*found]
