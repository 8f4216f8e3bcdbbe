"""The audit of this region as doors use it."""

from functools import cache

from services.regional.audit.entries import LEDGER
from services.regional.audit.looks import LOOKS, SHOWS_NOBODY
from services.regional.settings import RegionalSettings
from shared.clock import Clock
from shared.database.engine import Database
from shared.doors.looking import Audit
from shared.files import secret_at


def audit_of(settings: RegionalSettings, database: Database, clock: Clock) -> Audit:
    """Its secret lies in the data folder: whoever holds the database alone finds nobody by it."""
    secret = settings.data_folder / "regional" / "audit-person.key"
    return Audit(
        database, clock, LEDGER.append, LOOKS, SHOWS_NOBODY, cache(lambda: secret_at(secret))
    )
