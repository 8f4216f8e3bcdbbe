"""The room of blanks put together: its operations and its pages."""

from fastapi import APIRouter

from services.regional.blanks.page import TEMPLATES, BlankPages
from services.regional.blanks.routes import BlankDoors
from services.regional.pages import pages_of
from services.regional.papers import office_of
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database
from shared.zones import zone_of


def routers(settings: RegionalSettings, database: Database, clock: Clock) -> list[APIRouter]:
    doors = BlankDoors(database, zone_of(settings.zone), clock)
    pages = pages_of(TEMPLATES, settings.zone)
    return [
        doors.router("blanks", "/v1"),
        BlankPages(doors, pages, office_of(settings)).router("pages"),
    ]
