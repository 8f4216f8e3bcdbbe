"""Queries of stations enrolled here and of the batches they brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.regional.field.batches import (
    ExceptionCount,
    Flag,
    Item,
    ItemOutcome,
    Report,
    Station,
)
from services.regional.tables import field_batch, field_batch_item, field_station
from shared.database.engine import Transaction

STATIONS_MAX = 500


async def stations(transaction: Transaction) -> list[Station]:
    """The latest first, those that ended among them."""
    rows = await transaction.execute(
        select(field_station)
        .order_by(field_station.c.enrolled_at.desc(), field_station.c.key_id)
        .limit(STATIONS_MAX)
    )
    return [Station(**row) for row in rows.mappings()]


async def station_of(transaction: Transaction, key_id: UUID) -> Station | None:
    row = (
        await transaction.execute(select(field_station).where(field_station.c.key_id == key_id))
    ).mappings()
    found = row.one_or_none()
    return Station(**found) if found else None


async def enrol(transaction: Transaction, one: Station) -> None:
    """One that is there already stays as it is."""
    await transaction.execute(
        insert(field_station)
        .values(
            key_id=one.key_id,
            station=one.station,
            public_key=one.public_key,
            enrolled_by=one.enrolled_by,
            enrolled_at=one.enrolled_at,
        )
        .on_conflict_do_nothing()
    )


async def end(transaction: Transaction, key_id: UUID, officer: str, now: datetime) -> None:
    await transaction.execute(
        update(field_station)
        .where(field_station.c.key_id == key_id, field_station.c.ended_at.is_(None))
        .values(ended_by=officer, ended_at=now)
    )


async def save(transaction: Transaction, one: Report, sha256: bytes) -> None:
    """Unless another request was faster with the same batch: then that report stands."""
    done = await transaction.execute(
        insert(field_batch)
        .values(
            batch_id=one.batch_id,
            key_id=one.key_id,
            sha256=sha256,
            packed_at=one.packed_at,
            received_at=one.received_at,
            officer=one.officer,
            exceptions=[[it.modality, it.reason, it.count] for it in one.exceptions],
        )
        .on_conflict_do_nothing()
    )
    if done.rowcount != 1:
        return
    rows = [
        {
            "batch_id": one.batch_id,
            "nth": nth,
            "recording_id": item.recording_id,
            "captured_at": item.captured_at,
            "outcome": item.outcome.value,
            "code": item.code,
            "earlier_id": item.earlier_id,
            "flags": [flag.value for flag in item.flags],
        }
        for nth, item in enumerate(one.items, 1)
    ]
    await transaction.execute(insert(field_batch_item), rows)


async def report(transaction: Transaction, batch_id: UUID) -> tuple[Report, bytes] | None:
    """With the SHA-256 of the whole file."""
    row = (
        await transaction.execute(
            select(field_batch, field_station.c.station)
            .join(field_station, field_station.c.key_id == field_batch.c.key_id)
            .where(field_batch.c.batch_id == batch_id)
        )
    ).one_or_none()
    if row is None:
        return None
    items = await transaction.execute(
        select(field_batch_item)
        .where(field_batch_item.c.batch_id == batch_id)
        .order_by(field_batch_item.c.nth)
    )
    found = Report(
        row.batch_id,
        row.key_id,
        row.station,
        row.packed_at,
        row.received_at,
        row.officer,
        tuple(ExceptionCount(*one) for one in row.exceptions),
        tuple(_item(one) for one in items),
    )
    return found, bytes(row.sha256)


def _item(row: Row[Any]) -> Item:
    return Item(
        row.recording_id,
        row.captured_at,
        ItemOutcome(row.outcome),
        row.code,
        row.earlier_id,
        tuple(Flag(one) for one in row.flags),
    )


@dataclass(frozen=True, slots=True)
class Summary:
    batch_id: UUID
    station: str
    packed_at: datetime
    received_at: datetime
    taken: int
    held: int
    refused: int
    flagged: int


async def newest(transaction: Transaction, limit: int) -> Sequence[Summary]:
    """The latest received first."""

    def count(outcome: ItemOutcome) -> Any:
        return func.count().filter(field_batch_item.c.outcome == outcome.value)

    rows = await transaction.execute(
        select(
            field_batch.c.batch_id,
            field_station.c.station,
            field_batch.c.packed_at,
            field_batch.c.received_at,
            count(ItemOutcome.TAKEN),
            count(ItemOutcome.HELD),
            count(ItemOutcome.REFUSED),
            func.count().filter(func.cardinality(field_batch_item.c.flags) > 0),
        )
        .join(field_station, field_station.c.key_id == field_batch.c.key_id)
        .join(field_batch_item, field_batch_item.c.batch_id == field_batch.c.batch_id)
        .group_by(field_batch.c.batch_id, field_station.c.station)
        .order_by(field_batch.c.received_at.desc(), field_batch.c.batch_id)
        .limit(limit)
    )
    return [Summary(*row) for row in rows]
