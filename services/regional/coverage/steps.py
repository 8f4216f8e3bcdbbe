"""Count a day; freeze a semester's last day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.regional.coverage import rules, store
from services.regional.coverage.rules import Coverage
from services.regional.coverage.store import Day
from shared.database.engine import Transaction
from shared.refusals import InvalidInput


@dataclass(frozen=True, slots=True)
class Office:
    """Whose figures, and by whose clock a day ends."""

    region: str
    zone: ZoneInfo

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        return datetime.combine(day + timedelta(days=1), time(), self.zone)


async def count(transaction: Transaction, office: Office, at: date) -> Coverage:
    """Figures of the end of a day, from what is known now."""
    _, last = await store.listed_on(transaction)
    if last is None and await store.has_residents(transaction):
        last = at  # taken in by a program that kept no change sets
    day = Day(at, office.end_of(at), last or at)
    cells, uncertain = await store.count_cells(transaction, day)
    taken = await store.count_taken(transaction, office.region, day)
    return Coverage(at, last, cells, taken, uncertain)


async def freeze(
    transaction: Transaction, office: Office, as_of: date, now: datetime
) -> Coverage | None:
    """Freeze a semester's last day; a day frozen before is given as it was.

    None while there is nobody on the list. Refuses: InvalidInput.
    """
    if not rules.is_semester_end(as_of) or as_of >= office.today(now):
        raise InvalidInput("Only a 30 June or a 31 December that is over can be frozen.")
    before = await store.find_snapshot(transaction, as_of)
    if before is None:
        coverage = await count(transaction, office, as_of)
        if not coverage.cells:
            return None
        await store.freeze(transaction, coverage, now)
        before = await store.find_snapshot(transaction, as_of)
    return await store.read_snapshot(transaction, before) if before is not None else None


async def freeze_due(transaction: Transaction, office: Office, now: datetime) -> bool:
    """Freeze the semester that ended last, if a list was here then; says whether it was done."""
    as_of = rules.last_semester_end(office.today(now))
    first, _ = await store.listed_on(transaction)
    if first is None or first > as_of or await store.find_snapshot(transaction, as_of) is not None:
        return False
    return await freeze(transaction, office, as_of, now) is not None


async def frozen(transaction: Transaction, as_of: date) -> Coverage | None:
    head = await store.find_snapshot(transaction, as_of)
    return await store.read_snapshot(transaction, head) if head is not None else None
