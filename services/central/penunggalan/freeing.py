"""What a deletion moves here: only an officer's word comes to this, never a guess."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from services.central.penunggalan import gallery, store
from services.central.penunggalan.demographic import store as demographic
from services.central.tables import registry, undecided
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction

FREED = "freed"  # a ledger's reason: what was in the way is deleted


async def free(transaction: Transaction, nik: int, recording_id: UUID) -> None:
    """Give up a NIK that this recording holds; one that another holds stays."""
    await transaction.execute(
        delete(registry).where(registry.c.nik == nik, registry.c.recording_id == recording_id)
    )


async def forget(
    transaction: Transaction, recordings: Sequence[tuple[str, UUID]], now: datetime
) -> None:
    """Take recordings, given as (region, id), out of all that is searched or waits for a word."""
    for region, recording_id in recordings:
        await transaction.execute(
            delete(undecided).where(
                undecided.c.region_code == region, undecided.c.recording_id == recording_id
            )
        )
    held = await store.held_recordings(transaction, set(recordings))
    await demographic.forget(transaction, list(held.values()))
    await gallery.remove(transaction, [recording_id for _, recording_id in recordings], now)


async def order_search(
    transaction: Transaction, region: str, recording_id: UUID, seq: int, now: datetime
) -> None:
    """Have a recording searched for once more: what stood in its way is gone."""
    waiting = {
        "outcome": Outcome.SEARCH_FAILURE_AT_CENTRAL.value,
        "reason": FREED,
        "since": now,
        "searches": 1,
        "search_at": now,
    }
    await transaction.execute(
        insert(undecided)
        .values(region_code=region, recording_id=recording_id, seq=seq, **waiting)
        .on_conflict_do_update(index_elements=["region_code", "recording_id"], set_=waiting)
    )
