"""What a real PostgreSQL raises, by way of the real driver, becomes the right refusal."""

import pytest
from sqlalchemy import text

from shared.database.engine import Database
from shared.doors.answers import refusal_for
from shared.telemetry.logs import frames_of
from tests.fault_rows import Fired
from tests.town import Databases

NIK = "6172015307990001"


async def trouble_of(database: Database, *statements: str) -> Exception:
    try:
        async with database.begin() as transaction:
            for statement in statements:
                await transaction.execute(text(statement))
    except Exception as trouble:  # noqa: BLE001 the trouble is what is asked for
        return trouble
    finally:
        await database.close()
    raise AssertionError("there was no trouble")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("53100", "storage-full"),
        ("25006", "storage-read-only"),
        ("53200", "database-unavailable"),
        ("53300", "too-busy"),
        ("57P01", "database-unavailable"),
        ("57P02", "database-unavailable"),
        ("57P03", "database-unavailable"),
        ("58030", "database-unavailable"),
        ("08006", "database-unavailable"),
        ("40001", "busy-try-again"),
        ("40P01", "busy-try-again"),
        ("23505", "internal-error"),
        ("42P01", "internal-error"),
    ],
)
async def test_each_state_of_postgresql_has_its_refusal(
    databases: Databases, state: str, code: str
) -> None:
    database = Database(databases.url("postgres"), 2)

    raised = await trouble_of(
        database, f"DO $$ BEGIN RAISE EXCEPTION 'said' USING ERRCODE = '{state}'; END $$"
    )

    assert refusal_for(raised).code == code
    assert f"sqlstate={state}" in frames_of((type(raised), raised, None))


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        (("SET TRANSACTION READ ONLY", "CREATE TABLE t (n int)"), "storage-read-only"),
        (("SET LOCAL statement_timeout = '20ms'", "SELECT pg_sleep(5)"), "too-busy"),
        (("SELECT pg_terminate_backend(pg_backend_pid())",), "database-unavailable"),
    ],
)
async def test_real_trouble_has_its_refusal(
    databases: Databases, statements: tuple[str, ...], code: str
) -> None:
    raised = await trouble_of(Database(databases.url("postgres"), 2), *statements)

    assert refusal_for(raised).code == code


async def test_a_missing_database_is_unavailable(databases: Databases) -> None:
    raised = await trouble_of(Database(databases.url("no_such_database"), 2), "SELECT 1")

    assert refusal_for(raised).code == "database-unavailable"


@pytest.mark.fault("D5")
async def test_an_absent_server_is_unavailable(fired: Fired) -> None:
    for url in (
        "postgresql+asyncpg://tunggal@127.0.0.1:1/tunggal",
        "postgresql+asyncpg://tunggal@/tunggal?host=/nowhere",
        "postgresql+asyncpg://tunggal@no-such-host.invalid/tunggal",
    ):
        raised = await trouble_of(Database(url, 2), "SELECT 1")

        assert refusal_for(raised).code == "database-unavailable", url
        fired()


async def test_a_value_in_a_database_error_is_not_told_in_the_log(databases: Databases) -> None:
    raised = await trouble_of(
        Database(databases.url("postgres"), 2), f"SELECT CAST('NIK {NIK}' AS int)"
    )

    assert NIK in str(raised.__cause__)
    assert NIK not in frames_of((type(raised), raised, raised.__traceback__))
