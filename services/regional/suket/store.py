"""Queries of sukets. Cards and recordings are read, never written."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, insert, select, update

from services.regional.suket.rules import Facts
from services.regional.tables import card, recording, revocation, suket
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class Suket:
    suket_id: UUID
    token: str
    recording_id: UUID
    year: int
    number: int
    status_code: str
    issued_on: date
    valid_until: date
    issued_at: datetime
    officer: str
    renews: UUID | None
    facts: Facts = field(repr=False)

    @property
    def name(self) -> str:
        """The number on the paper."""
        return f"470/{self.number:05d}/SUKET/{self.year}"


_next = suket.alias("next")
_holder, _other = recording.alias("holder"), recording.alias("other")
# Of whoever has the recording's NIK: the card may stand on another recording of theirs.
_card_issued_at = (
    select(func.min(card.c.issued_at))
    .join(_other, _other.c.recording_id == card.c.recording_id)
    .join(_holder, _holder.c.nik == _other.c.nik)
    .where(_holder.c.recording_id == suket.c.recording_id, card.c.issued_at >= suket.c.issued_at)
    .scalar_subquery()
)
_live = recording.alias("live")
_SUKET = select(
    suket.c.suket_id,
    suket.c.token,
    suket.c.recording_id,
    suket.c.year,
    suket.c.number,
    suket.c.status_code,
    suket.c.issued_on,
    suket.c.valid_until,
    suket.c.issued_at,
    suket.c.officer,
    suket.c.renews,
    _card_issued_at,
    suket.c.withdrawn_at,
    exists().where(_next.c.renews == suket.c.suket_id),
    exists().where(_live.c.recording_id == suket.c.recording_id, _live.c.is_live),
)


def _suket(row: Any) -> Suket:
    values = tuple(row)
    return Suket(*(*values[:11], Facts(values[7], *values[11:])))


async def _one(transaction: Transaction, asked: Select[Any]) -> Suket | None:
    row = (await transaction.execute(asked)).one_or_none()
    return _suket(row) if row else None


async def by_id(transaction: Transaction, suket_id: UUID) -> Suket | None:
    return await _one(transaction, _SUKET.where(suket.c.suket_id == suket_id))


async def by_token(transaction: Transaction, token: str) -> Suket | None:
    return await _one(transaction, _SUKET.where(suket.c.token == token))


async def newest_of(transaction: Transaction, recording_id: UUID) -> Suket | None:
    return await _one(
        transaction,
        _SUKET.where(
            suket.c.recording_id == recording_id,
            ~exists().where(_next.c.renews == suket.c.suket_id),
        ),
    )


async def history_of(transaction: Transaction, recording_id: UUID) -> list[Suket]:
    """The newest first."""
    rows = await transaction.execute(
        _SUKET.where(suket.c.recording_id == recording_id).order_by(suket.c.issued_at.desc())
    )
    return [_suket(row) for row in rows]


async def expiring(transaction: Transaction, limit: int) -> list[Suket]:
    """Those nothing but time will end, the next to end first; ended by time: among them."""
    rows = await transaction.execute(
        _SUKET.where(
            and_(
                suket.c.withdrawn_at.is_(None),
                ~exists().where(_next.c.renews == suket.c.suket_id),
                exists().where(_live.c.recording_id == suket.c.recording_id, _live.c.is_live),
                _card_issued_at.is_(None),
            )
        )
        .order_by(suket.c.valid_until, suket.c.suket_id)
        .limit(limit)
    )
    return [_suket(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Recorded:
    recording_id: UUID
    seq: int


async def recorded(transaction: Transaction, nik: int) -> Recorded | None:
    """The live recording of a NIK, held until commit."""
    row = (
        await transaction.execute(
            select(recording.c.recording_id, recording.c.seq)
            .where(recording.c.nik == nik, recording.c.is_live)
            .with_for_update()
        )
    ).one_or_none()
    return Recorded(*row) if row else None


async def seq_of(transaction: Transaction, recording_id: UUID) -> int | None:
    found = await transaction.scalar(
        select(recording.c.seq).where(recording.c.recording_id == recording_id)
    )
    return None if found is None else int(found)


async def has_card(transaction: Transaction, nik: int) -> bool:
    """Whether somebody of this NIK was handed a card that stands."""
    standing = exists().where(
        card.c.recording_id == recording.c.recording_id,
        recording.c.nik == nik,
        card.c.state == "issued",
        ~exists().where(revocation.c.authorization_id == card.c.authorization_id),
    )
    return bool(await transaction.scalar(select(standing)))


async def next_number(transaction: Transaction, year: int) -> int:
    """Two at once get the same: the second to save is told by the unique index."""
    last = await transaction.scalar(select(func.max(suket.c.number)).where(suket.c.year == year))
    return int(last or 0) + 1


async def save(transaction: Transaction, one: Suket) -> None:
    await transaction.execute(
        insert(suket).values(
            suket_id=one.suket_id,
            token=one.token,
            recording_id=one.recording_id,
            year=one.year,
            number=one.number,
            status_code=one.status_code,
            issued_on=one.issued_on,
            valid_until=one.valid_until,
            issued_at=one.issued_at,
            officer=one.officer,
            renews=one.renews,
        )
    )


async def withdraw(transaction: Transaction, suket_id: UUID, officer: str, now: datetime) -> None:
    await transaction.execute(
        update(suket)
        .where(suket.c.suket_id == suket_id, suket.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawn_by=officer)
    )


async def counts(transaction: Transaction, today: date) -> tuple[int, int]:
    """How many were given, and how many count today."""
    given = await transaction.scalar(select(func.count()).select_from(suket))
    standing = _SUKET.where(
        suket.c.withdrawn_at.is_(None),
        suket.c.valid_until >= today,
        ~exists().where(_next.c.renews == suket.c.suket_id),
        _card_issued_at.is_(None),
        exists().where(_live.c.recording_id == suket.c.recording_id, _live.c.is_live),
    ).subquery()
    counted = await transaction.scalar(select(func.count()).select_from(standing))
    return int(given or 0), int(counted or 0)
