"""Which start of a regional server speaks for its region: a copied disk is fenced off."""

from uuid import UUID

from fastapi import Request
from sqlalchemy import select

from services.central.tables import region_life
from shared.contracts.resync import LIFE_HEADER
from shared.database.engine import Transaction
from shared.refusals import Refusal


class RegionFenced(Refusal):
    """Another server has taken this region's name over; this one is an older copy of it.

    It happens when a disk was copied, or a backup was started beside the server it came from.
    """

    code, status = "region-fenced", 409
    title = "Another server speaks for this region now"
    next_action = "Stop this server, or let operations at the centre hand the name over to it."
    next_action_id = "Hentikan server ini, atau minta pusat menyerahkan nama daerah kepadanya."


async def current(transaction: Transaction, region: str) -> UUID | None:
    """None until a server of the region claimed a life in this epoch: then anyone may speak."""
    found = await transaction.scalar(
        select(region_life.c.life).where(
            region_life.c.region_code == region,
            region_life.c.began_at.is_not(None),
            region_life.c.ended_at.is_(None),
        )
    )
    return UUID(str(found)) if found is not None else None


async def check(transaction: Transaction, region: str, request: Request) -> None:
    """Programs from before lives name none, and pass. Refuses: RegionFenced."""
    named = request.headers.get(LIFE_HEADER)
    if named is None:
        return
    life = await current(transaction, region)
    if life is not None and named != str(life):
        raise RegionFenced
