"""`tunggal audit verify`, `export` and `protect`."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from services.command.exits import ExitCode, give_up
from services.command.local import AsJson
from services.command.servers import Service, ServiceArgument, settings_of

if TYPE_CHECKING:
    from services.command.audit.verify import Verified
    from shared.audit.ledger import Ledger
    from shared.database.engine import Database
    from shared.signing import PinnedKeys

T = TypeVar("T")
audit_commands = typer.Typer(
    no_args_is_help=True, help="The audit: who looked and who acted, held against change."
)
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database", envvar="TUNGGAL_AUDIT_DATABASE_URL", help="Else the settings'."),
]


@audit_commands.command("verify")
def verify_chain(
    service: ServiceArgument,
    database: DatabaseUrl = None,
    export: Annotated[
        Path | None, typer.Option(help="A file of `tunggal audit export`, instead of a database.")
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(help="JWKS of the chain's owner; else the settings' key.")
    ] = None,
    witness: Annotated[
        list[Path] | None,
        typer.Option(help="What a region's /v1/audit gave, or a bare checkpoint; repeatable."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read the whole audit and name the first entry that is not as it was written.

    An edit and an entry gone from the middle or the end show in the chain itself; a chain written
    anew shows in its signed checkpoints; an older copy of it only in a checkpoint that somebody
    else kept (--witness). Ends with 1 for any of these, and with 6 for what a restore explains.
    """
    from services.command.audit import source, verify
    from shared.audit.verifying import Kind

    pinned = _keys(service, keys)
    try:
        testimony = [one for path in witness or [] for one in verify.testimony_in(path)]
        if export is not None:
            read = source.from_export(export)
            done = asyncio.run(verify.verify(read, pinned, testimony))
        else:
            done = _at(
                service,
                database,
                lambda db, ledger: _verified(db, ledger, pinned, testimony),
            )
    except source.NotAnExport:
        give_up(ExitCode.USAGE, f"{export} is no whole export: `tunggal audit export` makes one.")
    except verify.WitnessNotTheirs:
        give_up(
            ExitCode.USAGE,
            "A witness's checkpoint is not signed by this chain's owner: give its keys by --keys.",
        )
    except ValueError:
        give_up(ExitCode.USAGE, "A witness's file holds no checkpoint: save a region's /v1/audit.")
    _tell(done, as_json)
    if any(one.kind is not Kind.RESTORED for one in done.findings):
        raise typer.Exit(ExitCode.FAILED)
    if done.findings or done.forged:
        raise typer.Exit(ExitCode.DEGRADED)


async def _verified(
    database: "Database", ledger: "Ledger", keys: "PinnedKeys", testimony: list[str]
) -> "Verified":
    from services.command.audit import source, verify

    return await verify.verify(await source.from_database(database, ledger), keys, testimony)


def _tell(done: "Verified", as_json: bool) -> None:
    if as_json:
        told = {
            "entries": done.size,
            "checkpoints": done.checkpoints,
            "witnesses": done.witnesses,
            "unknown_signatures": len(done.forged),
            "findings": [
                {
                    "kind": one.kind.value,
                    "first": one.first,
                    "last": one.last,
                    "next_action": one.next_action,
                }
                for one in done.findings
            ],
        }
        typer.echo(json.dumps(told, indent=2))
    for one in done.findings:
        typer.echo(f"{one}.\n{one.next_action}", err=True)
    if done.forged:
        typer.echo(
            f"{len(done.forged)} checkpoints are signed by no key given here: give older keys of "
            "the owner by --keys, or somebody else signed.",
            err=True,
        )
    if not done.findings and not as_json:
        typer.echo(
            f"{done.size:,} entries are as they were written; {done.checkpoints:,} checkpoints and "
            f"{done.witnesses:,} of witnesses fit."
        )
    if not done.findings and not done.witnesses:
        typer.echo(
            "No witness was heard: only a checkpoint kept elsewhere (--witness) shows an older "
            "copy.",
            err=True,
        )


@audit_commands.command("export")
def export_chain(service: ServiceArgument, database: DatabaseUrl = None) -> None:
    """Write the whole audit to stdout, to be verified elsewhere: ids and codes, no person."""
    from services.command.audit import source

    async def write(db: "Database", ledger: "Ledger") -> int:
        return await source.write_export(await source.from_database(db, ledger), sys.stdout)

    count = _at(service, database, write)
    typer.echo(f"{count:,} entries written", err=True)


@audit_commands.command("protect")
def protect_tables(
    service: ServiceArgument,
    database: DatabaseUrl = None,
    role: Annotated[str, typer.Option(help="The role the service signs in as.")] = "tunggal_app",
    show: Annotated[bool, typer.Option("--show", help="Only show the SQL.")] = False,
) -> None:
    """Make a database role that cannot change or remove entries; run it as the tables' owner.

    Then give the service a database URL with that role, and run `tunggal migrate` and this command
    as the owner after each upgrade.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from services.command.audit import protect

    try:
        if show:
            typer.echo(";\n".join(protect.statements(role, service)) + ";")
            return
        _at(service, database, lambda db, _: protect.protect(db, role))
    except ValueError as odd:
        give_up(ExitCode.USAGE, f"{odd}.")
    except SQLAlchemyError:
        give_up(ExitCode.REFUSED, "This account may not make roles: sign in as the tables' owner.")
    typer.echo(f"{role} may add to the audit of {service}, and change nothing of it", err=True)


def _at(
    service: Service,
    url: str | None,
    work: "Callable[[Database, Ledger], Awaitable[T]]",
) -> T:
    """Do something at a service's database; ends the command when nobody answers there."""
    from sqlalchemy.exc import SQLAlchemyError

    from services.central.audit.entries import LEDGER as CENTRAL
    from services.regional.audit.entries import LEDGER as REGIONAL
    from shared.database.engine import Database
    from shared.database.placement import EmbeddedPostgresFailed
    from shared.doors.lifetime import database_for

    ledger = CENTRAL if service is Service.CENTRAL else REGIONAL
    embedded = None

    async def run(database: Database) -> T:
        try:
            return await work(database, ledger)
        finally:
            await database.close()

    try:
        if url is None:
            opened, embedded = database_for(settings_of(service), service)
        else:
            opened = Database(url)
        return asyncio.run(run(opened))
    except EmbeddedPostgresFailed as failed:
        give_up(ExitCode.FAILED, f"{failed} Or give --database.")
    except (OSError, SQLAlchemyError) as trouble:
        if isinstance(trouble, SQLAlchemyError) and getattr(trouble, "orig", None) is not None:
            raise
        give_up(ExitCode.UNREACHABLE, "The database does not answer: start it, or give --database.")
    finally:
        if embedded is not None:
            embedded.stop()


def _keys(service: Service, jwks: Path | None) -> "PinnedKeys":
    from joserfc.errors import JoseError

    from services.central.settings import CentralSettings
    from services.regional.settings import RegionalSettings
    from shared.signing import PinnedKeys

    settings = settings_of(service)
    assert isinstance(settings, CentralSettings | RegionalSettings)
    path = jwks or settings.key_file
    try:
        told = json.loads(path.read_text())
        return PinnedKeys(told if "keys" in told else {"keys": [told]})
    except (OSError, ValueError, KeyError, TypeError, JoseError):
        give_up(ExitCode.NOT_FOUND, f"No keys in {path}: give the owner's JWKS by --keys.")
