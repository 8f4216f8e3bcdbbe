"""Queries of the residents' list beside the recordings."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Text,
    delete,
    func,
    insert,
    select,
)

from services.regional.coverage.rules import Counted, Resident
from services.regional.tables import recording, resident
from shared.database.engine import Columns, Transaction, columns_of, rows_of

_COLUMNS: Columns = {
    "nik": BigInteger(),
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
_residents = rows_of("residents", _COLUMNS)
_SAVE = insert(resident).from_select(
    list(_COLUMNS), select(*(_residents.c[name] for name in _COLUMNS))
)


async def clear(transaction: Transaction) -> None:
    await transaction.execute(delete(resident))


async def save(transaction: Transaction, residents: Sequence[Resident]) -> None:
    rows = [
        {
            "nik": one.nik.number,
            "ward": one.ward,
            "sex": one.sex.value,
            "birth_date": one.birth_date,
            "obliged": one.obliged,
            **asdict(one.about),
        }
        for one in residents
    ]
    await transaction.execute(_SAVE, columns_of(rows, list(_COLUMNS)))


async def count_by_ward(transaction: Transaction) -> list[Counted]:
    """Wards with residents or recordings, by code. Live recordings only: one per person."""
    residents = await transaction.execute(
        select(
            resident.c.ward,
            func.count().label("population"),
            func.count().filter(resident.c.obliged).label("obliged"),
            func.count(recording.c.recording_id)
            .filter(resident.c.obliged)
            .label("obliged_recorded"),
        )
        .outerjoin(recording, (recording.c.nik == resident.c.nik) & recording.c.is_live)
        .group_by(resident.c.ward)
    )
    taken = {
        row.ward: int(row.recorded_here)
        for row in await transaction.execute(
            select(recording.c.ward, func.count().label("recorded_here"))
            .where(recording.c.is_live)
            .group_by(recording.c.ward)
        )
    }
    counted = {
        row.ward: Counted(
            row.ward, row.population, row.obliged, row.obliged_recorded, taken.get(row.ward, 0)
        )
        for row in residents
    }
    for ward, recorded_here in taken.items():
        counted.setdefault(ward, Counted(ward, 0, 0, 0, recorded_here))
    return [counted[ward] for ward in sorted(counted)]
