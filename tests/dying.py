"""Processes that end in the middle of a step, and what a database holds afterwards."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from sqlalchemy import MetaData, select

from shared.database.engine import Database, Transaction


class Died(BaseException):
    """The process ended here: no `except Exception` of ours may hold it up."""


class Dying:
    """A transaction that ends right after its n-th statement, before the answer is used."""

    def __init__(self, transaction: Transaction, statements_max: int) -> None:
        self._transaction = transaction
        self._statements_left = statements_max

    @property
    def sync_connection(self) -> object:
        """What the database carries is asked of it; that is no statement."""
        return self._transaction.sync_connection

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        found = await self._transaction.execute(*arguments, **options)
        self._count()
        return found

    async def scalar(self, *arguments: Any, **options: Any) -> Any:
        found = await self._transaction.scalar(*arguments, **options)
        self._count()
        return found

    async def scalars(self, *arguments: Any, **options: Any) -> Any:
        found = await self._transaction.scalars(*arguments, **options)
        self._count()
        return found

    def _count(self) -> None:
        self._statements_left -= 1
        if self._statements_left == 0:
            raise Died


async def contents(database: Database, metadata: MetaData) -> dict[str, list[str]]:
    """Every row of every table, in an order of its own."""
    found = {}
    async with database.begin() as transaction:
        for table in metadata.sorted_tables:
            rows = await transaction.execute(select(table))
            found[table.name] = sorted(repr(tuple(row)) for row in rows)
    return found


async def died_at_each_statement(
    database: Database, metadata: MetaData, work: Callable[[Transaction], Awaitable[object]]
) -> int:
    """Let `work` die after its 1st, 2nd, … statement until it gets through; give their number.

    After every death the database must be as it was before.
    """
    before = await contents(database, metadata)
    statements = 1
    while True:
        try:
            async with database.begin() as transaction:
                await work(cast("Transaction", Dying(transaction, statements)))
        except Died:
            assert await contents(database, metadata) == before, f"after statement {statements}"
            statements += 1
        else:
            return statements - 1
