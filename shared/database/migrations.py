"""Bring a database to a service's schema, one process at a time; refuse to serve a foreign one."""

import asyncio
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shared.database.engine import Database

# Any number will do, if every process of a service takes the same one.
_LOCK = 6172
# Alembic keeps its context in a module: two services in one process take turns.
_turn = asyncio.Lock()


class ForeignSchema(Exception):
    """The database is at another revision than this program; `tunggal migrate` brings it along."""


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    return config


@cache
def _head_of(folder: Path) -> str | None:
    """Readiness asks every few seconds; the scripts of a running program do not change."""
    return ScriptDirectory.from_config(_config(folder)).get_current_head()


async def upgrade(database: Database, folder: Path) -> None:
    """Run what is missing, in one transaction, under a lock that other processes wait for."""
    head = _head_of(folder)

    def run(connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if _current(connection) == head:
            return
        config = _config(folder)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async with _turn, database.begin() as transaction:
        await transaction.run_sync(run)


async def check_head(database: Database, folder: Path) -> None:
    """Raises ForeignSchema."""
    wanted = _head_of(folder)
    async with database.begin() as transaction:
        if await transaction.run_sync(_current) != wanted:
            raise ForeignSchema


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
