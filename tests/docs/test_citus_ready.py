"""What Citus asks of the centre's schema, held without Citus: see ADR 12."""

import asyncpg
import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from services.central.tables import metadata
from tests.town import Databases

REFERENCE = "reference"

UNIQUE_INDEXES = """
SELECT t.relname AS of_table, i.relname AS name,
       array_agg(a.attname::text) AS columns
FROM pg_index x
JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (x.indkey)
WHERE t.relnamespace = 'public'::regnamespace AND x.indisunique
GROUP BY t.relname, i.relname
"""
TRIGGERS = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
RULES = "SELECT count(*) FROM pg_rules WHERE schemaname = 'public'"
SEQUENCES = "SELECT count(*) FROM pg_sequences"


def faults_of(table: Table) -> list[str]:
    """Why Citus could not spread this table, in words; empty when it could."""
    spread_by = table.info.get("citus")
    if spread_by is None:
        return [f"{table.name}: says nothing about citus"]
    found = []
    if not table.primary_key.columns:
        found.append(f"{table.name}: has no primary key")
    numbered = table.autoincrement_column
    for column in table.columns:
        if column is numbered or column.identity is not None:
            found.append(f"{table.name}.{column.name}: numbers itself")
        if column.server_default is not None:
            found.append(f"{table.name}.{column.name}: has a default of the server's")
    if spread_by == REFERENCE:
        return found
    if spread_by not in table.columns:
        return [*found, f"{table.name}: has no column {spread_by}"]
    keys = [table.primary_key.columns.keys()]
    keys += [index.columns.keys() for index in table.indexes if index.unique]
    keys += [
        one.columns.keys()
        for one in table.constraints
        if isinstance(one, UniqueConstraint | ForeignKeyConstraint)
    ]
    found += [f"{table.name}: {key} lacks {spread_by}" for key in keys if spread_by not in key]
    return found


@pytest.mark.rules
@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_can_be_spread(table: Table) -> None:
    assert faults_of(table) == []


@pytest.mark.rules
def test_a_table_that_cannot_be_spread_is_noticed() -> None:
    bad = MetaData()
    by_nik = {"citus": "nik"}
    tables = [
        Table("silent", bad, Column("nik", BigInteger, primary_key=True, autoincrement=False)),
        Table("keyless", bad, Column("nik", BigInteger), info=by_nik),
        Table("serial", bad, Column("nik", Integer, primary_key=True), info=by_nik),
        Table(
            "identity", bad, Column("nik", BigInteger, Identity(), primary_key=True), info=by_nik
        ),
        Table("astray", bad, Column("id", Text, primary_key=True), info=by_nik),
        Table("elsewhere", bad, Column("id", Text, primary_key=True), Column("nik"), info=by_nik),
        Table(
            "second_key",
            bad,
            Column("nik", BigInteger, primary_key=True, autoincrement=False),
            Column("blank", Text),
            Column("shouted", Text, Computed("upper(blank)")),
            Index("uq_blank", "blank", unique=True),
            info=by_nik,
        ),
    ]

    assert [table.name for table in tables if faults_of(table)] == [t.name for t in tables]


async def test_the_migrated_database_holds_to_it_too(databases: Databases) -> None:
    async with databases.fresh("central") as url:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            unique = await connection.fetch(UNIQUE_INDEXES)
            others = [await connection.fetchval(ask) for ask in (TRIGGERS, RULES, SEQUENCES)]
        finally:
            await connection.close()

    keys = {row["of_table"]: set(row["columns"]) for row in unique}
    assert keys.keys() == metadata.tables.keys() | {"alembic_version"}
    for row in unique:
        table = metadata.tables.get(row["of_table"])
        spread_by = table.info["citus"] if table is not None else REFERENCE
        assert spread_by == REFERENCE or spread_by in row["columns"], row["name"]
    assert others == [0, 0, 0], "triggers, rules and sequences"
