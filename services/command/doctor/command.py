"""`tunggal doctor`: runs the checks in order, tells each trouble with its fix."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.command.doctor import expiry, machine, services
from services.command.doctor.findings import (
    Examination,
    Finding,
    State,
    Verdict,
    causes,
    exit_code,
)
from services.command.doctor.line import LineExaminer
from services.command.doctor.services import ServiceExaminer
from services.command.exits import ExitCode
from services.command.local import (
    DEFAULT_FOLDER,
    USUAL,
    AsJson,
    CentralAddress,
    Folder,
    RegionalAddress,
    Running,
    running_in,
    token_if_any,
)
from shared.clock import Clock, SystemClock
from shared.roles import Role

STYLES = {State.OK: "green", State.WARNING: "yellow", State.FAILED: "red", State.SKIPPED: "dim"}


def doctor(
    central: CentralAddress = None,
    regional: RegionalAddress = None,
    centre_address: Annotated[
        str | None,
        typer.Option(
            envvar="TUNGGAL_REGIONAL_CENTRE_ADDRESS", help="Where the region calls the centre."
        ),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Look for what is wrong, name the cause, and say how to mend it.

    Checks that stand on a broken one are not looked at. Exit code 0: all is well; 1: something
    failed; 6: it works, with warnings (a broken line is one: recording goes on).
    """
    clock = SystemClock()
    findings = examine(central, regional, centre_address, folder, clock)
    code = exit_code(findings)
    if as_json:
        report = {
            "checked_at": clock.now().isoformat(timespec="seconds"),
            "version": version("tunggal"),
            "exit_code": int(code),
            "causes": causes(findings),
            "checks": [asdict(one) for one in findings],
        }
        typer.echo(json.dumps(report, indent=2))
    else:
        _print(findings, code)
    raise typer.Exit(code)


def examine(
    central: str | None,
    regional: str | None,
    centre_address: str | None,
    folder: Path,
    clock: Clock,
    environment: Mapping[str, str] = os.environ,
) -> list[Finding]:
    """Addresses: None for where `tunggal up` noted them, or the usual ones."""
    running = running_in(folder)
    examination = Examination()
    look = examination.look
    look("python", machine.python)
    look("packages", machine.packages, after=["python"])
    look("postgres", machine.postgres_programs, after=["packages"])
    look("docs", machine.docs_assets, after=["packages"])
    look("settings", lambda: machine.settings(environment))
    look("keys", lambda: machine.keys(folder, environment))
    look("expiry", lambda: expiry.expiry(folder, environment, clock))
    places = {
        "central": (central, (running.addresses if running else USUAL).central),
        "regional": (regional, (running.addresses if running else USUAL).regional),
    }
    examiners = {
        name: ServiceExaminer(name, (named or usual).rstrip("/"), bool(named or running))
        for name, (named, usual) in places.items()
    }
    for name, one in examiners.items():
        _look_at(examination, name, one)
    if running is None and not any(one.readiness for one in examiners.values()):
        look("ports", machine.ports)
    region = examiners["regional"]
    if centre_address or running or region.readiness or central:
        _look_at_line(examination, _line(centre_address or central, running, clock, environment))
    is_measured = examination.state_of("regional.postgres") is State.OK
    measures = region.measures() if is_measured else {}
    _look_at_words(examination, examiners, token_if_any(folder, [Role.OPERATIONS]))
    look("outbox", lambda: services.outbox(measures), after=["regional.answers", "regional.schema"])
    is_measured = examination.state_of("central.postgres") is State.OK
    told = examiners["central"].measures() if is_measured else {}
    look("searches", lambda: services.searches(told), after=["central.answers", "central.schema"])
    look("audit", lambda: services.audit(told, measures), after=["central.answers"])
    look("disk", lambda: services.disk(folder, measures, clock))
    for one in examiners.values():
        one.http.close()
    return examination.findings


def _look_at(examination: Examination, name: str, one: ServiceExaminer) -> None:
    look = examination.look
    look(f"{name}.answers", one.answers)
    if one.readiness or examination.state_of(f"{name}.answers") is State.FAILED:
        look(f"{name}.postgres", one.postgres, after=[f"{name}.answers"])
        look(f"{name}.schema", one.schema, after=[f"{name}.postgres"])
        look(f"{name}.ready", one.ready, after=[f"{name}.schema"])


def _look_at_words(
    examination: Examination, examiners: Mapping[str, ServiceExaminer], token: str | None
) -> None:
    """What only people can mend: a barrier that waits, a region that lost its name."""

    def barrier() -> Verdict:
        one = examiners["central"]
        return services.barrier(one.detail(token) if token else {}, one.measures())

    def name() -> Verdict:
        return services.name(examiners["regional"].detail(token) if token else {})

    examination.look("barrier", barrier, after=["central.answers", "central.ready"])
    examination.look("name", name, after=["regional.answers", "regional.ready"])

    def sealing() -> Verdict:
        return services.sealing(examiners["regional"].detail(token) if token else {})

    examination.look("sealing", sealing, after=["regional.answers", "regional.ready"])


def _line(
    named: str | None, running: Running | None, clock: Clock, environment: Mapping[str, str]
) -> LineExaminer:
    if named is None and running is not None:
        return LineExaminer(running.addresses.line, clock, running.addresses.control, environment)
    return LineExaminer(named or USUAL.central, clock, None, environment)


def _look_at_line(examination: Examination, line: LineExaminer) -> None:
    look = examination.look
    look("line.dns", line.dns)
    look("line.tcp", line.tcp, after=["line.dns"])
    look("line.tls", line.tls, after=["line.tcp"])
    look("line.http", line.http, after=["line.tls"])
    look("clock", line.clock_offset, after=["line.http"])


def _print(findings: list[Finding], code: ExitCode) -> None:
    console = Console(highlight=False, soft_wrap=True)
    width = max(len(one.check) for one in findings)
    for one in findings:
        console.print(f"{one.state:7}", style=STYLES[one.state], end="  ")
        console.print(f"{one.check:{width}}  {one.found}", markup=False)
        if one.fix:
            console.print(f"{'':7}  {'':{width}}  fix: {one.fix}", markup=False, style="bold")
    broken = causes(findings)
    words = {
        ExitCode.DONE: "All is well.",
        ExitCode.DEGRADED: f"It works, with warnings: {', '.join(broken)}.",
        ExitCode.FAILED: f"Mend this first: {', '.join(broken)}.",
    }
    typer.echo(words[code], err=True)
