"""Queries of the registry. The NIK's uniqueness is its primary key, not a check before it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.central.penunggalan.rules import Admission, Candidate
from services.central.tables import duplicate, registry
from shared.contracts.feed import Rival
from shared.database.engine import Transaction


async def admit(
    transaction: Transaction, region: str, admissions: Sequence[Admission], now: datetime
) -> set[UUID]:
    """Enter NIKs that nobody holds; gives the recordings entered. Pass them sorted by NIK."""
    rows = [
        {
            "nik": one.candidate.recording.nik.number,
            "recording_id": one.candidate.recording.recording_id,
            "region_code": region,
            "captured_at": one.candidate.recording.captured_at,
            "admitted_at": now,
            "authorization_id": one.authorization_id,
            "authorization_expires_at": one.expires_at,
            "authorizations_given": 1,
        }
        for one in admissions
    ]
    if not rows:
        return set()
    entered = await transaction.execute(
        insert(registry).on_conflict_do_nothing().returning(registry.c.recording_id), rows
    )
    return set(entered.scalars())


async def rivals_by_nik(transaction: Transaction, niks: Sequence[int]) -> dict[int, list[Rival]]:
    """Who holds these NIKs, the registry's own first, then earlier duplicates by age."""
    holders = await transaction.execute(
        select(
            registry.c.nik, registry.c.recording_id, registry.c.region_code, registry.c.captured_at
        ).where(registry.c.nik.in_(niks))
    )
    others = await transaction.execute(
        select(
            duplicate.c.nik,
            duplicate.c.recording_id,
            duplicate.c.region_code,
            duplicate.c.captured_at,
        )
        .where(duplicate.c.nik.in_(niks))
        .order_by(duplicate.c.captured_at, duplicate.c.recording_id)
    )
    found: dict[int, list[Rival]] = {}
    for row in (*holders, *others):
        found.setdefault(row.nik, []).append(
            Rival(
                recording_id=row.recording_id, region=row.region_code, captured_at=row.captured_at
            )
        )
    return found


async def save_duplicates(
    transaction: Transaction,
    region: str,
    found: Sequence[tuple[Candidate, Rival]],
    now: datetime,
) -> None:
    """Keep what met a NIK already proven, for ever."""
    await transaction.execute(
        insert(duplicate).on_conflict_do_nothing(),
        [
            {
                "nik": candidate.recording.nik.number,
                "recording_id": candidate.recording.recording_id,
                "region_code": region,
                "captured_at": candidate.recording.captured_at,
                "rival_recording_id": rival.recording_id,
                "rival_region_code": rival.region,
                "found_at": now,
            }
            for candidate, rival in found
        ],
    )
