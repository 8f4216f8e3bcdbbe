"""Queries of permissions and cards."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert

from services.regional.lives import Trouble
from services.regional.printing.rules import CardState
from services.regional.tables import (
    card,
    decision,
    print_authorization,
    recording,
    uplink_position,
)
from shared.contracts.outcomes import Outcome
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class Held:
    """A permission on this region's disk, with the place of its recording in the outbox."""

    authorization_id: UUID
    recording_id: UUID
    jws: str
    issued_at: datetime
    expires_at: datetime
    seq: int
    is_contested: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    authorization_id: UUID
    blank_serial: str
    recording_id: UUID
    state: CardState


# A later decision takes an unspent permission back: after a restore it may have found a rival.
_is_contested = exists().where(
    decision.c.recording_id == print_authorization.c.recording_id,
    decision.c.pos > print_authorization.c.pos,
    decision.c.outcome != Outcome.PRINT_READY_RECORD.value,
)
_HELD = select(
    print_authorization.c.authorization_id,
    print_authorization.c.recording_id,
    print_authorization.c.jws,
    print_authorization.c.issued_at,
    print_authorization.c.expires_at,
    recording.c.seq,
    _is_contested,
).join(recording, recording.c.recording_id == print_authorization.c.recording_id)


async def permission(transaction: Transaction, authorization_id: UUID) -> Held | None:
    row = (
        await transaction.execute(
            _HELD.where(print_authorization.c.authorization_id == authorization_id)
        )
    ).one_or_none()
    return Held(*row) if row else None


async def is_fenced(transaction: Transaction, region: str) -> bool:
    found = await transaction.scalar(
        select(uplink_position.c.trouble).where(uplink_position.c.region_code == region)
    )
    return found == Trouble.FENCED.value


async def unspent(transaction: Transaction, after_pos: int, limit: int) -> list[tuple[int, Held]]:
    """Permissions nobody has spent, oldest first, with their pos for paging."""
    rows = await transaction.execute(
        _HELD.add_columns(print_authorization.c.pos)
        .outerjoin(card, card.c.authorization_id == print_authorization.c.authorization_id)
        .where(card.c.authorization_id.is_(None), print_authorization.c.pos > after_pos)
        .where(~_is_contested)
        .order_by(print_authorization.c.pos)
        .limit(limit)
    )
    return [(row.pos, Held(*row[:7])) for row in rows]


async def enter_intent(
    transaction: Transaction, held: Held, blank_serial: str, officer: str, now: datetime
) -> bool:
    """Spend: True when this permission and this blank were both unspent."""
    entered = await transaction.execute(
        insert(card)
        .values(
            authorization_id=held.authorization_id,
            blank_serial=blank_serial,
            recording_id=held.recording_id,
            state=CardState.PRINTING.value,
            officer=officer,
            intended_at=now,
        )
        .on_conflict_do_nothing()
        .returning(card.c.authorization_id)
    )
    return entered.scalar_one_or_none() is not None


async def card_of(transaction: Transaction, blank_serial: str) -> Card | None:
    """The card made of a blank, locked until commit."""
    row = (
        await transaction.execute(
            select(card.c.authorization_id, card.c.blank_serial, card.c.recording_id, card.c.state)
            .where(card.c.blank_serial == blank_serial)
            .with_for_update()
        )
    ).one_or_none()
    return Card(row[0], row[1], row[2], CardState(row[3])) if row else None


async def move(
    transaction: Transaction, blank_serial: str, state: CardState, cause: str | None, now: datetime
) -> None:
    moment = {
        CardState.PRINTED: "printed_at",
        CardState.SPOILED: "spoiled_at",
        CardState.ISSUED: "issued_at",
    }[state]
    await transaction.execute(
        update(card)
        .where(card.c.blank_serial == blank_serial)
        .values(state=state.value, cause=cause, **{moment: now})
    )
