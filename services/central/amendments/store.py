"""Queries of who is proven, what held of them, and what was decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.central.amendments.rules import Asked, Proven
from services.central.journey.amendments import KIND
from services.central.tables import amendment, card, feed, identity_version, registry
from services.central.vault import steps as vault
from services.central.vault.steps import SealedState
from shared.contracts.amendments import (
    AMENDMENT_DECISION,
    IDENTITY,
    AmendmentDecision,
    Identity,
)
from shared.contracts.envelopes import CardResult
from shared.database.engine import Transaction


async def lock_proven(transaction: Transaction, nik: int) -> Proven | None:
    """The registry's row, locked until commit, with the card of its live permission."""
    row = (
        await transaction.execute(
            select(
                registry.c.recording_id,
                registry.c.region_code,
                registry.c.authorization_id,
                registry.c.authorization_revoked_at,
            )
            .where(registry.c.nik == nik)
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        return None
    made = (
        await transaction.execute(
            select(card.c.result, card.c.blank_serial).where(
                card.c.region_code == row.region_code,
                card.c.authorization_id == row.authorization_id,
            )
        )
    ).one_or_none()
    return Proven(
        recording_id=row.recording_id,
        region=row.region_code,
        is_revoked=row.authorization_revoked_at is not None,
        card=CardResult(made.result) if made else None,
        blank_serial=made.blank_serial if made else None,
    )


async def was_decided(transaction: Transaction, region: str, nik: int, request_id: UUID) -> bool:
    found = await transaction.scalar(
        select(amendment.c.seq).where(
            amendment.c.nik == nik,
            amendment.c.region_code == region,
            amendment.c.request_id == request_id,
        )
    )
    return found is not None


async def told_of(
    transaction: Transaction, region: str, recording_id: UUID
) -> list[AmendmentDecision]:
    """What a region was told of requests about a recording, in order: also in a lost life."""
    rows = await transaction.execute(
        select(feed.c.body)
        .where(
            feed.c.region_code == region,
            feed.c.recording_id == recording_id,
            feed.c.kind == KIND,
        )
        .order_by(feed.c.pos)
    )
    return [AMENDMENT_DECISION.validate_json(body) for body in rows.scalars()]


_STATE = (
    identity_version.c.nik,
    identity_version.c.recording_id,
    identity_version.c.version,
    identity_version.c.kek_id,
    identity_version.c.wrapped_key,
    identity_version.c.body,
)


def _opened(transaction: Transaction, row: Any) -> Identity:
    if row.kek_id is None:  # written before there was a KEK
        return IDENTITY.validate_json(row.body)
    state = SealedState(row.kek_id, row.wrapped_key or b"", row.body)
    bound = vault.identity_place(row.nik, row.recording_id, row.version)
    return IDENTITY.validate_json(vault.open_state(transaction, bound, state))


async def newest(
    transaction: Transaction, nik: int, recording_id: UUID
) -> tuple[int, Identity] | None:
    """The last version of what holds; None while nothing was ever changed."""
    row = (
        await transaction.execute(
            select(*_STATE)
            .where(identity_version.c.nik == nik, identity_version.c.recording_id == recording_id)
            .order_by(identity_version.c.version.desc())
            .limit(1)
        )
    ).one_or_none()
    return (row.version, _opened(transaction, row)) if row else None


async def save_version(
    transaction: Transaction,
    nik: int,
    recording_id: UUID,
    version: int,
    identity: Identity,
    request_id: UUID | None,
    since: datetime,
) -> None:
    sealed = vault.seal_state(
        transaction, vault.identity_place(nik, recording_id, version), IDENTITY.dump_json(identity)
    )
    await transaction.execute(
        insert(identity_version).values(
            nik=nik,
            recording_id=recording_id,
            version=version,
            request_id=request_id,
            since=since,
            body=sealed.body,
            kek_id=sealed.kek_id,
            wrapped_key=sealed.wrapped_key,
        )
    )


async def save(
    transaction: Transaction,
    region: str,
    asked: Asked,
    decision: AmendmentDecision,
    old_blank_serial: str | None,
) -> None:
    """Keep how a readable request ended."""
    assert asked.request is not None
    await transaction.execute(
        insert(amendment).values(
            nik=int(asked.request.nik),
            region_code=region,
            request_id=asked.envelope_id,
            seq=asked.seq,
            kind=asked.kind,
            recording_id=decision.recording_id,
            outcome=decision.outcome,
            reason=decision.reason,
            is_card_due=decision.is_card_due,
            old_blank_serial=old_blank_serial,
            requested_at=asked.request.requested_at,
            decided_at=decision.decided_at,
        )
    )


async def versions(
    transaction: Transaction, nik: int, recording_id: UUID
) -> Sequence[tuple[int, UUID | None, datetime, Identity]]:
    rows = await transaction.execute(
        select(identity_version)
        .where(identity_version.c.nik == nik, identity_version.c.recording_id == recording_id)
        .order_by(identity_version.c.version)
    )
    return [(row.version, row.request_id, row.since, _opened(transaction, row)) for row in rows]
