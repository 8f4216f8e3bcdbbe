"""Queries about the room our data takes. A sample now and then, never one for each request."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, select, text

from services.regional.tables import metadata, outbox, outbox_head
from shared.database.engine import Transaction

CURVE_STEP = 1.2


@dataclass(frozen=True, slots=True)
class Sizes:
    """data_directory: PostgreSQL's folder, if it tells us; log_bytes: written since ever."""

    data_directory: str | None
    database_bytes: int
    table_bytes: int
    log_bytes: int
    log_bytes_max: int
    last_seq: int


_SIZES = text("""
SELECT (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS data_directory,
       pg_database_size(current_database()) AS database_bytes,
       (SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
          AND relname = ANY(:tables)) AS table_bytes,
       pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS log_bytes,
       (SELECT setting::bigint * 1024 * 1024 FROM pg_settings WHERE name = 'max_wal_size')
         AS log_bytes_max
""")


async def sizes(transaction: Transaction, region: str) -> Sizes:
    # Residents' lists come from elsewhere and do not grow with recordings.
    tables = [name for name in metadata.tables if not name.startswith("resident")]
    row = (await transaction.execute(_SIZES, {"tables": tables})).one()
    last_seq = await transaction.scalar(
        select(outbox_head.c.last_seq).where(outbox_head.c.region_code == region)
    )
    return Sizes(
        row.data_directory,
        int(row.database_bytes),
        int(row.table_bytes),
        int(row.log_bytes),
        int(row.log_bytes_max),
        int(last_seq or 0),
    )


def seqs_looked_at(last_seq: int) -> list[int]:
    """Newest first, then ever wider apart: a hundred of ten million tell the pace of each time."""
    seqs, back = [], 1.0
    while last_seq - int(back) >= 0:
        seqs.append(last_seq - int(back) + 1)
        back = max(back + 1, back * CURVE_STEP)
    return sorted({*seqs, 1}) if last_seq else []


async def curve(transaction: Transaction, last_seq: int) -> list[tuple[datetime, int]]:
    """Points (moment, seq) of how the outbox grew, oldest first."""
    rows = await transaction.execute(
        select(outbox.c.written_at, outbox.c.seq)
        .where(
            outbox.c.seq
            == any_(bindparam("seqs", seqs_looked_at(last_seq), type_=ARRAY(BigInteger)))
        )
        .order_by(outbox.c.seq)
    )
    return [(row.written_at, row.seq) for row in rows]


async def log_folder_bytes(transaction: Transaction) -> int | None:
    """What PostgreSQL's log takes on the disk now; None when we may not ask."""
    if not await transaction.scalar(
        text("SELECT has_function_privilege('pg_ls_waldir()', 'execute')")
    ):
        return None
    return int(await transaction.scalar(text("SELECT sum(size) FROM pg_ls_waldir()")) or 0)
