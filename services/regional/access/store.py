"""Under which subjects the audit may know a person."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Table, select

from services.regional.tables import (
    amendment,
    card,
    home_visit,
    outreach,
    print_authorization,
    recording,
    suket,
)
from shared.audit.entries import about
from shared.audit.seeing import person
from shared.database.engine import Transaction


async def subjects_of(transaction: Transaction, nik: int, key: bytes) -> list[str]:
    """By keyed NIK, and by every id that stands for the person here."""
    ids = list(
        await transaction.scalars(select(recording.c.recording_id).where(recording.c.nik == nik))
    )
    found = [person(key, nik), *(about("recording", one) for one in ids)]
    of_recording: Iterable[tuple[str, Table, str]] = (
        ("suket", suket, "suket_id"),
        ("blank", card, "blank_serial"),
        ("authorization", print_authorization, "authorization_id"),
        ("request", amendment, "request_id"),
    )
    for kind, table, column in of_recording:
        found += await _named(transaction, kind, table.c[column], table.c.recording_id.in_(ids))
    for kind, of_person, column in (
        ("outreach", outreach, "person_id"),
        ("visit", home_visit, "visit_id"),
    ):
        found += await _named(transaction, kind, of_person.c[column], of_person.c.nik == nik)
    return found


async def _named(
    transaction: Transaction, kind: str, column: ColumnElement[object], where: ColumnElement[bool]
) -> list[str]:
    return [about(kind, str(one)) for one in await transaction.scalars(select(column).where(where))]
