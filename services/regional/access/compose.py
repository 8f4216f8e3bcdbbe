"""The room put together."""

from fastapi import APIRouter

from services.regional.access.page import TEMPLATES, AccessPages
from services.regional.access.routes import AccessDoors
from services.regional.access.steps import Reports
from services.regional.audit.compose import audit_of
from services.regional.pages import pages_of
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database


def routers(settings: RegionalSettings, database: Database, clock: Clock) -> list[APIRouter]:
    reports = Reports(database, audit_of(settings, database, clock).person_key)
    pages = pages_of(TEMPLATES, settings.zone)
    return [
        AccessDoors(reports, clock).router("audit", "/v1"),
        AccessPages(reports, clock, pages).router("pages"),
    ]
