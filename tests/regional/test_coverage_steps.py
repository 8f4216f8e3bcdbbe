"""Coverage of any day, counted from what lies in the tables; and semesters frozen for good."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from services.regional.coverage import steps, store
from services.regional.coverage.loop import Freezer
from services.regional.coverage.rules import Coverage, Figure, OfWhom
from services.regional.coverage.steps import Office
from services.regional.tables import recording, resident, resident_change, residents_change_set
from shared.clock import ManualClock
from shared.database.engine import Database
from shared.ids import new_id
from shared.refusals import InvalidInput
from shared.zones import zone_of
from tests.recordings import nik
from tests.town import REGION

OFFICE = Office(REGION, zone_of("WIB"))
LIST_DAY = date(2017, 10, 13)
NOW = datetime(2018, 3, 1, 5, tzinfo=UTC)
WARD, OTHER_WARD = "61.72.02.1001", "61.72.01.1003"
GROWN = date(1980, 5, 1)


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


class Books:
    """Writes residents and recordings as other rooms leave them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def lists(self, *people: Mapping[str, Any]) -> None:
        common = {
            "ward": WARD,
            "sex": "female",
            "birth_date": GROWN,
            "obliged": True,
            "residency": "active",
            "arrived_on": None,
            "left_on": None,
        }
        rows = [common | dict(one) | {"nik": int(nik(one["nik"]))} for one in people]
        async with self.database.begin() as transaction:
            await transaction.execute(insert(resident), rows)

    async def applied(self, listed_on: date) -> Any:
        set_id = new_id()
        async with self.database.begin() as transaction:
            await transaction.execute(
                insert(residents_change_set),
                {
                    "change_set_id": set_id,
                    "state": "applied",
                    "listed_on": listed_on,
                    "handed_in_by": "sri",
                    "handed_in_at": on(listed_on),
                    "size_bytes": 1,
                    "sha256": b"",
                    "closed_at": on(listed_on),
                },
            )
        return set_id

    async def moved(self, set_id: Any, number: int, ward_before: str) -> None:
        async with self.database.begin() as transaction:
            await transaction.execute(
                insert(resident_change),
                {
                    "change_set_id": set_id,
                    "nik": int(nik(number)),
                    "kind": "ward",
                    "ward_before": ward_before,
                    "ward_after": WARD,
                    "is_recorded": False,
                },
            )

    async def recorded(
        self, number: int, day: date = LIST_DAY, ward: str = WARD, **changes: Any
    ) -> None:
        row = {
            "recording_id": new_id(),
            "nik": int(nik(number)),
            "is_live": True,
            "seq": number,
            "sha256": b"",
            "captured_at": on(day),
            "recorded_at": on(day),
            "officer": "sri",
            "place": "office",
            "ward": ward,
        }
        async with self.database.begin() as transaction:
            await transaction.execute(insert(recording), row | changes)

    async def coverage(self, at: date) -> Coverage:
        async with self.database.begin() as transaction:
            return await steps.count(transaction, OFFICE, at)


@pytest.fixture
async def books(database: Database) -> Books:
    made = Books(database)
    await made.applied(LIST_DAY)
    return made


async def test_residents_count_from_their_birth_and_arrival_until_they_leave(books: Books) -> None:
    day = timedelta(days=1)
    await books.lists(
        {"nik": 1},
        {"nik": 2, "arrived_on": LIST_DAY},
        {"nik": 3, "residency": "moved", "left_on": LIST_DAY},
        {"nik": 4, "residency": "dead", "left_on": LIST_DAY + day},
        {"nik": 5, "birth_date": LIST_DAY, "obliged": False},
        {"nik": 6, "residency": "blocked"},
    )

    assert (await books.coverage(LIST_DAY - day)).total.population == 4  # 1, 3, 4, 6
    assert (await books.coverage(LIST_DAY)).total.population == 5  # 1, 2, 4, 5, 6
    assert (await books.coverage(LIST_DAY + day)).total.population == 4  # 1, 2, 5, 6


@pytest.mark.parametrize(
    ("at", "obliged", "uncertain"),
    [
        (LIST_DAY, {1, 3}, 0),
        (date(2017, 10, 1), {1, 3}, 1),  # 3 is married; since when is not known
        (date(2017, 11, 2), {1, 2, 3}, 0),  # 2 turned 17 since
        (date(1990, 1, 1), set(), 0),
    ],
)
async def test_a_17th_birthday_moves_the_lists_word_to_another_day(
    books: Books, at: date, obliged: set[int], uncertain: int
) -> None:
    await books.lists(
        {"nik": 1, "birth_date": date(2000, 9, 1), "ward": "61.72.01.1001"},
        {"nik": 2, "birth_date": date(2000, 11, 1), "obliged": False, "ward": "61.72.01.1002"},
        {"nik": 3, "birth_date": date(2001, 11, 1), "ward": "61.72.01.1003"},
        {"nik": 4, "birth_date": GROWN, "obliged": False, "ward": "61.72.01.1004"},
    )

    coverage = await books.coverage(at)

    assert {int(ward[-1]) for ward, one in coverage.by_ward.items() if one.obliged} == obliged
    assert coverage.uncertain == uncertain


