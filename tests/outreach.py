"""Residents for tests of outreach: listed, some recorded, none of them real."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, update

from services.regional.tables import recording, resident
from shared.database.engine import Database
from shared.ids import new_id
from tests.recordings import NOON

WARD, OTHER_WARD = "61.72.02.1001", "61.72.05.1001"
BORN = date(1990, 7, 12)
MONDAY = date(2017, 10, 16)


@dataclass(frozen=True, slots=True)
class Lives:
    """One resident by a small number, obliged and at home unless said otherwise."""

    number: int
    ward: str = WARD
    rw: str = "001"
    rt: str = "001"
    street: str | None = "JALAN MELATI 7"
    name: str | None = "SITI CONTOH"
    obliged: bool = True
    residency: str = "active"

    @property
    def nik(self) -> int:
        return 6172025207900000 + self.number


async def list_residents(database: Database, residents: Iterable[Lives]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "nik": one.nik,
            "ward": one.ward,
            "sex": "female",
            "birth_date": BORN,
            "obliged": one.obliged,
            "name": one.name,
            "street": one.street,
            "rw": one.rw,
            "rt": one.rt,
            "family_card": 6172010101010001 + one.number,
            "residency": one.residency,
        }
        for one in residents
    ]
    async with database.begin() as transaction:
        await transaction.execute(insert(resident), rows)


async def record(database: Database, one: Lives, *, is_live: bool = True) -> None:
    """Put a recording of a resident into the books, as coverage and outreach read it."""
    async with database.begin() as transaction:
        await transaction.execute(
            insert(recording).values(
                recording_id=new_id(),
                nik=one.nik,
                is_live=is_live,
                seq=one.number,
                sha256=b"",
                captured_at=NOON,
                recorded_at=NOON,
                officer="officer-1",
                place="office",
                ward=one.ward,
            )
        )


async def unrecord(database: Database, one: Lives) -> None:
    """As after a deletion at the centre: the recording stands no longer."""
    async with database.begin() as transaction:
        await transaction.execute(
            update(recording).where(recording.c.nik == one.nik).values(is_live=False)
        )
