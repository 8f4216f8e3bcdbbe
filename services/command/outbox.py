"""`tunggal outbox`: what waits for the line, and why one recording still waits."""

import json
from typing import Annotated, Any
from uuid import UUID

import typer

from services.command.local import (
    DEFAULT_FOLDER,
    REGION,
    AsJson,
    Folder,
    RegionalAddress,
    ask,
    regional_address,
    token_for,
)
from shared.roles import Role

RegionOption = Annotated[str, typer.Option("--region", help="The region the token is made for.")]

outbox_commands = typer.Typer(no_args_is_help=True, help="What waits for the line, and why.")


@outbox_commands.command("explain")
def explain(
    recording_id: UUID,
    regional: RegionalAddress = None,
    region: RegionOption = REGION,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Say in one sentence why a recording still waits, and for whom.

    With a token of TUNGGAL_TOKEN, else one made by the local issuer's key.
    """
    token = token_for(folder, [Role.OFFICER], region)
    status = ask(regional_address(regional, folder), f"/v1/recordings/{recording_id}", token)
    if as_json:
        typer.echo(json.dumps(status, indent=2))
        return
    typer.echo(status["explanation"])
    typer.echo(f"{status['official_status']} since {status['since']}", err=True)
    if status["next_action"]:
        typer.echo(f"next: {status['next_action']}", err=True)


@outbox_commands.command("status")
def show_status(
    regional: RegionalAddress = None,
    region: RegionOption = REGION,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Show how much waits, since when, how the line does, and how long it may take."""
    token = token_for(folder, [Role.OFFICER], region)
    address = regional_address(regional, folder)
    queue = ask(address, "/v1/queue", token)
    if as_json:
        typer.echo(json.dumps(queue, indent=2))
        return
    typer.echo("\n".join([*_lines(queue), *_outage_lines(ask(address, "/v1/outage", token))]))


def _outage_lines(outage: Any) -> list[str]:
    plan, disk = outage["catch_up"], outage["disk"]
    match plan["state"]:
        case "range":
            found = f"{plan['seconds_from']:.0f} to {plan['seconds_to']:.0f} s, outages as of late"
        case "never":
            found = "never: more is recorded than the line carries"
        case "line_needed":
            found = f"{plan['line_hours_needed']:.1f} hours of line needed"
        case _:
            found = "unknown: too little was carried"
    left = disk["recordings_left"]
    room = "not looked at yet" if left is None else f"room for {left} recordings"
    if disk["full_not_before"]:
        room += f", full not before {disk['full_not_before']}"
    return [f"catch-up  {found}", f"disk      {room}", f"next      {outage['next_action']}"]


def _lines(queue: Any) -> list[str]:
    line = queue["line"]
    since = f" since {line['since']}, {line['failures_in_a_row']} tries" if line["since"] else ""
    low, high = queue["expected_seconds_from"], queue["expected_seconds_to"]
    expected = "nobody can know now" if high is None else f"{low:.0f} to {high:.0f} s"
    return [
        f"line      {line['state']}{since}",
        f"waiting   {queue['waiting']}",
        f"oldest    {queue['oldest_waiting_since'] or '-'}",
        f"expected  {expected}",
        f"sent      {queue['acknowledged_seq']} of {queue['last_seq']}",
        f"received  {queue['feed_applied_pos']} of {queue['feed_head_pos']} entries",
        *(
            f"set aside {one['seq']}: {one['reason']}, since {one['since']}"
            for one in queue["set_aside"]
        ),
        *(
            f"held      entry {one['pos']}: {one['reason']}, since {one['since']}"
            for one in queue["held_entries"]
        ),
    ]
