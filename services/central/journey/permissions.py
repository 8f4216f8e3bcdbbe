"""Permissions told and taken back: what printing and a re-sync both know of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from services.central.journey.entries import DECISION, FRESH_PERMISSION
from services.central.tables import feed, registry, revocation
from shared.contracts.authorization import AuthorizationClaims, claims_told
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a permission is taken back. No officer: the centre does it by its own rules.

    reason: a stable code, such as amended, lost, damaged, same-person. note: kept at the centre.
    """

    reason: str
    officer: str | None = None
    note: str | None = None


async def newest_permission(
    transaction: Transaction, region: str, recording_id: UUID
) -> AuthorizationClaims | None:
    """The claims of the last permission a region was told for a recording."""
    rows = await transaction.execute(
        select(feed.c.body)
        .where(
            feed.c.region_code == region,
            feed.c.recording_id == recording_id,
            feed.c.kind.in_((DECISION, FRESH_PERMISSION)),
        )
        .order_by(feed.c.pos.desc())
    )
    for body in rows.scalars():
        if permission := orjson.loads(body).get("permission"):
            return claims_told(permission["jws"])
    return None


async def mark_revoked(
    transaction: Transaction, nik: int, authorization_id: UUID, now: datetime
) -> None:
    """In the registry, where it is the person's live one there."""
    await transaction.execute(
        update(registry)
        .where(
            registry.c.nik == nik,
            registry.c.authorization_id == authorization_id,
            registry.c.authorization_revoked_at.is_(None),
        )
        .values(authorization_revoked_at=now)
    )


async def give_up(transaction: Transaction, nik: int, recording_id: UUID) -> None:
    """Give up a NIK that this recording holds; one that another holds stays."""
    await transaction.execute(
        delete(registry).where(registry.c.nik == nik, registry.c.recording_id == recording_id)
    )


async def save_revocation(
    transaction: Transaction,
    region: str,
    recording_id: UUID,
    authorization_id: UUID,
    grounds: Grounds,
    replaced_by: UUID | None,
    now: datetime,
) -> bool:
    """False if it was taken back before: the first word stands."""
    saved = await transaction.execute(
        insert(revocation)
        .values(
            region_code=region,
            authorization_id=authorization_id,
            recording_id=recording_id,
            reason=grounds.reason,
            revoked_at=now,
            replaced_by=replaced_by,
            officer=grounds.officer,
            note=grounds.note,
        )
        .on_conflict_do_nothing()
        .returning(revocation.c.authorization_id)
    )
    return saved.scalar_one_or_none() is not None