async def test_who_is_recorded_counts_from_that_day_on(books: Books) -> None:
    await books.lists({"nik": 1}, {"nik": 2}, {"nik": 3}, {"nik": 4})
    await books.recorded(1, date(2012, 5, 1))
    await books.recorded(2, date(2017, 12, 1))
    # A station's clock that runs ahead records nobody before the recording was here.
    await books.recorded(3, captured_at=on(date(2019, 1, 1)), recorded_at=on(LIST_DAY))
    await books.recorded(4, is_live=False)

    assert (await books.coverage(date(2012, 4, 30))).total == Figure(4, 4, 0)
    assert (await books.coverage(date(2012, 5, 1))).total == Figure(4, 4, 1)
    assert (await books.coverage(LIST_DAY)).total == Figure(4, 4, 2)
    assert (await books.coverage(date(2018, 1, 1))).total == Figure(4, 4, 3)


async def test_who_moved_within_counts_where_they_lived_then(books: Books) -> None:
    await books.lists({"nik": 1})
    second = await books.applied(date(2018, 1, 8))
    await books.moved(second, 1, OTHER_WARD)
    third = await books.applied(date(2018, 2, 8))
    await books.moved(third, 1, "61.72.03.1001")

    async def home(at: date) -> list[str]:
        return list((await books.coverage(at)).by_ward)

    assert await home(date(2018, 1, 7)) == [OTHER_WARD]
    assert await home(date(2018, 1, 8)) == ["61.72.03.1001"]
    assert await home(date(2018, 2, 8)) == [WARD]


async def test_cells_are_by_ward_sex_and_age_of_that_day(books: Books) -> None:
    await books.lists(
        {"nik": 1, "birth_date": date(1987, 10, 13)},  # 30 today
        {"nik": 2, "birth_date": date(1987, 10, 14)},  # tomorrow
        {"nik": 3, "birth_date": date(1930, 1, 1), "sex": "male", "ward": OTHER_WARD},
        {"nik": 4, "birth_date": date(2010, 1, 1), "obliged": False},
    )
    await books.recorded(1)

    cells = (await books.coverage(LIST_DAY)).cells

    assert [(one.ward, one.sex, one.age_group, one.figure) for one in cells] == [
        (OTHER_WARD, "male", "70+", Figure(1, 1, 0)),
        (WARD, "female", "0-16", Figure(1, 0, 0)),
        (WARD, "female", "23-29", Figure(1, 1, 0)),
        (WARD, "female", "30-39", Figure(1, 1, 1)),
    ]


async def test_recordings_of_others_explain_what_is_above_100_percent(books: Books) -> None:
    await books.lists(
        {"nik": 1},
        {"nik": 2, "birth_date": date(2001, 1, 1), "obliged": False},
        {"nik": 3, "residency": "moved", "left_on": LIST_DAY},
    )
    await books.recorded(1)
    await books.recorded(2, place="school")
    await books.recorded(3)
    await books.recorded(4)  # an address here, and on no list
    await books.recorded(5, ward="61.07.01.2001")

    coverage = await books.coverage(LIST_DAY)

    assert coverage.total.percent == 100.0
    assert coverage.percent_by_place == 500.0
    assert coverage.of_whom == dict.fromkeys(OfWhom, 1)
    assert coverage.by_place == {"office": 4, "school": 1}
    assert coverage.taken_of("61.07") == 1


async def test_a_semester_is_frozen_once_and_stays_as_it_was(books: Books) -> None:
    as_of = date(2017, 12, 31)
    await books.lists({"nik": 1}, {"nik": 2})
    await books.recorded(1, date(2017, 12, 31))
    await books.recorded(2, date(2018, 1, 1))

    freezer = Freezer(books.database, OFFICE, ManualClock(NOW))
    assert await freezer.look()
    async with books.database.begin() as transaction:
        await transaction.execute(update(resident).values(residency="dead", left_on=GROWN))
    assert not await freezer.look()
    async with books.database.begin() as transaction:
        again = await steps.freeze(transaction, OFFICE, as_of, NOW)
        (listed,) = await store.snapshots(transaction)

    assert again is not None
    assert (again.total, again.of_whom[OfWhom.OBLIGED]) == (Figure(2, 2, 1), 1)
    assert (listed.as_of, listed.population, listed.recorded) == (as_of, 2, 1)
    assert (await books.coverage(as_of)).total == Figure()


async def test_a_semester_before_the_first_list_is_frozen_only_when_asked(books: Books) -> None:
    await books.lists({"nik": 1})
    clock = ManualClock(datetime(2017, 11, 1, tzinfo=UTC))

    assert not await Freezer(books.database, OFFICE, clock).look()
    async with books.database.begin() as transaction:
        frozen = await steps.freeze(transaction, OFFICE, date(2017, 6, 30), clock.now())

    assert frozen is not None
    assert frozen.total == Figure(1, 1, 0)


@pytest.mark.parametrize("day", [date(2017, 12, 30), date(2018, 6, 30)])
async def test_no_other_day_and_none_to_come_is_frozen(books: Books, day: date) -> None:
    with pytest.raises(InvalidInput):
        async with books.database.begin() as transaction:
            await steps.freeze(transaction, OFFICE, day, NOW)
