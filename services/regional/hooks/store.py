"""Queries of hooks, of what happened since, and of what is to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    Row,
    and_,
    delete,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.regional.hooks.rules import Event, Happening
from services.regional.tables import (
    decision,
    feed_position,
    hook,
    hook_delivery,
    hook_position,
    outbox,
    outbox_head,
    print_authorization,
    recording,
    revocation,
    uplink_batch,
    uplink_position,
)
from shared.contracts.envelopes import EnvelopeKind
from shared.database.engine import Transaction

_OPEN = and_(hook_delivery.c.delivered_at.is_(None), hook_delivery.c.given_up_at.is_(None))


@dataclass(frozen=True, slots=True)
class Hook:
    hook_id: UUID
    address: str
    events: tuple[Event, ...]
    secret: bytes
    officer: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a hook does: what waits, what was given up, what its address answered last."""

    waiting: int
    given_up: int
    last_delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reach:
    """Of what we said, of what reached the centre, of what it said: counted from 1."""

    seq: int
    received_seq: int
    pos: int


@dataclass(frozen=True, slots=True)
class Due:
    """One delivery to try now. attempts: this one included."""

    hook: Hook
    happening: Happening
    event_id: UUID
    attempts: int
    written_at: datetime


async def live(transaction: Transaction) -> list[Hook]:
    rows = await transaction.execute(
        select(hook).where(hook.c.ended_at.is_(None)).order_by(hook.c.made_at, hook.c.hook_id)
    )
    return [_hook(row) for row in rows]


def _hook(row: Row[tuple[object, ...]]) -> Hook:
    # A later program may have known more events.
    events = tuple(Event(one) for one in row.events if one in set(Event))
    return Hook(row.hook_id, row.address, events, row.secret, row.officer, row.made_at)


async def save(transaction: Transaction, one: Hook) -> bool:
    """A new hook, or another address and other events of an old one, whose secret stays.

    False when it was ended: an ended one stays ended.
    """
    values = {"address": one.address, "events": [it.value for it in one.events]}
    done = await transaction.execute(
        upsert(hook)
        .values(
            hook_id=one.hook_id,
            secret=one.secret,
            officer=one.officer,
            made_at=one.made_at,
            **values,
        )
        .on_conflict_do_update(
            index_elements=["hook_id"], set_=values, where=hook.c.ended_at.is_(None)
        )
    )
    return done.rowcount == 1


async def end(transaction: Transaction, hook_id: UUID, why: str, now: datetime) -> None:
    await transaction.execute(
        update(hook)
        .where(hook.c.hook_id == hook_id, hook.c.ended_at.is_(None))
        .values(ended_at=now, end=why)
    )


async def standings(transaction: Transaction) -> dict[UUID, Standing]:
    rows = await transaction.execute(
        select(
            hook_delivery.c.hook_id,
            func.count().filter(_OPEN).label("waiting"),
            func.count().filter(hook_delivery.c.given_up_at.is_not(None)).label("given_up"),
            func.max(hook_delivery.c.delivered_at).label("last_at"),
        ).group_by(hook_delivery.c.hook_id)
    )
    return {row.hook_id: Standing(row.waiting, row.given_up, row.last_at) for row in rows}


async def undelivered(
    transaction: Transaction, hook_id: UUID, rows_max: int
) -> Sequence[Row[tuple[object, ...]]]:
    """Rows of `hook_delivery`, the latest first."""
    found = await transaction.execute(
        select(hook_delivery)
        .where(hook_delivery.c.hook_id == hook_id, hook_delivery.c.delivered_at.is_(None))
        .order_by(hook_delivery.c.happened_at.desc(), hook_delivery.c.event_id)
        .limit(rows_max)
    )
    return found.all()


async def reach(transaction: Transaction, region: str) -> Reach | None:
    """How far we looked, locked so that nobody else looks meanwhile; None before the first."""
    row = (
        await transaction.execute(
            select(hook_position).where(hook_position.c.region_code == region).with_for_update()
        )
    ).first()
    return Reach(row.seq, row.received_seq, row.pos) if row else None


async def heads(transaction: Transaction, region: str) -> Reach:
    """How far there is anything to look at."""
    asked = (
        select(outbox_head.c.last_seq).where(outbox_head.c.region_code == region),
        select(uplink_position.c.acked_seq).where(uplink_position.c.region_code == region),
        select(feed_position.c.applied_pos).where(feed_position.c.region_code == region),
    )
    row = (await transaction.execute(select(*(one.scalar_subquery() for one in asked)))).one()
    return Reach(*row)


async def move(transaction: Transaction, region: str, to: Reach) -> None:
    values = {"seq": to.seq, "received_seq": to.received_seq, "pos": to.pos}
    await transaction.execute(
        upsert(hook_position)
        .values(region_code=region, **values)
        .on_conflict_do_update(index_elements=["region_code"], set_=values)
    )


async def taken(transaction: Transaction, after: int, to: int) -> list[Happening]:
    rows = await transaction.execute(
        select(recording.c.recording_id, recording.c.recorded_at)
        .where(recording.c.seq > after, recording.c.seq <= to)
        .order_by(recording.c.seq)
    )
    return [Happening(Event.TAKEN, one, at, "BIO_CAPTURED") for one, at in rows]


