"""`tunggal centre`: what operations say and see of a centre that was put back from a backup."""

import json
from typing import Annotated, Any

import typer

from services.command.exits import ExitCode, give_up
from services.command.local import (
    DEFAULT_FOLDER,
    AsJson,
    CentralAddress,
    Folder,
    ask,
    central_address,
    tell,
    token_for,
)
from shared.roles import Role

PATH = "/v1/resync"
OPTION = "--central"

centre_commands = typer.Typer(
    no_args_is_help=True, help="After a backup was put back: say so, and see who is awaited."
)


@centre_commands.command("restored")
def restored(
    reason: Annotated[str, typer.Option(help="Kept for ever; no names of citizens.")],
    epoch: Annotated[
        int | None,
        typer.Option(help="The present epoch, so that two officers raise it once."),
    ] = None,
    central: CentralAddress = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Say that this centre was put back to an earlier moment: before any region reaches it.

    Nothing is decided then until every region has handed back what it holds. Without --epoch
    nothing is said, and the present epoch is told. Role operations.
    """
    address, token = central_address(central, folder), token_for(folder, [Role.OPERATIONS], None)
    if epoch is None:
        present = ask(address, PATH, token, OPTION)["epoch"]
        give_up(
            ExitCode.USAGE,
            f"Nothing was said yet. Say it again with --epoch {present} if you mean it.",
        )
    _show(tell(address, PATH, token, {"epoch": epoch, "reason": reason}, OPTION), as_json=as_json)


@centre_commands.command("awaited")
def awaited(
    central: CentralAddress = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Show the epoch, and the regions for which decisions wait; ends with 6 while there are any."""
    address, token = central_address(central, folder), token_for(folder, [Role.OPERATIONS], None)
    found = ask(address, PATH, token, OPTION)
    _show(found, as_json=as_json)
    if not found["is_settling"]:
        raise typer.Exit(ExitCode.DEGRADED)


def _show(view: Any, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(view, indent=2))
        return
    typer.echo(f"epoch {view['epoch']} since {view['began_at']}")
    for one in view["regions"]:
        if one["state"] == "awaiting":
            typer.echo(f"awaited  {one['region']} since {one['awaiting_since']}")
        elif one["state"] == "waived":
            typer.echo(f"waived   {one['region']} by {one['waived_by']}")
    if view["is_settling"]:
        typer.echo("Nobody is awaited: the centre decides.", err=True)
        return
    typer.echo(
        f"The centre decides nothing until {view['awaited']} regions have handed back what they "
        "hold. They do so by themselves once their line is up; one that cannot come may be waived "
        "by two officers (POST /v1/regions/{region}/waiver).",
        err=True,
    )
