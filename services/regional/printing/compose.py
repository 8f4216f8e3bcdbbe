"""The printing room put together: its operations and its pages."""

from fastapi import APIRouter

from services.regional.central_client.client import CentreKeys
from services.regional.pages import pages_of
from services.regional.printing.card_page import CardPages
from services.regional.printing.office import PermissionLifeDoors, TurnDoors
from services.regional.printing.page import PrintingPages
from services.regional.printing.page_kit import TEMPLATES
from services.regional.printing.routes import PrintingDoors
from services.regional.printing.rules import BlankRule
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database
from shared.zones import zone_of


def routers(
    settings: RegionalSettings, database: Database, centre: CentreKeys, clock: Clock
) -> list[APIRouter]:
    region, zone = settings.region, zone_of(settings.zone)
    blanks = BlankRule(settings.blanks) if settings.blanks else None
    doors = PrintingDoors(database, region, zone, centre, clock, settings.print_window, blanks)
    pages = pages_of(TEMPLATES, settings.zone)
    return [
        doors.router("printing", "/v1"),
        PermissionLifeDoors(database, clock).router("printing", "/v1"),
        TurnDoors(database, region, zone, clock).router("printing", "/v1"),
        PrintingPages(doors, pages).router("pages"),
        CardPages(doors, pages).router("pages"),
    ]
