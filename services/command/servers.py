"""`tunggal serve`: one server in this process."""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from fastapi import FastAPI

from services.command.exits import ExitCode, give_up
from shared.doors.serve import Draining
from shared.settings import ServiceSettings, UnfitSetting


class Server(StrEnum):
    REGIONAL = "regional"
    CENTRAL = "central"
    SIMULATOR = "simulator"
    ISSUER = "issuer"


class Service(StrEnum):
    """The two servers with a database and settings of their own."""

    REGIONAL = "regional"
    CENTRAL = "central"


ServiceArgument = Annotated[Service, typer.Argument(help="Which service.")]


def settings_of(service: Service) -> ServiceSettings:
    """From the environment; ends the command when one is wrong, naming it and never its value."""
    from services.central.settings import CentralSettings
    from services.regional.settings import RegionalSettings

    kind: type[ServiceSettings] = RegionalSettings
    if service is Service.CENTRAL:
        kind = CentralSettings
    try:
        return kind.from_environment()
    except UnfitSetting as unfit:
        give_up(ExitCode.USAGE, f"{unfit} Correct it or unset it.")


def serve(
    server: Annotated[Server, typer.Argument(help="Which server this process is.")],
    port_file: Annotated[
        Path | None, typer.Option(help="Write the address there once requests are taken.")
    ] = None,
) -> None:
    """Run one server, with settings from TUNGGAL_… in the environment.

    Without a database URL it runs a PostgreSQL of its own in its data folder.
    """
    if server is Server.SIMULATOR:
        from services.simulator.line_api import run as run_line
        from services.simulator.settings import LineSettings

        asyncio.run(run_line(LineSettings()))
        return
    if server is Server.ISSUER:
        from services.simulator.issuer.app import run as run_issuer
        from services.simulator.settings import IssuerSettings

        asyncio.run(run_issuer(IssuerSettings()))
        return
    from shared.doors import serve as doors
    from shared.doors.lifetime import database_for
    from shared.telemetry import logs, traces

    settings = settings_of(Service(server))
    database, embedded = database_for(settings, server)
    make_app: Callable[[Draining], FastAPI]
    if server is Server.CENTRAL:
        from services.central.app import create_app as create_central
        from services.central.settings import CentralSettings

        assert isinstance(settings, CentralSettings)
        central = settings
        make_app = lambda draining: create_central(central, database, draining)  # noqa: E731
    else:
        from services.regional.app import create_app as create_regional
        from services.regional.settings import RegionalSettings

        assert isinstance(settings, RegionalSettings)
        regional = settings
        make_app = lambda draining: create_regional(regional, database, draining)  # noqa: E731
    logs.set_up(server.value, settings.log_format, settings.log_level)
    traces.prepare(f"tunggal-{server.value}", settings.otel_endpoint)
    try:
        doors.run(make_app, settings, port_file)
    finally:
        if embedded is not None:
            embedded.stop()
