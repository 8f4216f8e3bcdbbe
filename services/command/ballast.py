"""`tunggal ballast`: give PostgreSQL the room kept for the day the disk is full."""

import typer

from services.command.exits import ExitCode, give_up
from services.command.servers import Service, settings_of

ballast_commands = typer.Typer(no_args_is_help=True, help="Room kept for the day the disk is full.")


@ballast_commands.callback()
def _several() -> None:
    """So that `release` is named, though it stands alone."""


@ballast_commands.command("release")
def release() -> None:
    """Delete the region's ballast file, so that PostgreSQL can write its checkpoint and start.

    The region lays it again when there is plenty of room. Exit code 3: there was none.
    """
    from services.regional.disk.ballast import ballast_of
    from services.regional.settings import RegionalSettings

    settings = settings_of(Service.REGIONAL)
    assert isinstance(settings, RegionalSettings)
    kept = ballast_of(settings)
    held_bytes = kept.held_bytes()
    if not kept.release():
        give_up(ExitCode.NOT_FOUND, f"{kept.path} is not there: it was released, or never laid.")
    typer.echo(f"released {held_bytes / 1024**2:.0f} MiB; now make more room", err=True)
