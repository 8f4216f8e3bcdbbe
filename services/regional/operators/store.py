"""Queries of officers' irises. Who was enrolled stays in the books; a removed one's bits do not.

Each eye is kept under the region's gallery key, and sealed for its enrolment. What was enrolled
before there were keys is put under it as it is read, and sealed by `renew`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import func, insert, or_, select, update

from services.regional.operators.rules import Eyes
from services.regional.tables import operator_irises
from shared.database.engine import Transaction
from shared.iris import Words, from_bytes, to_bytes
from shared.iris_keys import GalleryKeys, Kept
from shared.sealing import NotOpened

_TABLE: Final = "operator_irises"

log = structlog.get_logger()


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
    or_(operator_irises.c.left_eye.is_not(None), operator_irises.c.left_sealed.is_not(None)),
    or_(operator_irises.c.right_eye.is_not(None), operator_irises.c.right_sealed.is_not(None)),
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


async def all_eyes(transaction: Transaction, keys: GalleryKeys) -> list[Eyes]:
    """Under the key of `keys`. What cannot be opened is left out: an office goes on recording."""
    rows = await transaction.execute(
        select(operator_irises).where(operator_irises.c.removed_at.is_(None))
    )
    found = []
    for row in rows:
        try:
            found.append(_eyes(row, keys))
        except NotOpened as trouble:
            log.error(  # noqa: TRY400 the trouble is a key that is away, not a place in the program
                "operators.irises_not_opened",
                enrolment_id=str(row.enrolment_id),
                trouble=type(trouble).__name__,
            )
    return found


async def save(
    transaction: Transaction, one: Enrolled, seq: int, eyes: Eyes, keys: GalleryKeys
) -> None:
    """eyes: under the key of `keys`.

    A unique violation means another door was faster: the transaction is to be repeated.
    """
    await transaction.execute(
        insert(operator_irises).values(
            enrolment_id=one.enrolment_id,
            officer=one.officer,
            seq=seq,
            sha256=one.sha256,
            own_nik=eyes.own_nik,
            head_of_office=one.head_of_office,
            enrolled_at=one.enrolled_at,
            **_sealed(one.enrolment_id, eyes, keys),
        )
    )


async def renew(transaction: Transaction, keys: GalleryKeys) -> int:
    """Put every enrolment that can be opened under the key of `keys`; gives how many were not."""
    rows = await transaction.execute(
        select(operator_irises).where(_is_elsewhere(keys)).with_for_update()
    )
    renewed = 0
    for row in rows.all():
        try:
            eyes = _eyes(row, keys)
        except NotOpened:
            continue
        await transaction.execute(
            update(operator_irises)
            .where(operator_irises.c.enrolment_id == row.enrolment_id)
            .values(left_eye=None, right_eye=None, **_sealed(row.enrolment_id, eyes, keys))
        )
        renewed += 1
    return renewed


async def keys_in_use(transaction: Transaction) -> set[str]:
    """Every key an enrolment is under."""
    used = select(operator_irises.c.key_id).where(
        operator_irises.c.key_id.is_not(None), operator_irises.c.removed_at.is_(None)
    )
    return set((await transaction.execute(used.distinct())).scalars())


async def count_elsewhere(transaction: Transaction, keys: GalleryKeys) -> int:
    """Enrolments that are not under the key of `keys`."""
    counted = select(func.count()).select_from(operator_irises).where(_is_elsewhere(keys))
    return int(await transaction.scalar(counted) or 0)


def _is_elsewhere(keys: GalleryKeys) -> Any:
    under_another = operator_irises.c.key_id.is_distinct_from(keys.kid)
    return operator_irises.c.removed_at.is_(None) & under_another


def _eyes(row: Any, keys: GalleryKeys) -> Eyes:
    def eye(side: str, sealed: bytes | None, plain: bytes | None) -> Words | None:
        kept = sealed if sealed is not None else plain
        if kept is None:
            return None
        kid = row.key_id if sealed is not None else None
        return from_bytes(keys.open(Kept(kid, kept), *_place(row.enrolment_id, side)))

    return Eyes(
        eye("left", row.left_sealed, row.left_eye),
        eye("right", row.right_sealed, row.right_eye),
        row.own_nik,
    )


def _sealed(enrolment_id: UUID, eyes: Eyes, keys: GalleryKeys) -> dict[str, Any]:
    sealed = {
        side: None if eye is None else keys.seal(to_bytes(eye), *_place(enrolment_id, side)).irises
        for side, eye in (("left", eyes.left), ("right", eyes.right))
    }
    return {
        "left_sealed": sealed["left"],
        "right_sealed": sealed["right"],
        "key_id": keys.kid,
    }


def _place(enrolment_id: UUID, side: str) -> tuple[str | bytes, ...]:
    return _TABLE, enrolment_id.bytes, side


async def remove(transaction: Transaction, enrolment_id: UUID, now: datetime) -> None:
    await transaction.execute(
        update(operator_irises)
        .where(operator_irises.c.enrolment_id == enrolment_id)
        .values(left_eye=None, right_eye=None, left_sealed=None, right_sealed=None, removed_at=now)
    )
