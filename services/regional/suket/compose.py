"""The suket room put together: its operations and its pages."""

from fastapi import APIRouter

from services.regional.pages import pages_of
from services.regional.papers import office_of
from services.regional.settings import RegionalSettings
from services.regional.suket.page import TEMPLATES, CheckPages, SuketPages
from services.regional.suket.routes import CheckDoors, SuketDoors, Sukets
from services.regional.suket.rules import periods_of
from services.regional.suket.steps import FindStanding
from shared.clock import Clock
from shared.database.engine import Database
from shared.zones import zone_of


def routers(
    settings: RegionalSettings, database: Database, clock: Clock, find_standing: FindStanding
) -> list[APIRouter]:
    """find_standing: where a recording is, as another room knows it."""
    sukets = Sukets(
        database,
        settings.region,
        zone_of(settings.zone),
        clock,
        periods_of(settings.suket_periods),
        find_standing,
        office_of(settings),
        settings.public_address,
    )
    pages = pages_of(TEMPLATES, settings.zone)
    return [
        SuketDoors(sukets).router("suket", "/v1"),
        CheckDoors(sukets).router("citizen", "/v1"),
        SuketPages(sukets, pages).router("pages"),
        CheckPages(sukets, pages).router("pages"),
    ]
