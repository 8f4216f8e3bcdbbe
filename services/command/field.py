"""`tunggal field`: a team without a line makes a key, packs recordings, sends them later."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Annotated, Any
from uuid import UUID

import httpx
import orjson
import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from services.command.exits import ExitCode, give_up
from services.command.local import (
    DEFAULT_FOLDER,
    REGION,
    AsJson,
    Folder,
    regional_address,
    token_for,
)
from shared.clock import SystemClock
from shared.contracts.field_batch import (
    BATCH_BYTES_MAX,
    MANIFEST,
    MEDIA_TYPE,
    RECORDINGS_MAX,
    StationName,
    seal,
)
from shared.contracts.recording import RECORDING, canonical_bytes
from shared.ids import new_id
from shared.roles import Role
from shared.signing import SigningKey, load_or_create_key

MEBIBYTE = 1024**2
PART_BYTES = 16 * 1024
ANSWER_SECONDS_MAX = 300.0
FIRST_WAIT_SECONDS, WAIT_SECONDS_MAX = 2.0, 60.0
NAMED_BYTES = 140  # of the manifest, for each recording
STATION: TypeAdapter[str] = TypeAdapter(StationName)

KeyFile = Annotated[
    Path, typer.Option("--key", help="The station's private key; never leaves this machine.")
]
DEFAULT_KEY = Path("station-key.json")

field_commands = typer.Typer(no_args_is_help=True, help="Recordings taken where there is no line.")


@field_commands.command("key")
def make_key(
    station: Annotated[str, typer.Argument(help="The station's name: singkawang-barat-1.")],
    key_file: KeyFile = DEFAULT_KEY,
) -> None:
    """Make this station's key, once, and print what the head of office enrols.

    A key that is there stays. Its public half is on stdout, its id as a check on stderr.
    """
    try:
        STATION.validate_python(station)
    except ValidationError:
        give_up(
            ExitCode.USAGE, "Name the station in small letters, digits and hyphens: kecamatan-1."
        )
    key = load_or_create_key(key_file, str(new_id()))
    x = key.public_jwk["x"]
    printed = {
        "key_id": key.kid,
        "key": {"station": station, "kty": "OKP", "crv": "Ed25519", "x": x},
    }
    typer.echo(json.dumps(printed))
    typer.echo(f"Key …{key.kid[-6:]} is in {key_file}. Hand the line above to the head.", err=True)


@field_commands.command("pack")
def pack(
    recordings: Annotated[Path, typer.Argument(help="Folder of recordings, a JSON file each.")],
    station: Annotated[str, typer.Option("--station", help="As it was enrolled.")],
    to: Annotated[Path, typer.Option("--to", help="Folder for the signed files.")] = Path(),
    key_file: KeyFile = DEFAULT_KEY,
    mebibytes_max: Annotated[
        int, typer.Option("--mib", min=1, max=15, help="Size of a file, at most about.")
    ] = 4,
) -> None:
    """Write recordings into signed files: one, or as many as their size needs.

    Exit code 6: some files hold no whole recording and were left out; they are named on stderr.
    Packing again makes new files; recordings that were sent before are not taken twice.
    """
    key = _key_of(key_file)
    if not recordings.is_dir():
        give_up(ExitCode.NOT_FOUND, f"{recordings} is not a folder.")
    bodies, left_out = _read(recordings)
    if not bodies:
        give_up(ExitCode.NOT_FOUND, f"{recordings} holds no whole recording.")
    to.mkdir(parents=True, exist_ok=True)
    for some in _parts(bodies, mebibytes_max * MEBIBYTE):
        batch_id = new_id()
        content = seal(key, batch_id, station, SystemClock().now(), some)
        path = to / f"{station}-{batch_id}.batch"
        _write(path, content)
        typer.echo(str(path))
    typer.echo(f"{len(bodies)} recordings packed.", err=True)
    if left_out:
        give_up(ExitCode.DEGRADED, f"Left out, no whole recording: {', '.join(left_out)}.")


@field_commands.command("send")
def send(
    file: Annotated[Path, typer.Argument(help="A file of `tunggal field pack`.")],
    to: Annotated[
        str | None,
        typer.Option("--to", envvar="TUNGGAL_AT_REGIONAL", help="Where the region answers."),
    ] = None,
    region: Annotated[str, typer.Option(help="The region the token is made for.")] = REGION,
    tries: Annotated[int, typer.Option(min=1, max=1000, help="How often on a bad line.")] = 20,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Send a signed file to the region's server, again after a broken line, and show its report.

    Safe to repeat: the same file gets the same report. With a token of TUNGGAL_TOKEN. Exit code 6:
    all was answered, and some recordings were refused.
    """
    try:
        content = file.read_bytes()
        batch_id = MANIFEST.validate_json(content.partition(b"\n")[0]).batch_id
    except OSError:
        give_up(ExitCode.NOT_FOUND, f"{file} is not there.")
    except ValidationError:
        give_up(ExitCode.USAGE, f"{file} is not a file of `tunggal field pack`.")
    token = token_for(folder, [Role.OFFICER], region)
    report = _sent(regional_address(to, folder), batch_id, content, token, tries)
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    else:
        _show(report)
    if report["refused"]:
        raise typer.Exit(ExitCode.DEGRADED)


