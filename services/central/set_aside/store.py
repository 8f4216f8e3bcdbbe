"""Queries of tries, of what was set aside, and of orders to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Text,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.central.set_aside.rules import Kept, Standing
from services.central.tables import envelope, set_aside, settled_head
from shared.database.engine import Transaction

# A number of our own, so that no other user of advisory locks meets ours by chance.
_LOCKS_OF_SETTLING = 6172
PAGE_ITEMS_MAX = 500
ORDERS_MAX = 200


async def is_alone(transaction: Transaction, region: str) -> bool:
    """True for the only settler of this region until `transaction` ends, or its process dies.

    For economy and for knowing who died; what keeps two apart is the row lock of `settled_head`.
    """
    return bool(
        await transaction.scalar(
            select(
                func.pg_try_advisory_xact_lock(
                    _LOCKS_OF_SETTLING, func.hashtext(bindparam("region", region, type_=Text))
                )
            )
        )
    )


async def lock_standing(transaction: Transaction, region: str) -> Standing:
    row = (
        await transaction.execute(
            select(
                settled_head.c.settled_seq,
                settled_head.c.under_way,
                settled_head.c.suspect_seq,
                settled_head.c.struck_seq,
                settled_head.c.strikes,
                settled_head.c.strike_reason,
            )
            .where(settled_head.c.region_code == region)
            .with_for_update()
        )
    ).one()
    return Standing(row[0], row[1], row[2], row[3], row[4] or 0, row[5])


async def save_standing(transaction: Transaction, region: str, standing: Standing) -> None:
    await transaction.execute(
        update(settled_head)
        .where(settled_head.c.region_code == region)
        .values(
            under_way=standing.under_way,
            suspect_seq=standing.suspect_seq,
            struck_seq=standing.struck_seq,
            strikes=standing.strikes,
            strike_reason=standing.reason,
        )
    )


async def end_try(transaction: Transaction, region: str) -> None:
    """The try that is under way has ended well; to be called in its own transaction."""
    await transaction.execute(
        update(settled_head).where(settled_head.c.region_code == region).values(under_way=None)
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """An envelope that is to be tried again."""

    seq: int
    envelope_id: UUID
    kind: str
    note: str
    attempts: int
    body: bytes


async def note(
    transaction: Transaction, region: str, seq: int, *, reason: str, attempts: int, now: datetime
) -> tuple[UUID, str]:
    """Note an envelope as set aside; gives its id and kind."""
    row = (
        await transaction.execute(
            update(envelope)
            .where(envelope.c.region_code == region, envelope.c.seq == seq)
            .values(note="set-aside")
            .returning(envelope.c.envelope_id, envelope.c.kind)
        )
    ).one()
    values = {"reason": reason, "attempts": attempts, "since": now, "again_at": None}
    await transaction.execute(
        insert(set_aside)
        .values(region_code=region, seq=seq, **values)
        .on_conflict_do_update(index_elements=["region_code", "seq"], set_=values)
    )
    return row[0], row[1]


async def kept(transaction: Transaction, region: str, seq: int) -> Kept | None:
    """An envelope with a note; None for one without, and for none."""
    row = (
        await transaction.execute(
            select(envelope.c.kind, envelope.c.version, envelope.c.note).where(
                envelope.c.region_code == region,
                envelope.c.seq == seq,
                envelope.c.note.is_not(None),
            )
        )
    ).one_or_none()
    return Kept(*row) if row else None


async def order_again(transaction: Transaction, region: str, seq: int, now: datetime) -> None:
    """Let the settler try an envelope with a note once more."""
    await transaction.execute(
        insert(set_aside)
        .values(region_code=region, seq=seq, reason="held", attempts=0, since=now, again_at=now)
        .on_conflict_do_update(
            index_elements=["region_code", "seq"], set_={"again_at": now, "deaths": None}
        )
    )


async def order_readable(
    transaction: Transaction, known_versions: Mapping[str, int], now: datetime
) -> int:
    """Order another try of everything held whose kind and version this program knows by now."""
    readable = or_(
        *(
            and_(envelope.c.kind == str(kind), envelope.c.version == version)
            for kind, version in known_versions.items()
        )
    )
    held = (
        await transaction.execute(
            select(envelope.c.region_code, envelope.c.seq, envelope.c.received_at)
            .where(envelope.c.note == "held", readable)
            .order_by(envelope.c.region_code, envelope.c.seq)
        )
    ).all()
    for row in held:
        await order_again(transaction, row.region_code, row.seq, now)
    return len(held)


async def ordered_regions(transaction: Transaction) -> list[str]:
    rows = await transaction.execute(
        select(set_aside.c.region_code)
        .where(set_aside.c.again_at.is_not(None))
        .distinct()
        .order_by(set_aside.c.region_code)
    )
    return list(rows.scalars())


async def next_order(transaction: Transaction, region: str) -> tuple[Waiting, int] | None:
    """The first envelope in the region's order that is to be tried again, and deaths so far."""
    row = (
        await transaction.execute(
            select(
                envelope.c.seq,
                envelope.c.envelope_id,
                envelope.c.kind,
                envelope.c.note,
                set_aside.c.attempts,
                envelope.c.body,
                set_aside.c.deaths,
            )
            .join(
                envelope,
                and_(
                    envelope.c.region_code == set_aside.c.region_code,
                    envelope.c.seq == set_aside.c.seq,
                ),
            )
            .where(set_aside.c.region_code == region, set_aside.c.again_at.is_not(None))
            .order_by(set_aside.c.seq)
            .limit(1)
            .with_for_update(of=set_aside)
        )
    ).one_or_none()
    return (Waiting(*row[:6]), row[6] or 0) if row else None


async def save_deaths(transaction: Transaction, region: str, seq: int, deaths: int) -> None:
    """Deaths in ordered tries of this envelope, the one that is being made counted as one."""
    await transaction.execute(
        update(set_aside)
        .where(set_aside.c.region_code == region, set_aside.c.seq == seq)
        .values(deaths=deaths)
    )


async def settled_after_all(transaction: Transaction, region: str, seq: int) -> None:
    """The order is done: the envelope is one like others again."""
    await transaction.execute(
        delete(set_aside).where(set_aside.c.region_code == region, set_aside.c.seq == seq)
    )
    await transaction.execute(
        update(envelope)
        .where(envelope.c.region_code == region, envelope.c.seq == seq)
        .values(note=None)
    )


@dataclass(frozen=True, slots=True)
class Listed:
    region: str
    seq: int
    envelope_id: UUID
    kind: str
    version: int
    note: str
    reason: str | None
    attempts: int | None
    since: datetime
    again_at: datetime | None


async def listed(transaction: Transaction) -> list[Listed]:
    """What has a note of ours and may be acted on one day, the oldest first within a region."""
    rows = await transaction.execute(
        select(
            envelope.c.region_code,
            envelope.c.seq,
            envelope.c.envelope_id,
            envelope.c.kind,
            envelope.c.version,
            envelope.c.note,
            set_aside.c.reason,
            set_aside.c.attempts,
            func.coalesce(set_aside.c.since, envelope.c.received_at),
            set_aside.c.again_at,
        )
        .outerjoin(
            set_aside,
            and_(
                set_aside.c.region_code == envelope.c.region_code,
                set_aside.c.seq == envelope.c.seq,
            ),
        )
        .where(envelope.c.note.is_not(None), envelope.c.note.in_(["set-aside", "held"]))
        .order_by(envelope.c.region_code, envelope.c.seq)
        .limit(PAGE_ITEMS_MAX)
    )
    return [Listed(*tuple(row)) for row in rows]
