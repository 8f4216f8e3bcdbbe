"""Queries of what the centre signed and this region keeps."""

from hashlib import sha256

import orjson
from sqlalchemy import func, select

from services.regional.resync.rules import Own
from services.regional.tables import feed_page, feed_position, uplink_batch, uplink_position
from shared.contracts.resync import Mark, Witness
from shared.database.engine import Transaction


async def own(transaction: Transaction, region: str) -> Own:
    row = (
        await transaction.execute(
            select(
                feed_position.c.applied_pos,
                feed_position.c.epoch,
                uplink_position.c.epoch.label("uplink_epoch"),
            )
            .join(uplink_position, uplink_position.c.region_code == feed_position.c.region_code)
            .where(feed_position.c.region_code == region)
        )
    ).one()
    receipted = await transaction.scalar(select(func.max(uplink_batch.c.last_seq)))
    return Own(
        row.applied_pos, int(receipted or 0), max(row.epoch, row.uplink_epoch), row.uplink_epoch
    )


async def page_holding(transaction: Transaction, pos: int) -> Witness | None:
    """The page this entry was applied with; None if that was before pages were kept."""
    row = (
        await transaction.execute(
            select(feed_page.c.body, feed_page.c.signature)
            .where(feed_page.c.first_pos <= pos, feed_page.c.last_pos >= pos)
            .order_by(feed_page.c.first_pos.desc())
            .limit(1)
        )
    ).one_or_none()
    return _witness("page", row.body, row.signature) if row else None


async def newest_receipt(transaction: Transaction) -> Witness | None:
    row = (
        await transaction.execute(
            select(uplink_batch.c.receipt, uplink_batch.c.signature)
            .order_by(uplink_batch.c.last_seq.desc())
            .limit(1)
        )
    ).one_or_none()
    return _witness("receipt", row.receipt, row.signature) if row else None


def _witness(kind: str, content: bytes, signature: str) -> Witness:
    return Witness.model_validate(
        {"version": 1, "kind": kind, "content": content.decode(), "signature": signature}
    )


async def mark(transaction: Transaction, applied_pos: int) -> Mark | None:
    """The newest entry's place and hash; None before any was kept."""
    page = await page_holding(transaction, applied_pos)
    if page is None:
        return None
    for item in orjson.loads(page.content)["entries"]:
        if item["pos"] == applied_pos:
            hashed = sha256(orjson.dumps(item["entry"])).hexdigest()
            return Mark(pos=applied_pos, sha256=hashed)
    return None


async def signs(transaction: Transaction, region: str) -> tuple[int, int, str | None]:
    """What changes when the uplink or the feed heard of a restore."""
    row = (
        await transaction.execute(
            select(feed_position.c.epoch, uplink_position.c.epoch, uplink_position.c.trouble)
            .join(uplink_position, uplink_position.c.region_code == feed_position.c.region_code)
            .where(feed_position.c.region_code == region)
        )
    ).one()
    return row[0], row[1], row[2]
