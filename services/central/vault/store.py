"""Queries of data keys that were wrapped anew, and of what erasure takes away."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from services.central.tables import data_key
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
