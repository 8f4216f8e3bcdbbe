"""Some shards of the gallery in this process: brought up to a position, then searched."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from services.central.penunggalan.iris import thresholds
from services.central.penunggalan.iris.gallery import SEGMENT_PEOPLE, Gallery
from services.central.penunggalan.iris.keeping import opened
from services.central.penunggalan.iris.matcher import (
    SHARDS,
    GalleryIncomplete,
    Likeness,
    Probe,
    Search,
)
from services.central.penunggalan.iris.rows import rows_after
from services.central.penunggalan.iris.thresholds import Thresholds
from shared.database.engine import Database
from shared.iris_keys import GalleryKeys

ALL_SHARDS: Final = frozenset(range(SHARDS))
# What a search may read before it begins: a second or so. More is read by the watch, before or
# meanwhile, and no transaction waits for it.
ROWS_BEHIND_MAX: Final = 20_000


class Behind(Exception):
    """So much is to be read first that no search waits for it."""


class Part:
    """Owns a gallery in memory, made from the rows of some shards."""

    def __init__(
        self,
        database: Database,
        keys: GalleryKeys,
        shards: Collection[int] = ALL_SHARDS,
        segment_people: int = SEGMENT_PEOPLE,
    ) -> None:
        self.database = database
        self.keys = keys
        self.shards = frozenset(shards)
        self.gallery = Gallery(segment_people)
        self._read_to = 0
        self._reading = asyncio.Lock()

    async def read(self, position: int) -> None:
        """Read whatever was appended up to `position`. Raises SQLAlchemyError, OSError.

        OSError is NotOpened, too: a row whose key is not here, or that was harmed.
        """
        async with self._reading:
            # From our own last row on: what is not visible yet is read the next time.
            after = self.gallery.position
            async for rows in rows_after(self.database, self.shards, after, position):
                await asyncio.to_thread(self._take, rows)
            self._read_to = max(self._read_to, position)

    def _take(self, found: Sequence[Any]) -> None:
        self.gallery.take([opened(one, self.keys) for one in found])

    async def catch_up(self, position: int) -> None:
        """Be ready for a search. Raises Behind, and what `read` raises."""
        if position - self._read_to > ROWS_BEHIND_MAX:
            raise Behind
        await self.read(position)

    async def search(
        self, probes: Sequence[Probe], position: int, limits: Thresholds, *, exhaustive: bool
    ) -> list[list[Likeness]]:
        """Candidates among this part's people; call `catch_up` before."""
        if not probes:
            return []
        return await asyncio.to_thread(
            self.gallery.search, probes, position, limits, exhaustive=exhaustive
        )


class MatcherHere:
    """Searches a gallery that is whole in this process."""

    def __init__(
        self, database: Database, keys: GalleryKeys, segment_people: int = SEGMENT_PEOPLE
    ) -> None:
        self.part = Part(database, keys, ALL_SHARDS, segment_people)

    async def search(
        self, probes: Sequence[Probe], position: int, *, exhaustive: bool = False
    ) -> Search:
        try:
            await self.part.catch_up(position)
        except (Behind, SQLAlchemyError, OSError) as trouble:
            raise GalleryIncomplete from trouble
        gallery = self.part.gallery
        if gallery.rows_at(position) != position:
            # Positions have no gaps: rows are missing here, or not written yet.
            raise GalleryIncomplete
        size = gallery.size_at(position)
        limits = thresholds.for_gallery(size)
        found = await self.part.search(probes, position, limits, exhaustive=exhaustive)
        return Search(position, size, tuple(tuple(alike) for alike in found))
