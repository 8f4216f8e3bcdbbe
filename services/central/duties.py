"""What the law on personal data asks of this side, put together: doors and loops."""

from dataclasses import dataclass

from fastapi import APIRouter

from services.central.audit.entries import entry
from services.central.disclosure import store as disclosure
from services.central.retention import store as retention
from services.central.retention.rules import Kind, terms
from services.central.settings import CentralSettings
from services.central.tables import breach
from shared.breaches.doors import BreachDoors
from shared.breaches.loop import BreachWatch
from shared.clock import Clock
from shared.database.engine import Database
from shared.disclosure.doors import DisclosureDoors
from shared.doors.lifetime import Loop
from shared.evidence.store import EvidenceStore
from shared.retention.doors import RetentionDoors
from shared.retention.loop import Retention

SENDER = "DIREKTORAT JENDERAL KEPENDUDUKAN DAN PENCATATAN SIPIL"


@dataclass(frozen=True, slots=True)
class Duties:
    """Retention, obeyed and shown; a person's own data, told; incidents, and whom to tell."""

    retention: Retention
    sender: str

    @classmethod
    def of(
        cls, settings: CentralSettings, database: Database, images: EvidenceStore, clock: Clock
    ) -> "Duties":
        days: dict[Kind, int] = {kind: getattr(settings, f"retention_{kind}_days") for kind in Kind}
        return cls(Retention(database, retention.sweeps(terms(days), images), clock), SENDER)

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
        ]
