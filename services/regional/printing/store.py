"""Queries of permissions and cards."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.regional.journey import identities
from services.regional.lives import Trouble
from services.regional.printing.rules import CardState
from services.regional.tables import (
    amendment,
    blank,
    blank_delivery,
    card,
    decision,
    feed_position,
    move_entry,
    print_authorization,
    recording,
    renewal,
    revocation,
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
    seq: int | None  # None: of somebody who moved here, recorded elsewhere
    is_contested: bool = False
    is_revoked: bool = False
    is_replaced: bool = False  # a later permission for the same recording is here
    is_given_up: bool = False  # expired, and a fresh one was asked for
    known_epoch: int = 0  # the newest of the centre's that was heard here
    has_card: bool = False  # another permission of this recording made a card that stands


@dataclass(frozen=True, slots=True)
class Card:
    authorization_id: UUID
    blank_serial: str
    recording_id: UUID
    state: CardState
    is_revoked: bool = False


# A later decision takes an unspent permission back: after a restore it may have found a rival.
_is_contested = exists().where(
    decision.c.recording_id == print_authorization.c.recording_id,
    decision.c.pos > print_authorization.c.pos,
    decision.c.outcome != Outcome.PRINT_READY_RECORD.value,
)
IS_REVOKED = exists().where(revocation.c.authorization_id == print_authorization.c.authorization_id)
_later = print_authorization.alias("later")
IS_REPLACED = exists().where(
    _later.c.recording_id == print_authorization.c.recording_id,
    _later.c.pos > print_authorization.c.pos,
)
_is_given_up = exists().where(renewal.c.authorization_id == print_authorization.c.authorization_id)
_known_epoch = select(func.max(feed_position.c.epoch)).scalar_subquery()
_other = card.alias("other")
# A card of a permission that was taken back does not stand: it is to be withdrawn.
_has_card = exists().where(
    _other.c.recording_id == print_authorization.c.recording_id,
    _other.c.authorization_id != print_authorization.c.authorization_id,
    _other.c.state != CardState.SPOILED.value,
    ~exists().where(revocation.c.authorization_id == _other.c.authorization_id),
)
_is_changing = exists().where(
    identities.changing, amendment.c.recording_id == print_authorization.c.recording_id
)
_HELD = select(
    print_authorization.c.authorization_id,
    print_authorization.c.recording_id,
    print_authorization.c.jws,
    print_authorization.c.issued_at,
    print_authorization.c.expires_at,
    recording.c.seq,
    _is_contested,
    IS_REVOKED,
    IS_REPLACED,
    _is_given_up,
    _known_epoch,
    _has_card,
).outerjoin(recording, recording.c.recording_id == print_authorization.c.recording_id)
# Of somebody recorded neither here nor moved here nothing can be printed.
_own = recording.alias("own")
_has_data = or_(
    exists().where(_own.c.recording_id == print_authorization.c.recording_id),
    exists().where(
        move_entry.c.recording_id == print_authorization.c.recording_id,
        move_entry.c.identity.is_not(None),
    ),
)


_is_spent = exists().where(card.c.authorization_id == print_authorization.c.authorization_id)
# What nothing stands in the way of. Not for statements that have `card` among their own tables.
UNSPENT = and_(
    print_authorization.c.spent_at.is_(None),
    ~_is_spent,
    ~_is_contested,
    ~IS_REVOKED,
    ~IS_REPLACED,
    ~_is_given_up,
    ~_has_card,
    ~_is_changing,
    _has_data,
)


def held() -> Select[tuple[object, ...]]:
    """Permissions with all that `Held` says of them."""
    return _HELD


async def permission(transaction: Transaction, authorization_id: UUID) -> Held | None:
    row = (
        await transaction.execute(
            _HELD.where(print_authorization.c.authorization_id == authorization_id, _has_data)
        )
    ).one_or_none()
    return Held(*row) if row else None


async def lock_recording_of(transaction: Transaction, authorization_id: UUID) -> bool:
    """Hold other permissions of the same recording back until commit. False: no such permission."""
    for table in (recording, move_entry):
        found = await transaction.execute(
            select(table.c.recording_id)
            .join(print_authorization, print_authorization.c.recording_id == table.c.recording_id)
            .where(print_authorization.c.authorization_id == authorization_id)
            .with_for_update(of=table)
        )
        if found.first() is not None:
            return True
    return False


async def revoked_how(transaction: Transaction, authorization_id: UUID) -> dict[str, str | None]:
    row = (
        await transaction.execute(
            select(revocation.c.reason, revocation.c.replaced_by).where(
                revocation.c.authorization_id == authorization_id
            )
        )
    ).one()
    return {"reason": row.reason, "replaced_by": str(row.replaced_by) if row.replaced_by else None}


async def is_fenced(transaction: Transaction, region: str) -> bool:
    found = await transaction.scalar(
        select(uplink_position.c.trouble).where(uplink_position.c.region_code == region)
    )
    return found == Trouble.FENCED.value


async def unspent(transaction: Transaction, after_pos: int, limit: int) -> list[tuple[int, Held]]:
    """Permissions nobody has spent, oldest first, with their pos for paging."""
    rows = await transaction.execute(
        _HELD.add_columns(print_authorization.c.pos)
        .where(UNSPENT, print_authorization.c.pos > after_pos)
        .order_by(print_authorization.c.pos)
        .limit(limit)
    )
    return [(row.pos, Held(*row[:-1])) for row in rows]


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
    if entered.scalar_one_or_none() is None:
        return False
    await transaction.execute(
        update(print_authorization)
        .where(print_authorization.c.authorization_id == held.authorization_id)
        .values(spent_at=now)
    )
    return True


@dataclass(frozen=True, slots=True)
class Blank:
    """What is known of a blank before its use, locked until commit."""

    is_received: bool
    is_spoiled: bool
    is_any_received: bool  # whether blanks are counted here at all


async def blank_of(transaction: Transaction, serial: str) -> Blank:
    row = (
        await transaction.execute(
            select(blank.c.spoiled_at).where(blank.c.serial == serial).with_for_update()
        )
    ).one_or_none()
    if row is not None:
        return Blank(is_received=True, is_spoiled=row.spoiled_at is not None, is_any_received=True)
    counts = await transaction.scalar(select(exists().where(blank_delivery.c.blanks > 0)))
    return Blank(is_received=False, is_spoiled=False, is_any_received=bool(counts))


async def card_of(transaction: Transaction, blank_serial: str) -> Card | None:
    """The card made of a blank, locked until commit."""
    row = (
        await transaction.execute(
            select(
                card.c.authorization_id,
                card.c.blank_serial,
                card.c.recording_id,
                card.c.state,
                exists().where(revocation.c.authorization_id == card.c.authorization_id),
            )
            .where(card.c.blank_serial == blank_serial)
            .with_for_update()
        )
    ).one_or_none()
    return Card(row[0], row[1], row[2], CardState(row[3]), row[4]) if row else None


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
