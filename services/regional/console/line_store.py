"""Queries of the line's samples, and of the batches it carried."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from services.regional.console.history import Carried, Sample
from services.regional.tables import line_sample, uplink_batch
from shared.database.engine import Transaction

# The newest batches by number: of older ones no picture is drawn.
BATCHES_MAX = 20_000


async def save(transaction: Transaction, one: Sample) -> None:
    """A minute is written once, whichever process was first."""
    await transaction.execute(
        insert(line_sample)
        .values(
            minute=one.minute,
            state=one.state,
            failing_since=one.failing_since,
            waiting=one.waiting,
            goodput_bytes_per_second=one.goodput_bytes_per_second,
        )
        .on_conflict_do_nothing()
    )


async def forget_before(transaction: Transaction, moment: datetime) -> None:
    await transaction.execute(delete(line_sample).where(line_sample.c.minute < moment))


async def samples(transaction: Transaction, since: datetime, until: datetime) -> list[Sample]:
    """In order of time."""
    rows = await transaction.execute(
        select(
            line_sample.c.minute,
            line_sample.c.state,
            line_sample.c.failing_since,
            line_sample.c.waiting,
            line_sample.c.goodput_bytes_per_second,
        )
        .where(line_sample.c.minute >= since, line_sample.c.minute < until)
        .order_by(line_sample.c.minute)
    )
    return [Sample(*row) for row in rows]


async def carried(
    transaction: Transaction, since: datetime, column_seconds: float
) -> Sequence[Carried]:
    """What was acknowledged, added up to one figure for each `column_seconds`."""
    newest = (
        select(uplink_batch.c.acknowledged_at, uplink_batch.c.payload_bytes)
        .order_by(uplink_batch.c.first_seq.desc())
        .limit(BATCHES_MAX)
        .subquery()
    )
    column = func.floor(func.extract("epoch", newest.c.acknowledged_at) / column_seconds)
    rows = await transaction.execute(
        select(func.min(newest.c.acknowledged_at), func.sum(newest.c.payload_bytes))
        .where(newest.c.acknowledged_at >= since)
        .group_by(column)
    )
    return [Carried(row[0], int(row[1])) for row in rows]
