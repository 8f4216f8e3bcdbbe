"""A real PostgreSQL 18 of our own for a service that was given no database URL.

One owner: the process that started it. It answers on a Unix socket in a fresh folder of mode 700
and on no network; that folder is the wall, so the cluster trusts whoever reaches its socket.

It ends with `stop()`, or with its owner: the kernel sends it SIGINT (a fast shutdown) when the
thread that started it dies, however it dies. Ctrl-C in a terminal does not reach it, so services
finish their work first. The file `owner` holds the owner's pid under a lock,
`cluster/postmaster.pid` the server's.

The wheel's own server class is not used: as root it opens every folder above its data.

Standard library only: `make clean` runs `python3 -m shared.database.embedded remove FOLDER`.
"""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from shared.database import ownership
from shared.database import placement as places
from shared.database.ownership import AlreadyOwned, remove
from shared.database.placement import ENVIRONMENT, EmbeddedPostgresFailed, Placement, as_account

__all__ = ["AlreadyOwned", "EmbeddedPostgres", "EmbeddedPostgresFailed", "remove", "start"]

START_SECONDS_MAX = 300  # recovery after a crash replays at most max_wal_size
STOP_SECONDS_MAX = 60
POLL_SECONDS = 0.02
LOGS_KEPT_MAX = 5
SOCKET_PATH_BYTES_MAX = 107  # sun_path, its last byte a zero
SOCKET_NAME = ".s.PGSQL.5432"
DATABASE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
PR_SET_PDEATHSIG = 1

SETTINGS: Mapping[str, str] = {
    # What a receipt promises.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Few, long checkpoints: each one writes every touched page to the log again.
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "shared_buffers": "256MB",
    "jit": "off",
    # Personal data stays out of the log: no parameters, no statements, and no DETAIL, in which a
    # violated constraint prints the row.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%Y%m%dT%H%M%S.log",
    "log_rotation_size": "10MB",
    "log_line_prefix": "%m [%p] ",
    "listen_addresses": "",
}


