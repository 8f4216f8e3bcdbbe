"""Which start of this server this is, and whether it may speak for its region.

Owns: `server_life`. Each start makes a life and stores it before it is claimed; at the centre it
takes the name over from the life before it. A copy of this database claims in vain: it goes on
recording, and sends nothing. Processes on one database share the newest life.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import structlog
from sqlalchemy import func, insert, select, update

from services.regional.central_client.client import CentralClient, Refused, Unknown
from services.regional.central_client.resync import claim_life
from services.regional.central_client.rules import FENCED
from services.regional.tables import server_life, uplink_position
from shared.clock import Clock
from shared.contracts.resync import LifeClaim
from shared.database.engine import Database, Transaction
from shared.ids import new_id

CLAIMS_MAX = 50  # starts since the last claim; what is more waits for the next turn

log = structlog.get_logger()


class Trouble(StrEnum):
    """What keeps this server from sending until people act."""

    FOREIGN = "foreign"  # the centre's word cannot be true here
    FENCED = "fenced"  # another server speaks for this region
    KEY = "key"  # the centre does not take words signed by this server's key


class Fenced(Exception):
    """Another server has this region's name."""


@dataclass(frozen=True, slots=True)
class Name:
    """What to send with each word: None where no life was ever made."""

    life: UUID | None
    may_speak: bool


async def begin(transaction: Transaction, now: datetime) -> None:
    """Make this start's life, after the one before it. Lives begin one at a time."""
    newest = (
        await transaction.execute(
            select(server_life.c.number, server_life.c.life)
            .order_by(server_life.c.number.desc())
            .limit(1)
        )
    ).one_or_none()
    await transaction.execute(
        insert(server_life).values(
            number=newest.number + 1 if newest else 1,
            life=new_id(),
            predecessor=newest.life if newest else None,
            made_at=now,
        )
    )


async def name(transaction: Transaction) -> Name:
    row = (
        await transaction.execute(
            select(server_life.c.life, server_life.c.claimed_at)
            .order_by(server_life.c.number.desc())
            .limit(1)
        )
    ).one_or_none()
    return Name(row.life, row.claimed_at is not None) if row else Name(None, may_speak=True)


async def doubt(database: Database) -> None:
    """The centre heard somebody else, or is another than it was: claim the newest life again."""
    async with database.begin() as transaction:
        await doubt_in(transaction)


async def doubt_in(transaction: Transaction) -> None:
    newest = select(func.max(server_life.c.number)).scalar_subquery()
    await transaction.execute(
        update(server_life).where(server_life.c.number == newest).values(claimed_at=None)
    )


async def claim(database: Database, client: CentralClient, region: str, clock: Clock) -> str | None:
    """Take the name over for the newest life, through those never claimed; None when it counts.

    Gives FENCED when another server has the name, else why there was no answer. Several loops and
    processes may do so at once: a claim is made once, however often it is said.
    """
    async with database.begin() as transaction:
        rows = (
            await transaction.execute(
                select(server_life)
                .where(server_life.c.claimed_at.is_(None))
                .order_by(server_life.c.number)
                .limit(CLAIMS_MAX)
            )
        ).all()
    is_current = True
    for row in rows:
        answer = await claim_life(
            client, LifeClaim(version=1, life=row.life, predecessor=row.predecessor)
        )
        if isinstance(answer, Unknown):
            return answer.reason
        if isinstance(answer, Refused):
            if answer.status != 404:
                return answer.code
            is_current = True  # a centre from before lives: anyone may speak
            break
        is_current = answer.is_current
    async with database.begin() as transaction:
        if is_current and rows:
            await transaction.execute(
                update(server_life)
                .where(server_life.c.number <= rows[-1].number)
                .where(server_life.c.claimed_at.is_(None))
                .values(claimed_at=clock.now())
            )
        await _note(transaction, region, is_current=is_current)
    if not is_current:
        log.error("lives.fenced", region=region, life=str(rows[-1].life))
        return FENCED
    return None


async def _note(transaction: Transaction, region: str, *, is_current: bool) -> None:
    own = uplink_position.c.region_code == region
    fenced = uplink_position.c.trouble == Trouble.FENCED.value
    if is_current:
        await transaction.execute(update(uplink_position).where(own, fenced).values(trouble=None))
    else:
        await transaction.execute(
            update(uplink_position).where(own).values(trouble=Trouble.FENCED.value)
        )
