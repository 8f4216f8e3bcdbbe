"""Queries of the residents' list beside the recordings."""

from sqlalchemy import func, select

from services.regional.coverage.rules import Counted
from services.regional.tables import recording, resident
from shared.database.engine import Transaction


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
        .where(resident.c.residency.in_(("active", "blocked")))
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
