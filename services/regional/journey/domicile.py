"""Whose card is this office's: who moved away from here, and who moved here."""

from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select

from services.regional.tables import move_entry, print_authorization, revocation
from shared.contracts.revocation import DELETED, MOVED
from shared.database.engine import Transaction

_ENDS: Final = (MOVED, DELETED)


def _is_taken_back(recording_id: ColumnElement[UUID] | UUID, *reasons: str) -> ColumnElement[bool]:
    """The newest permission here was taken back for one of these reasons."""
    later = exists().where(
        print_authorization.c.recording_id == revocation.c.recording_id,
        print_authorization.c.pos > revocation.c.pos,
    )
    return exists().where(
        revocation.c.recording_id == recording_id, revocation.c.reason.in_(reasons), ~later
    )


# Of an entry on a move: the person's recording is this office's now, though it was taken elsewhere.
STANDS_HERE = move_entry.c.identity.is_not(None) & ~_is_taken_back(
    move_entry.c.recording_id, *_ENDS
)


async def has_moved_away(transaction: Transaction, recording_id: UUID) -> bool:
    """Whether another office prints this person's card now."""
    return bool(await transaction.scalar(select(_is_taken_back(recording_id, MOVED))))
