"""The room's routers, made from the region's means."""

from fastapi import APIRouter

from services.regional.field.batch_page import BatchPages
from services.regional.field.batch_routes import BatchDoors
from services.regional.field.bringing import Bringing, HandIn
from services.regional.field.page import TEMPLATES, FieldPages
from services.regional.field.routes import Field, FieldDoors
from services.regional.field.steps import Follow
from services.regional.pages import pages_of
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database
from shared.zones import zone_of


def routers(
    settings: RegionalSettings,
    database: Database,
    clock: Clock,
    follow: Follow,
    hand_in: HandIn,
) -> list[APIRouter]:
    """follow: where one recording is. hand_in: the way to the commit lane."""
    pages = pages_of(TEMPLATES, settings.zone)
    bringing = Bringing(database, clock, hand_in)
    field = Field(database, zone_of(settings.zone), clock, follow)
    return [
        FieldDoors(field).router("field", "/v1"),
        BatchDoors(bringing).router("field", "/v1"),
        BatchPages(bringing, pages).router("pages"),
        FieldPages(field, settings.region, pages).router("pages"),
    ]
