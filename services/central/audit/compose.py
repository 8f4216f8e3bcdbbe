"""The audit of the centre as doors use it."""

from functools import cache

from services.central.audit.entries import LEDGER
from services.central.audit.looks import LOOKS, SHOWS_NOBODY
from services.central.settings import CentralSettings
from shared.clock import Clock
from shared.database.engine import Database
from shared.doors.looking import Audit
from shared.files import secret_at


def audit_of(settings: CentralSettings, database: Database, clock: Clock) -> Audit:
    """Its secret lies in the data folder: whoever holds the database alone finds nobody by it."""
    secret = settings.data_folder / "central" / "audit-person.key"
    return Audit(
        database, clock, LEDGER.append, LOOKS, SHOWS_NOBODY, cache(lambda: secret_at(secret))
    )
