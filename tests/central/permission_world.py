"""What tests of a permission's life say often: permit, take back, tell of a card."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from services.central.journey import steps as journey
from services.central.journey.entries import NewEntry
from services.central.journey.permissions import Grounds
from services.central.print_authorization import steps
from services.central.print_authorization.rules import Permitter
from services.central.tables import revocation
from shared.contracts.envelopes import CardResult
from shared.contracts.feed import FreshPermission, Permission
from shared.contracts.recording import Recording
from shared.database.engine import Database
from tests.central.centre_world import a_settler, decisions, settle_all, take, told
from tests.recordings import NOON, batch_of, card_envelope, received
from tests.town import REGION

BY_OFFICER = Grounds("same-person", "SITI", "two faces, one iris pair")


async def permitted(
    database: Database, permitter: Permitter, person: Recording, seq: int = 1
) -> Permission:
    """Take one recording and settle it; gives its permission."""
    await take(database, REGION, batch_of(REGION, seq, [person]))
    await settle_all(a_settler(database, permitter))
    (found,) = [
        one for one in await decisions(database, REGION) if one.recording_id == person.recording_id
    ]
    assert found.permission is not None
    return found.permission


async def revoked(
    database: Database, person: Recording, grounds: Grounds = BY_OFFICER, now: datetime = NOON
) -> NewEntry | None:
    async with database.begin() as transaction:
        entry = await steps.revoke(transaction, REGION, person.recording_id, grounds, now)
        if entry is not None:
            await journey.publish(transaction, REGION, [entry], now)
    return entry


async def permitted_anew(
    database: Database, permitter: Permitter, person: Recording, grounds: Grounds
) -> list[NewEntry]:
    async with database.begin() as transaction:
        entries = await steps.permit_anew(transaction, REGION, person, permitter, grounds, NOON)
        if entries:
            await journey.publish(transaction, REGION, entries, NOON)
    return entries


async def card_told(
    database: Database,
    permitter: Permitter,
    seq: int,
    person: Recording,
    permission: Permission,
    result: CardResult,
) -> None:
    receipt = card_envelope(seq, permission.authorization_id, person.recording_id, result)
    await take(database, REGION, received(REGION, [receipt]))
    await settle_all(a_settler(database, permitter))


async def fresh_permissions(database: Database) -> list[FreshPermission]:
    return [one for one in await told(database, REGION) if isinstance(one, FreshPermission)]


async def taken_back(database: Database) -> list[Any]:
    async with database.begin() as transaction:
        rows = await transaction.execute(select(revocation).order_by(revocation.c.revoked_at))
        return list(rows.all())
