"""Keeps a gallery in memory close behind the table, so that no search waits for long."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from services.central.penunggalan.iris.part import Part
from services.central.tables import gallery_head

WATCH_SECONDS = 1.0

log = structlog.get_logger()


class NotRead(Exception):
    """The gallery has not been read once yet, so this part is not ready."""


@dataclass(slots=True)
class GalleryWatch:
    part: Part
    was_read: bool = False

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except (SQLAlchemyError, OSError) as trouble:
                log.warning("gallery.database_trouble", trouble=type(trouble).__name__)
            await asyncio.sleep(WATCH_SECONDS)

    async def round(self) -> None:
        """Read what is committed now."""
        async with self.part.database.begin() as transaction:
            head = int(await transaction.scalar(select(gallery_head.c.last_pos)) or 0)
        await self.part.read(head)
        if not self.was_read:
            log.info("gallery.read", position=head, people=self.part.gallery.size_at(head))
        self.was_read = True

    async def check(self) -> None:
        """A readiness check: the gallery was whole once, and only grew since."""
        if not self.was_read:
            raise NotRead
