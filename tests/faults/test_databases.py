"""Rows D2 and D6: deadlocks, serialization failures, ended sessions, statements cut off."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import engine
from shared.database.engine import Database, Transaction, sqlstate
from tests.fault_rows import Fired
from tests.stories.core_world import books, drained, record, record_all, until
from tests.town import END_OTHERS, Databases, Town, town_of


@pytest.fixture
async def accounts(databases: Databases) -> AsyncIterator[Database]:
    """Two rows to quarrel over."""
    async with databases.fresh("central") as url:
        database = Database(url, 4)
        async with database.begin() as transaction:
            await transaction.execute(text("CREATE TABLE account (n int PRIMARY KEY, v int)"))
            await transaction.execute(text("INSERT INTO account VALUES (1, 0), (2, 0)"))
        try:
            yield database
        finally:
            async with database.begin() as transaction:
                await transaction.execute(text("DROP TABLE account"))
            await database.close()


async def add(transaction: Transaction, number: int) -> None:
    statement = text("UPDATE account SET v = v + 1 WHERE n = :n")
    await transaction.execute(statement, {"n": number})


async def values(database: Database) -> list[int]:
    async with database.begin() as transaction:
        found = await transaction.execute(text("SELECT v FROM account ORDER BY n"))
        return list(found.scalars())


@pytest.mark.fault("D2")
async def test_a_deadlock_is_repeated_and_done_once(accounts: Database, fired: Fired) -> None:
    begun = {1: asyncio.Event(), 2: asyncio.Event()}

    async def both(transaction: Transaction, first: int, second: int) -> None:
        try:
            await add(transaction, first)
            begun[first].set()
            await begun[second].wait()
            await add(transaction, second)
        except DBAPIError as trouble:
            if sqlstate(trouble) == "40P01":
                fired()
            raise

    await asyncio.gather(
        accounts.repeat(lambda transaction: both(transaction, 1, 2)),
        accounts.repeat(lambda transaction: both(transaction, 2, 1)),
    )

    assert await values(accounts) == [2, 2]


@pytest.mark.fault("D2")
async def test_a_serialization_failure_is_repeated_and_done_once(
    accounts: Database, fired: Fired
) -> None:
    has_read = [asyncio.Event(), asyncio.Event()]

    async def total(transaction: Transaction, mine: int) -> None:
        await transaction.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
        sum_ = (await transaction.execute(text("SELECT sum(v) FROM account"))).scalar_one()
        has_read[mine].set()
        await has_read[1 - mine].wait()
        try:
            statement = text("INSERT INTO account VALUES (:n, :v)")
            await transaction.execute(statement, {"n": 10 + mine, "v": sum_ + 1})
            await transaction.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        except DBAPIError as trouble:
            _count(trouble, fired)
            raise

    async def one(mine: int) -> None:
        tries = 0

        async def counted(transaction: Transaction) -> None:
            nonlocal tries
            tries += 1
            await total(transaction, mine)

        await accounts.repeat(counted)
        fired(times=tries - 1) if tries > 1 else None

    await asyncio.gather(one(0), one(1))

    # As if one came after the other: the second saw what the first wrote.
    assert sorted(await values(accounts)) == [0, 0, 1, 2]


def _count(trouble: DBAPIError, fired: Fired) -> None:
    if sqlstate(trouble) == "40001":
        fired()


@pytest.mark.fault("D6")
async def test_sessions_ended_while_people_record_cost_nothing(
    databases: Databases, town: Town, fired: Fired
) -> None:
    """Both databases lose every session, again and again."""
    is_over = asyncio.Event()

    async def end_sessions() -> None:
        while not is_over.is_set():
            for service in ("central", "regional"):
                connection: Any = await asyncpg.connect(town.url(service).replace("+asyncpg", ""))
                try:
                    fired(times=len(await connection.fetch(END_OTHERS)))
                finally:
                    await connection.close()
            await asyncio.sleep(0.15)

    ending = asyncio.create_task(end_sessions())
    try:
        recorded = await record_all(town.at_region(), range(40), pause_seconds=0.02)
    finally:
        is_over.set()
        await ending

    async def is_ready() -> bool:
        answers = [await town.stranger(one).get("/readyz") for one in (town.region, town.centre)]
        return all(answer.status_code == 200 for answer in answers)

    await until(is_ready)
    await drained(town)
    found = await books(town)
    assert found.recorded == recorded
    assert found.are_equal


@pytest.mark.fault("D6")
async def test_a_statement_cut_off_gives_no_receipt(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fired: Fired
) -> None:
    """57014: somebody holds the table for longer than a statement may take."""
    monkeypatch.setattr(engine, "STATEMENT_SECONDS_MAX", 3)  # a busy machine migrates, too
    async with town_of(databases, tmp_path) as town:
        client = town.at_region()
        kept = await record_all(client, [1])
        await drained(town)
        holder: Any = await asyncpg.connect(town.url("regional").replace("+asyncpg", ""))
        try:
            async with holder.transaction():
                await holder.execute("LOCK TABLE outbox_head IN ACCESS EXCLUSIVE MODE")
                answer = await record(client, 2)
        finally:
            await holder.close()
        later = await record_all(client, range(2, 5))
        await drained(town)
        found = await books(town)

    assert (answer.status_code, answer.json()["code"]) == (503, "too-busy")
    fired()
    assert found.recorded == [*kept, *later]
    assert found.are_equal
