"""Queries of hand-overs: whose card it is, on which family card, who took it, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from services.regional.outbox.copies import COPY, opened
from services.regional.printing.rules import CardState, Collector
from services.regional.tables import card, handover, outbox, recording, resident, revocation
from shared.contracts.recording import Biodata
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose card it is; family_cards: every one the person is known on here."""

    nik: int
    family_cards: frozenset[int]


async def holder_of(transaction: Transaction, recording_id: UUID) -> Holder | None:
    """None: recorded elsewhere, so that nobody here knows the family card."""
    one = await _recording(transaction, recording.c.recording_id == recording_id)
    if one is None:
        return None
    nik = one.nik.number
    return Holder(nik, frozenset({int(one.family_card)}) | await _listed(transaction, nik))


async def family_cards_of(transaction: Transaction, nik: int) -> frozenset[int]:
    """The family cards somebody is known on here, as recorded and as listed."""
    one = await _recording(transaction, (recording.c.nik == nik) & recording.c.is_live)
    recorded = frozenset({int(one.family_card)}) if one else frozenset()
    return recorded | await _listed(transaction, nik)


async def _recording(transaction: Transaction, condition: ColumnElement[bool]) -> Biodata | None:
    row = (
        await transaction.execute(
            select(outbox.c.envelope_id, COPY)
            .join(recording, recording.c.seq == outbox.c.seq)
            .where(condition)
            .limit(1)
        )
    ).one_or_none()
    copy = opened(transaction, *row) if row else None
    return copy.biodata if copy else None


async def _listed(transaction: Transaction, nik: int) -> frozenset[int]:
    found = await transaction.scalar(select(resident.c.family_card).where(resident.c.nik == nik))
    return frozenset() if found is None else frozenset({int(found)})


async def save(
    transaction: Transaction,
    blank_serial: str,
    recording_id: UUID,
    collector: Collector,
    collector_nik: int | None,
    officer: str,
    now: datetime,
) -> None:
    """The first hand-over of a card stands."""
    await transaction.execute(
        insert(handover)
        .values(
            blank_serial=blank_serial,
            recording_id=recording_id,
            collector=collector.value,
            collector_nik=collector_nik,
            officer=officer,
            handed_at=now,
        )
        .on_conflict_do_nothing()
    )


@dataclass(frozen=True, slots=True)
class HandedOver:
    collector: Collector
    officer: str
    handed_at: datetime


async def handed_over(transaction: Transaction, blank_serial: str) -> HandedOver | None:
    row = (
        await transaction.execute(
            select(handover.c.collector, handover.c.officer, handover.c.handed_at).where(
                handover.c.blank_serial == blank_serial
            )
        )
    ).one_or_none()
    return HandedOver(Collector(row[0]), row[1], row[2]) if row else None


@dataclass(frozen=True, slots=True)
class Uncollected:
    blank_serial: str
    recording_id: UUID
    printed_at: datetime
    seq: int | None


_IS_REVOKED = exists().where(revocation.c.authorization_id == card.c.authorization_id)


def _uncollected() -> Select[tuple[str, UUID, datetime, int]]:
    return (
        select(card.c.blank_serial, card.c.recording_id, card.c.printed_at, recording.c.seq)
        .outerjoin(recording, recording.c.recording_id == card.c.recording_id)
        .where(card.c.state == CardState.PRINTED.value, ~_IS_REVOKED)
    )


async def uncollected(transaction: Transaction, limit: int) -> list[Uncollected]:
    """Printed cards nobody has in hand, the longest waiting first."""
    rows = await transaction.execute(
        _uncollected().order_by(card.c.printed_at, card.c.blank_serial).limit(limit)
    )
    return [Uncollected(*values) for values in map(tuple[Any, ...], rows)]


async def count_uncollected(transaction: Transaction) -> int:
    asked = _uncollected().subquery()
    return int(await transaction.scalar(select(func.count()).select_from(asked)) or 0)


async def blanks_of_nik(transaction: Transaction, nik: int) -> Sequence[str]:
    """Blanks that a person's printed, uncollected cards were made of."""
    rows = await transaction.scalars(
        select(card.c.blank_serial)
        .join(recording, recording.c.recording_id == card.c.recording_id)
        .where(recording.c.nik == nik, card.c.state == CardState.PRINTED.value)
        .limit(20)
    )
    return rows.all()
