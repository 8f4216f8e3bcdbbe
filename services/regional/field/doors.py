"""The room's routers, made from the region's means."""

from fastapi import APIRouter

from services.regional.field.page import TEMPLATES, FieldPages
from services.regional.field.routes import Field, FieldDoors
from services.regional.field.steps import Follow
from services.regional.pages import pages_of
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database
from shared.zones import zone_of


def routers(
    settings: RegionalSettings, database: Database, clock: Clock, follow: Follow
) -> list[APIRouter]:
    field = Field(database, zone_of(settings.zone), clock, follow)
    return [
        FieldDoors(field).router("field", "/v1"),
        FieldPages(field, settings.region, pages_of(TEMPLATES, settings.zone)).router("pages"),
    ]
