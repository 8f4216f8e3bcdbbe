"""The register, read page by page and laid down as two Parquet files: persons and their keys."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa  # type: ignore[import-untyped]
from pyarrow import parquet
from sqlalchemy import func, select

from services.central.penunggalan.demographic import store
from services.central.penunggalan.demographic.birth_dates import is_custom_day
from services.central.penunggalan.demographic.keys import keys_of
from services.central.penunggalan.demographic.names import PersonName
from services.central.penunggalan.demographic.persons import Person
from services.central.tables import registry
from shared.contracts.recording import Recording
from shared.database.engine import Database

PAGE = 1_000  # recordings in memory at once, some 15 KB each
PERSONS, KEYS = "persons.parquet", "keys.parquet"

_TEXT, _NUMBER = pa.string(), pa.int32()
PERSON_COLUMNS = pa.schema(
    [
        ("unique_id", _TEXT),
        ("region", _TEXT),
        ("name", _TEXT),
        ("name_code", _TEXT),
        ("name_words", pa.list_(_TEXT)),
        ("mother_name", _TEXT),
        ("mother_name_code", _TEXT),
        ("mother_name_words", pa.list_(_TEXT)),
        ("birth_date", _TEXT),
        ("birth_swapped", _TEXT),
        ("birth_year", _NUMBER),
        ("birth_month", _NUMBER),
        ("birth_day", _NUMBER),
        ("birth_guessed", pa.bool_()),
        ("birth_place", _TEXT),
        ("sex", _TEXT),
        ("family_card", _TEXT),
        ("ward", _TEXT),
        ("district", _TEXT),
    ]
)
KEY_COLUMNS = pa.schema([("key", pa.int64()), ("unique_id", _TEXT)])


async def lay_down(database: Database, folder: Path, tell: Callable[[int, int], None]) -> int:
    """Write the register into `folder`; gives how many persons it holds.

    Each page is a short transaction of its own: the register goes on growing meanwhile, and who is
    admitted behind the page just read is seen in the next audit.
    tell: is told (read, all) after every page.
    """
    async with database.begin() as transaction:
        total = await transaction.scalar(select(func.count()).select_from(registry)) or 0
    after_nik, count = -1, 0
    with _Files(folder) as files:
        while True:
            async with database.begin() as transaction:
                page = await store.register_page(transaction, after_nik, PAGE)
            if page is None:
                return count
            after_nik = page.last_nik
            count += len(page.recordings)
            files.write(page.recordings)
            tell(count, max(total, count))


class _Files:
    """Both files, open for writing."""

    def __init__(self, folder: Path) -> None:
        self._persons = parquet.ParquetWriter(folder / PERSONS, PERSON_COLUMNS)
        self._keys = parquet.ParquetWriter(folder / KEYS, KEY_COLUMNS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._persons.close()
        self._keys.close()

    def write(self, recordings: Sequence[tuple[str, Recording]]) -> None:
        persons, keys = [], []
        for region, recording in recordings:
            person, unique_id = Person.of(recording), str(recording.recording_id)
            persons.append(_row(unique_id, region, person))
            keys += [{"key": key, "unique_id": unique_id} for key in keys_of(person)]
        self._persons.write_table(pa.Table.from_pylist(persons, schema=PERSON_COLUMNS))
        self._keys.write_table(pa.Table.from_pylist(keys, schema=KEY_COLUMNS))


def _row(unique_id: str, region: str, person: Person) -> dict[str, Any]:
    born = person.born
    first, second = sorted((born.day, born.month))
    return {
        "unique_id": unique_id,
        "region": region,
        **_name_columns("name", person.name),
        **_name_columns("mother_name", person.mother),
        "birth_date": born.isoformat(),
        "birth_swapped": f"{born.year}-{first}-{second}",
        "birth_year": born.year,
        "birth_month": born.month,
        "birth_day": born.day,
        "birth_guessed": is_custom_day(born),
        "birth_place": person.place,
        "sex": person.sex.value,
        "family_card": person.family_card,
        "ward": person.ward,
        "district": person.ward[:8],
    }


def _name_columns(column: str, name: PersonName) -> dict[str, Any]:
    return {
        column: " ".join(word.sound for word in name.words),
        f"{column}_code": "+".join(sorted(name.codes())),
        f"{column}_words": [word.code for word in name.words],
    }
