"""`tunggal up`: a centre, a region and the line between them, kept running until told to stop."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from services.command.exits import ExitCode, give_up
from services.command.keys import KeyFolder
from services.command.local import (
    CENTRAL_PORT,
    CONTROL_PORT,
    DEFAULT_FOLDER,
    HOST,
    ISSUER_PORT,
    LINE_NAME,
    LINE_PORT,
    REGIONAL_PORT,
    Addresses,
    AlreadyRunning,
    Folder,
    held,
    note_addresses,
    running_in,
)
from services.command.tokens import DESK, write_one_for_each_role
from services.command.town import Town, TownPlan, TownTrouble
from services.command.up_screen import display_on, words
from services.command.watch import Watch
from shared.clock import Clock, SystemClock
from shared.database.placement import EmbeddedPostgresFailed
from shared.oidc.plan import CALLBACK

LOOK_SECONDS = 1.0
TOKENS_RENEWED_EVERY = timedelta(hours=1)
# A restored line is used again within seconds: whoever tries it out should see that.
RETRY_CAP_SECONDS = 3
# The ministry forbade sukets in March 2020; whoever tries them out should see them.
SUKET_PERIODS = "2016-09-29/"
SERVICES = ("issuer", "central", "simulator", "regional")


class Told(BaseException):
    """A signal asked us to stop. Like KeyboardInterrupt no error, so nothing may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def up(
    central_port: Annotated[int, typer.Option(min=0, max=65_535)] = CENTRAL_PORT,
    regional_port: Annotated[int, typer.Option(min=0, max=65_535)] = REGIONAL_PORT,
    line_port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where the region calls the centre.")
    ] = LINE_PORT,
    control_port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where the line is cut and restored.")
    ] = CONTROL_PORT,
    issuer_port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where officers sign in, without passwords.")
    ] = ISSUER_PORT,
    folder: Folder = DEFAULT_FOLDER,
    empty: Annotated[
        bool, typer.Option("--empty", help="Nobody in it: leave the sample city out.")
    ] = False,
) -> None:
    """Keep a centre, a region and the line between them running, with their pages and /docs.

    A new system is filled with a sample city of synthetic people, unless it is to be empty. Data
    and keys stay in the folder. Port 0 takes any free one. Ctrl-C or SIGTERM stops all.
    """
    ports = {
        "--central-port": central_port,
        "--regional-port": regional_port,
        "--line-port": line_port,
        "--control-port": control_port,
        "--issuer-port": issuer_port,
    }
    try:
        with held(folder):
            chosen = _free_ports(ports)
            with _signals() as stopping:
                _keep(folder, chosen, SystemClock(), stopping, is_empty=empty)
    except AlreadyRunning:
        give_up(ExitCode.FAILED, _who_runs(folder))
    except (TownTrouble, EmbeddedPostgresFailed) as trouble:
        give_up(ExitCode.FAILED, f"{trouble}. `tunggal doctor` looks for the cause.")
    except Told as told:
        typer.echo("stopped", err=True)
        if told.number == signal.SIGINT:
            raise typer.Exit(ExitCode.INTERRUPTED) from None


def _who_runs(folder: Path) -> str:
    found = running_in(folder)
    if found is None:
        return f"`tunggal up` is starting or stopping in {folder}: wait, or name another --folder."
    return (
        f"Already up in {folder} (process {found.pid}): centre {found.addresses.central}, "
        f"region {found.addresses.regional}. Stop it with `kill {found.pid}`, "
        "or start a second one with another --folder and ports."
    )


def _free_ports(wanted: Mapping[str, int]) -> dict[str, int]:
    """The ports by option, 0 replaced by a free one; ends the command when one is taken."""
    found: dict[str, int] = {}
    listeners = []
    try:
        for option, port in wanted.items():
            listener = socket.socket()
            listeners.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, port))
            except OSError:
                give_up(
                    ExitCode.FAILED,
                    f"Port {port} is taken. Stop what uses it, or choose another: "
                    f"tunggal up {option} {port + 1}",
                )
            found[option] = listener.getsockname()[1]
    finally:
        for listener in listeners:
            listener.close()
    return found


class _Stopping:
    """What to end at once when somebody asks a second time."""

    def __init__(self) -> None:
        self.town: Town | None = None
        self.is_asked = False

    def ask(self, number: int, _: FrameType | None) -> None:
        if not self.is_asked:
            self.is_asked = True
            raise Told(number)
        for name in SERVICES:
            try:
                if self.town is not None:
                    os.kill(self.town.pid(name), signal.SIGKILL)
            except (KeyError, ProcessLookupError):
                continue


