"""`tunggal keys sealing`: a new key of the centre, and everything under it."""

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.command.exits import ExitCode, give_up
from services.command.local import AsJson
from services.command.servers import Service, settings_of

if TYPE_CHECKING:
    from services.central.settings import CentralSettings

sealing_commands = typer.Typer(
    no_args_is_help=True, help="Keys that sealed records at the centre lie under."
)


@sealing_commands.command("new")
def new_keys() -> None:
    """Put a new sealing key and a new KEK before the centre's others, and print its public keys.

    Restart the centre, pin what is printed at every region, and run `tunggal keys sealing rewrap`.
    """
    from services.central.vault.keys import kek_file, sealing_key_file
    from shared.sealed.keys import SealingKeys, add_first, next_sealing_jwk
    from shared.sealing import KeyRing

    settings = _settings()
    path = sealing_key_file(settings)
    SealingKeys.load_or_create(path)
    add_first(path, next_sealing_jwk(path))
    KeyRing.load_or_create(kek_file(settings)).add()
    typer.echo(json.dumps({"keys": SealingKeys.read(path).public_jwks}, indent=2))


@sealing_commands.command("rewrap")
def rewrap(
    drop: Annotated[
        bool,
        typer.Option(
            "--drop",
            help="Then take retired keys out of the files for ever. Only once every region pins "
            "the present one.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Wrap every data key at the centre that lies under a retired key; no record is touched.

    Cut off, it goes on where it was. Ends with 6 while something could not be wrapped.
    """
    from services.central.vault.keys import kek_file, sealing_key_file, vault_for
    from shared.sealed.keys import keep_only
    from shared.sealing import KeyRing

    settings = _settings()
    told = _rewrapped(settings)
    if told["left"]:
        typer.echo("Some keys are not in the files: nothing is dropped.", err=True)
    elif drop:
        vault = vault_for(settings)
        keep_only(sealing_key_file(settings), [vault.opener.keys.current])
        KeyRing.load(kek_file(settings)).drop_all_but([vault.keks.kid])
    if as_json:
        typer.echo(json.dumps(told, indent=2))
    else:
        typer.echo(f"{told['recordings']:,} recordings and {told['states']:,} states wrapped anew")
    if told["left"]:
        raise typer.Exit(ExitCode.DEGRADED)


def _settings() -> "CentralSettings":
    from services.central.settings import CentralSettings

    settings = settings_of(Service.CENTRAL)
    assert isinstance(settings, CentralSettings)
    return settings


def _rewrapped(settings: "CentralSettings") -> dict[str, Any]:
    import structlog

    from services.central.vault.keys import vault_for
    from services.central.vault.rewrapping import rewrap as wrap_all
    from shared.database.placement import EmbeddedPostgresFailed
    from shared.doors.lifetime import database_for

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        database, embedded = database_for(settings, Service.CENTRAL)
    except EmbeddedPostgresFailed as failed:
        give_up(ExitCode.FAILED, f"{failed} Or give TUNGGAL_CENTRAL_DATABASE_URL.")

    async def work() -> dict[str, Any]:
        try:
            done = await wrap_all(database, vault_for(settings))
        finally:
            await database.close()
        return {"recordings": done.recordings, "states": done.states, "left": done.left}

    try:
        return asyncio.run(work())
    finally:
        if embedded is not None:
            embedded.stop()
