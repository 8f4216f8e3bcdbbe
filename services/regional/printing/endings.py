"""Queries of how permissions end: expired, asked anew, taken back with their card."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, insert, select

from services.regional.printing.rules import CardState
from services.regional.printing.store import IS_REPLACED, IS_REVOKED
from services.regional.tables import card, print_authorization, renewal, revocation
from shared.database.engine import Transaction

SHOWN_MAX = 500


@dataclass(frozen=True, slots=True)
class Expiring:
    authorization_id: UUID
    recording_id: UUID
    expires_at: datetime
    asked_at: datetime | None


_UNSPENT = (
    select(
        print_authorization.c.authorization_id,
        print_authorization.c.recording_id,
        print_authorization.c.expires_at,
        renewal.c.asked_at,
    )
    .outerjoin(card, card.c.authorization_id == print_authorization.c.authorization_id)
    .outerjoin(renewal, renewal.c.authorization_id == print_authorization.c.authorization_id)
    .where(card.c.authorization_id.is_(None), ~IS_REVOKED, ~IS_REPLACED)
)


def _before(moment: datetime) -> Select[UUID, UUID, datetime, datetime]:
    return _UNSPENT.where(print_authorization.c.expires_at <= moment)


async def expiring(transaction: Transaction, before: datetime, limit: int) -> list[Expiring]:
    """Unspent permissions that end by then, the next to end first."""
    rows = await transaction.execute(
        _before(before)
        .order_by(print_authorization.c.expires_at, print_authorization.c.pos)
        .limit(limit)
    )
    return [Expiring(*row) for row in rows]


async def count_expiring(transaction: Transaction, before: datetime) -> int:
    return int(
        await transaction.scalar(select(func.count()).select_from(_before(before).subquery())) or 0
    )


async def lock_expired(transaction: Transaction, now: datetime, limit: int) -> list[Expiring]:
    """Expired and not asked anew yet, oldest first."""
    rows = await transaction.execute(
        _before(now)
        .where(renewal.c.authorization_id.is_(None))
        .order_by(print_authorization.c.pos)
        .limit(limit)
        .with_for_update(of=print_authorization)
    )
    return [Expiring(*row) for row in rows]


async def give_up(
    transaction: Transaction, given_up: Sequence[tuple[Expiring, int]], now: datetime
) -> None:
    """Each with the seq of the envelope that asks for another."""
    await transaction.execute(
        insert(renewal),
        [
            {
                "authorization_id": one.authorization_id,
                "recording_id": one.recording_id,
                "seq": seq,
                "asked_at": now,
            }
            for one, seq in given_up
        ],
    )


@dataclass(frozen=True, slots=True)
class Withdrawal:
    blank_serial: str
    recording_id: UUID
    authorization_id: UUID
    state: str
    reason: str
    revoked_at: datetime
    replaced_by: UUID | None


_OUT = select(
    card.c.blank_serial,
    card.c.recording_id,
    card.c.authorization_id,
    card.c.state,
    revocation.c.reason,
    revocation.c.revoked_at,
    revocation.c.replaced_by,
).join(revocation, revocation.c.authorization_id == card.c.authorization_id)


async def to_withdraw(transaction: Transaction, limit: int) -> list[Withdrawal]:
    """Cards that stand on a permission taken back, longest outstanding first."""
    rows = await transaction.execute(
        _OUT.where(card.c.state != CardState.SPOILED.value)
        .order_by(revocation.c.pos, card.c.blank_serial)
        .limit(limit)
    )
    return [Withdrawal(*row) for row in rows]


async def count_to_withdraw(transaction: Transaction) -> int:
    asked = _OUT.where(card.c.state != CardState.SPOILED.value).subquery()
    return int(await transaction.scalar(select(func.count()).select_from(asked)) or 0)
