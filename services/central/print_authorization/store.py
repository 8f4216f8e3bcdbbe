"""Queries of cards, of revocations, and of the one live permission per person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from services.central.journey.entries import SignedPermission
from services.central.journey.permissions import Grounds
from services.central.tables import card, registry, revocation
from shared.contracts.envelopes import CardReceipt, CardResult
from shared.database.engine import Transaction


@dataclass(frozen=True, slots=True)
class Known:
    """What the centre knows of a permission's card."""

    result: CardResult | None
    is_revoked: bool


async def known_of(transaction: Transaction, region: str, authorization_id: UUID) -> Known:
    row = (
        await transaction.execute(
            select(
                select(card.c.result)
                .where(card.c.region_code == region, card.c.authorization_id == authorization_id)
                .scalar_subquery(),
                exists().where(
                    revocation.c.region_code == region,
                    revocation.c.authorization_id == authorization_id,
                ),
            )
        )
    ).one()
    return Known(CardResult(row[0]) if row[0] is not None else None, row[1])


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
    recording_id: UUID,
    replaced: UUID,
    permission: SignedPermission,
) -> bool:
    """Put a fresh permission in the place of `replaced`.

    False if that is not the live one of this very recording, taken in this region.
    """
    changed = await transaction.execute(
        update(registry)
        .where(
            registry.c.nik == nik,
            registry.c.authorization_id == replaced,
            registry.c.recording_id == recording_id,
            registry.c.region_code == region,
            registry.c.authorization_revoked_at.is_(None),
        )
        .values(_fresh(permission))
    )
    return changed.rowcount == 1


def _fresh(permission: SignedPermission) -> dict[str, Any]:
    return {
        "authorization_id": permission.authorization_id,
        "authorization_expires_at": permission.expires_at,
        "authorizations_given": registry.c.authorizations_given + 1,
        "authorization_revoked_at": None,
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """A recording's permission in the registry: live, or taken back."""

    authorization_id: UUID
    is_revoked: bool


async def lock_standing(
    transaction: Transaction, region: str, nik: int, recording_id: UUID
) -> Standing | None:
    """None: not the live recording of its NIK, or another region's. Locked until commit."""
    row = (
        await transaction.execute(
            select(registry.c.authorization_id, registry.c.authorization_revoked_at)
            .where(
                registry.c.nik == nik,
                registry.c.recording_id == recording_id,
                registry.c.region_code == region,
            )
            .with_for_update()
        )
    ).one_or_none()
    return Standing(row[0], row[1] is not None) if row else None


async def put_permission(
    transaction: Transaction,
    region: str,
    nik: int,
    recording_id: UUID,
    permission: SignedPermission,
) -> None:
    """After `lock_standing`. region: whose office the permission is for."""
    await transaction.execute(
        update(registry)
        .where(registry.c.nik == nik, registry.c.recording_id == recording_id)
        .values(region_code=region, **_fresh(permission))
    )


@dataclass(frozen=True, slots=True)
class Revoked:
    """A permission taken back, and what was told of its card."""

    region: str
    authorization_id: UUID
    recording_id: UUID
    reason: str
    revoked_at: datetime
    replaced_by: UUID | None
    officer: str | None
    note: str | None
    given_again: str | None  # by whom and why, where it was a mistake
    card: str | None  # printed, spoiled, issued; None: no card was told of
    blank_serial: str | None
    card_at: datetime | None


_LISTED = select(
    revocation.c.region_code,
    revocation.c.authorization_id,
    revocation.c.recording_id,
    revocation.c.reason,
    revocation.c.revoked_at,
    revocation.c.replaced_by,
    revocation.c.officer,
    revocation.c.note,
    revocation.c.given_again,
    card.c.result,
    card.c.blank_serial,
    card.c.happened_at,
).outerjoin(
    card,
    and_(
        card.c.region_code == revocation.c.region_code,
        card.c.authorization_id == revocation.c.authorization_id,
    ),
)
OUT = (CardResult.PRINTED.value, CardResult.ISSUED.value)


def _revoked(row: Any) -> Revoked:
    return Revoked(*row)


async def revocation_of(
    transaction: Transaction, region: str, authorization_id: UUID
) -> Revoked | None:
    row = (
        await transaction.execute(
            _LISTED.where(
                revocation.c.region_code == region,
                revocation.c.authorization_id == authorization_id,
            )
        )
    ).one_or_none()
    return _revoked(row) if row else None


async def newest_revocation(
    transaction: Transaction, region: str, recording_id: UUID
) -> Revoked | None:
    row = (
        await transaction.execute(
            _LISTED.where(
                revocation.c.region_code == region, revocation.c.recording_id == recording_id
            )
            .order_by(revocation.c.revoked_at.desc(), revocation.c.authorization_id.desc())
            .limit(1)
        )
    ).one_or_none()
    return _revoked(row) if row else None


async def follow_revocation(
    transaction: Transaction, region: str, revoked: UUID, follows: UUID, grounds: Grounds
) -> None:
    """Note beside a revocation which permission followed it, by whom and why."""
    await transaction.execute(
        update(revocation)
        .where(revocation.c.region_code == region, revocation.c.authorization_id == revoked)
        .values(replaced_by=follows, given_again=f"{grounds.officer}: {grounds.note}")
    )


async def revocations(
    transaction: Transaction, region: str | None, limit: int, *, only_out: bool
) -> list[Revoked]:
    """The newest first. only_out: those whose card is out and to be withdrawn."""
    asked = _LISTED.order_by(
        revocation.c.revoked_at.desc(), revocation.c.authorization_id.desc()
    ).limit(limit)
    if region is not None:
        asked = asked.where(revocation.c.region_code == region)
    if only_out:
        asked = asked.where(card.c.result.in_(OUT))
    return [_revoked(row) for row in await transaction.execute(asked)]
