"""The room's doors, put together from the settings."""

import secrets
from pathlib import Path

from fastapi import APIRouter

from services.regional.outreach.page import LetterPages
from services.regional.outreach.reply_page import ReplyPages
from services.regional.outreach.routes import Outreach, OutreachDoors
from services.regional.outreach.steps import Limits
from services.regional.outreach.visit_page import VisitPages
from services.regional.pages import pages_of
from services.regional.papers import office_of
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database
from shared.limits import KEY_BYTES, Limiter, Pace
from shared.zones import zone_of

TEMPLATES = Path(__file__).parent / "templates"
# From one address: a family answers several letters, and so does a head of an RT.
REPLIES = Pace(burst=12, seconds_each=20.0)


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
    pages = pages_of(TEMPLATES, settings.zone)
    return [
        OutreachDoors(outreach).router("outreach", "/v1"),
        LetterPages(outreach, pages).router("pages"),
        VisitPages(outreach, pages).router("pages"),
        ReplyPages(outreach, pages, Limiter(REPLIES, secrets.token_bytes(KEY_BYTES))).router(
            "pages"
        ),
    ]
