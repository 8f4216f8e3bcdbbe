"""Keeps an ABIS close behind the gallery, and tells it everything anew when it has forgotten."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.central.penunggalan import gallery
from services.central.penunggalan.abis.client import AbisTrouble, words_of
from services.central.penunggalan.abis.matcher import MatcherAbis

WATCH_SECONDS = 1.0
TROUBLE_SECONDS = 5.0

log = structlog.get_logger()


@dataclass(slots=True)
class AbisWatch:
    """Several may run: what is told twice is told once."""

    matcher: MatcherAbis
    was_counted: bool = False
    was_short: bool = False  # the last count was; one alone may have met a deletion under way

    async def run(self) -> None:
        while True:
            try:
                await self.round()
                await asyncio.sleep(WATCH_SECONDS)
            except (AbisTrouble, SQLAlchemyError, OSError) as trouble:
                log.warning("abis.not_told", trouble=words_of(trouble))
                await asyncio.sleep(TROUBLE_SECONDS)

    async def round(self) -> None:
        """Tell the ABIS what is committed now; count, at first and where a search found it short.

        Raises AbisTrouble, SQLAlchemyError, OSError.
        """
        matcher = self.matcher
        async with matcher.database.begin() as transaction:
            head = await gallery.head(transaction)
        mark = await matcher.tell(head)
        if self.was_counted and not matcher.is_short:
            return
        is_short = await matcher.abis.count() < mark.held
        if is_short and self.was_short:
            log.error("abis.told_anew", position=mark.position, held=mark.held)
            await matcher.begin_anew()
            is_short = False
        elif not is_short:
            matcher.is_short = False
        self.was_short = is_short
        self.was_counted = not is_short
