"""Queries of the outbox. The counter row is locked until commit, so commit order is seq order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    bindparam,
    insert,
    literal_column,
    select,
    update,
)

from services.regional.tables import outbox, outbox_head
from shared.contracts.envelopes import Envelope, Heading
from shared.database.engine import Columns, Transaction, columns_of, rows_of


@dataclass(frozen=True, slots=True)
class Letter:
    """An envelope before it has its seq."""

    envelope_id: UUID
    kind: str
    version: int
    happened_at: datetime
    body: bytes
    sha256: bytes
    working_copy: bytes | None = None  # what this office itself may read of a sealed body

    @classmethod
    def of(
        cls, envelope_id: UUID, kind: str, version: int, happened_at: datetime, body: bytes
    ) -> "Letter":
        return cls(envelope_id, kind, version, happened_at, body, sha256(body).digest())


_LETTER_COLUMNS: Columns = {
    "envelope_id": Uuid(),
    "kind": Text(),
    "version": SmallInteger(),
    "happened_at": DateTime(timezone=True),
    "sha256": LargeBinary(),
    "body": LargeBinary(),
    "working_copy": LargeBinary(),
}
_letters = rows_of("letters", _LETTER_COLUMNS)
_head = (
    update(outbox_head)
    .where(outbox_head.c.region_code == bindparam("region"))
    .values(last_seq=outbox_head.c.last_seq + bindparam("letter_count", type_=BigInteger))
    .returning(outbox_head.c.last_seq)
    .cte("head")
)
_put = (
    insert(outbox)
    .from_select(
        [
            "seq",
            "envelope_id",
            "kind",
            "version",
            "happened_at",
            "written_at",
            "sha256",
            "body",
            "working_copy",
        ],
        select(
            _head.c.last_seq
            - bindparam("letter_count", type_=BigInteger)
            + literal_column("letters.ord"),
            _letters.c.envelope_id,
            _letters.c.kind,
            _letters.c.version,
            _letters.c.happened_at,
            bindparam("written_at", type_=DateTime(timezone=True)),
            _letters.c.sha256,
            _letters.c.body,
            _letters.c.working_copy,
        ).select_from(_head.join(_letters, literal_column("true"))),
    )
    .cte("put")
)
_APPEND = select(_head.c.last_seq).add_cte(_put)


async def append(
    transaction: Transaction, region: str, letters: Sequence[Letter], now: datetime
) -> int:
    """Write letters in this order; gives the seq of the first (the rest follow by one)."""
    rows = [
        {
            "envelope_id": letter.envelope_id,
            "kind": letter.kind,
            "version": letter.version,
            "happened_at": letter.happened_at,
            "sha256": letter.sha256,
            "body": letter.body,
            "working_copy": letter.working_copy,
        }
        for letter in letters
    ]
    parameters = columns_of(rows, list(_LETTER_COLUMNS))
    last_seq = (
        await transaction.execute(
            _APPEND,
            {**parameters, "region": region, "letter_count": len(rows), "written_at": now},
        )
    ).scalar_one()
    return int(last_seq) - len(rows) + 1


_SENT = (
    outbox.c.seq,
    outbox.c.envelope_id,
    outbox.c.kind,
    outbox.c.version,
    outbox.c.happened_at,
    outbox.c.sha256,
    outbox.c.body,
)


async def prefix_after(
    transaction: Transaction, acked_seq: int, items_max: int, bytes_max: int
) -> list[Envelope]:
    """The oldest envelopes after `acked_seq`: one at least if any waits, else within bounds."""
    rows = await transaction.execute(
        select(*_SENT).where(outbox.c.seq > acked_seq).order_by(outbox.c.seq).limit(items_max)
    )
    envelopes: list[Envelope] = []
    total_bytes = 0
    for seq, envelope_id, kind, version, happened_at, hashed, body in rows:
        total_bytes += len(body)
        if envelopes and total_bytes > bytes_max:
            break
        head = Heading(seq, envelope_id, kind, version, happened_at, hashed.hex())
        envelopes.append(Envelope(head, body))
    return envelopes


async def last_seq(transaction: Transaction, region: str) -> int:
    """0 while nothing was ever written."""
    found = await transaction.scalar(
        select(outbox_head.c.last_seq).where(outbox_head.c.region_code == region)
    )
    return int(found or 0)
