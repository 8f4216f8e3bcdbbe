"""The machine's bare limits, on the same PostgreSQL settings as the services use."""

import os
import re
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg

from shared.database.placement import installed_binaries
from shared.ids import new_id

PGBENCH_SECONDS = 6
BATCH_ROWS = 1_000
_TPS = re.compile(r"tps = ([0-9.]+)")
_SCRIPT = (
    "\\set nik random(1000000000000000, 9999999999999999)\n"
    "INSERT INTO raw_single VALUES (gen_random_uuid(), :nik, repeat('x', {payload_bytes})::bytea) "
    "ON CONFLICT DO NOTHING;\n"
)


def _connection(url: str) -> tuple[str, str]:
    """(socket folder, database) of an embedded PostgreSQL's URL."""
    split = urlsplit(url)
    return parse_qs(split.query)["host"][0], split.path.lstrip("/")


async def connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    host, database = _connection(url)
    return await asyncpg.connect(host=host, database=database, user="postgres")


async def single_commits_per_second(
    url: str, payload_bytes: int, connections: int, folder: Path
) -> float:
    """pgbench: one-row inserts, each its own durable commit (uuid key, unique bigint, payload)."""
    connection = await connect(url)
    await connection.execute(
        "DROP TABLE IF EXISTS raw_single; CREATE TABLE raw_single "
        "(id uuid PRIMARY KEY, nik bigint UNIQUE, body bytea NOT NULL); "
        "ALTER TABLE raw_single ALTER COLUMN body SET STORAGE EXTERNAL; "
        "ALTER TABLE raw_single SET (toast_tuple_target = 8160)"
    )
    await connection.close()
    script = folder / "raw_single.sql"
    script.write_text(_SCRIPT.format(payload_bytes=payload_bytes))
    binary = installed_binaries() / "pgbench"
    host, database = _connection(url)
    done = subprocess.run(  # noqa: S603, ASYNC221 nothing else is to run beside it
        [
            *(binary, "--no-vacuum", "-M", "prepared", "-f", script),
            *("-c", str(connections), "-j", str(os.cpu_count() or 1), "-T", str(PGBENCH_SECONDS)),
            *("-h", host, "-U", "postgres", database),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found = _TPS.search(done.stdout)
    assert found is not None, done.stdout
    return float(found.group(1))


async def batched_inserts_per_second(url: str, body: bytes, rows: int) -> float:
    """asyncpg: unnest inserts of BATCH_ROWS rows, each batch one durable commit."""
    connection = await connect(url)
    await connection.execute(
        "DROP TABLE IF EXISTS raw_bulk; CREATE TABLE raw_bulk "
        "(id uuid PRIMARY KEY, nik bigint UNIQUE, body bytea NOT NULL); "
        "ALTER TABLE raw_bulk ALTER COLUMN body SET STORAGE EXTERNAL; "
        "ALTER TABLE raw_bulk SET (toast_tuple_target = 8160)"
    )
    statement = await connection.prepare(
        "INSERT INTO raw_bulk SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bytea[]) "
        "ON CONFLICT DO NOTHING RETURNING id"
    )
    started = time.perf_counter()
    for first in range(0, rows, BATCH_ROWS):
        ids = [new_id() for _ in range(BATCH_ROWS)]
        niks = [6172000000000000 + first + nth for nth in range(BATCH_ROWS)]
        await statement.fetch(ids, niks, [body] * BATCH_ROWS)
    seconds = time.perf_counter() - started
    await connection.close()
    return rows / seconds
