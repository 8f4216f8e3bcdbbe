"""Which matcher a centre searches with: by its settings, and chosen nowhere else."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.central.penunggalan.iris.apart import MatcherApart
from services.central.penunggalan.iris.loop import GalleryWatch
from services.central.penunggalan.iris.matcher import Matcher
from services.central.penunggalan.iris.part import MatcherHere
from services.central.settings import CentralSettings, Irises
from shared.database.engine import Database


async def _nothing_to_close() -> None:
    """A gallery in this process has no lines to other ones."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """matcher: None where irises are ignored. watch: what keeps a gallery of this process ready."""

    matcher: Matcher | None
    watch: GalleryWatch | None = None
    close: Callable[[], Awaitable[None]] = _nothing_to_close

    async def prepare(self) -> None:
        """Have the gallery whole in memory before anybody is searched for."""
        if self.watch is not None:
            await self.watch.round()


def choose(settings: CentralSettings, database: Database) -> Chosen:
    if settings.irises is Irises.IGNORED:
        return Chosen(None)
    if settings.matchers:
        addresses = settings.matchers.split(",")
        apart = MatcherApart(addresses, settings.matcher_secret, settings.matcher_seconds_max)
        return Chosen(apart, close=apart.close)
    here = MatcherHere(database)
    return Chosen(here, GalleryWatch(here.part))
