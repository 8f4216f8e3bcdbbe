"""The way to PostgreSQL: SQLAlchemy Core over asyncpg, in explicit transactions.

`Database.begin()` is used by doors and loops only; whatever it yields is committed when the block
ends and rolled back when it raises. A conflict the database itself asks to repeat is told apart by
SQLSTATE, never by exception class: asyncpg's 40P01 and 40001 arrive as a plain DBAPIError.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

import orjson
from sqlalchemy import ARRAY, TableValuedAlias, bindparam, column, func, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeEngine

Transaction = AsyncConnection

CONNECTIONS_MAX = 10
WAIT_FOR_CONNECTION_SECONDS = 5
STATEMENT_SECONDS_MAX = 30
LOCK_SECONDS_MAX = 10
REPEATS_MAX = 5
# Deadlock and serialization: nothing was done, the same transaction may simply run again.
REPEATABLE_STATES = frozenset({"40P01", "40001"})
UNIQUE_VIOLATION = "23505"
_CARRIED = "tunggal_"

T = TypeVar("T")


class Closing(Protocol):
    """Told of the end of each transaction of a task."""

    async def before_commit(self, transaction: Transaction) -> None: ...

    def after_commit(self) -> None: ...


_closing: ContextVar[Closing | None] = ContextVar("closing", default=None)


@contextmanager
def closing_with(closing: Closing) -> Iterator[None]:
    """Tell `closing` of the end of each transaction that this task commits."""
    token = _closing.set(closing)
    try:
        yield
    finally:
        _closing.reset(token)


class Database:
    """One pool of connections to one database."""

    def __init__(self, url: str, connections_max: int = CONNECTIONS_MAX) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=connections_max,
            max_overflow=0,
            pool_timeout=WAIT_FOR_CONNECTION_SECONDS,
            hide_parameters=True,  # a statement's parameters are people
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            connect_args={
                "timeout": 5,
                "server_settings": {
                    "application_name": "tunggal",
                    "statement_timeout": str(STATEMENT_SECONDS_MAX * 1000),
                    "lock_timeout": str(LOCK_SECONDS_MAX * 1000),
                    "idle_in_transaction_session_timeout": str(STATEMENT_SECONDS_MAX * 1000),
                    "jit": "off",
                },
            },
        )

    def carry(self, name: str, means: object) -> None:
        """Give every later transaction something to be asked for by `carried`.

        Keys of what lies sealed in this database travel so, and lie nowhere in it.
        """
        self.engine = self.engine.execution_options(**{_CARRIED + name: means})

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """One transaction: committed at the end of the block, gone if the block raises."""
        async with self.engine.begin() as connection:
            yield connection
            if (closing := _closing.get()) is not None:
                await closing.before_commit(connection)
        if closing is not None:
            closing.after_commit()

    async def repeat(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run `work` in a transaction, again after a deadlock, at most REPEATS_MAX times."""
        for attempt in range(1, REPEATS_MAX + 1):
            try:
                async with self.begin() as connection:
                    return await work(connection)
            except DBAPIError as trouble:
                state = sqlstate(trouble)
                if attempt == REPEATS_MAX or state not in REPEATABLE_STATES | {UNIQUE_VIOLATION}:
                    raise
        raise AssertionError  # the loop returns or raises

    async def ping(self) -> None:
        """Raises when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.engine.dispose()


def carried(transaction: Transaction, name: str) -> object | None:
    """What its database carries under this name; None where it was given nothing."""
    connection = transaction.sync_connection
    return None if connection is None else connection.get_execution_options().get(_CARRIED + name)


def sqlstate(trouble: DBAPIError) -> str | None:
    """PostgreSQL's five-character code, or None when the trouble never reached it."""
    state = getattr(trouble.orig, "sqlstate", None)
    return str(state) if state else None


Columns = Mapping[str, TypeEngine[Any]]


def rows_of(name: str, columns: Columns) -> TableValuedAlias:
    """A batch as a table: one array parameter per column, named as the column, plus `ord` from 1.

    The statement's text does not depend on the size of the batch, so it is prepared once.
    """
    arrays = [bindparam(key, type_=ARRAY(kind)) for key, kind in columns.items()]
    return (
        func.unnest(*arrays)
        .table_valued(*(column(key, kind) for key, kind in columns.items()), with_ordinality="ord")
        .render_derived(name=name)
    )


def columns_of(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    """Turn rows into the array parameters `rows_of` takes."""
    return {name: [row[name] for row in rows] for name in names}
