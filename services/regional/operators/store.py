"""Queries of officers' irises. Who was enrolled stays in the books; a removed one's bits do not."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from services.regional.operators.rules import Eyes
from services.regional.tables import operator_irises
from shared.database.engine import Transaction
from shared.iris import from_bytes, to_bytes


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An officer whose irises are known here. sha256: of the templates as they came."""

    officer: str
    enrolment_id: UUID
    sha256: bytes
    has_left: bool
    has_right: bool
    head_of_office: str
    enrolled_at: datetime


_STANDING = select(
    operator_irises.c.officer,
    operator_irises.c.enrolment_id,
    operator_irises.c.sha256,
    operator_irises.c.left_eye.is_not(None),
    operator_irises.c.right_eye.is_not(None),
    operator_irises.c.head_of_office,
    operator_irises.c.enrolled_at,
).where(operator_irises.c.removed_at.is_(None))


async def enrolled(transaction: Transaction) -> list[Enrolled]:
    rows = await transaction.execute(_STANDING.order_by(operator_irises.c.officer))
    return [Enrolled(*row) for row in rows]


async def enrolment_of(transaction: Transaction, officer: str) -> Enrolled | None:
    """Locked until commit."""
    row = (
        await transaction.execute(
            _STANDING.where(operator_irises.c.officer == officer).with_for_update()
        )
    ).one_or_none()
    return Enrolled(*row) if row else None


async def all_eyes(transaction: Transaction) -> list[Eyes]:
    rows = await transaction.execute(
        select(
            operator_irises.c.left_eye, operator_irises.c.right_eye, operator_irises.c.own_nik
        ).where(operator_irises.c.removed_at.is_(None))
    )
    return [
        Eyes(
            from_bytes(row.left_eye) if row.left_eye is not None else None,
            from_bytes(row.right_eye) if row.right_eye is not None else None,
            row.own_nik,
        )
        for row in rows
    ]


async def save(transaction: Transaction, one: Enrolled, seq: int, eyes: Eyes) -> None:
    """A unique violation means another door was faster: the transaction is to be repeated."""
    await transaction.execute(
        insert(operator_irises).values(
            enrolment_id=one.enrolment_id,
            officer=one.officer,
            seq=seq,
            sha256=one.sha256,
            left_eye=to_bytes(eyes.left) if eyes.left is not None else None,
            right_eye=to_bytes(eyes.right) if eyes.right is not None else None,
            own_nik=eyes.own_nik,
            head_of_office=one.head_of_office,
            enrolled_at=one.enrolled_at,
        )
    )


async def remove(transaction: Transaction, enrolment_id: UUID, now: datetime) -> None:
    await transaction.execute(
        update(operator_irises)
        .where(operator_irises.c.enrolment_id == enrolment_id)
        .values(left_eye=None, right_eye=None, removed_at=now)
    )
