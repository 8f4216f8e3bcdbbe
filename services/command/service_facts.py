"""`tunggal config`, `migrate` and `openapi`: a service's settings, schema and document."""

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from services.command.exits import ExitCode, give_up
from services.command.keys import KeyFolder
from services.command.local import REGION, AsJson
from services.command.servers import Service, ServiceArgument, settings_of
from shared.database.placement import EmbeddedPostgresFailed
from shared.settings import Setting

# Never asked for anything: only the routes are looked at.
NO_DATABASE = "postgresql+asyncpg://nobody@/none"

config_commands = typer.Typer(no_args_is_help=True, help="Settings of the services.")


@config_commands.command("show")
def show_config(service: ServiceArgument, as_json: AsJson = False) -> None:
    """Show every setting: its name, its value (secrets hidden), and where the value comes from."""
    told = settings_of(service).describe()
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in told], indent=2))
        return
    name_width, value_width = (max(len(text) for text in column) for column in _columns(told))
    for one in told:
        typer.echo(f"{one.name:{name_width}}  {one.value:{value_width}}  {one.origin}")


def _columns(told: Sequence[Setting]) -> tuple[list[str], list[str]]:
    return [one.name for one in told], [one.value for one in told]


def migrate(service: ServiceArgument) -> None:
    """Bring a service's database to this program's schema. Safe to run again.

    The services do the same when they start; run it apart to do so before an upgrade.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from services.central.app import MIGRATIONS as CENTRAL_MIGRATIONS
    from services.regional.app import MIGRATIONS as REGIONAL_MIGRATIONS
    from shared.database import migrations
    from shared.doors.lifetime import database_for

    settings = settings_of(service)
    folder = CENTRAL_MIGRATIONS if service is Service.CENTRAL else REGIONAL_MIGRATIONS

    async def upgrade() -> None:
        try:
            await migrations.upgrade(database, folder)
            await migrations.check_head(database, folder)
        finally:
            await database.close()

    try:
        database, embedded = database_for(settings, service)
    except EmbeddedPostgresFailed as failed:
        give_up(ExitCode.FAILED, f"{failed} A running service has migrated its database already.")
    try:
        asyncio.run(upgrade())
    except (OSError, SQLAlchemyError) as trouble:
        give_up(
            ExitCode.UNREACHABLE if isinstance(trouble, OSError) else ExitCode.FAILED,
            f"The database of {service} did not take it ({type(trouble).__name__}). Look at "
            f"{settings.PREFIX}DATABASE_URL, and at PostgreSQL's own log.",
        )
    finally:
        if embedded is not None:
            embedded.stop()
    typer.echo(f"{service}: the database has this program's schema", err=True)


def openapi(service: ServiceArgument) -> None:
    """Print a service's OpenAPI document, without starting the service."""
    typer.echo(json.dumps(document_of(service), indent=2, ensure_ascii=False))


def document_of(service: Service) -> dict[str, Any]:
    """The OpenAPI document, from an app with passing keys and no database."""
    from services.central.app import create_app as create_central
    from services.central.settings import CentralSettings
    from services.regional.app import create_app as create_regional
    from services.regional.settings import RegionalSettings
    from shared.database.engine import Database

    database = Database(NO_DATABASE)
    with tempfile.TemporaryDirectory(prefix="tunggal-openapi-") as name:
        keys = KeyFolder(Path(name))
        keys.make([REGION])
        if service is Service.CENTRAL:
            central = CentralSettings(key_file=keys.centre, regions_jwks=keys.regions_jwks)
            return create_central(central, database).openapi()
        regional = RegionalSettings(
            key_file=keys.region(REGION), centre_jwks=str(keys.centre_jwks), region=REGION
        )
        return create_regional(regional, database).openapi()
