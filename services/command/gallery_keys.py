"""`tunggal keys gallery`: renew the key that irises are under, and put their rows under it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from services.command.exits import ExitCode, give_up
from services.command.local import AsJson
from services.command.servers import Service, ServiceArgument, settings_of
from shared.sealing import KeyRing

if TYPE_CHECKING:
    from services.central.settings import CentralSettings
    from services.regional.settings import RegionalSettings
    from shared.database.engine import Database
    from shared.iris_keys import GalleryKeys

T = TypeVar("T")
ACTOR, ACT = "command", "gallery-renewed"

gallery_commands = typer.Typer(
    no_args_is_help=True,
    help="Keys that irises are under: `new`, then a restart of all that search, then `renew`, "
    "then `drop`.",
)


@gallery_commands.command("new")
def new(service: ServiceArgument) -> None:
    """Make a new key, beside those there. Whoever starts from now on works under it.

    Copy the key file to every machine that reads it (a centre's matchers), restart them, and run
    `renew`. Nothing is lost in between: each row says which key it is under.
    """
    settings = _settings(service)
    added = KeyRing.load(settings.gallery_keys_at).add()
    typer.echo(added.kid)
    typer.echo(
        f"It is in {settings.gallery_keys_at}: back that up, copy it to the matchers, restart "
        f"them and the {service.value} server, then `tunggal keys gallery renew {service.value}`.",
        err=True,
    )


@gallery_commands.command("renew")
def renew(
    service: ServiceArgument,
    from_recordings: Annotated[
        bool,
        typer.Option(help="At the centre: make rows that no key opens anew from their recordings."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put every row under the newest key, some at a time; run it again to go on after a kill.

    Also for rows from before there were keys. Services may run meanwhile. Ends with 6 while rows
    are left: those a process wrote that was not restarted, or that no key here opens.
    """
    settings = _settings(service)
    keys = _keys(settings)
    told = _with_database(
        service, lambda database: _renew(service, database, keys, from_recordings)
    )
    if as_json:
        typer.echo(json.dumps(told, indent=2))
    else:
        typer.echo(f"{told['renewed']:,} renewed, {told['left']:,} left; all under {keys.kid}")
    if told["left"]:
        typer.echo(
            "Restart whatever still works under an older key and run this again; rows that no key "
            "opens need their key file back, or --from-recordings.",
            err=True,
        )
        raise typer.Exit(ExitCode.DEGRADED)


@gallery_commands.command("drop")
def drop(service: ServiceArgument) -> None:
    """Take keys that no row is under out of the key file, for ever. Restart everything before.

    From then on a copy of old rows, a backup too, can be opened by nobody who has only this file.
    """
    settings = _settings(service)
    keys = _keys(settings)
    left, in_use = _with_database(service, lambda database: _standing(service, database, keys))
    if left:
        give_up(ExitCode.REFUSED, f"{left:,} rows are not under the newest key: `renew` first.")
    dropped = KeyRing.load(settings.gallery_keys_at).drop_all_but(in_use)
    typer.echo(f"{dropped} dropped", err=True)


def _settings(service: Service) -> "CentralSettings | RegionalSettings":
    from services.central.settings import CentralSettings
    from services.regional.settings import RegionalSettings

    settings = settings_of(service)
    assert isinstance(settings, CentralSettings | RegionalSettings)
    return settings


def _keys(settings: "CentralSettings | RegionalSettings") -> "GalleryKeys":
    from shared.iris_keys import GalleryKeys

    return GalleryKeys(KeyRing.load(settings.gallery_keys_at))


async def _renew(
    service: Service, database: "Database", keys: "GalleryKeys", may_rebuild: bool
) -> dict[str, Any]:
    told: dict[str, Any] = {"key": keys.kid}
    if service is Service.CENTRAL:
        from services.central.penunggalan import renewing
        from services.central.settings import CentralSettings
        from services.central.vault.keys import vault_for
        from services.central.vault.steps import CARRIED

        if may_rebuild:  # recordings are sealed, too
            settings = _settings(service)
            assert isinstance(settings, CentralSettings)
            database.carry(CARRIED, vault_for(settings))
        central = await renewing.renew(database, keys, may_rebuild=may_rebuild)
        told |= {"renewed": central.renewed, "rebuilt": central.rebuilt}
    else:
        from services.regional.operators import store

        async with database.begin() as transaction:
            told |= {"renewed": await store.renew(transaction, keys)}
    left, _ = await _standing(service, database, keys)
    await _entry(service, database, f"key-{keys.kid}")
    return told | {"left": left}


async def _standing(
    service: Service, database: "Database", keys: "GalleryKeys"
) -> tuple[int, set[str]]:
    """How many rows are not under the newest key, and which keys are in use."""
    async with database.begin() as transaction:
        if service is Service.CENTRAL:
            from services.central.penunggalan import renewing

            left = await renewing.count_elsewhere(transaction, keys)
            return left, await renewing.keys_in_use(transaction)
        from services.regional.operators import store

        left = await store.count_elsewhere(transaction, keys)
        return left, await store.keys_in_use(transaction)


async def _entry(service: Service, database: "Database", key: str) -> None:
    """Who renews keys stands in the audit, as every act that matters."""
    from services.central.audit import entries as central
    from services.regional.audit import entries as regional
    from shared.audit.entries import Actor, Purpose
    from shared.clock import SystemClock

    write = central.entry if service is Service.CENTRAL else regional.entry
    async with database.begin() as transaction:
        now = SystemClock().now()
        await write(transaction, Actor(ACTOR), ACT, Purpose.SECURITY, [], now, key)


def _with_database(service: Service, work: "Callable[[Database], Awaitable[T]]") -> T:
    from shared.database.placement import EmbeddedPostgresFailed
    from shared.doors.lifetime import database_for

    settings = settings_of(service)
    try:
        database, embedded = database_for(settings, service)
    except EmbeddedPostgresFailed as failed:
        give_up(ExitCode.FAILED, f"{failed} Or give {settings.PREFIX}DATABASE_URL.")

    async def run() -> T:
        try:
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    finally:
        if embedded is not None:
            embedded.stop()
