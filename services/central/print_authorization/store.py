"""Queries of cards and of the one live permission per person."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.central.journey.entries import SignedPermission
from services.central.tables import card, registry
from shared.contracts.envelopes import CardReceipt, CardResult
from shared.database.engine import Transaction


async def result_of(
    transaction: Transaction, region: str, authorization_id: UUID
) -> CardResult | None:
    found = await transaction.scalar(
        select(card.c.result).where(
            card.c.region_code == region, card.c.authorization_id == authorization_id
        )
    )
    return CardResult(found) if found is not None else None


async def save_result(transaction: Transaction, region: str, receipt: CardReceipt) -> None:
    row = {
        "recording_id": receipt.recording_id,
        "blank_serial": receipt.blank_serial,
        "result": receipt.result.value,
        "cause": receipt.cause,
        "happened_at": receipt.happened_at,
    }
    await transaction.execute(
        insert(card)
        .values(region_code=region, authorization_id=receipt.authorization_id, **row)
        .on_conflict_do_update(index_elements=["region_code", "authorization_id"], set_=row)
    )


async def replace_permission(
    transaction: Transaction,
    region: str,
    nik: int,
    receipt: CardReceipt,
    permission: SignedPermission,
) -> bool:
    """Put a fresh permission in the place of the one the receipt names.

    False if that is not the live one of this very recording, taken in this region.
    """
    changed = await transaction.execute(
        update(registry)
        .where(
            registry.c.nik == nik,
            registry.c.authorization_id == receipt.authorization_id,
            registry.c.recording_id == receipt.recording_id,
            registry.c.region_code == region,
        )
        .values(
            authorization_id=permission.authorization_id,
            authorization_expires_at=permission.expires_at,
            authorizations_given=registry.c.authorizations_given + 1,
        )
    )
    return changed.rowcount == 1
