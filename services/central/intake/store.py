"""Queries of what regions sent: set-based, each batch one region's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    insert,
    select,
    update,
)

from services.central.intake.rules import Queue
from services.central.tables import envelope, intake_head, settled_head
from shared.contracts.envelopes import EnvelopeHead
from shared.database.engine import Columns, Transaction, rows_of


async def lock_head(transaction: Transaction, region: str) -> int | None:
    """The accepted seq, locked until commit; None for a region without a row."""
    found = await transaction.scalar(
        select(intake_head.c.accepted_seq)
        .where(intake_head.c.region_code == region)
        .with_for_update()
    )
    return None if found is None else int(found)


async def accepted_seq(transaction: Transaction, region: str) -> int:
    found = await transaction.scalar(
        select(intake_head.c.accepted_seq).where(intake_head.c.region_code == region)
    )
    return int(found or 0)


@dataclass(frozen=True, slots=True)
class Held:
    """What was written of envelopes that come again, by seq."""

    contents: dict[int, tuple[UUID, str]]  # envelope id, SHA-256 hex
    notes: dict[int, str]


async def held_between(
    transaction: Transaction, region: str, first_seq: int, last_seq: int
) -> Held:
    rows = (
        await transaction.execute(
            select(
                envelope.c.seq, envelope.c.envelope_id, envelope.c.sha256, envelope.c.note
            ).where(envelope.c.region_code == region, envelope.c.seq.between(first_seq, last_seq))
        )
    ).all()
    return Held(
        {row.seq: (row.envelope_id, row.sha256.hex()) for row in rows},
        {row.seq: row.note for row in rows if row.note is not None},
    )


async def hashes_by_id(
    transaction: Transaction, region: str, envelope_ids: Sequence[UUID]
) -> dict[UUID, list[str]]:
    rows = await transaction.execute(
        select(envelope.c.envelope_id, envelope.c.sha256).where(
            envelope.c.region_code == region,
            envelope.c.envelope_id == any_(bindparam("ids", envelope_ids, type_=ARRAY(Uuid()))),
        )
    )
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.envelope_id, []).append(row.sha256.hex())
    return found


async def bodies_by_id(
    transaction: Transaction, region: str, envelope_ids: Sequence[UUID]
) -> dict[UUID, list[bytes]]:
    rows = await transaction.execute(
        select(envelope.c.envelope_id, envelope.c.body).where(
            envelope.c.region_code == region,
            envelope.c.envelope_id == any_(bindparam("ids", envelope_ids, type_=ARRAY(Uuid()))),
        )
    )
    found: dict[UUID, list[bytes]] = {}
    for row in rows:
        found.setdefault(row.envelope_id, []).append(row.body)
    return found


_COLUMNS: Columns = {
    "seq": BigInteger(),
    "envelope_id": Uuid(),
    "kind": Text(),
    "version": SmallInteger(),
    "happened_at": DateTime(timezone=True),
    "sha256": LargeBinary(),
    "note": Text(),
    "body": LargeBinary(),
}
_envelopes = rows_of("envelopes", _COLUMNS)
# All rows are one region's, so on Citus they go to one shard: there, too, this is one statement.
_SAVE = insert(envelope).from_select(
    ["region_code", *_COLUMNS, "received_at"],
    select(
        bindparam("region", type_=Text),
        *(_envelopes.c[name] for name in _COLUMNS),
        bindparam("received_at", type_=DateTime(timezone=True)),
    ),
)


async def save(
    transaction: Transaction,
    region: str,
    taken: Sequence[tuple[EnvelopeHead, bytes, str | None]],
    now: datetime,
) -> None:
    """Write new envelopes with their notes and move the head behind them."""
    await transaction.execute(
        _SAVE,
        {
            "region": region,
            "received_at": now,
            "seq": [head.seq for head, _, _ in taken],
            "envelope_id": [head.envelope_id for head, _, _ in taken],
            "kind": [head.kind for head, _, _ in taken],
            "version": [head.version for head, _, _ in taken],
            "happened_at": [head.happened_at for head, _, _ in taken],
            "sha256": [bytes.fromhex(head.sha256) for head, _, _ in taken],
            "note": [note for _, _, note in taken],
            "body": [body for _, body, _ in taken],
        },
    )
    await transaction.execute(
        update(intake_head)
        .where(intake_head.c.region_code == region)
        .values(accepted_seq=taken[-1][0].seq, received_at=now)
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """An envelope to be settled."""

    seq: int
    envelope_id: UUID
    kind: str
    note: str | None
    happened_at: datetime
    received_at: datetime
    body: bytes


async def queues(transaction: Transaction) -> list[Queue]:
    """Every region's waiting envelopes, by the age of the first one's capture."""
    rows = await transaction.execute(
        select(
            intake_head.c.region_code,
            (intake_head.c.accepted_seq - settled_head.c.settled_seq).label("waiting"),
            func.extract("epoch", envelope.c.happened_at).label("oldest_at"),
        )
        .join(settled_head, settled_head.c.region_code == intake_head.c.region_code)
        .join(
            envelope,
            and_(
                envelope.c.region_code == intake_head.c.region_code,
                envelope.c.seq == settled_head.c.settled_seq + 1,
            ),
        )
        .where(intake_head.c.accepted_seq > settled_head.c.settled_seq)
    )
    return [Queue(row.region_code, row.waiting, float(row.oldest_at)) for row in rows]


async def lock_settled(transaction: Transaction, region: str) -> int:
    """The settled seq, locked: one settler at a time per region."""
    return int(
        (
            await transaction.execute(
                select(settled_head.c.settled_seq)
                .where(settled_head.c.region_code == region)
                .with_for_update()
            )
        ).scalar_one()
    )


async def waiting_after(
    transaction: Transaction, region: str, settled_seq: int, count: int
) -> list[Waiting]:
    rows = await transaction.execute(
        select(
            envelope.c.seq,
            envelope.c.envelope_id,
            envelope.c.kind,
            envelope.c.note,
            envelope.c.happened_at,
            envelope.c.received_at,
            envelope.c.body,
        )
        .where(envelope.c.region_code == region, envelope.c.seq > settled_seq)
        .order_by(envelope.c.seq)
        .limit(count)
    )
    return [Waiting(*row) for row in rows]


async def save_settled(transaction: Transaction, region: str, seq: int) -> None:
    await transaction.execute(
        update(settled_head).where(settled_head.c.region_code == region).values(settled_seq=seq)
    )


async def body_of(transaction: Transaction, region: str, envelope_id: UUID) -> bytes | None:
    """The body first held under an id, or None."""
    found = await transaction.scalar(
        select(envelope.c.body)
        .where(envelope.c.region_code == region, envelope.c.envelope_id == envelope_id)
        .order_by(envelope.c.seq)
        .limit(1)
    )
    return bytes(found) if found is not None else None


async def count_notes(transaction: Transaction) -> dict[str, int]:
    """Envelopes set aside, by note: held, repeat or conflict."""
    rows = await transaction.execute(
        select(envelope.c.note, func.count())
        .where(envelope.c.note.is_not(None))
        .group_by(envelope.c.note)
    )
    return {row[0]: row[1] for row in rows}