def _key_of(path: Path) -> SigningKey:
    if not path.exists():
        give_up(ExitCode.NOT_FOUND, f"{path} is not there. Make it with `tunggal field key`.")
    try:
        return load_or_create_key(path, "")
    except (OSError, ValueError, KeyError):
        give_up(ExitCode.FAILED, f"{path} is not a key that can be used.")


def _read(folder: Path) -> tuple[list[tuple[UUID, bytes]], list[str]]:
    """Whole recordings in canonical bytes, each id once, and the files that hold none."""
    found: dict[UUID, bytes] = {}
    left_out = []
    for path in sorted(folder.glob("*.json")):
        try:
            one = RECORDING.validate_json(path.read_bytes())
        except (OSError, ValidationError):
            left_out.append(path.name)
            continue
        body = canonical_bytes(one.recording_id, one)
        if found.setdefault(one.recording_id, body) != body:
            left_out.append(path.name)
    return list(found.items()), left_out


def _parts(bodies: list[tuple[UUID, bytes]], bytes_max: int) -> Iterator[list[tuple[UUID, bytes]]]:
    part: list[tuple[UUID, bytes]] = []
    size = 0
    for one in bodies:
        cost = len(one[1]) + NAMED_BYTES
        if part and (size + cost > min(bytes_max, BATCH_BYTES_MAX) or len(part) >= RECORDINGS_MAX):
            yield part
            part, size = [], 0
        part.append(one)
        size += cost
    yield part


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a stick may be pulled out."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _sent(address: str, batch_id: UUID, content: bytes, token: str, tries: int) -> dict[str, Any]:
    console = Console(stderr=True)
    wait = FIRST_WAIT_SECONDS
    for attempt in range(1, tries + 1):
        answer, trouble = _try(console, address, batch_id, content, token)
        if answer is not None and answer.is_success:
            report: dict[str, Any] = orjson.loads(answer.content)
            return report
        is_last = attempt == tries
        if answer is not None and answer.status_code not in (408, 429, 502, 503, 504, 507):
            give_up(_CODES.get(answer.status_code, ExitCode.FAILED), _words(answer))
        told = trouble if answer is None else _words(answer)
        if is_last:
            give_up(ExitCode.UNREACHABLE, f"{told} Nothing is lost: run the same again later.")
        console.print(f"{told} Again in {wait:.0f} s ({attempt} of {tries}).")
        sleep(wait)
        wait = min(2 * wait, WAIT_SECONDS_MAX)
    raise AssertionError  # the loop returns or ends the command


_CODES = {401: ExitCode.REFUSED, 403: ExitCode.REFUSED, 409: ExitCode.REFUSED}
_CODES |= {413: ExitCode.REFUSED, 422: ExitCode.REFUSED}


def _try(
    console: Console, address: str, batch_id: UUID, content: bytes, token: str
) -> tuple[httpx.Response | None, str]:
    """One upload: the answer, or what went wrong with the line."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("sending", total=len(content))

        def told() -> Iterator[bytes]:
            for at in range(0, len(content), PART_BYTES):
                piece = content[at : at + PART_BYTES]
                yield piece
                progress.advance(task, len(piece))

        try:
            answer = httpx.put(
                f"{address}/v1/field-batches/{batch_id}",
                content=told(),
                headers={
                    "authorization": f"Bearer {token}",
                    "content-type": MEDIA_TYPE,
                    "content-length": str(len(content)),
                },
                timeout=httpx.Timeout(ANSWER_SECONDS_MAX, connect=10.0),
                trust_env=False,
            )
        except httpx.InvalidURL:
            give_up(ExitCode.USAGE, f"{address} is no address: name the server with --to.")
        except httpx.TransportError:
            return None, f"The line to {address} broke."
    return answer, ""


def _words(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return f"{problem.get('detail') or problem['title']} {problem['next_action']}"
    except (ValueError, KeyError, AttributeError):
        return f"The server answered {answer.status_code}: is it a server of Tunggal?"


def _show(report: dict[str, Any]) -> None:
    typer.echo(
        f"{report['taken']} taken, {report['held']} held already, {report['refused']} refused"
    )
    odd = [one for one in report["items"] if one["code"] or one["flags"]]
    if not odd:
        return
    table = Table("recording", "outcome", "why", "look at")
    for one in odd:
        table.add_row(
            one["recording_id"], one["outcome"], one["code"] or "", ", ".join(one["flags"])
        )
    Console().print(table)
