"""The `tunggal` command. Data goes to stdout, talk to stderr; every error says what to do next.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 not found, 4 refused by a rule, 5 nobody answers,
6 degraded (doctor's warnings), 130 interrupted.
"""

import asyncio
import sys
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from fastapi import FastAPI

from services.command.keys import KeyFolder
from shared.clock import SystemClock
from shared.doors.serve import Draining
from shared.roles import Role, make_token

FOLDER = Path(".tunggal")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    help="Tunggal: record citizens over bad lines, prove each one unique, permit each card once.",
    epilog="Start with `tunggal demo`, or `tunggal up` and open its /docs.",
)
keys_app = typer.Typer(no_args_is_help=True, help="Keys of a local system.")
app.add_typer(keys_app, name="keys")


class Service(StrEnum):
    REGIONAL = "regional"
    CENTRAL = "central"
    SIMULATOR = "simulator"


@app.command()
def serve(
    service: Annotated[Service, typer.Argument(help="Which server this process is.")],
    port_file: Annotated[
        Path | None, typer.Option(help="Write the address there once requests are taken.")
    ] = None,
) -> None:
    """Run one server, with settings from TUNGGAL_… in the environment.

    Without a database URL it runs a PostgreSQL of its own in its data folder.
    """
    if service is Service.SIMULATOR:
        from services.simulator.line_api import run as run_line
        from services.simulator.settings import LineSettings

        asyncio.run(run_line(LineSettings()))
        return
    from shared.doors import serve as doors
    from shared.doors.lifetime import database_for
    from shared.telemetry import logs, traces

    make_app: Callable[[Draining], FastAPI]
    if service is Service.CENTRAL:
        from services.central.app import create_app as create_central
        from services.central.settings import CentralSettings

        central = CentralSettings.from_environment()
        database, embedded = database_for(central, "central")
        settings = central.model_copy()
        make_app = lambda draining: create_central(central, database, draining)  # noqa: E731
    else:
        from services.regional.app import create_app as create_regional
        from services.regional.settings import RegionalSettings

        regional = RegionalSettings.from_environment()
        database, embedded = database_for(regional, "regional")
        settings = regional.model_copy()  # type: ignore[assignment]
        make_app = lambda draining: create_regional(regional, database, draining)  # noqa: E731
    logs.set_up(service.value, settings.log_format, settings.log_level)
    traces.prepare(f"tunggal-{service.value}", settings.otel_endpoint)
    try:
        doors.run(make_app, settings, port_file)
    finally:
        if embedded is not None:
            embedded.stop()


@app.command()
def token(
    role: Annotated[list[Role], typer.Option(help="A role; name the option again for more.")],
    subject: Annotated[str, typer.Option(help="Who it is for: an id, never a name.")] = "local",
    region: Annotated[
        str | None, typer.Option(help="Region it counts at; empty for the centre.")
    ] = "61.72",
    minutes: Annotated[int, typer.Option(min=1, max=720, help="How long it lives.")] = 60,
    folder: Annotated[Path, typer.Option(help="The local system's folder.")] = FOLDER,
) -> None:
    """Make a short-lived token for a local system, on stdout."""
    keys = KeyFolder(folder / "keys")
    if not keys.issuer.exists():
        typer.echo(
            f"No issuer key in {keys.folder}. Run `tunggal up`, or `tunggal keys make`.", err=True
        )
        raise typer.Exit(3)
    typer.echo(
        make_token(
            keys.issuer_key(),
            subject,
            role,
            region or None,
            timedelta(minutes=minutes),
            SystemClock().now(),
        )
    )


@keys_app.command("make")
def make_keys(
    folder: Annotated[Path, typer.Argument(help="Where the keys are to lie.")] = FOLDER / "keys",
    region: Annotated[list[str] | None, typer.Option(help="Region codes; default 61.72.")] = None,
) -> None:
    """Make the keys of a local system that are missing; those there stay."""
    KeyFolder(folder).make(region or ["61.72"])
    typer.echo(f"keys are in {folder}", err=True)


def main() -> None:
    """Entry point of the `tunggal` command."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
