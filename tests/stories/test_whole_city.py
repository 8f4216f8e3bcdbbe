"""The source's city whole: its residents' list taken in, its recordings counted, 73.38 % found."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Text, Uuid, func, insert, literal, select

from services.command import office_report
from services.regional.app import lay_positions
from services.regional.coverage import steps as coverage
from services.regional.coverage.rules import OfWhom
from services.regional.coverage.steps import Office
from services.regional.residents import steps as residents
from services.regional.residents.loop import ListReader
from services.regional.tables import recording
from services.simulator.population import AS_OF, CENSUS, Resident, city, write_residents_csv
from services.simulator.population.census import CITY
from shared.clock import ManualClock
from shared.database.engine import Columns, Database, columns_of, rows_of
from shared.zones import zone_of
from tests.recordings import NOON
from tests.town import REGION, Databases

CHUNK = 20_000
OFFICE = Office(REGION, zone_of("WIB"))
_COLUMNS: Columns = {
    "recording_id": Uuid(),
    "nik": BigInteger(),
    "seq": BigInteger(),
    "captured_at": DateTime(timezone=True),
    "ward": Text(),
}
_rows = rows_of("rows", _COLUMNS)
_TAKEN = {
    "is_live": literal(True),
    "sha256": func.decode("", "hex"),
    "recorded_at": _rows.c.captured_at,
    "officer": literal("sri"),
    "place": literal("office"),
}
_SAVE = insert(recording).from_select(
    [*_COLUMNS, *_TAKEN], select(*(_rows.c[name] for name in _COLUMNS), *_TAKEN.values())
)


def taken(people: Iterable[Resident]) -> Iterator[dict[str, object]]:
    recorded = (person for person in people if person.recorded)
    for seq, person in enumerate(recorded, 1):
        yield {
            "recording_id": UUID(int=seq),
            "nik": int(person.nik),
            "seq": seq,
            "captured_at": NOON - timedelta(minutes=seq),
            "ward": person.ward,
        }


async def parts(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(256 * 1024):
            yield part


async def test_the_whole_citys_coverage_is_the_sources(
    databases: Databases, tmp_path: Path
) -> None:
    people = list(city(1).residents())
    path = tmp_path / "residents.csv"
    write_residents_csv(path, people)

    async with databases.fresh("regional") as url:
        database = Database(url)
        try:
            await _takes_in(database, path, tmp_path)
            rows = taken(people)
            while chunk := list(islice(rows, CHUNK)):
                async with database.begin() as transaction:
                    await transaction.execute(_SAVE, columns_of(chunk, list(_COLUMNS)))
            async with database.begin() as transaction:
                found = await coverage.count(transaction, OFFICE, AS_OF)
        finally:
            await database.close()

    total = found.total
    assert (total.population, total.obliged, total.recorded) == (262_210, 187_433, 137_533)
    assert total.percent == found.percent_by_place == 73.38
    assert {
        ward: (one.population, one.obliged, one.recorded) for ward, one in found.by_ward.items()
    } == {ward: (one.population, one.obliged, one.recorded) for ward, one in CENSUS.items()}
    assert found.of_whom[OfWhom.OBLIGED] == found.taken_here == CITY.recorded
    assert found.uncertain == 0
    office_report.put({"coverage_percent": total.percent})


async def _takes_in(database: Database, path: Path, folder: Path) -> None:
    """The list of 262,210 people, staged by chunks and applied in one transaction."""
    await lay_positions(database, REGION)
    reader = ListReader(database, ManualClock(NOON), folder / "lists")
    task = asyncio.create_task(reader.run())
    try:
        set_id = await reader.take(parts(path), "sri", AS_OF)
        await reader.read(set_id)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with database.begin() as transaction:
        applied = await residents.apply(
            transaction, REGION, set_id, None, although_rounded=False, officer="sri", now=NOON
        )
    assert (applied.residents, applied.left_out) == (CITY.population, 0)
