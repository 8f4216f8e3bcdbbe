"""`tunggal matcher`: a process that holds a part of the gallery."""

import ipaddress
from pathlib import Path
from typing import Annotated

import typer

from services.command.exits import ExitCode, give_up
from services.command.servers import Service, settings_of


def matcher(
    shards: Annotated[str, typer.Option(help="Which shards of 0 to 15: 0-7 or 0,3,8-15.")],
    port_file: Annotated[
        Path | None, typer.Option(help="Write the address there once requests are taken.")
    ] = None,
) -> None:
    """Hold a part of the gallery of irises and search it for the centre.

    Settings are the centre's: TUNGGAL_CENTRAL_DATABASE_URL, …_PORT, …_MATCHER_SECRET,
    …_GALLERY_KEY_FILE, which the centre makes when it first starts. The centre finds its
    matchers by TUNGGAL_CENTRAL_MATCHERS; together they hold every shard once.
    """
    from services.central.penunggalan.iris.process import create_matcher
    from services.central.penunggalan.iris.wire import shards_of
    from services.central.settings import CentralSettings
    from shared.database.engine import Database
    from shared.doors import serve as doors
    from shared.iris_keys import GalleryKeys
    from shared.sealing import KeyRing
    from shared.telemetry import logs

    settings = settings_of(Service.CENTRAL)
    assert isinstance(settings, CentralSettings)
    try:
        held = shards_of(shards)
    except ValueError:
        give_up(ExitCode.USAGE, "--shards is like 0-7 or 0,3,8-15; there are 16, from 0.")
    if settings.database_url is None:
        give_up(ExitCode.USAGE, "A matcher reads the centre's database: set …_DATABASE_URL.")
    if settings.matcher_secret is None and not _is_loopback(settings.host):
        give_up(
            ExitCode.USAGE, "Beyond the loopback a matcher needs TUNGGAL_CENTRAL_MATCHER_SECRET."
        )
    # Never made here: a key of its own would open none of the centre's rows.
    keys = GalleryKeys(KeyRing.load(settings.gallery_keys_at))
    database = Database(settings.database_url.get_secret_value(), settings.database_connections_max)
    logs.set_up("matcher", settings.log_format, settings.log_level)
    doors.run(
        lambda draining: create_matcher(settings, database, held, draining, keys),
        settings,
        port_file,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
