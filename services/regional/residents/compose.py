"""The room put together: its reader, its operations and its pages."""

from pathlib import Path

from fastapi import APIRouter

from services.regional.pages import pages_of
from services.regional.residents.loop import ListReader
from services.regional.residents.page import ResidentsPages
from services.regional.residents.routes import ResidentsDoors
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database
from shared.zones import zone_of


class ResidentsRoom:
    """Its reader runs wherever its doors are open: who hands a list in waits for it."""

    def __init__(self, settings: RegionalSettings, database: Database, clock: Clock) -> None:
        folder = settings.data_folder / "regional" / "residents"
        self.reader = ListReader(database, clock, folder)
        zone = zone_of(settings.zone)
        means = (database, settings.region, zone, clock, self.reader)
        pages = pages_of(Path(__file__).parent / "templates", settings.zone)
        self._doors = ResidentsDoors(*means)
        self._pages = ResidentsPages(*means, pages)

    def routers(self) -> list[APIRouter]:
        return [self._doors.router("residents", "/v1"), self._pages.router("pages")]
