"""The system on this machine: its folder, who runs it, where its services answer, and asking them.

`tunggal up` notes its addresses in the folder while it holds a lock there; every other command
finds the services by an option, by the environment, by that note, or at the usual ports.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from services.command.exits import ExitCode, give_up
from services.command.keys import KeyFolder
from shared.clock import SystemClock
from shared.files import write_whole
from shared.roles import Role, make_token
from shared.signing import SigningKey

DEFAULT_FOLDER = Path(".tunggal/up")
CENTRAL_PORT, REGIONAL_PORT, LINE_PORT, CONTROL_PORT = 8700, 8710, 8720, 8474
ISSUER_PORT = 8730
HOST = "127.0.0.1"
REGION = "61.72"
LINE_NAME = "singkawang"
ANSWER_SECONDS_MAX = 10.0
TOKEN_VARIABLE = "TUNGGAL_TOKEN"  # noqa: S105 the name of a variable

Folder = Annotated[
    Path, typer.Option("--folder", envvar="TUNGGAL_FOLDER", help="The local system's folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Data as JSON on stdout.")]
# Not TUNGGAL_REGIONAL_…: those names are the services' own settings.
RegionalAddress = Annotated[
    str | None,
    typer.Option(
        "--regional", envvar="TUNGGAL_AT_REGIONAL", help="Where the region's server answers."
    ),
]
CentralAddress = Annotated[
    str | None,
    typer.Option("--central", envvar="TUNGGAL_AT_CENTRAL", help="Where the centre answers."),
]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a system's parts answer; `line` is where the region calls the centre."""

    central: str
    regional: str
    line: str
    control: str


USUAL = Addresses(
    central=f"http://{HOST}:{CENTRAL_PORT}",
    regional=f"http://{HOST}:{REGIONAL_PORT}",
    line=f"http://{HOST}:{LINE_PORT}",
    control=f"http://{HOST}:{CONTROL_PORT}",
)


@dataclass(frozen=True, slots=True)
class Running:
    """A `tunggal up` that holds its folder."""

    pid: int
    addresses: Addresses


class AlreadyRunning(Exception):
    """Another process keeps a system in this folder."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep the folder to ourselves for the block. Raises AlreadyRunning."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "up.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise AlreadyRunning from None
    try:
        yield
    finally:
        _note(folder).unlink(missing_ok=True)
        os.close(lock)


def note_addresses(folder: Path, addresses: Addresses) -> None:
    """Tell the other commands where things are. Only while `held`."""
    note = {"pid": os.getpid(), "addresses": asdict(addresses)}
    write_whole(_note(folder), json.dumps(note, indent=2) + "\n")


def running_in(folder: Path) -> Running | None:
    """Who runs a system in this folder and is ready; None if the writer of the note was killed."""
    try:
        lock = os.open(folder / "up.lock", os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pass
    else:
        return None
    finally:
        os.close(lock)
    try:
        note = json.loads(_note(folder).read_text())
        return Running(note["pid"], Addresses(**note["addresses"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note(folder: Path) -> Path:
    return folder / "up.json"


def regional_address(named: str | None, folder: Path) -> str:
    """Named by option or environment, else as `tunggal up` noted it, else the usual one."""
    found = running_in(folder)
    return (named or (found.addresses if found else USUAL).regional).rstrip("/")


def central_address(named: str | None, folder: Path) -> str:
    """The same for the centre."""
    found = running_in(folder)
    return (named or (found.addresses if found else USUAL).central).rstrip("/")


def token_for(folder: Path, roles: Sequence[Role], region: str | None) -> str:
    """TUNGGAL_TOKEN, else one for a minute by the local issuer's key; ends with 3 for neither."""
    given = os.environ.get(TOKEN_VARIABLE)
    if given:
        return given
    return _short_token(issuer_key(folder), roles, region)


def token_if_any(folder: Path, roles: Sequence[Role]) -> str | None:
    """The same for whoever does without: None instead of an end. It counts at any server."""
    keys = KeyFolder(folder / "keys")
    if given := os.environ.get(TOKEN_VARIABLE):
        return given
    try:
        return _short_token(keys.issuer_key(), roles, None) if keys.issuer.exists() else None
    except (OSError, ValueError, KeyError):
        return None


def _short_token(key: SigningKey, roles: Sequence[Role], region: str | None) -> str:
    now = SystemClock().now()
    return make_token(key, "local", list(roles), region, timedelta(minutes=1), now)


def issuer_key(folder: Path) -> SigningKey:
    """The local issuer's key, never made here; ends the command with 3 or 1 without one."""
    keys = KeyFolder(folder / "keys")
    if not keys.issuer.exists():
        give_up(
            ExitCode.NOT_FOUND,
            f"{keys.issuer} is not there, so no token can be made. Run `tunggal up` or "
            f"`tunggal keys make`, name its --folder, or set {TOKEN_VARIABLE}.",
        )
    try:
        return keys.issuer_key()
    except (OSError, ValueError, KeyError):
        give_up(ExitCode.FAILED, f"{keys.issuer} cannot be used. `tunggal doctor` says why.")


def ask(address: str, path: str, token: str, option: str = "--regional") -> Any:
    """GET a service's JSON; ends the command with 1, 3, 4 or 5 when there is none.

    option: by which a person names the server.
    """
    return _called("GET", address, path, token, None, option)


def tell(address: str, path: str, token: str, body: Any, option: str) -> Any:
    """POST JSON to a service and give what it answers; ends the command as `ask` does."""
    return _called("POST", address, path, token, body, option)


def _called(method: str, address: str, path: str, token: str, body: Any, option: str) -> Any:
    try:
        answer = httpx.request(
            method,
            address + path,
            headers={"authorization": f"Bearer {token}"},
            json=body,
            timeout=ANSWER_SECONDS_MAX,
            trust_env=False,
        )
    except (httpx.TransportError, httpx.InvalidURL):
        give_up(
            ExitCode.UNREACHABLE,
            f"Nobody answers at {address}. Start `tunggal up`, or name the server with {option}.",
        )
    if not answer.is_success:
        code = _CODES.get(answer.status_code, ExitCode.FAILED)
        give_up(code, _words_of(answer))
    return answer.json()


_CODES = {
    401: ExitCode.REFUSED,
    403: ExitCode.REFUSED,
    404: ExitCode.NOT_FOUND,
    409: ExitCode.REFUSED,
}


def _words_of(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return f"{problem.get('detail') or problem['title']} {problem['next_action']}"
    except (ValueError, KeyError, AttributeError):
        return f"{answer.url.host} answered {answer.status_code}: is it a server of Tunggal?"
