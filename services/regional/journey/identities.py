"""What the centre said holds of a person: read by whoever prints, tells or changes it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, select, union_all

from services.regional.tables import amendment, amendment_decision, move_entry, refused_envelope
from shared.contracts.amendments import IDENTITY, Identity
from shared.database.engine import Transaction

# A request that the centre's door refused for good waits for nothing any more.
_is_refused = exists().where(
    refused_envelope.c.seq == amendment.c.seq, refused_envelope.c.set_aside_at.is_not(None)
)
changing = and_(amendment.c.is_waiting, amendment.c.changes_card, ~_is_refused)


# Both say what holds from then on: an amendment, and a move with its new address.
_said = union_all(
    select(
        amendment_decision.c.pos,
        amendment_decision.c.request_id,
        amendment_decision.c.recording_id,
        amendment_decision.c.decided_at.label("since"),
        amendment_decision.c.identity,
        amendment_decision.c.card_sha256,
    ).where(amendment_decision.c.identity.is_not(None)),
    select(
        move_entry.c.pos,
        move_entry.c.move_id,
        move_entry.c.recording_id,
        move_entry.c.decided_at,
        move_entry.c.identity,
        move_entry.c.card_sha256,
    ).where(move_entry.c.identity.is_not(None)),
).subquery("said")


async def newest(transaction: Transaction, recording_id: UUID) -> Identity | None:
    """None while the data are as they were recorded."""
    return await _identity(transaction, recording_id, None)


async def shown_by(
    transaction: Transaction, recording_id: UUID, card_sha256: str
) -> Identity | None:
    """The identity whose card has this hash: what a permission for it prints."""
    return await _identity(transaction, recording_id, card_sha256)


async def versions(
    transaction: Transaction, recording_id: UUID
) -> list[tuple[UUID, datetime, Identity]]:
    """What the centre said holds, the oldest first: (amendment's or move's id, since, identity)."""
    rows = await transaction.execute(
        select(_said.c.request_id, _said.c.since, _said.c.identity)
        .where(_said.c.recording_id == recording_id)
        .order_by(_said.c.pos)
    )
    return [(row.request_id, row.since, IDENTITY.validate_json(row.identity)) for row in rows]


async def is_changing(transaction: Transaction, recording_id: UUID) -> bool:
    """Whether a change of what the card shows waits for the centre's answer."""
    waiting = exists().where(changing, amendment.c.recording_id == recording_id)
    return bool(await transaction.scalar(select(waiting)))


async def _identity(
    transaction: Transaction, recording_id: UUID, card_sha256: str | None
) -> Identity | None:
    asked = select(_said.c.identity).where(_said.c.recording_id == recording_id)
    if card_sha256 is not None:
        asked = asked.where(_said.c.card_sha256 == card_sha256)
    body = await transaction.scalar(asked.order_by(_said.c.pos.desc()).limit(1))
    return IDENTITY.validate_json(body) if body is not None else None
