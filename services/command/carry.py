"""`tunggal carry`: envelopes, receipts and feed pages on a disk, where there is no line."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from services.command.exits import ExitCode, give_up
from services.command.servers import Service, settings_of
from shared.clock import SystemClock
from shared.contracts.carry import NotCarried
from shared.database import placement
from shared.database.embedded import AlreadyOwned
from shared.database.engine import Database
from shared.settings import ServiceSettings
from shared.signing import PinnedKeys, load_or_create_key

T = TypeVar("T")
MEBIBYTE = 1024**2

carry_commands = typer.Typer(no_args_is_help=True, help="Carry by disk, where there is no line.")


@carry_commands.command("export")
def export(
    to: Annotated[Path, typer.Option("--to", help="The disk's folder.")],
    mebibytes_max: Annotated[
        int, typer.Option("--mib", min=1, max=1024, help="Size of a file, about.")
    ] = 64,
) -> None:
    """Write what waits at this region to a disk: signed files, in order. Run again to go on.

    The files are as sensitive as the recordings themselves.
    """
    from services.regional.carrier import Carrier

    async def write(carrier: Carrier) -> list[str]:
        names: list[str] = []
        first_seq = await carrier.first_seq()
        while True:
            if (last_seq := _written_from(to, carrier.region, first_seq)) is None:
                made = await carrier.next_file(first_seq, mebibytes_max * MEBIBYTE)
                if made is None:
                    return names
                content, last_seq = made
                name = f"{_stem(carrier.region)}-{first_seq:012}-{last_seq:012}.carry"
                write_verified(to / name, content)
                names.append(name)
            first_seq = last_seq + 1

    to.mkdir(parents=True, exist_ok=True)
    names = _with_region(write)
    typer.echo("\n".join(names) if names else "nothing new waits", err=not names)


@carry_commands.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="What the other side wrote.")],
    wait_seconds: Annotated[
        float, typer.Option("--wait", min=0, help="Centre: seconds to wait until all is settled.")
    ] = 0.0,
) -> None:
    """Take a carried file: the centre writes its answer beside it, the region applies the answer.

    Safe to repeat. Exit code 4: refused, with nothing of the wrong part kept; 6: taken, and not
    all of it is settled yet, so import again later for the rest of the answer.
    """
    content = file.read_bytes() if file.is_file() else b""
    if not content:
        give_up(ExitCode.NOT_FOUND, f"{file} is not there, or empty.")
    try:
        goes_down = json.loads(content.partition(b"\n")[0])["direction"] == "down"
    except (ValueError, KeyError, TypeError):
        give_up(ExitCode.REFUSED, f"{file}: it is not a carried file. Nothing was taken.")
    if goes_down:
        _hear(file, content)
    else:
        _take(file, content, wait_seconds)


def _hear(file: Path, content: bytes) -> None:
    brought = _with_region(lambda carrier: carrier.hear(content), file)
    typer.echo(
        f"acknowledged up to {brought.acked_seq} ({brought.acknowledged} new), "
        f"applied up to {brought.applied_pos} ({brought.applied} new)"
    )


def _take(file: Path, content: bytes, wait_seconds: float) -> None:
    from services.central.carrier import Carrier
    from services.central.identity import Regions
    from services.central.settings import CentralSettings

    settings = settings_of(Service.CENTRAL)
    assert isinstance(settings, CentralSettings)
    pinned = PinnedKeys(json.loads(settings.regions_jwks.read_text()))
    key = load_or_create_key(settings.key_file, "centre")
    answered = _run(
        settings,
        "central",
        lambda database: Carrier(
            database, Regions(pinned, SystemClock(), database), key, SystemClock()
        ).take(content, wait_seconds),
        file,
    )
    answer = file.with_name(f"{file.stem}.answer.carry")
    write_verified(answer, answered.content)
    typer.echo(str(answer))
    typer.echo(f"held up to {answered.accepted_seq} ({answered.taken} new)", err=True)
    if answered.settled_seq < answered.accepted_seq:
        give_up(
            ExitCode.DEGRADED,
            f"Settled up to {answered.settled_seq}: import again with --wait for the rest.",
        )


def _with_region(work: "Callable[..., Awaitable[T]]", file: Path | None = None) -> T:
    from services.regional.carrier import Carrier
    from services.regional.settings import RegionalSettings

    settings = settings_of(Service.REGIONAL)
    assert isinstance(settings, RegionalSettings)
    try:
        centre = PinnedKeys(json.loads(Path(settings.centre_jwks).read_text()))
    except (OSError, ValueError):
        give_up(ExitCode.USAGE, "Name a file in TUNGGAL_REGIONAL_CENTRE_JWKS: there is no line.")
    key = load_or_create_key(settings.key_file, settings.region)
    return _run(
        settings,
        "regional",
        lambda database: work(Carrier(database, settings.region, key, centre, SystemClock())),
        file,
    )


def _run(
    settings: ServiceSettings,
    name: str,
    work: Callable[[Database], Awaitable[T]],
    file: Path | None,
) -> T:
    from sqlalchemy.exc import SQLAlchemyError

    from services.regional.uplink.steps import ForeignPosition
    from shared.doors.lifetime import database_for

    embedded = None
    try:
        database, embedded = database_for(settings, name)
    except AlreadyOwned:
        database = _running(settings, name)

    async def use() -> T:
        try:
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(use())
    except NotCarried as doubt:
        give_up(ExitCode.REFUSED, f"{file}: {doubt}. Nothing after that was taken.")
    except ForeignPosition:
        give_up(
            ExitCode.REFUSED, f"{file}: it answers what this region never wrote. Ask the centre."
        )
    except SQLAlchemyError as trouble:
        give_up(ExitCode.FAILED, f"The database did not take it ({type(trouble).__name__}).")
    finally:
        if embedded is not None:
            embedded.stop()


def _running(settings: ServiceSettings, name: str) -> Database:
    """The embedded database of a service that runs, by the socket it noted."""
    folder = settings.data_folder / name / "postgres"
    home = placement.known_home(folder) or folder
    socket = (home / placement.SOCKET_NOTE).read_text().strip()
    return Database(f"postgresql+asyncpg://postgres@/{name}?host={socket}", 2)


def write_verified(path: Path, content: bytes) -> None:
    """Whole or not at all, and read back from the disk before it counts."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if part.read_bytes() != content:
        raise OSError(5, "The disk gives back other bytes than were written", str(path))
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _stem(region: str) -> str:
    return f"tunggal-{region}-up"


def _written_from(folder: Path, region: str, first_seq: int) -> int | None:
    """Last seq of a file that is there already and begins at or before this seq."""
    for path in sorted(folder.glob(f"{_stem(region)}-*.carry")):
        if path.name.endswith(".answer.carry"):
            continue
        first, last = (int(text) for text in path.stem.split("-")[-2:])
        if first <= first_seq <= last:
            return last
    return None