async def card_receipts(transaction: Transaction, after: int, to: int) -> list[bytes]:
    """What we told the centre of cards, as it was sent."""
    rows = await transaction.scalars(
        select(outbox.c.body)
        .where(
            outbox.c.seq > after,
            outbox.c.seq <= to,
            outbox.c.kind == EnvelopeKind.CARD_RECEIPT.value,
        )
        .order_by(outbox.c.seq)
    )
    return [bytes(one) for one in rows]


async def received(transaction: Transaction, after: int, to: int) -> list[Happening]:
    acknowledged_at = (
        select(uplink_batch.c.acknowledged_at)
        .where(uplink_batch.c.first_seq <= recording.c.seq)
        .order_by(uplink_batch.c.first_seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = await transaction.execute(
        select(
            recording.c.recording_id,
            # Carried on a disk, there may be no batch.
            func.coalesce(acknowledged_at, recording.c.recorded_at),
        )
        .where(recording.c.seq > after, recording.c.seq <= to)
        .order_by(recording.c.seq)
    )
    return [Happening(Event.RECEIVED, one, at, "RECEIVED_AT_CENTRAL") for one, at in rows]


async def told(transaction: Transaction, after: int, to: int) -> list[Happening]:
    """What the centre said in entries after `after` up to `to`, each kind in its order."""
    decided = await transaction.execute(
        select(decision.c.recording_id, decision.c.decided_at, decision.c.outcome)
        .where(decision.c.pos > after, decision.c.pos <= to)
        .order_by(decision.c.pos)
    )
    permitted = await transaction.execute(
        select(print_authorization.c.recording_id, print_authorization.c.issued_at)
        .where(print_authorization.c.pos > after, print_authorization.c.pos <= to)
        .order_by(print_authorization.c.pos)
    )
    revoked = await transaction.execute(
        select(revocation.c.recording_id, revocation.c.revoked_at)
        .where(revocation.c.pos > after, revocation.c.pos <= to)
        .order_by(revocation.c.pos)
    )
    return [
        *(Happening(Event.DECIDED, one, at, outcome) for one, at, outcome in decided),
        *(Happening(Event.PERMITTED, one, at, "PRINT_READY_RECORD") for one, at in permitted),
        *(Happening(Event.REVOKED, one, at) for one, at in revoked),
    ]


async def put(
    transaction: Transaction, pairs: Sequence[tuple[UUID, Happening]], now: datetime
) -> None:
    """Deliveries to make; one already there stays as it is."""
    if not pairs:
        return
    rows = [
        {
            "hook_id": hook_id,
            "event_id": one.event_id,
            "event": one.event.value,
            "recording_id": one.recording_id,
            "official_status": one.official_status,
            "happened_at": one.happened_at,
            "written_at": now,
            "attempts": 0,
            "not_before": now,
        }
        for hook_id, one in pairs
    ]
    await transaction.execute(upsert(hook_delivery).on_conflict_do_nothing(), rows)


async def take(
    transaction: Transaction, now: datetime, lease: timedelta, rows_max: int
) -> list[Due]:
    """The oldest due, counted as tried; nobody else takes them before the lease ends."""
    wanted = (
        select(hook_delivery.c.hook_id, hook_delivery.c.event_id)
        .join(hook, (hook.c.hook_id == hook_delivery.c.hook_id) & hook.c.ended_at.is_(None))
        .where(_OPEN, hook_delivery.c.not_before <= now)
        .order_by(hook_delivery.c.not_before)
        .limit(rows_max)
        .with_for_update(of=hook_delivery, skip_locked=True)
    )
    rows = await transaction.execute(
        update(hook_delivery)
        .where(
            tuple_(hook_delivery.c.hook_id, hook_delivery.c.event_id).in_(wanted),
        )
        .values(not_before=now + lease, attempts=hook_delivery.c.attempts + 1)
        .returning(*hook_delivery.c)
    )
    hooks = {one.hook_id: one for one in await live(transaction)}
    return [
        Due(
            hooks[row.hook_id],
            Happening(Event(row.event), row.recording_id, row.happened_at, row.official_status),
            row.event_id,
            row.attempts,
            row.written_at,
        )
        for row in rows
        if row.hook_id in hooks and row.event in set(Event)
    ]


async def finish(
    transaction: Transaction,
    one: Due,
    *,
    status: int | None,
    delivered_at: datetime | None = None,
    given_up_at: datetime | None = None,
    not_before: datetime | None = None,
) -> None:
    values = {"status": status, "delivered_at": delivered_at, "given_up_at": given_up_at}
    if not_before is not None:
        values["not_before"] = not_before
    await transaction.execute(
        update(hook_delivery)
        .where(
            hook_delivery.c.hook_id == one.hook.hook_id,
            hook_delivery.c.event_id == one.event_id,
        )
        .values(**values)
    )


async def try_again(transaction: Transaction, hook_id: UUID, now: datetime) -> int:
    """Given-up deliveries of a hook are due once more; gives how many."""
    done = await transaction.execute(
        update(hook_delivery)
        .where(hook_delivery.c.hook_id == hook_id, hook_delivery.c.given_up_at.is_not(None))
        .values(given_up_at=None, attempts=0, written_at=now, not_before=now)
    )
    return done.rowcount


async def forget(transaction: Transaction, before: datetime) -> None:
    """Delivered ones of long ago: what happened itself is kept by whom it happened to."""
    await transaction.execute(delete(hook_delivery).where(hook_delivery.c.delivered_at < before))
