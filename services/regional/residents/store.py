"""Queries of the residents' list and of the lists that were handed in."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Integer,
    Row,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.regional.residents.rules import (
    ABOUT,
    LIVING_HERE,
    Change,
    LineFault,
    Resident,
    SetState,
)
from services.regional.tables import (
    resident,
    resident_change,
    resident_staged,
    residents_change_set,
    residents_fault,
)
from shared.database.engine import Columns, Transaction, columns_of, rows_of

FAULTS_KEPT_MAX = 10_000
HISTORY_MAX = 50
TOLD: Columns = {
    "ward": Text(),
    "sex": Text(),
    "birth_date": Date(),
    "obliged": Boolean(),
    "name": Text(),
    "birth_place": Text(),
    "street": Text(),
    "rt": Text(),
    "rw": Text(),
    "marital_status": Text(),
    "family_card": BigInteger(),
    "residency": Text(),
    "arrived_on": Date(),
    "left_on": Date(),
}
_STAGED: Columns = {"nik": BigInteger(), **TOLD}
_rows = rows_of("listed", _STAGED)
_STAGE = (
    upsert(resident_staged)
    .from_select(
        ["change_set_id", *_STAGED],
        select(bindparam("set_id", type_=Uuid()), *(_rows.c[name] for name in _STAGED)),
    )
    .on_conflict_do_nothing()
    .returning(resident_staged.c.nik)
)
_faults = rows_of("faults", {"line": Integer(), "why": Text()})
_NOTE_FAULTS = insert(residents_fault).from_select(
    ["change_set_id", "line", "why"],
    select(bindparam("set_id", type_=Uuid()), _faults.c.line, _faults.c.why),
)
_set = residents_change_set.c
LIVING = sorted(LIVING_HERE)


@dataclass(frozen=True, slots=True)
class ListFile:
    """What is known of a list before its first line is read."""

    change_set_id: UUID
    listed_on: date
    handed_in_by: str
    handed_in_at: datetime
    size_bytes: int
    sha256: bytes


async def open_set(transaction: Transaction, file: ListFile) -> None:
    """Raises IntegrityError while another is open."""
    await transaction.execute(
        insert(residents_change_set), {**asdict(file), "state": SetState.READING}
    )


async def find_set(
    transaction: Transaction, set_id: UUID, *, lock: bool = False
) -> Row[Any] | None:
    found = select(residents_change_set).where(_set.change_set_id == set_id)
    return (await transaction.execute(found.with_for_update() if lock else found)).one_or_none()


async def find_open(transaction: Transaction) -> Row[Any] | None:
    """The one list that is being read or waits to be applied."""
    found = await transaction.execute(
        select(residents_change_set)
        .where(_set.state.in_([SetState.READING, SetState.READ]))
        .with_for_update()
    )
    return found.one_or_none()


async def history(transaction: Transaction) -> list[Row[Any]]:
    """The latest first."""
    found = await transaction.execute(
        select(residents_change_set)
        .order_by(_set.handed_in_at.desc(), _set.change_set_id.desc())
        .limit(HISTORY_MAX)
    )
    return list(found)


async def last_applied(transaction: Transaction) -> UUID | None:
    found: UUID | None = await transaction.scalar(
        select(_set.change_set_id)
        .where(_set.state == SetState.APPLIED)
        .order_by(_set.closed_at.desc())
        .limit(1)
    )
    return found


async def stage(
    transaction: Transaction, set_id: UUID, residents: Sequence[Resident]
) -> frozenset[int]:
    """Keep a chunk; gives the NIKs that were not there before. None may be in a chunk twice."""
    columns = {
        "nik": [one.nik.number for one in residents],
        "ward": [one.ward for one in residents],
        "sex": [one.sex.value for one in residents],
        "birth_date": [one.birth_date for one in residents],
        "obliged": [one.obliged for one in residents],
    }
    for name in ABOUT:
        of = attrgetter(name)
        columns[name] = [of(one.about) for one in residents]
    fresh = await transaction.scalars(_STAGE, {"set_id": set_id, **columns})
    return frozenset(fresh)


async def note_faults(transaction: Transaction, set_id: UUID, faults: Sequence[LineFault]) -> None:
    rows = [asdict(fault) for fault in faults]
    await transaction.execute(_NOTE_FAULTS, {"set_id": set_id, **columns_of(rows, ["line", "why"])})


async def faults_of(
    transaction: Transaction, set_id: UUID, after_line: int, limit: int
) -> list[LineFault]:
    found = await transaction.execute(
        select(residents_fault.c.line, residents_fault.c.why)
        .where(residents_fault.c.change_set_id == set_id, residents_fault.c.line > after_line)
        .order_by(residents_fault.c.line)
        .limit(limit)
    )
    return [LineFault(row.line, row.why) for row in found]


async def count_faults(transaction: Transaction, set_id: UUID) -> dict[str, int]:
    """How many of the lines named were left out for what, most first."""
    number = func.count().label("number")
    found = await transaction.execute(
        select(residents_fault.c.why, number)
        .where(residents_fault.c.change_set_id == set_id)
        .group_by(residents_fault.c.why)
        .order_by(number.desc(), residents_fault.c.why)
    )
    return {row.why: row.number for row in found}


async def note(transaction: Transaction, set_id: UUID, **facts: object) -> None:
    """Write down how far a change set is."""
    await transaction.execute(
        update(residents_change_set).where(_set.change_set_id == set_id).values(**facts)
    )


async def count_living(transaction: Transaction, set_id: UUID | None = None) -> int:
    """People who live here by the list in place, or by a staged one."""
    living = select(func.count())
    if set_id is None:
        living = living.where(resident.c.residency.in_(LIVING))
    else:
        staged = resident_staged.c
        living = living.where(staged.change_set_id == set_id, staged.residency.in_(LIVING))
    return int(await transaction.scalar(living) or 0)


async def has_residents(transaction: Transaction) -> bool:
    return bool(await transaction.scalar(select(select(resident.c.nik).exists())))


async def count_changes(transaction: Transaction, set_id: UUID) -> dict[tuple[Change, bool], int]:
    """By kind of change and whether the person is recorded here."""
    change = resident_change.c
    found = await transaction.execute(
        select(change.kind, change.is_recorded, func.count().label("number"))
        .where(change.change_set_id == set_id)
        .group_by(change.kind, change.is_recorded)
    )
    return {(Change(row.kind), row.is_recorded): row.number for row in found}


async def count_changes_by_ward(
    transaction: Transaction, set_id: UUID
) -> list[tuple[str, Change, int]]:
    """By the ward where people live now, or lived; in order of wards."""
    change = resident_change.c
    ward = func.coalesce(change.ward_after, change.ward_before).label("ward")
    found = await transaction.execute(
        select(ward, change.kind, func.count().label("number"))
        .where(change.change_set_id == set_id)
        .group_by(ward, change.kind)
        .order_by(ward, change.kind)
    )
    return [(row.ward, Change(row.kind), row.number) for row in found]


async def clear_staged(transaction: Transaction, set_id: UUID) -> None:
    await transaction.execute(
        delete(resident_staged).where(resident_staged.c.change_set_id == set_id)
    )


async def clear_changes(transaction: Transaction, set_id: UUID) -> None:
    """Of a list that was not applied: nobody was changed by it."""
    await transaction.execute(
        delete(resident_change).where(resident_change.c.change_set_id == set_id)
    )


async def fail_interrupted(transaction: Transaction, now: datetime, trouble: str) -> list[UUID]:
    """Close what a dead server was reading."""
    found = await transaction.scalars(
        update(residents_change_set)
        .where(_set.state == SetState.READING)
        .values(state=SetState.FAILED, trouble=trouble, closed_at=now)
        .returning(_set.change_set_id)
    )
    return list(found)


async def base_by_district(transaction: Transaction) -> list[Row[Any]]:
    """District, population and obliged of those who live here, by code."""
    district = func.left(resident.c.ward, 8).label("district")
    found = await transaction.execute(
        select(
            district,
            func.count().label("population"),
            func.count().filter(resident.c.obliged).label("obliged"),
        )
        .where(resident.c.residency.in_(LIVING))
        .group_by(district)
        .order_by(district)
    )
    return list(found)
