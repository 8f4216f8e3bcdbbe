"""The room's doors, put together from the settings."""

from fastapi import APIRouter

from services.regional.outreach.routes import Outreach, OutreachDoors
from services.regional.outreach.steps import Limits
from services.regional.papers import office_of
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database
from shared.zones import zone_of


def routers(settings: RegionalSettings, database: Database, clock: Clock) -> list[APIRouter]:
    outreach = Outreach(
        database,
        settings.region,
        zone_of(settings.zone),
        clock,
        Limits(settings.letters_ward_day_max, settings.letters_again_days),
        office_of(settings),
        settings.public_address,
    )
    return [OutreachDoors(outreach).router("outreach", "/v1")]
