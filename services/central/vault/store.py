"""Queries of data keys that were wrapped anew, and of what erasure takes away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.central.tables import amendment, data_key, envelope, identity_version
from shared.contracts.envelopes import SEALED_RECORDING_VERSION, EnvelopeKind
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class WrappedKey:
    kek_id: str
    wrapped: bytes  # nonce ‖ the data key under the KEK


async def data_keys(
    transaction: Transaction, wanted: Sequence[tuple[str, UUID]]
) -> dict[tuple[str, UUID], WrappedKey]:
    """Those of these recordings, given as (region, id), whose key was wrapped anew."""
    found: dict[tuple[str, UUID], WrappedKey] = {}
    for region in sorted({region for region, _ in wanted}):
        ids = sorted(one for home, one in wanted if home == region)
        rows = await transaction.execute(
            select(data_key.c.recording_id, data_key.c.kek_id, data_key.c.wrapped_key).where(
                data_key.c.region_code == region,
                data_key.c.recording_id == any_(bindparam("ids", ids, type_=ARRAY(Uuid()))),
            )
        )
        found |= {(region, row[0]): WrappedKey(row[1], bytes(row[2])) for row in rows}
    return found


async def sealed_after(
    transaction: Transaction, place: tuple[str, int], kek_id: str, limit: int
) -> Sequence[Any]:
    """Sealed recordings in the order of (region, seq), but those wrapped under this KEK already."""
    rows = await transaction.execute(
        select(
            envelope.c.region_code,
            envelope.c.seq,
            envelope.c.envelope_id,
            envelope.c.body,
            data_key.c.kek_id,
            data_key.c.wrapped_key,
        )
        .outerjoin(
            data_key,
            (data_key.c.region_code == envelope.c.region_code)
            & (data_key.c.recording_id == envelope.c.envelope_id),
        )
        .where(
            tuple_(envelope.c.region_code, envelope.c.seq) > place,
            envelope.c.kind == EnvelopeKind.RECORDING.value,
            envelope.c.version >= SEALED_RECORDING_VERSION,
            # The first under an id: a repeat is never opened.
            or_(envelope.c.note.is_(None), envelope.c.note.not_in(("repeat", "conflict"))),
            or_(data_key.c.kek_id.is_(None), data_key.c.kek_id != kek_id),
        )
        .order_by(envelope.c.region_code, envelope.c.seq)
        .limit(limit)
    )
    return rows.all()


async def save_data_key(
    transaction: Transaction, region: str, recording_id: UUID, kek_id: str, wrapped: bytes
) -> None:
    values = {"kek_id": kek_id, "wrapped_key": wrapped}
    await transaction.execute(
        insert(data_key)
        .values(region_code=region, recording_id=recording_id, **values)
        .on_conflict_do_update(index_elements=["region_code", "recording_id"], set_=values)
    )


StateKey = tuple[int, UUID, int]  # NIK, recording, version


async def states_after(
    transaction: Transaction, after: StateKey | None, kek_id: str, limit: int
) -> Sequence[Any]:
    """States whose key lies under another KEK; neither erased ones nor those in clear."""
    row = identity_version.c
    asked = select(row.nik, row.recording_id, row.version, row.kek_id, row.wrapped_key).where(
        row.kek_id != kek_id, row.wrapped_key.is_not(None)
    )
    if after is not None:
        asked = asked.where(tuple_(row.nik, row.recording_id, row.version) > after)
    rows = await transaction.execute(
        asked.order_by(row.nik, row.recording_id, row.version).limit(limit)
    )
    return rows.all()


async def save_state_key(
    transaction: Transaction, state: StateKey, kek_id: str, wrapped: bytes
) -> None:
    row = identity_version.c
    await transaction.execute(
        update(identity_version)
        .where(row.nik == state[0], row.recording_id == state[1], row.version == state[2])
        .values(kek_id=kek_id, wrapped_key=wrapped)
    )


async def bodies_of(
    transaction: Transaction, region: str, recording_id: UUID
) -> Sequence[tuple[int, bytes]]:
    """Every envelope under this id, locked: a repeat or a conflict says the same of the person."""
    rows = await transaction.execute(
        select(envelope.c.seq, envelope.c.body)
        .where(envelope.c.region_code == region, envelope.c.envelope_id == recording_id)
        .order_by(envelope.c.seq)
        .with_for_update()
    )
    return [(row.seq, row.body) for row in rows]


async def put_in_place(transaction: Transaction, region: str, seq: int, body: bytes) -> None:
    """Lay a stone where a body was; the hash of what came stays."""
    await transaction.execute(
        update(envelope)
        .where(envelope.c.region_code == region, envelope.c.seq == seq)
        .values(body=body)
    )


async def requests_about(
    transaction: Transaction, recording_id: UUID
) -> Sequence[tuple[str, int, UUID]]:
    """Changes asked for this recording: (region, seq, request)."""
    rows = await transaction.execute(
        select(amendment.c.region_code, amendment.c.seq, amendment.c.request_id).where(
            amendment.c.recording_id == recording_id
        )
    )
    return [(row.region_code, row.seq, row.request_id) for row in rows]


async def drop_keys(transaction: Transaction, region: str, recording_id: UUID) -> None:
    await transaction.execute(
        delete(data_key).where(
            data_key.c.region_code == region, data_key.c.recording_id == recording_id
        )
    )
    # A state in clear, from before there was a KEK, has no key to destroy: the state itself goes.
    await transaction.execute(
        update(identity_version)
        .where(identity_version.c.recording_id == recording_id)
        .values(kek_id=func.coalesce(identity_version.c.kek_id, ""), wrapped_key=None, body=b"")
    )
