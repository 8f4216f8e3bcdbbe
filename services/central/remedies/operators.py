"""Officers' irises that regions enrol: into the gallery, where a citizen's search meets them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.central.tables import operator
from shared.contracts.recording import Template
from shared.contracts.remedies import OPERATOR_IRISES, OperatorIrises
from shared.database.engine import Transaction
from shared.iris import TEMPLATE_BYTES, UnreadableTemplate, to_bytes, words_of

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class OperatorGallery:
    """enter: (region, enrolment, left and right eye's bytes). remove: enrolments."""

    enter: Callable[[Transaction, str, UUID, bytes, datetime], Awaitable[None]]
    remove: Callable[[Transaction, Sequence[UUID], datetime], Awaitable[int]]


async def take(
    transaction: Transaction,
    region: str,
    bodies: Sequence[tuple[int, bytes]],
    gallery: OperatorGallery,
    now: datetime,
) -> None:
    """Enrol or remove officers' irises given as (seq, body); nothing is told of it."""
    for seq, body in bodies:
        try:
            told = OPERATOR_IRISES.validate_json(body)
            irises = _irises_of(told)
        except (ValidationError, UnreadableTemplate):
            log.warning("operator_irises.unreadable", region=region, seq=seq)
            continue
        standing = await _standing(transaction, region, told.officer)
        if told.is_removed:
            ended = [told.enrolment_id] if told.enrolment_id in standing else []
        elif await _enrol(transaction, region, told):
            ended = standing
            await gallery.enter(transaction, region, told.enrolment_id, irises, now)
        else:
            ended = []
        await _end(transaction, region, ended, told.happened_at)
        await gallery.remove(transaction, ended, now)


def _irises_of(told: OperatorIrises) -> bytes:
    """As a gallery keeps them: zeros where an eye is missing. Raises UnreadableTemplate."""
    return b"".join(_eye(one) for one in (told.left, told.right))


def _eye(template: Template | None) -> bytes:
    return bytes(TEMPLATE_BYTES) if template is None else to_bytes(words_of(template.data))


async def _standing(transaction: Transaction, region: str, officer: str) -> list[UUID]:
    rows = await transaction.execute(
        select(operator.c.enrolment_id).where(
            operator.c.region_code == region,
            operator.c.officer == officer,
            operator.c.removed_at.is_(None),
        )
    )
    return list(rows.scalars())


async def _enrol(transaction: Transaction, region: str, told: OperatorIrises) -> bool:
    """False when this enrolment came before."""
    entered = await transaction.execute(
        insert(operator)
        .values(
            region_code=region,
            enrolment_id=told.enrolment_id,
            officer=told.officer,
            head_of_office=told.head_of_office,
            enrolled_at=told.happened_at,
        )
        .on_conflict_do_nothing()
        .returning(operator.c.enrolment_id)
    )
    return entered.scalar_one_or_none() is not None


async def _end(
    transaction: Transaction, region: str, enrolments: Sequence[UUID], at: datetime
) -> None:
    if enrolments:
        await transaction.execute(
            update(operator)
            .where(operator.c.region_code == region, operator.c.enrolment_id.in_(enrolments))
            .values(removed_at=at)
        )
