"""Change sets: what a list changes of whom, applied whole or not at all, and nobody lost."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.regional.residents import steps, store
from services.regional.residents.loop import CHUNK_LINES, ListReader
from services.regional.residents.refusals import (
    ChangeSetClosed,
    ChangeSetStale,
    ListBeingRead,
    NiksSeemRounded,
)
from services.regional.residents.rules import Change, Missing, NotAResidentsList, SetState
from services.regional.tables import outbox, resident, resident_change, resident_staged
from shared.clock import ManualClock
from shared.contracts.envelopes import COVERAGE_BASE, EnvelopeKind
from shared.database.engine import Database
from shared.refusals import NotFound
from tests.recordings import NOON, an_arrival, nik
from tests.regional.office_world import taken
from tests.town import REGION

DAY = date(2017, 10, 13)
LATER = date(2018, 1, 8)
HEADER = "nik,sex,birth_date,ward,obliged,name,residency,arrived_on,left_on\n"
WARD, OTHER_WARD = "61.72.02.1001", "61.72.01.1003"


def person(number: int, ward: str = WARD, name: str = "SITI", more: str = ",,") -> str:
    return f"{nik(number)},female,1990-07-12,{ward},yes,{name},{more}\n"


class Desk:
    """Hands lists in and applies them, as the doors do."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.reader = ListReader(database, ManualClock(NOON), folder)

    async def hand_in(self, lines: Iterable[str], day: date = DAY, header: str = HEADER) -> UUID:
        async def parts() -> AsyncIterator[bytes]:
            yield header.encode()
            for one in lines:
                yield one.encode()

        set_id = await self.reader.take(parts(), "sri", day)
        await self.reader.read(set_id)
        return set_id

    async def apply(
        self, set_id: UUID, choice: Missing | None = None, *, rounded: bool = False
    ) -> Any:
        async with self.database.begin() as transaction:
            return await steps.apply(
                transaction,
                REGION,
                set_id,
                choice,
                although_rounded=rounded,
                officer="sri",
                now=NOON,
            )

    async def put(self, *lines: str, day: date = DAY, choice: Missing | None = None) -> UUID:
        set_id = await self.hand_in(lines, day)
        await self.apply(set_id, choice)
        return set_id

    async def one(self, set_id: UUID) -> Any:
        async with self.database.begin() as transaction:
            return await store.find_set(transaction, set_id)

    async def changes(self, set_id: UUID) -> dict[int, tuple[str, bool]]:
        """Person by number to what changes of them and whether they are recorded."""
        change = resident_change.c
        async with self.database.begin() as transaction:
            rows = await transaction.execute(
                select(change.nik, change.kind, change.is_recorded).where(
                    change.change_set_id == set_id
                )
            )
        return {row.nik % 1_000: (row.kind, row.is_recorded) for row in rows}

    async def people(self) -> dict[int, Any]:
        async with self.database.begin() as transaction:
            rows = await transaction.execute(select(resident))
        return {row.nik % 1_000: row for row in rows}

    async def count(self, table: Any) -> int:
        async with self.database.begin() as transaction:
            return int(await transaction.scalar(select(func.count()).select_from(table)) or 0)


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(database, tmp_path)
    async with _running(made.reader):
        yield made


