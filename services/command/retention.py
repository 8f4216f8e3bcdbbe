"""`tunggal retention`: what is past its time on each side, and have it go now."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.command.local import (
    DEFAULT_FOLDER,
    REGION,
    AsJson,
    CentralAddress,
    Folder,
    RegionalAddress,
    ask,
    central_address,
    regional_address,
    tell,
    token_for,
)
from shared.roles import Role

PATH = "/v1/retention"


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")
    ] = False,
    regional: RegionalAddress = None,
    central: CentralAddress = None,
    region: Annotated[
        str, typer.Option("--region", help="The region the token is made for.")
    ] = REGION,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Obey the retention schedule now, at the region and the centre, as both do every hour.

    With a token of TUNGGAL_TOKEN, else one made by the local issuer's key.
    """
    sides = {
        "region": (regional_address(regional, folder), region, "--regional"),
        "centre": (central_address(central, folder), None, "--central"),
    }
    told: dict[str, Any] = {}
    for side, (address, whose, option) in sides.items():
        token = token_for(folder, [Role.OPERATIONS], whose)
        schedule = ask(address, PATH, token, option)["items"]
        gone = {} if dry_run else tell(address, f"{PATH}/turns", token, None, option)["rows"]
        told[side] = [{**one, "removed": gone.get(one["kind"])} for one in schedule]
    if as_json:
        typer.echo(json.dumps(told, indent=2))
        return
    table = Table("where", "kind", "days", "past its time", "removed", "what", box=None)
    for side, items in told.items():
        for one in items:
            removed = "" if one["removed"] is None else str(one["removed"])
            days = str(one["days"]) if one["days"] else "for ever"
            table.add_row(side, one["kind"], days, str(one["due"]), removed, one["what"])
    Console().print(table)
