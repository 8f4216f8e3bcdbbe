"""Take the residents' list; count."""

from collections.abc import Iterable
from datetime import datetime

from services.regional.coverage import rules, store
from services.regional.coverage.rules import Counted, LineFault, Resident
from services.regional.outbox import store as outbox
from shared.contracts.envelopes import (
    COVERAGE_BASE,
    COVERAGE_VERSION,
    CoverageBase,
    DistrictBase,
    EnvelopeKind,
)
from shared.database.engine import Transaction
from shared.ids import new_id

CHUNK_LINES = 5_000


async def import_residents(
    transaction: Transaction, region: str, lines: Iterable[str], now: datetime
) -> tuple[int, list[LineFault]]:
    """Put this list in the place of the last one, and tell the centre the new denominators.

    Gives how many residents were taken, and the lines left out. Raises NotAResidentsList.
    """
    faults: list[LineFault] = []
    chunk: list[Resident] = []
    taken = 0
    await store.clear(transaction)
    for one in rules.read(lines):
        if isinstance(one, LineFault):
            faults.append(one)
            continue
        chunk.append(one)
        if len(chunk) == CHUNK_LINES:
            await store.save(transaction, chunk)
            taken += len(chunk)
            chunk = []
    if chunk:
        await store.save(transaction, chunk)
        taken += len(chunk)
    await _tell_centre(transaction, region, await store.count_by_ward(transaction), now)
    return taken, faults


async def _tell_centre(
    transaction: Transaction, region: str, wards: list[Counted], now: datetime
) -> None:
    base = CoverageBase(
        counted_at=now,
        districts=tuple(
            DistrictBase(district=one.code, population=one.population, obliged=one.obliged)
            for one in rules.by_district(wards)
            if one.population
        ),
    )
    letter = outbox.Letter.of(
        new_id(),
        EnvelopeKind.COVERAGE_BASE,
        COVERAGE_VERSION,
        now,
        COVERAGE_BASE.dump_json(base),
    )
    await outbox.append(transaction, region, [letter], now)