@asynccontextmanager
async def _running(reader: ListReader) -> AsyncIterator[None]:
    task = asyncio.create_task(reader.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_list_changes_nothing_until_it_is_applied(desk: Desk) -> None:
    set_id = await desk.hand_in([person(1), person(2)])

    assert (await desk.one(set_id)).state == SetState.READ
    assert await desk.people() == {}
    await desk.apply(set_id)
    assert set(await desk.people()) == {1, 2}
    assert (await desk.one(set_id)).state == SetState.APPLIED
    assert await desk.count(resident_staged) == 0


async def test_a_new_list_is_told_by_what_it_changes_of_whom(desk: Desk) -> None:
    await desk.put(*(person(number) for number in range(1, 9)))
    await taken(desk.database, an_arrival(7))

    set_id = await desk.hand_in(
        [
            person(1),
            person(2, ward=OTHER_WARD),
            person(3, name="SITI AMINAH"),
            person(4, more="dead,,2017-12-01"),
            person(5, more="moved,,2017-12-02"),
            person(6, more="blocked,,"),
            person(9),
            # 7, who is recorded, and 8, who is not, are missing
        ],
        LATER,
    )

    assert await desk.changes(set_id) == {
        2: (Change.WARD, False),
        3: (Change.CHANGED, False),
        4: (Change.DIED, False),
        5: (Change.LEFT, False),
        6: (Change.CHANGED, False),
        7: (Change.MISSING, True),
        8: (Change.MISSING, False),
        9: (Change.ARRIVED, False),
    }
    await desk.apply(set_id, Missing.LEAVE_UNRECORDED)
    people = await desk.people()
    residency = {number: one.residency for number, one in people.items()}
    assert residency == {
        **dict.fromkeys((1, 2, 3, 7, 9), "active"),
        4: "dead",
        5: "moved",
        6: "blocked",
        8: "moved",
    }
    assert people[2].ward == OTHER_WARD
    assert people[3].name == "SITI AMINAH"
    assert [people[number].left_on for number in (4, 5, 8, 1)] == [
        date(2017, 12, 1),
        date(2017, 12, 2),
        LATER,
        None,
    ]
    assert [people[number].arrived_on for number in (1, 9)] == [None, LATER]


@pytest.mark.parametrize(
    ("choice", "staying"),
    [(Missing.KEEP, {1, 2, 3}), (Missing.LEAVE_UNRECORDED, {1, 2}), (Missing.LEAVE_ALL, {1})],
)
async def test_the_recorded_go_only_when_an_officer_says_so(
    desk: Desk, choice: Missing, staying: set[int]
) -> None:
    await desk.put(person(1), person(2), person(3))
    await taken(desk.database, an_arrival(2))

    await desk.put(person(1), choice=choice)

    people = await desk.people()
    assert set(people) == {1, 2, 3}
    assert {number for number, one in people.items() if one.residency == "active"} == staying


async def test_nobody_goes_when_a_line_was_damaged_and_nobody_chose(desk: Desk) -> None:
    await desk.put(*(person(number) for number in range(1, 101)))
    broken = person(100).replace(nik(100), nik(100)[:14])

    await desk.put(*(person(number) for number in range(1, 100)), broken)

    assert {one.residency for one in (await desk.people()).values()} == {"active"}


async def test_who_comes_back_lives_here_again(desk: Desk) -> None:
    await desk.put(person(1), person(2))
    await desk.put(person(1), person(2, more="moved,,2017-12-02"))

    set_id = await desk.put(person(1), person(2), day=LATER)

    assert await desk.changes(set_id) == {2: (Change.ARRIVED, False)}
    back = (await desk.people())[2]
    assert (back.residency, back.arrived_on, back.left_on) == ("active", LATER, None)


async def test_a_list_that_says_less_takes_nothing_away(desk: Desk) -> None:
    await desk.put(person(1, name="SITI"))

    set_id = await desk.hand_in(
        [f"{nik(1)},female,1990-07-12,{WARD},yes\n"], header="nik,sex,birth_date,ward,obliged\n"
    )
    await desk.apply(set_id)

    assert await desk.changes(set_id) == {}
    assert (await desk.people())[1].name == "SITI"


async def test_who_is_listed_twice_is_counted_once_however_far_apart(desk: Desk) -> None:
    lines = [person(number) for number in range(1, CHUNK_LINES + 1)]
    lines[1] = person(1)  # in the same chunk
    lines.append(person(5))  # in the next

    set_id = await desk.hand_in(lines)

    one = await desk.one(set_id)
    assert (one.residents, one.left_out) == (CHUNK_LINES - 1, 2)
    assert one.lines_read == CHUNK_LINES + 2
    async with desk.database.begin() as transaction:
        faults = await store.faults_of(transaction, set_id, 0, 10)
    assert [(fault.line, fault.why) for fault in faults] == [
        (3, "nik-twice"),
        (CHUNK_LINES + 2, "nik-twice"),
    ]


async def test_a_rounded_list_is_not_applied_unawares(desk: Desk) -> None:
    set_id = await desk.hand_in(person(number * 10) for number in range(1, 60))

    with pytest.raises(NiksSeemRounded):
        await desk.apply(set_id)
    assert await desk.people() == {}
    await desk.apply(set_id, rounded=True)
    assert len(await desk.people()) == 59


async def test_a_file_of_something_else_leaves_everything_as_it_was(desk: Desk) -> None:
    await desk.put(person(1))

    with pytest.raises(NotAResidentsList, match="Missing columns: birth_date, ward, obliged"):
        await desk.hand_in([person(1)], header="nik,sex\n")
    set_id = await desk.hand_in([person(2), "\N{NO-BREAK SPACE}" * 40_000])

    one = await desk.one(set_id)
    assert (one.state, one.trouble) == (SetState.FAILED, "Line 3 is too long to be a person.")
    assert await desk.count(resident_staged) == 0
    with pytest.raises(ChangeSetClosed):
        await desk.apply(set_id)
    assert set(await desk.people()) == {1}


async def test_a_list_applied_twice_is_applied_once(desk: Desk) -> None:
    set_id = await desk.put(person(1))
    again = await desk.apply(set_id, Missing.LEAVE_ALL)

    assert again.missing_choice == Missing.LEAVE_UNRECORDED
    async with desk.database.begin() as transaction:
        bodies = await transaction.scalars(
            select(outbox.c.body).where(outbox.c.kind == EnvelopeKind.COVERAGE_BASE)
        )
        (base,) = (COVERAGE_BASE.validate_json(body) for body in bodies)
    assert [(one.district, one.population, one.obliged) for one in base.districts] == [
        ("61.72.02", 1, 1)
    ]


async def test_a_newer_list_makes_the_waiting_one_step_aside(desk: Desk) -> None:
    await desk.put(person(1))
    first = await desk.hand_in([person(1), person(2)])
    second = await desk.hand_in([person(1), person(3)])

    with pytest.raises(ChangeSetClosed):
        await desk.apply(first)
    await desk.apply(second)

    assert set(await desk.people()) == {1, 3}
    assert (await desk.one(first)).state == SetState.DISCARDED


async def test_a_preview_that_is_no_longer_true_is_not_applied(desk: Desk) -> None:
    first = await desk.hand_in([person(1)])
    async with desk.database.begin() as transaction:
        await store.note(transaction, first, state=SetState.DISCARDED)
    await desk.put(person(2))
    async with desk.database.begin() as transaction:
        await store.note(transaction, first, state=SetState.READ)

    with pytest.raises(ChangeSetStale):
        await desk.apply(first)


async def test_two_lists_are_not_read_at_once_and_a_dead_servers_is_closed(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database, tmp_path)  # its reader does not run

    async def parts() -> AsyncIterator[bytes]:
        yield (HEADER + person(1)).encode()

    first = await desk.reader.take(parts(), "sri", DAY)
    with pytest.raises(ListBeingRead):
        await desk.reader.take(parts(), "budi", DAY)
    desk.reader.close()
    restarted = Desk(database, tmp_path)
    async with _running(restarted.reader):
        while (await desk.one(first)).state == SetState.READING:
            await asyncio.sleep(0.01)
        assert (await desk.one(first)).trouble == steps.INTERRUPTED
        assert list(tmp_path.iterdir()) == []  # nothing of the list lies about
        await restarted.put(person(2))

    assert set(await desk.people()) == {2}


async def test_of_two_lists_that_come_at_once_one_is_taken(
    database: Database, tmp_path: Path
) -> None:
    desk = Desk(database, tmp_path)

    async def hand_in() -> UUID:
        async def parts() -> AsyncIterator[bytes]:
            yield (HEADER + person(1)).encode()

        return await desk.reader.take(parts(), "sri", DAY)

    outcomes = await asyncio.gather(*(hand_in() for _ in range(4)), return_exceptions=True)
    desk.reader.close()

    assert sum(isinstance(one, UUID) for one in outcomes) == 1
    assert sum(isinstance(one, ListBeingRead) for one in outcomes) == 3


async def test_an_unknown_list_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.apply(UUID(int=7))


async def test_a_discarded_list_is_forgotten_and_remembered_that_it_came(desk: Desk) -> None:
    set_id = await desk.hand_in([person(1), "x\n"])
    async with desk.database.begin() as transaction:
        await steps.discard(transaction, set_id, "sri", NOON)

    async with desk.database.begin() as transaction:
        (one,) = await store.history(transaction)
        faults = await store.count_faults(transaction, set_id)
    assert (one.state, one.closed_by, one.residents) == (SetState.DISCARDED, "sri", 1)
    assert faults == {"too-few-columns": 1}
    assert await desk.count(resident_staged) == 0
