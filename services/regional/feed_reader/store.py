"""Queries of the feed's cursor and of what its entries said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from services.regional.central_client.client import SignedPage
from services.regional.feed_reader.rules import Held, Standing
from services.regional.tables import (
    decision as decision_table,
)
from services.regional.tables import (
    feed_page,
    feed_position,
    held_entry,
    print_authorization,
    recording,
    revocation,
)
from shared.contracts.feed import Decision, FreshPermission, Permission
from shared.contracts.revocation import Revocation
from shared.database.engine import Columns, Transaction, columns_of, rows_of


@dataclass(frozen=True, slots=True)
class Cursor:
    applied_pos: int
    head_pos: int
    epoch: int
    applied_at: datetime | None


async def cursor(transaction: Transaction, region: str) -> Cursor:
    row = (
        await transaction.execute(
            select(feed_position).where(feed_position.c.region_code == region)
        )
    ).one()
    return Cursor(row.applied_pos, row.head_pos, row.epoch, row.applied_at)


async def move_cursor(
    transaction: Transaction,
    region: str,
    *,
    from_pos: int,
    to_pos: int,
    head_pos: int,
    epoch: int,
    now: datetime,
) -> bool:
    """True if the cursor stood at `from_pos`; False when another reader was faster."""
    moved = await transaction.execute(
        update(feed_position)
        .where(
            feed_position.c.region_code == region,
            feed_position.c.applied_pos == from_pos,
            # A restored centre may have been heard since the cursor was read.
            feed_position.c.epoch <= epoch,
        )
        .values(applied_pos=to_pos, head_pos=head_pos, epoch=epoch, applied_at=now)
    )
    return moved.rowcount == 1


async def follow_epoch(transaction: Transaction, region: str, epoch: int) -> int:
    return int(
        (
            await transaction.execute(
                update(feed_position)
                .where(feed_position.c.region_code == region)
                .values(epoch=func.greatest(feed_position.c.epoch, epoch))
                .returning(feed_position.c.applied_pos)
            )
        ).scalar_one()
    )


async def save_page(transaction: Transaction, signed: SignedPage) -> None:
    """Keep a page with entries, word for word; applied in parts it is kept with the first."""
    entries = signed.page.entries
    await transaction.execute(
        upsert(feed_page)
        .values(
            first_pos=entries[0].pos,
            last_pos=entries[-1].pos,
            epoch=signed.page.epoch,
            body=signed.content,
            signature=signed.signature,
        )
        .on_conflict_do_nothing()
    )


_DECISION_COLUMNS: Columns = {
    "recording_id": Uuid(),
    "pos": BigInteger(),
    "outcome": Text(),
    "reason": Text(),
    "duplicate": Text(),
    "rival_recording_id": Uuid(),
    "rival_region": Text(),
    "rival_captured_at": DateTime(timezone=True),
    "decided_at": DateTime(timezone=True),
}
_decisions = rows_of("decisions", _DECISION_COLUMNS)
_SAVE_DECISIONS = insert(decision_table).from_select(
    [*_DECISION_COLUMNS, "applied_at"],
    select(
        *(_decisions.c[name] for name in _DECISION_COLUMNS),
        bindparam("applied_at", type_=DateTime(timezone=True)),
    ),
)


async def save_decisions(
    transaction: Transaction, decisions: Sequence[tuple[int, Decision]], now: datetime
) -> None:
    rows = [
        {
            "recording_id": one.recording_id,
            "pos": pos,
            "outcome": one.outcome.value,
            "reason": one.reason,
            "duplicate": one.duplicate.value if one.duplicate else None,
            "rival_recording_id": one.rival.recording_id if one.rival else None,
            "rival_region": one.rival.region if one.rival else None,
            "rival_captured_at": one.rival.captured_at if one.rival else None,
            "decided_at": one.decided_at,
        }
        for pos, one in decisions
    ]
    await transaction.execute(
        _SAVE_DECISIONS, {**columns_of(rows, list(_DECISION_COLUMNS)), "applied_at": now}
    )


_PERMISSION_COLUMNS: Columns = {
    "authorization_id": Uuid(),
    "recording_id": Uuid(),
    "pos": BigInteger(),
    "jws": Text(),
    "issued_at": DateTime(timezone=True),
    "expires_at": DateTime(timezone=True),
}
_permissions = rows_of("permissions", _PERMISSION_COLUMNS)
_SAVE_PERMISSIONS = insert(print_authorization).from_select(
    list(_PERMISSION_COLUMNS), select(*(_permissions.c[name] for name in _PERMISSION_COLUMNS))
)


async def save_permissions(
    transaction: Transaction,
    decisions: Sequence[tuple[int, Decision]],
    fresh: Sequence[tuple[int, FreshPermission]],
) -> None:
    rows = [
        _permission_row(pos, one.recording_id, one.permission, one.decided_at)
        for pos, one in decisions
        if one.permission is not None
    ] + [
        _permission_row(pos, one.recording_id, one.permission, one.issued_at) for pos, one in fresh
    ]
    if rows:
        await transaction.execute(_SAVE_PERMISSIONS, columns_of(rows, list(_PERMISSION_COLUMNS)))


def _permission_row(
    pos: int, recording_id: UUID, permission: Permission, issued_at: datetime
) -> dict[str, object]:
    return {
        "authorization_id": permission.authorization_id,
        "recording_id": recording_id,
        "pos": pos,
        "jws": permission.jws,
        "issued_at": issued_at,
        "expires_at": permission.expires_at,
    }


async def save_revocations(
    transaction: Transaction, revoked: Sequence[tuple[int, Revocation]], now: datetime
) -> None:
    """The first word about an authorization stands; the centre may say it again."""
    await transaction.execute(
        upsert(revocation).on_conflict_do_nothing(),
        [
            {
                "authorization_id": one.authorization_id,
                "recording_id": one.recording_id,
                "pos": pos,
                "reason": one.reason,
                "replaced_by": one.replaced_by,
                "revoked_at": one.revoked_at,
                "applied_at": now,
            }
            for pos, one in revoked
        ],
    )


async def save_held(transaction: Transaction, held: Sequence[Held], now: datetime) -> None:
    await transaction.execute(
        insert(held_entry),
        [
            {
                "pos": one.pos,
                "body": one.body,
                "held_at": now,
                "recording_id": one.recording_id,
                "reason": one.reason,
            }
            for one in held
        ],
    )


async def held_positions(transaction: Transaction) -> list[int]:
    rows = await transaction.execute(select(held_entry.c.pos).order_by(held_entry.c.pos))
    return list(rows.scalars())


async def lock_held(transaction: Transaction, pos: int) -> bytes | None:
    found = await transaction.scalar(
        select(held_entry.c.body).where(held_entry.c.pos == pos).with_for_update()
    )
    return bytes(found) if found is not None else None


async def delete_held(transaction: Transaction, pos: int) -> None:
    await transaction.execute(delete(held_entry).where(held_entry.c.pos == pos))


async def standing(transaction: Transaction, region: str) -> Standing:
    row = (
        await transaction.execute(
            select(
                feed_position.c.applied_pos,
                feed_position.c.suspect_pos,
                feed_position.c.struck_pos,
                feed_position.c.strikes,
            ).where(feed_position.c.region_code == region)
        )
    ).one()
    return Standing(row[0], row[1], row[2], row[3] or 0)


async def save_standing(transaction: Transaction, region: str, found: Standing) -> None:
    await transaction.execute(
        update(feed_position)
        .where(feed_position.c.region_code == region)
        .values(suspect_pos=found.suspect_pos, struck_pos=found.struck_pos, strikes=found.strikes)
    )


async def free_niks(transaction: Transaction, recording_ids: Sequence[UUID]) -> None:
    """These recordings no longer stand in the way of a new one for their NIK."""
    await transaction.execute(
        update(recording).where(recording.c.recording_id.in_(recording_ids)).values(is_live=False)
    )
