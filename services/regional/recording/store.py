"""Queries of the recordings kept here."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    LargeBinary,
    Text,
    Uuid,
    any_,
    bindparam,
    exists,
    insert,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from services.regional.journey.domicile import STANDS_HERE
from services.regional.recording.rules import Arrival, Kept
from services.regional.tables import move_entry, recording
from shared.database.engine import Columns, Transaction, columns_of, rows_of
from shared.nik import Nik

_OWN = select(
    recording.c.recording_id,
    recording.c.nik,
    recording.c.sha256,
    recording.c.seq,
    recording.c.recorded_at,
    recording.c.is_live,
).where(
    or_(
        recording.c.recording_id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        recording.c.is_live & (recording.c.nik == any_(bindparam("niks", type_=ARRAY(BigInteger)))),
    )
)
# Who moved here is recorded, though elsewhere.
_MOVED_HERE = select(
    move_entry.c.recording_id,
    move_entry.c.nik,
    literal(b"", LargeBinary()),
    literal(0, BigInteger()),
    move_entry.c.decided_at,
    true(),
).where(
    move_entry.c.nik == any_(bindparam("niks", type_=ARRAY(BigInteger))),
    STANDS_HERE,
    ~exists().where(recording.c.recording_id == move_entry.c.recording_id),
)
_KEPT = union_all(_OWN, _MOVED_HERE)


async def kept_beside(transaction: Transaction, arrivals: Sequence[Arrival]) -> list[Kept]:
    """What is held under these ids, and whoever stands here for these NIKs."""
    rows = await transaction.execute(
        _KEPT,
        {
            "ids": [arrival.recording_id for arrival in arrivals],
            "niks": [arrival.nik.number for arrival in arrivals],
        },
    )
    return [
        Kept(row.recording_id, Nik(row.nik), row.sha256, row.seq, row.recorded_at, row.is_live)
        for row in rows
    ]


_COLUMNS: Columns = {
    "recording_id": Uuid(),
    "nik": BigInteger(),
    "sha256": LargeBinary(),
    "captured_at": DateTime(timezone=True),
    "officer": Text(),
    "place": Text(),
    "ward": Text(),
}
_arrivals = rows_of("arrivals", _COLUMNS)
_SAVE = insert(recording).from_select(
    [*_COLUMNS, "seq", "is_live", "recorded_at"],
    select(
        *(_arrivals.c[name] for name in _COLUMNS),
        bindparam("first_seq", type_=BigInteger) + literal_column("arrivals.ord") - 1,
        true(),
        bindparam("recorded_at", type_=DateTime(timezone=True)),
    ),
)


async def save(
    transaction: Transaction, arrivals: Sequence[Arrival], first_seq: int, now: datetime
) -> None:
    """Write new recordings; their envelopes have the seqs from `first_seq` on, in this order.

    A unique violation means another process was faster: the transaction is to be repeated.
    """
    rows = [
        {
            "recording_id": arrival.recording_id,
            "nik": arrival.nik.number,
            "sha256": arrival.sha256,
            "captured_at": arrival.captured_at,
            "officer": arrival.officer,
            "place": arrival.place,
            "ward": arrival.ward,
        }
        for arrival in arrivals
    ]
    await transaction.execute(
        _SAVE, {**columns_of(rows, list(_COLUMNS)), "first_seq": first_seq, "recorded_at": now}
    )
