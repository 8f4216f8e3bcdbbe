"""Which matcher a centre searches with: by its settings, and chosen nowhere else."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.central.penunggalan.abis.client import Abis
from services.central.penunggalan.abis.loop import AbisWatch
from services.central.penunggalan.abis.matcher import MatcherAbis
from services.central.penunggalan.abis.sharing import Shares
from services.central.penunggalan.iris.apart import MatcherApart
from services.central.penunggalan.iris.loop import GalleryWatch
from services.central.penunggalan.iris.matcher import Matcher
from services.central.penunggalan.iris.part import MatcherHere
from services.central.settings import CentralSettings, Irises
from shared.database.engine import Database
from shared.iris_keys import GalleryKeys


async def _nothing_to_close() -> None:
    """A gallery in this process has no lines to other ones."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """matcher: None where irises are ignored. watch: what keeps its gallery up to date."""

    matcher: Matcher | None
    auditor: Matcher | None = None  # the same, where it can search in full; an ABIS cannot
    watch: GalleryWatch | AbisWatch | None = None
    close: Callable[[], Awaitable[None]] = _nothing_to_close

    async def prepare(self) -> None:
        """Have a gallery of this process whole in memory before anybody is searched for.

        An ABIS is told meanwhile: while it is away the centre starts all the same.
        """
        if isinstance(self.watch, GalleryWatch):
            await self.watch.round()


def choose(
    settings: CentralSettings, database: Database, shares: Shares, keys: GalleryKeys
) -> Chosen:
    if settings.irises is not Irises.IGNORED and settings.abis_url and settings.abis_share_url:
        seconds_max = settings.abis_seconds_max
        client = Abis(settings.abis_url, settings.abis_secret, seconds_max, shares.clock)
        abis = MatcherAbis(database, client, shares, keys, settings.abis_share_url, seconds_max)
        return Chosen(abis, None, AbisWatch(abis), abis.close)
    return built_in(settings, database, keys)


def built_in(settings: CentralSettings, database: Database, keys: GalleryKeys) -> Chosen:
    """Our own matcher, whoever searches otherwise: what searches are audited by."""
    if settings.irises is Irises.IGNORED:
        return Chosen(None)
    if settings.matchers:
        addresses = settings.matchers.split(",")
        apart = MatcherApart(
            addresses, settings.matcher_secret, settings.matcher_seconds_max, keys.kid
        )
        return Chosen(apart, apart, close=apart.close)
    here = MatcherHere(database, keys)
    return Chosen(here, here, GalleryWatch(here.part))
