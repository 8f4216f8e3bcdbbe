"""`tunggal token` and `tunggal keys`: who may call a local system."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from services.command.keys import KeyFolder
from services.command.local import DEFAULT_FOLDER, REGION, Folder, issuer_key
from shared.clock import SystemClock
from shared.lives import Life
from shared.roles import LIFETIME_MAX, Role, make_token

# These work at the centre too, which takes no token that names a region.
BEYOND_A_REGION = frozenset({Role.OPERATIONS, Role.ADJUDICATOR})

# Whoever tries the pages out by themselves has the whole office's roles.
DESK = "desk"
DESK_ROLES = [Role.OFFICER, Role.HEAD_OF_OFFICE, Role.PRINTER]

keys_commands = typer.Typer(no_args_is_help=True, help="Keys of a local system.")


def make_one(
    role: Annotated[list[Role], typer.Option(help="A role; name the option again for more.")],
    subject: Annotated[str, typer.Option(help="Who it is for: an id, never a name.")] = "local",
    region: Annotated[
        str | None,
        typer.Option(
            help=f"Region it counts at, '' for none. Default: {REGION}, but none if all its roles "
            "work at the centre."
        ),
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, max=720, help="How long it lives.")] = 60,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Make a short-lived token for a local system, on stdout."""
    key = issuer_key(folder)
    if region is None:
        region = region_of(role)
    now = SystemClock().now()
    lifetime = timedelta(minutes=minutes)
    typer.echo(make_token(key, subject, role, region or None, lifetime, now))


@keys_commands.command("make")
def make_keys(
    folder: Folder = DEFAULT_FOLDER,
    region: Annotated[
        list[str] | None, typer.Option(help=f"Region codes; default {REGION}.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="How long new keys may be used; default: for ever.")
    ] = None,
) -> None:
    """Make the keys of a local system that are missing; those there stay."""
    keys = KeyFolder(folder / "keys")
    now = SystemClock().now()
    life = Life(now, now + timedelta(days=days)) if days is not None else None
    keys.make(region or [REGION], life)
    typer.echo(f"keys are in {keys.folder}", err=True)


def region_of(roles: list[Role]) -> str | None:
    """The region a token with these roles names unless told otherwise."""
    return None if set(roles) <= BEYOND_A_REGION else REGION


def write_one_for_each_role(keys: KeyFolder, folder: Path, now: datetime) -> None:
    """A file per role and one for the desk, mode 0600, replaced whole: never half a token."""
    folder.mkdir(mode=0o700, exist_ok=True)
    wanted = {role.value: [role] for role in Role} | {DESK: DESK_ROLES}
    for name, roles in wanted.items():
        made = make_token(
            keys.issuer_key(), f"local-{name}", roles, region_of(roles), LIFETIME_MAX, now
        )
        unfinished = folder / f".{name}"
        unfinished.unlink(missing_ok=True)
        with os.fdopen(
            os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
        ) as file:
            file.write(made + "\n")
        unfinished.replace(folder / name)
