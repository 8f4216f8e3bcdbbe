"""Where the linkage is computed: DuckDB in this process, or Spark. Both stream their pairs."""

import importlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from services.command.audit_register.model import COUNTED, CROWDED, LEVELS, PAIRS, settings_for
from services.command.audit_register.register import KEYS, PERSONS

RANDOM_PAIRS_MAX = 4e6
RANDOM_SEED = 20171013
ROWS_AT_ONCE = 2_000
PARTS_FOR_EACH_CORE = 2


class Engine(StrEnum):
    DUCKDB = "duckdb"
    SPARK = "spark"


@dataclass(frozen=True, slots=True)
class Place:
    """Which engine, and how much of the machine it may have."""

    engine: Engine
    memory_mb: int
    spark_master: str


class EngineMissing(Exception):
    """What the engine needs is not installed; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Linked:
    """Pairs above the threshold, the likeliest first, as rows; to be read while the engine runs."""

    compared: int
    crowded_keys: int
    rows: Iterator[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Session:
    """What both engines are asked."""

    api: Any
    ask: Callable[[str], int]
    make: Callable[[str, str], None]  # a table of this name from this query
    stream: Callable[[str], Iterator[dict[str, Any]]]


@contextmanager
def linked(folder: Path, place: Place, persons: int, threshold: float) -> Iterator[Linked]:
    """Link the persons laid down in `folder`; at most `threshold` scores are left out.

    Raises EngineMissing.
    """
    session = _duckdb if place.engine is Engine.DUCKDB else _spark
    with session(folder, place) as engine:
        engine.make("pairs", PAIRS)
        compared = engine.ask("SELECT count(*) FROM pairs")
        crowded = engine.ask(CROWDED)
        if compared == 0:
            yield Linked(0, crowded, iter(()))
            return
        table = _predicted(engine.api, persons, threshold)
        yield Linked(compared, crowded, engine.stream(_report_query(table)))


def _predicted(api: Any, persons: int, threshold: float) -> str:
    """Score the pairs; gives the name of the table they are in."""
    # It would warn of columns that may be empty; ours never are.
    logging.getLogger("splink").setLevel(logging.ERROR)
    people = api.register("persons", dataset_display_name="people")
    linker = Linker(people, settings_for(persons), log_level=None)
    linker.training.estimate_u_using_random_sampling(
        max_pairs=RANDOM_PAIRS_MAX, seed=RANDOM_SEED, min_count_per_level=None, num_chunks=1
    )
    linker.table_management.register_blocked_pairs_for_predict(
        api.register("pairs", dataset_display_name="blocked")
    )
    found = linker.inference.predict(
        threshold_match_probability=threshold,
        # A level never met in a small register has no u and counts for nothing; that is told.
        warning_mode="never",
    )
    return str(found.physical_name)


def _report_query(table: str) -> str:
    """Ids, levels and weights; no column that holds a value."""
    ids = ("unique_id_l", "unique_id_r", "region_l", "region_r")
    counts = [f"gamma_{field}" for field in LEVELS] + [f"mw_{field}" for field in LEVELS]
    adjusted = [f"mw_tf_adj_{field}" for field in LEVELS if field in COUNTED]
    columns = ", ".join((*ids, "match_probability", "match_weight", *counts, *adjusted))
    return f"SELECT {columns} FROM {table} ORDER BY match_weight DESC, unique_id_l, unique_id_r"  # noqa: S608


@contextmanager
def _duckdb(folder: Path, place: Place) -> Iterator[_Session]:
    """A database in a file beside the register: what does not fit into memory goes to disk."""
    connection = duckdb.connect(
        folder / "audit.duckdb",
        config={
            "memory_limit": f"{place.memory_mb}MB",
            "temp_directory": str(folder / "spilled"),
        },
    )

    def stream(query: str) -> Iterator[dict[str, Any]]:
        cursor = connection.execute(query)
        names = [one[0] for one in cursor.description or ()]
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from (dict(zip(names, row, strict=True)) for row in rows)

    def ask(query: str) -> int:
        return int(connection.execute(query).fetchall()[0][0])

    def make(name: str, query: str) -> None:
        # Read to its end: DuckDB refuses other work while a result is open.
        connection.execute(f"CREATE TABLE {name} AS {query}").fetchall()

    try:
        for name, file in (("persons", PERSONS), ("keys", KEYS)):
            make(name, f"SELECT * FROM read_parquet('{folder / file}')")  # noqa: S608 ours
        yield _Session(DuckDBAPI(connection), ask, make, stream)
    finally:
        connection.close()


@contextmanager
def _spark(folder: Path, place: Place) -> Iterator[_Session]:
    """A Spark session of its own; a cluster must see `folder` under the same path."""
    try:
        sql = importlib.import_module("pyspark.sql")
        spark_api = importlib.import_module("splink.backends.spark").SparkAPI
    except ImportError:
        raise EngineMissing(
            "Spark is not installed here: pip install 'tunggal[spark]', and Java 17 or newer."
        ) from None
    builder = (
        sql.SparkSession.builder.master(place.spark_master)
        .appName("tunggal audit-register")
        .config("spark.driver.memory", f"{place.memory_mb}m")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.local.dir", str(folder / "spilled"))
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
    )
    if place.spark_master.startswith("local"):
        # Spark's 200 parts are for clusters: on one machine they are only waited for.
        parts = PARTS_FOR_EACH_CORE * (os.cpu_count() or 1)
        builder = builder.config("spark.sql.shuffle.partitions", parts)
    session = builder.getOrCreate()

    def stream(query: str) -> Iterator[dict[str, Any]]:
        for row in session.sql(query).toLocalIterator():
            yield row.asDict()

    def ask(query: str) -> int:
        return int(session.sql(query).collect()[0][0])

    def make(name: str, query: str) -> None:
        session.sql(query).persist().createOrReplaceTempView(name)

    try:
        session.sparkContext.setLogLevel("ERROR")
        for name, file in (("persons", PERSONS), ("keys", KEYS)):
            session.read.parquet(str(folder / file)).createOrReplaceTempView(name)
        # Our levels use what Spark has; Splink's own functions in Scala are not needed.
        api = spark_api(
            spark_session=session, register_udfs_automatically=False, break_lineage_method="persist"
        )
        yield _Session(api, ask, make, stream)
    finally:
        session.stop()
