"""Queries of the uplink's position and receipts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.regional.central_client.client import Heard
from services.regional.lives import Trouble
from services.regional.tables import (
    recording,
    refused_envelope,
    uplink_batch,
    uplink_position,
)
from services.regional.uplink.rules import Line, Reached
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class Position:
    acked_seq: int
    offered_seq: int
    offered_at: datetime | None
    epoch: int
    line: Line

    @property
    def reached(self) -> Reached:
        return Reached(self.epoch, self.acked_seq)


async def position(transaction: Transaction, region: str, *, to_move: bool = False) -> Position:
    """to_move: locked until commit, for whoever is about to change it."""
    asked = select(uplink_position).where(uplink_position.c.region_code == region)
    row = (await transaction.execute(asked.with_for_update() if to_move else asked)).one()
    goodput = row.goodput_bytes_per_second
    return Position(
        row.acked_seq,
        row.offered_seq,
        row.offered_at,
        row.epoch,
        Line(
            goodput_bytes_per_second=float(goodput) if goodput is not None else None,
            failures_in_a_row=row.failures_in_a_row,
            failing_since=row.failing_since,
            last_heard_at=row.last_heard_at,
        ),
    )


async def save_offer(transaction: Transaction, region: str, last_seq: int, now: datetime) -> None:
    await transaction.execute(
        update(uplink_position)
        .where(uplink_position.c.region_code == region)
        .values(offered_seq=last_seq, offered_at=now)
    )


async def save_line(transaction: Transaction, region: str, line: Line) -> None:
    await transaction.execute(
        update(uplink_position)
        .where(uplink_position.c.region_code == region)
        .values(
            failures_in_a_row=line.failures_in_a_row,
            failing_since=line.failing_since,
            last_heard_at=line.last_heard_at,
            goodput_bytes_per_second=(
                int(line.goodput_bytes_per_second)
                if line.goodput_bytes_per_second is not None
                else None
            ),
        )
    )


async def save_foreign(transaction: Transaction, region: str) -> None:
    """What only people can mend; until the centre's word fits again."""
    await transaction.execute(
        update(uplink_position)
        .where(uplink_position.c.region_code == region)
        .values(trouble=Trouble.FOREIGN.value)
    )


async def note_key(transaction: Transaction, region: str, *, is_refused: bool) -> None:
    """Whether the centre refuses our key; graver trouble that was noted stays."""
    before, after = (None, Trouble.KEY.value) if is_refused else (Trouble.KEY.value, None)
    await transaction.execute(
        update(uplink_position)
        .where(uplink_position.c.region_code == region)
        .where(uplink_position.c.trouble.is_not_distinct_from(before))
        .values(trouble=after)
    )


async def save_position(
    transaction: Transaction, region: str, acked_seq: int, epoch: int, *, is_mended: bool
) -> None:
    """is_mended: the centre's word is more than a number that happens to fit."""
    mended = {"trouble": None} if is_mended else {}
    await transaction.execute(
        update(uplink_position)
        .where(uplink_position.c.region_code == region)
        .values(acked_seq=acked_seq, epoch=epoch, **mended)
    )


async def save_receipt(
    transaction: Transaction,
    heard: Heard,
    *,
    first_seq: int,
    last_seq: int,
    payload_bytes: int,
    attempts: int,
    first_sent_at: datetime,
    now: datetime,
) -> None:
    row = {
        "last_seq": last_seq,
        "payload_bytes": payload_bytes,
        "attempts": attempts,
        "first_sent_at": first_sent_at,
        "acknowledged_at": now,
        "receipt": heard.content,
        "signature": heard.signature,
    }
    # The same first seq comes again only after the centre was restored: its newest word counts.
    await transaction.execute(
        insert(uplink_batch)
        .values(first_seq=first_seq, **row)
        .on_conflict_do_update(index_elements=["first_seq"], set_=row)
    )


@dataclass(frozen=True, slots=True)
class Stone:
    """What a tombstone is made of, always alike."""

    tombstone_id: UUID
    set_aside_at: datetime
    reason: str


async def tombstones(transaction: Transaction, first_seq: int, last_seq: int) -> dict[int, Stone]:
    rows = await transaction.execute(
        select(
            refused_envelope.c.seq,
            refused_envelope.c.tombstone_id,
            refused_envelope.c.set_aside_at,
            refused_envelope.c.code,
        ).where(
            refused_envelope.c.seq.between(first_seq, last_seq),
            refused_envelope.c.set_aside_at.is_not(None),
        )
    )
    return {row.seq: Stone(row.tombstone_id, row.set_aside_at, row.code) for row in rows}


async def count_refusal(transaction: Transaction, seq: int, code: str, now: datetime) -> int:
    """Gives how often this envelope was refused alone, this time included."""
    counted = (
        insert(refused_envelope)
        .values(seq=seq, code=code, refusals=1, refused_at=now)
        .on_conflict_do_update(
            index_elements=["seq"],
            set_={"code": code, "refusals": refused_envelope.c.refusals + 1, "refused_at": now},
            where=refused_envelope.c.set_aside_at.is_(None),
        )
        .returning(refused_envelope.c.refusals)
    )
    return int(await transaction.scalar(counted) or 0)


async def set_aside(transaction: Transaction, seq: int, tombstone_id: UUID, now: datetime) -> None:
    await transaction.execute(
        update(refused_envelope)
        .where(refused_envelope.c.seq == seq)
        .values(tombstone_id=tombstone_id, set_aside_at=now)
    )


async def free_nik(transaction: Transaction, seq: int) -> None:
    """The recording at this seq no longer stands in the way of a new one for its NIK."""
    await transaction.execute(update(recording).where(recording.c.seq == seq).values(is_live=False))
