"""`tunggal region`: a region's own key, from the day it is made to the day it is revoked.

`enrol`, `rotate` and `key` act where the key lies, by the region's settings; the others speak to
the centre as an officer of it.
"""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from services.command.servers import Service, settings_of
from shared.clock import SystemClock
from shared.contracts.region_keys import (
    REQUEST,
    KeyWord,
    NoKeyRequest,
    fingerprint_of,
    in_groups,
    is_enrolled,
    read_request,
    request_of,
)
from shared.files import write_whole
from shared.roles import Role
from shared.signing import SigningKey, read_key, write_key

if TYPE_CHECKING:
    from services.regional.central_client.client import Refused, Unknown
    from services.regional.keys.steps import Renewal
    from services.regional.settings import RegionalSettings

OPTION = "--central"
REQUEST_SUFFIX = ".key-request.json"
ReasonOption = Annotated[str, typer.Option(help="Kept for ever; no names of citizens.")]
KeyArgument = Annotated[
    str, typer.Argument(help="What follows # in the key's kid; `pinned` for a code alone.")
]
RegionArgument = Annotated[str, typer.Argument(help="The region's code.")]

region_commands = typer.Typer(no_args_is_help=True, help="Keys of regions.")


@region_commands.command("enrol")
def enrol(
    out: Annotated[
        Path, typer.Option("--out", help="Folder for the request's file, to be carried.")
    ] = Path(),
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put the key that is here aside and make another.")
    ] = False,
    send: Annotated[
        bool, typer.Option("--send/--no-send", help="Hand it in over the line as well.")
    ] = True,
) -> None:
    """At a region: make its key here, and ask the centre to let it in.

    The private half never leaves this machine. Read the fingerprint out to two officers of the
    centre: each types what they hear. The same command again asks how the key stands. Exit code
    6: it does not count yet.
    """
    settings = _settings()
    key = _own_key(settings, replace=replace)
    request = REQUEST.dump_json(request_of(key, settings.region, settings.key_days))
    file = out / f"{key.kid.replace('#', '-')}{REQUEST_SUFFIX}"
    write_whole(file, request.decode())
    typer.echo(str(file))
    _tell_key(key)
    if not send:
        return
    _end_by(_at_centre(settings, lambda renewal: renewal.ask()), file)


@region_commands.command("rotate")
def rotate() -> None:
    """At a region: make its next key, and hand it in signed by the present one.

    Cut off at any point it goes on where it was; the region's server does so by itself. Both keys
    count for the overlap that is set at the centre. Exit code 6: it does not count yet.
    """
    settings = _settings()
    if not settings.key_file.exists():
        give_up(ExitCode.NOT_FOUND, f"{settings.key_file} is not there: `tunggal region enrol`.")
    _end_by(_at_centre(settings, _make_and_hand_in), None)
    _tell_key(read_key(settings.key_file))


async def _make_and_hand_in(renewal: "Renewal") -> "KeyWord | Refused | Unknown":
    renewal.make_next()
    return await renewal.hand_in_next()


@region_commands.command("key")
def show_key(as_json: AsJson = False) -> None:
    """At a region: show its present key's name, fingerprint and end; never the private half."""
    settings = _settings()
    if not settings.key_file.exists():
        give_up(ExitCode.NOT_FOUND, f"{settings.key_file} is not there: `tunggal region enrol`.")
    key = read_key(settings.key_file, settings.region)
    if not as_json:
        _tell_key(key)
        return
    told = {
        "kid": key.kid,
        "fingerprint": fingerprint_of(key.x),
        "expires_at": key.life.not_after.isoformat() if key.life else None,
    }
    typer.echo(json.dumps(told, indent=2))


