"""The doctor finds a planted fault, names it as the cause, and says its fix."""

import asyncio
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from services.command.doctor import command
from services.command.doctor.findings import (
    Absent,
    Examination,
    Finding,
    Good,
    State,
    Trouble,
    causes,
    exit_code,
)
from services.command.doctor.machine import ports
from services.command.exits import ExitCode
from tests.command.command_world import tunggal
from tests.town import Town

SETS = ("bounding-set", "inh-caps")
# Root reads every file, unless it gives that right away.
LIMITS = (
    ("setpriv", *(f"--{which}=-dac_override,-dac_read_search" for which in SETS))
    if os.geteuid() == 0
    else ()
)
needs_limits = pytest.mark.skipif(
    bool(LIMITS) and shutil.which("setpriv") is None,
    reason="NOT PROVED HERE: root reads every file, and setpriv (util-linux) is not there.",
)


async def examine(town: Town, **environment: str) -> tuple[ExitCode, dict[str, Finding], list[str]]:
    """Exit code, findings by check, causes. In a thread: the town answers from this one."""
    findings = await asyncio.to_thread(
        command.examine,
        town.centre.address,
        town.region.address,
        line_address(town),
        town.keys.folder.parent,
        town.clock,
        environment,
    )
    return exit_code(findings), {one.check: one for one in findings}, causes(findings)


def line_address(town: Town) -> str:
    host, port = town.line.listen
    return f"http://{host}:{port}"


async def test_a_sound_town_is_well(town: Town) -> None:
    said = await tunggal(
        town.keys.folder.parent,
        *("doctor", "--json", "--folder", str(town.keys.folder.parent)),
        *("--central", town.centre.address, "--regional", town.region.address),
        *("--centre-address", line_address(town)),
    )

    report = json.loads(said.out)
    assert (said.code, report["exit_code"], report["causes"]) == (ExitCode.DONE, 0, [])
    assert {one["check"] for one in report["checks"] if one["state"] == "ok"} >= {
        *("python", "packages", "postgres", "docs", "settings", "keys", "outbox", "disk", "clock"),
        *("central.ready", "regional.ready", "line.dns", "line.tcp", "line.http"),
    }


async def test_a_cut_line_is_the_one_cause_and_only_degrades(town: Town) -> None:
    await town.line.cut()

    code, checks, found = await examine(town)

    assert (code, found) == (ExitCode.DEGRADED, ["line.tcp"])
    assert "line is cut" in checks["line.tcp"].fix
    assert checks["clock"].because == "line.tcp"
    assert checks["regional.ready"].state == "ok"


async def test_a_line_that_resolves_to_nothing_is_broken_at_its_name(town: Town) -> None:
    said = await tunggal(
        town.keys.folder.parent,
        *("doctor", "--json", "--regional", town.region.address),
        *("--centre-address", "http://centre.invalid:8700"),
    )

    assert said.code == ExitCode.DEGRADED
    assert json.loads(said.out)["causes"] == ["line.dns"]


@asynccontextmanager
async def database_away(town: Town) -> AsyncIterator[None]:
    """The region's database takes no connections and ends those it has."""
    url = town.databases["regional"].engine.url
    server = await asyncpg.connect(host=url.query["host"], user=url.username, database="postgres")
    try:
        await server.execute(f"ALTER DATABASE {url.database} WITH ALLOW_CONNECTIONS false")
        await server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
            url.database,
        )
        try:
            yield
        finally:
            await server.execute(f"ALTER DATABASE {url.database} WITH ALLOW_CONNECTIONS true")
    finally:
        await server.close()


async def test_an_absent_database_is_the_cause_and_its_setting_the_fix(town: Town) -> None:
    async with database_away(town):
        code, checks, found = await examine(town)

    assert (code, found) == (ExitCode.FAILED, ["regional.postgres"])
    assert "TUNGGAL_REGIONAL_DATABASE_URL" in checks["regional.postgres"].fix
    assert checks["regional.schema"].because == "regional.postgres"
    assert checks["outbox"].because == "regional.postgres"


