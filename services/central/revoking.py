"""Take a permission back, or give one again, by an officer's word: composed of rooms."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import NoResultFound

from services.central import acting, epochs, settling
from services.central.intake import store as intake
from services.central.journey.permissions import Grounds
from services.central.journey.refusals import CentreWaits
from services.central.print_authorization import steps as print_authorization
from services.central.print_authorization.rules import Permitter
from shared.database.engine import Transaction
from shared.refusals import NotFound

# As the doors are given them: (transaction, region, recording_id, grounds, now) → was it done.
ByOfficer = Callable[[Transaction, str, UUID, Grounds, datetime], Awaitable[bool]]


async def revoke(
    transaction: Transaction, region: str, recording_id: UUID, grounds: Grounds, now: datetime
) -> bool:
    """Take the recording's permission back and tell its region. Refuses: CentreWaits."""
    await _epoch(transaction, region)
    told = await print_authorization.revoke(transaction, region, recording_id, grounds, now)
    await settling.tell(transaction, region, [told] if told else [], now)
    return told is not None


def permit_again(permitter: Permitter) -> ByOfficer:
    """For a permission that was taken back in error: a fresh one in its place."""

    async def permit(
        transaction: Transaction, region: str, recording_id: UUID, grounds: Grounds, now: datetime
    ) -> bool:
        epoch = await _epoch(transaction, region)
        recording = await acting.as_amended(transaction, region, recording_id)
        if recording is None:
            return False
        told = await print_authorization.permit_after_revocation(
            transaction, region, recording, replace(permitter, epoch=epoch), grounds, now
        )
        await settling.tell(transaction, region, told, now)
        return bool(told)

    return permit


async def _epoch(transaction: Transaction, region: str) -> int:
    """The epoch to speak in, with the region's settling held back until commit.

    Refuses: NotFound, CentreWaits.
    """
    try:
        await intake.lock_settled(transaction, region)
    except NoResultFound:
        raise NotFound("No such region.") from None
    standing = await epochs.standing(transaction, region)
    if not standing.may_settle:
        raise CentreWaits
    return standing.epoch