@contextmanager
def _signals() -> Iterator[_Stopping]:
    """Turn the first signal into Told, further ones into a hard end of the services."""
    stopping = _Stopping()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stopping.ask) for number in numbers}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _public_address(port: int) -> dict[str, str]:
    """Codes on papers open on this machine, unless somebody said where they shall."""
    if not port or "TUNGGAL_REGIONAL_PUBLIC_ADDRESS" in os.environ:
        return {}
    return {"PUBLIC_ADDRESS": f"http://{HOST}:{port}"}


def _keep(
    folder: Path,
    ports: Mapping[str, int],
    clock: Clock,
    stopping: _Stopping,
    *,
    is_empty: bool,
) -> None:
    keys = KeyFolder(folder / "keys")
    plan = TownPlan(
        folder,
        ports["--central-port"],
        ports["--regional-port"],
        central=_signing_in("central", ports, keys),
        regional={
            "RETRY_CAP_SECONDS": str(RETRY_CAP_SECONDS),
            "SUKET_PERIODS": SUKET_PERIODS,
            **_public_address(ports["--regional-port"]),
            **_signing_in("regional", ports, keys),
        },
    )
    typer.echo(f"starting PostgreSQL, issuer, centre, line and region in {folder} ...", err=True)
    with Town(plan) as town:
        stopping.town = town
        addresses = _start(town, ports)
        renewed_at = clock.now()
        write_one_for_each_role(town.keys, folder / "tokens", renewed_at)
        watch = Watch(addresses, town.keys, clock)
        desk = (folder / "tokens" / DESK).read_text().strip()
        display = display_on(Console(), words(addresses, folder, desk))
        note_addresses(folder, addresses)
        # Not above: irises come along, and every verb of the command would wait for them.
        from services.command.sample.fill import Filling

        filling = Filling(town, addresses.central, addresses.regional, clock)
        if not is_empty:
            filling.start()
        try:
            while True:
                town.check_alive()
                sample = None if is_empty else filling.told
                display.show(replace(watch.look(), sample=sample), clock.now())
                if clock.now() - renewed_at > TOKENS_RENEWED_EVERY:
                    renewed_at = clock.now()
                    write_one_for_each_role(town.keys, folder / "tokens", renewed_at)
                time.sleep(LOOK_SECONDS)
        finally:
            display.close()
            watch.close()
            typer.echo("stopping the region, the line, the centre, then PostgreSQL ...", err=True)


def _signing_in(service: str, ports: Mapping[str, int], keys: KeyFolder) -> dict[str, str]:
    """Settings by which a service trusts the development issuer."""
    return {
        "PAGES_ADDRESS": f"http://{HOST}:{ports[f'--{service}-port']}",
        "OIDC_ISSUER": f"http://{HOST}:{ports['--issuer-port']}",
        "OIDC_CLIENT_ID": service,
        "OIDC_CLIENT_SECRET_FILE": str(keys.client_secret(service)),
    }


def _issuer_settings(ports: Mapping[str, int], keys: KeyFolder) -> dict[str, str]:
    clients = [
        {
            "client_id": service,
            "secret_file": str(keys.client_secret(service)),
            "redirects": [f"http://{HOST}:{ports[f'--{service}-port']}{CALLBACK}"],
        }
        for service in ("central", "regional")
    ]
    return {
        "PORT": str(ports["--issuer-port"]),
        "KEY_FILE": str(keys.development_issuer),
        "CLIENTS": json.dumps(clients),
    }


def _start(town: Town, ports: Mapping[str, int]) -> Addresses:
    issuer = f"http://{HOST}:{ports['--issuer-port']}"
    town.start_issuer(_issuer_settings(ports, town.keys), issuer)
    central = town.start_central()
    listen = f"{HOST}:{ports['--line-port']}"
    control = f"http://{HOST}:{ports['--control-port']}"
    proxy = {"name": LINE_NAME, "listen": listen, "upstream": central.removeprefix("http://")}
    settings = {"PORT": str(ports["--control-port"]), "PROXIES": json.dumps([proxy])}
    town.start_line(settings, control)
    regional = town.start_regional(f"http://{listen}")
    return Addresses(central, regional, f"http://{listen}", control)
