"""What the law on personal data asks of this side, put together: doors and loops."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.regional.access import compose as access
from services.regional.audit.entries import entry
from services.regional.disclosure import store as disclosure
from services.regional.papers.letterhead import office_of
from services.regional.retention import store as retention
from services.regional.retention.rules import Kind, terms
from services.regional.settings import RegionalSettings
from services.regional.tables import breach
from services.regional.witness import routes as witness
from shared.breaches.doors import BreachDoors
from shared.breaches.loop import BreachWatch
from shared.clock import Clock
from shared.database.engine import Database
from shared.disclosure.doors import DisclosureDoors
from shared.doors.lifetime import Loop
from shared.evidence.store import EvidenceStore
from shared.retention.doors import RetentionDoors
from shared.retention.loop import Retention


@dataclass(frozen=True, slots=True)
class Duties:
    """Retention, obeyed and shown; a person's own data, and who looked at it; incidents."""

    retention: Retention
    settings: RegionalSettings
    sender: str

    @classmethod
    def of(
        cls, settings: RegionalSettings, database: Database, images: EvidenceStore, clock: Clock
    ) -> "Duties":
        days: dict[Kind, int] = {kind: getattr(settings, f"retention_{kind}_days") for kind in Kind}
        kept = Retention(database, retention.sweeps(terms(days), images), clock)
        office = office_of(settings)
        return cls(kept, settings, f"{office.government}\n{office.name}\n{office.address}")

    def loops(self) -> list[Loop]:
        watch = BreachWatch(self.retention.database, breach, self.retention.clock)
        return [self.retention.run, watch.run]

    def routers(self) -> list[APIRouter]:
        database, clock = self.retention.database, self.retention.clock
        told = DisclosureDoors(database, clock, disclosure.PARTS, disclosure.find, entry)
        return [
            RetentionDoors(self.retention, entry).router("duties", "/v1"),
            told.router("duties", "/v1"),
            BreachDoors(database, clock, breach, self.sender, entry).router("duties", "/v1"),
            witness.AuditDoors(database).router("audit", "/v1"),
            *access.routers(self.settings, database, clock),
        ]
