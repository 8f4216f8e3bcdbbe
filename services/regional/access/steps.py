"""Put one person's report together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.regional.access import store
from services.regional.audit.entries import LEDGER
from services.regional.audit.looks import LOOKS
from shared.audit.seeing import saw_niks
from shared.database.engine import Database

ROWS_MAX = 1_000
_ACTS = frozenset(one.act for one in LOOKS.values() if one.is_act)


@dataclass(frozen=True, slots=True)
class Access:
    """One entry that names the person."""

    position: int
    at: datetime
    actor: str
    roles: tuple[str, ...]
    act: str
    purpose: str
    is_act: bool


@dataclass(frozen=True, slots=True)
class Reports:
    database: Database
    person_key: Callable[[], bytes]

    async def of(self, nik: int) -> list[Access]:
        """The newest first, at most ROWS_MAX."""
        saw_niks([nik])
        async with self.database.begin() as transaction:
            subjects = await store.subjects_of(transaction, nik, self.person_key())
            found = await LEDGER.naming(transaction, subjects, ROWS_MAX)
        return [
            Access(
                position=one.entry.position,
                at=one.entry.at,
                actor=one.entry.actor,
                roles=one.entry.roles,
                act=one.entry.act,
                purpose=one.entry.purpose,
                is_act=one.entry.act in _ACTS,
            )
            for one in found
        ]
