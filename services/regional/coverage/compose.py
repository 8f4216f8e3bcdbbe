"""The room put together: its freezer, its operations, its pages."""

from pathlib import Path

from fastapi import APIRouter

from services.regional.coverage.loop import Freezer
from services.regional.coverage.page import OfficePages, PublicFigures, PublicPages
from services.regional.coverage.routes import CoverageDoors
from services.regional.coverage.steps import Office
from services.regional.pages import pages_of
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database
from shared.zones import zone_of


class CoverageRoom:
    """Its freezer is one of the region's loops."""

    def __init__(self, settings: RegionalSettings, database: Database, clock: Clock) -> None:
        office = Office(settings.region, zone_of(settings.zone))
        pages = pages_of(Path(__file__).parent / "templates", settings.zone)
        figures = PublicFigures(database, office, clock, settings.coverage_cell_min)
        self.freezer = Freezer(database, office, clock)
        self._doors = CoverageDoors(database, office, clock)
        self._pages = (PublicPages(figures, pages), OfficePages(database, office, clock, pages))

    def routers(self) -> list[APIRouter]:
        return [
            self._doors.router("coverage", "/v1"),
            *(pages.router("pages") for pages in self._pages),
        ]
