"""What the centre said holds of a person: read by whoever prints, tells or changes it."""

from uuid import UUID

from sqlalchemy import and_, exists, select

from services.regional.tables import amendment, amendment_decision, refused_envelope
from shared.contracts.amendments import IDENTITY, Identity
from shared.database.engine import Transaction

# A request that the centre's door refused for good waits for nothing any more.
_is_refused = exists().where(
    refused_envelope.c.seq == amendment.c.seq, refused_envelope.c.set_aside_at.is_not(None)
)
changing = and_(amendment.c.is_waiting, amendment.c.changes_card, ~_is_refused)


async def newest(transaction: Transaction, recording_id: UUID) -> Identity | None:
    """None while the data are as they were recorded."""
    return await _identity(transaction, recording_id, None)


async def shown_by(
    transaction: Transaction, recording_id: UUID, card_sha256: str
) -> Identity | None:
    """The identity whose card has this hash: what a permission for it prints."""
    return await _identity(transaction, recording_id, card_sha256)


async def is_changing(transaction: Transaction, recording_id: UUID) -> bool:
    """Whether a change of what the card shows waits for the centre's answer."""
    waiting = exists().where(changing, amendment.c.recording_id == recording_id)
    return bool(await transaction.scalar(select(waiting)))


async def _identity(
    transaction: Transaction, recording_id: UUID, card_sha256: str | None
) -> Identity | None:
    asked = select(amendment_decision.c.identity).where(
        amendment_decision.c.recording_id == recording_id,
        amendment_decision.c.identity.is_not(None),
    )
    if card_sha256 is not None:
        asked = asked.where(amendment_decision.c.card_sha256 == card_sha256)
    body = await transaction.scalar(asked.order_by(amendment_decision.c.pos.desc()).limit(1))
    return IDENTITY.validate_json(body) if body is not None else None
