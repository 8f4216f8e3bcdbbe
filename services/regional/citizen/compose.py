"""The room put together: its learner, its doors and its pages."""

import secrets

from fastapi import APIRouter

from services.regional.citizen.loop import Learner
from services.regional.citizen.page import CitizenPages, OfficePages
from services.regional.citizen.routes import CitizenDoors, Citizens, FindStanding
from services.regional.citizen.speaking import TEMPLATES, Speaker
from services.regional.pages import pages_of
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database
from shared.limits import KEY_BYTES, Limiter, Pace
from shared.zones import zone_of

# One address may be a whole village behind one mobile mast; a NIK is one person.
ADDRESS_PACE = Pace(burst=30, seconds_each=2.0)
NIK_PACE = Pace(burst=6, seconds_each=300.0)


class CitizenRoom:
    """find_standing: where a recording is, as another room knows it."""

    def __init__(
        self,
        settings: RegionalSettings,
        database: Database,
        clock: Clock,
        find_standing: FindStanding,
    ) -> None:
        self.learner = Learner(database, settings.region, clock)
        self.citizens = Citizens(
            database=database,
            region=settings.region,
            zone=zone_of(settings.zone),
            clock=clock,
            learner=self.learner,
            speaker=Speaker(settings.zone),
            find_standing=find_standing,
            addresses=Limiter(ADDRESS_PACE, secrets.token_bytes(KEY_BYTES)),
            niks=Limiter(NIK_PACE, secrets.token_bytes(KEY_BYTES)),
            gateways=frozenset(filter(None, map(str.strip, settings.gateways.split(",")))),
            public_address=settings.public_address,
        )
        self._pages = pages_of(TEMPLATES, settings.zone)

    def routers(self) -> list[APIRouter]:
        return [
            CitizenDoors(self.citizens).router("citizen", "/v1"),
            CitizenPages(self.citizens, self._pages).router("citizen"),
            OfficePages(self.citizens, self._pages).router("citizen"),
        ]