class EmbeddedPostgres:
    """A running server; made by `start`, ended by `stop` or the end of a `with` block."""

    def __init__(
        self, placement: Placement, settings: Mapping[str, str], *, outlive_parent: bool
    ) -> None:
        self._placement = placement
        self._settings = {**SETTINGS, **settings}
        self._outlive_parent = outlive_parent
        self._socket_folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise EmbeddedPostgresFailed("The server is not running.")
        return self._process.pid

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database, which is created if absent; good until `stop`.

        `database`: lower-case letters, digits and underscores, as it needs no quoting then.
        """
        if not DATABASE_NAME.fullmatch(database):
            raise ValueError("A database's name is lower-case letters, digits and underscores.")
        known = f"SELECT 1 FROM pg_database WHERE datname = '{database}'"  # noqa: S608 (checked above)
        if not self._ask(known):
            try:
                self._ask(f"CREATE DATABASE {database}")
            except EmbeddedPostgresFailed:
                if not self._ask(known):  # else somebody created it in the same moment
                    raise
        return f"postgresql+asyncpg://postgres@/{database}?host={quote(str(self._socket_folder))}"

    def resume(self) -> None:
        """Start the server again after `crash`, at the same address."""
        if self._process is not None:
            raise EmbeddedPostgresFailed("The server is running.")
        home = self._placement.home
        if self._lock is None:
            self._lock = ownership.hold(home)
        try:
            ownership.end_leftovers(home)
            binaries = places.binaries_for(self._placement)
            _make_cluster(self._placement, binaries)
            self._lay_socket_folder()
            self._launch(binaries)
        except BaseException:
            self._end(signal.SIGQUIT)
            self._let_go()
            raise

    def stop(self) -> None:
        """End open transactions, write a checkpoint and exit. Harmless when nothing runs."""
        self._end(signal.SIGINT)
        self._let_go()

    def crash(self) -> None:
        """End it as a power cut would, for tests: nothing is written.

        `resume` recovers it; the data folder stays ours until `stop`.
        """
        self._end(signal.SIGQUIT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _ask(self, statement: str) -> str:
        asked = subprocess.run(  # noqa: S603
            [
                places.installed_binaries() / "psql",
                *("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--no-password"),
                *("--host", str(self._socket_folder), "--username", "postgres"),
                *("--dbname", "postgres", "--command", statement),
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env=ENVIRONMENT,
        )
        if asked.returncode:
            raise EmbeddedPostgresFailed(f"PostgreSQL refused: {asked.stderr.strip()}")
        return asked.stdout.strip()

    def _lay_socket_folder(self) -> None:
        if self._socket_folder is None:
            places.remove_noted_socket_folder(self._placement.home)
            self._socket_folder = _new_socket_folder(self._placement)
            note = self._placement.home / places.SOCKET_NOTE
            note.write_text(f"{self._socket_folder}\n")

    def _let_go(self) -> None:
        if self._lock is None:
            return
        places.remove_noted_socket_folder(self._placement.home)
        self._socket_folder = None
        ownership.let_go(self._lock)
        self._lock = None

    def _launch(self, binaries: Path) -> None:
        cluster = self._placement.cluster
        logs = sorted((cluster / "log").glob("*.log"), reverse=True)
        for old in logs[LOGS_KEPT_MAX - 1 :]:
            old.unlink()
        settings = {**self._settings, "unix_socket_directories": str(self._socket_folder)}
        said = self._placement.home / places.START_LOG
        with said.open("wb") as words:
            self._process = subprocess.Popen(  # noqa: S603
                [
                    binaries / "postgres",
                    *("-D", str(cluster)),
                    *(f"--{name}={value}" for name, value in settings.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                cwd="/",
                env=ENVIRONMENT,
                umask=0o077,
                start_new_session=True,
                preexec_fn=None if self._outlive_parent else _death_wish(),  # noqa: PLW1509
                **as_account(self._placement.account),
            )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not _is_ready(cluster, self._process.pid):
            if self._process.poll() is not None or time.monotonic() > deadline:
                last_words = said.read_text(errors="replace").strip()[-600:]
                raise EmbeddedPostgresFailed(
                    f"PostgreSQL did not start on {cluster}: {last_words}"
                    f" (more in {cluster / 'log'})"
                )
            time.sleep(POLL_SECONDS)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                # What was committed is in the log on disk: the next start recovers it.
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()
            self._process = None


def start(
    data_folder: Path, *, settings: Mapping[str, str] | None = None, outlive_parent: bool = False
) -> EmbeddedPostgres:
    """Start the server of a data folder, making its cluster if there is none: a second or two.

    A server left without an owner is stopped and started anew; what it had committed is kept.
    `settings` are PostgreSQL's, over SETTINGS. `outlive_parent`: do not end with this thread.
    Raises AlreadyOwned, else EmbeddedPostgresFailed, saying what to do.
    """
    if not outlive_parent and threading.current_thread() is not threading.main_thread():
        raise EmbeddedPostgresFailed(
            "Start the server from the main thread: it ends with the thread that started it."
        )
    server = EmbeddedPostgres(
        places.place(data_folder), settings or {}, outlive_parent=outlive_parent
    )
    server.resume()
    return server


def _make_cluster(placement: Placement, binaries: Path) -> None:
    """Make the cluster under another name first: one that is half made must not pass for whole."""
    if placement.cluster.exists():
        return
    unfinished = placement.home / places.UNFINISHED_CLUSTER
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if placement.account is not None:
        os.chown(unfinished, placement.account.uid, placement.account.gid)
    made = subprocess.run(  # noqa: S603
        [
            binaries / "initdb",
            *("--pgdata", str(unfinished), "--username", "postgres", "--encoding", "UTF8"),
            # Unicode letters without the machine's locales: the same order of names everywhere.
            *("--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            "--auth=trust",  # the socket folder's mode is the wall, see the module's first lines
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=ENVIRONMENT,
        umask=0o077,
        **as_account(placement.account),
    )
    if made.returncode:
        raise EmbeddedPostgresFailed(
            f"initdb could not make {placement.cluster}: {made.stderr.strip()[-600:]}"
        )
    unfinished.rename(placement.cluster)


def _is_ready(cluster: Path, pid: int) -> bool:
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _new_socket_folder(placement: Placement) -> Path:
    parent, account = Path(tempfile.gettempdir()), placement.account
    is_long = len(bytes(parent)) + len("/tunggal-12345678/") + len(SOCKET_NAME) > (
        SOCKET_PATH_BYTES_MAX
    )
    if is_long or (account is not None and not account.can_enter(parent)):
        parent = Path("/tmp")  # noqa: S108 (mkdtemp makes a folder nobody else can enter)
    folder = Path(tempfile.mkdtemp(prefix=places.SOCKET_FOLDER_PREFIX, dir=parent))
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    return folder


def _death_wish() -> Callable[[], None] | None:
    """What the child does before it becomes PostgreSQL: ask for SIGINT when its parent dies.

    It runs after the change of user, which would clear the wish. Linux only.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def wish() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:  # died in between
            os._exit(1)

    return wish


def main(arguments: list[str]) -> int:
    """`stop FOLDER` or `remove FOLDER`: all servers with data in or below the folder.

    `remove` also deletes what tests that were killed left behind.
    """
    match arguments:
        case ["stop" | "remove" as order, folder]:
            for data_folder in places.data_folders_below(Path(folder)):
                ownership.stop(data_folder)
                if order == "remove":
                    remove(data_folder)
            for data_folder in places.lost_temporary_folders() if order == "remove" else ():
                with suppress(AlreadyOwned):  # still running, and not ours to stop
                    remove(data_folder)
            return 0
    sys.stderr.write("usage: python3 -m shared.database.embedded stop|remove FOLDER\n")
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedPostgresFailed as failed:
        sys.exit(str(failed))