async def test_a_stopped_region_that_was_named_is_a_failure(town: Town) -> None:
    await town.region.stop()

    code, checks, found = await examine(town)

    assert (code, found) == (ExitCode.FAILED, ["regional.answers"])
    assert "tunggal serve regional" in checks["regional.answers"].fix


async def test_a_damaged_key_is_named_and_not_shown(town: Town) -> None:
    key = town.keys.region("61.72")
    key.write_text('{"d":"private-part')

    code, checks, found = await examine(town)

    assert (code, found) == (ExitCode.FAILED, ["keys"])
    assert str(key) in checks["keys"].found
    assert "private-part" not in str(checks)


async def test_a_key_others_may_read_is_a_warning_with_the_command_that_closes_it(
    town: Town,
) -> None:
    town.keys.issuer.chmod(0o644)

    code, checks, found = await examine(town)

    assert (code, found) == (ExitCode.DEGRADED, ["keys"])
    assert checks["keys"].fix == f"chmod 600 {town.keys.issuer}"


@needs_limits
async def test_a_key_that_cannot_be_read_is_a_failure_with_one_line(tmp_path: Path) -> None:
    await tunggal(tmp_path, "keys", "make")
    issuer = tmp_path / ".tunggal" / "up" / "keys" / "issuer.json"
    issuer.chmod(0)

    examined = await tunggal(tmp_path, "doctor", "--json", before=LIMITS)
    made = await tunggal(tmp_path, "token", "--role", "officer", before=LIMITS)

    assert json.loads(examined.out)["causes"][0] == "keys"
    assert "chmod 600" in examined.out
    assert (examined.code, made.code) == (ExitCode.FAILED, ExitCode.FAILED)
    assert made.err == (".tunggal/up/keys/issuer.json cannot be used. `tunggal doctor` says why.\n")


async def test_an_unfit_setting_is_named_before_a_service_meets_it(town: Town) -> None:
    code, checks, found = await examine(town, TUNGGAL_REGIONAL_PROT="7")

    assert (code, found) == (ExitCode.FAILED, ["settings"])
    assert "TUNGGAL_REGIONAL_PORT" in checks["settings"].found


async def test_before_anything_runs_all_is_well_and_nothing_is_made(tmp_path: Path) -> None:
    said = await tunggal(tmp_path, "doctor")

    assert said.code in (ExitCode.DONE, ExitCode.DEGRADED)  # a port may be another program's
    assert "keys" in said.out
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_named_with_the_option_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        verdict = ports({"--central-port": port})

    assert isinstance(verdict, Trouble)
    assert f"--central-port {port + 1}" in verdict.fix


@pytest.mark.rules
def test_what_stands_on_a_broken_check_names_the_first_cause() -> None:
    examination = Examination()
    examination.look("name", lambda: Trouble("unknown", "mend it", State.WARNING))
    examination.look("connection", lambda: Good("never asked"), after=["name"])
    examination.look("answer", lambda: Good("never asked"), after=["connection"])

    assert [one.because for one in examination.findings] == [None, "name", "name"]
    assert causes(examination.findings) == ["name"]
    assert exit_code(examination.findings) is ExitCode.DEGRADED


@pytest.mark.rules
def test_one_failure_outweighs_warnings_and_absence_is_no_fault() -> None:
    examination = Examination()
    examination.look("absent", lambda: Absent("not running"))
    assert exit_code(examination.findings) is ExitCode.DONE

    examination.look("warned", lambda: Trouble("old", "look", State.WARNING))
    examination.look("failed", lambda: Trouble("gone", "restore"))

    assert exit_code(examination.findings) is ExitCode.FAILED
    assert causes(examination.findings) == ["failed", "warned"]