@region_commands.command("keys")
def list_keys(
    region: Annotated[str | None, typer.Option("--region", help="Only this region's.")] = None,
    central: CentralAddress = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """At the centre: show regions' keys and how they stand, newest first. Role operations."""
    address, token = central_address(central, folder), token_for(folder, [Role.OPERATIONS], None)
    asked = f"?region={region}" if region else ""
    found = ask(address, f"/v1/region-keys{asked}", token, OPTION)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for one in found["items"]:
        typer.echo(_line(one))


@region_commands.command("take")
def take(
    file: Annotated[Path, typer.Argument(help="What `tunggal region enrol` wrote.")],
    central: CentralAddress = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """At the centre: take a region's key that came on a disk. It waits for two officers."""
    try:
        request = REQUEST.validate_json(file.read_bytes())
        claims = read_request(request)
    except FileNotFoundError:
        give_up(ExitCode.NOT_FOUND, f"{file} is not there.")
    except (NoKeyRequest, ValueError):
        give_up(ExitCode.REFUSED, f"{file} is no key that signed for itself. Ask for it again.")
    address, token = central_address(central, folder), token_for(folder, [Role.OPERATIONS], None)
    path = f"/v1/regions/{claims.region}/keys/brought"
    typer.echo(_line(tell(address, path, token, request.model_dump(), OPTION)))


@region_commands.command("approve")
def approve(
    region: RegionArgument,
    key: KeyArgument,
    fingerprint: Annotated[
        str, typer.Option(help="As the region read it out, with or without spaces.")
    ],
    reason: ReasonOption,
    central: CentralAddress = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """At the centre: say that this key is the region's. The second officer's word lets it in."""
    said = {"fingerprint": fingerprint.replace(" ", "").lower(), "reason": reason}
    _say(region, key, "approval", said, central, folder)


@region_commands.command("refuse")
def refuse(
    region: RegionArgument,
    key: KeyArgument,
    reason: ReasonOption,
    central: CentralAddress = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """At the centre: refuse a key that waits and is nobody's."""
    _say(region, key, "refusal", {"reason": reason}, central, folder)


@region_commands.command("revoke")
def revoke(
    region: RegionArgument,
    key: KeyArgument,
    reason: ReasonOption,
    central: CentralAddress = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """At the centre: end a key at once and for ever, with whatever came in by its word.

    One officer may: closing does not wait. The region records on, and enrols a new key.
    """
    _say(region, key, "revocation", {"reason": reason}, central, folder)


def _say(
    region: str,
    key: str,
    act: str,
    said: dict[str, str],
    central: str | None,
    folder: Path,
) -> None:
    address, token = central_address(central, folder), token_for(folder, [Role.OPERATIONS], None)
    found = tell(address, f"/v1/regions/{region}/keys/{key}/{act}", token, said, OPTION)
    for one in found.get("items", [found]):
        typer.echo(_line(one))


def _line(one: Any) -> str:
    officers = ", ".join(approval["officer"] for approval in one["approvals"])
    by = f"by {officers}" if officers else f"by key {one['vouched_by']}" * bool(one["vouched_by"])
    until = f"until {one['expires_at'][:10]}" if one["expires_at"] else ""
    told = (one["region"], one["key"], one["state"], one["fingerprint"], by, until)
    return "  ".join(filter(None, told))


def _settings() -> "RegionalSettings":
    from services.regional.settings import RegionalSettings

    settings = settings_of(Service.REGIONAL)
    assert isinstance(settings, RegionalSettings)
    return settings


def _own_key(settings: "RegionalSettings", *, replace: bool) -> SigningKey:
    """The key to be enrolled: the one that waits already, or a new one."""
    from services.regional.keys.steps import enrolled_key

    path = settings.key_file
    if path.exists():
        present = read_key(path, settings.region)
        if is_enrolled(present.kid) and not replace:
            return present
        if not replace:
            give_up(
                ExitCode.REFUSED,
                f"{path} holds a key already. If the centre takes it, run `tunggal region rotate`; "
                "else say --replace, and it is put aside.",
            )
        aside = path.with_name(f"{path.name}.{fingerprint_of(present.x)[:12]}.old")
        path.replace(aside)
    key = enrolled_key(settings.region)
    write_key(path, key)
    return key


def _at_centre(
    settings: "RegionalSettings",
    work: "Callable[[Renewal], Awaitable[KeyWord | Refused | Unknown]]",
) -> "KeyWord | Refused | Unknown":
    import asyncio

    from services.regional.app import centre_keys
    from services.regional.central_client.client import CentralClient
    from services.regional.central_client.credentials import tls_of
    from services.regional.central_client.own_key import OwnKey
    from services.regional.keys.steps import Renewal

    async def speak() -> "KeyWord | Refused | Unknown":
        tls = tls_of(settings.centre_ca, settings.client_certificate, settings.client_key)
        own = OwnKey(settings.key_file, settings.region)
        centre = centre_keys(settings.centre_jwks, tls)
        client = CentralClient(settings.centre_address, settings.region, own, centre, tls)
        try:
            return await work(Renewal(own, client, SystemClock(), settings.key_days))
        finally:
            await client.close()

    return asyncio.run(speak())


def _tell_key(key: SigningKey) -> None:
    typer.echo(f"{key.kid}\nfingerprint  {in_groups(fingerprint_of(key.x))}")
    if key.life is not None:
        typer.echo(f"ends         {key.life.not_after.isoformat()}")


def _end_by(word: "KeyWord | Refused | Unknown", file: Path | None) -> None:
    """Say how the key stands at the centre, and end by it."""
    from services.regional.central_client.client import Refused, Unknown
    from services.regional.central_client.key_words import KEY_TROUBLES

    if isinstance(word, Unknown):
        carried = f" Or carry {file} there: `tunggal region take`." if file else ""
        give_up(
            ExitCode.UNREACHABLE,
            f"The centre did not answer ({word.reason}). Say it again later; the region's server "
            f"does so by itself.{carried}",
        )
    if isinstance(word, Refused):
        told = KEY_TROUBLES.get(word.code)
        what = (
            f"{told.happened} {told.next_action}" if told else f"The centre refused: {word.code}."
        )
        give_up(ExitCode.REFUSED, what)
    if word.state == "active":
        typer.echo("It counts.", err=True)
        return
    if word.state == "pending":
        give_up(
            ExitCode.DEGRADED,
            f"It waits for approval ({word.approvals} of 2). Read the fingerprint out to two "
            "officers of the centre, by a way they trust.",
        )
    give_up(ExitCode.REFUSED, f"The centre says: {word.state}. Ask its officers why.")
