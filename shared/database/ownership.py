"""One data folder, one owner: who runs an embedded PostgreSQL, and what a dead owner left."""

import fcntl
import os
import signal
import time
from pathlib import Path

from shared.database import placement as places
from shared.database.placement import EmbeddedPostgresFailed

OWNER_SECONDS_MAX = 60
LEFTOVER_SECONDS_MAX = 60
POLL_SECONDS = 0.02


class AlreadyOwned(EmbeddedPostgresFailed):
    """Another process, or this one, runs a server on the same data folder. Stop that one first."""

    def __init__(self, home: Path, owner_pid: int) -> None:
        super().__init__(f"{home} is in use by process {owner_pid}. Stop that process first.")
        self.owner_pid = owner_pid


def hold(home: Path) -> int:
    """Lock the home for this process, else raise AlreadyOwned. Give the result to `let_go`.

    The kernel lets go when the process ends, however it ends.
    """
    lock = os.open(home / places.OWNER, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(lock, 32)
        os.close(lock)
        raise AlreadyOwned(home, int(owner or 0)) from None
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    return lock


def let_go(lock: int) -> None:
    os.ftruncate(lock, 0)
    os.close(lock)


def stop(data_folder: Path) -> None:
    """End the server of a data folder, and first the process that owns it (SIGTERM).

    Raises AlreadyOwned if that process is this one or does not end in time.
    """
    for home in places.homes_of(data_folder):
        lock = _hold_after_owner(home)
        try:
            end_leftovers(home)
            places.remove_noted_socket_folder(home)
        finally:
            let_go(lock)


def remove(data_folder: Path) -> None:
    """Delete the data folder's cluster, wherever it lives; other files in the folder stay.

    A server left without an owner is stopped first. Raises AlreadyOwned while it has one.
    """
    for home in places.homes_of(data_folder):
        lock = hold(home)
        try:
            end_leftovers(home)
            places.remove_noted_socket_folder(home)
        finally:
            let_go(lock)
    places.erase(data_folder)


def end_leftovers(home: Path) -> None:
    """End what runs on the home's cluster without an owner, and wait for it.

    The caller holds the home's lock, so nobody else may want it.
    """
    cluster = home / places.CLUSTER
    note = cluster / "postmaster.pid"
    deadline = time.monotonic() + LEFTOVER_SECONDS_MAX
    is_told = False
    while pids := _processes_of(cluster):
        if time.monotonic() > deadline:
            raise EmbeddedPostgresFailed(f"Process {pids[0]} still uses {cluster}: end it (kill).")
        postmaster = _first_line(note)
        # Processes that lost their postmaster end by themselves.
        if not is_told and postmaster in map(str, pids):
            os.kill(int(postmaster), signal.SIGINT)
            is_told = True
        time.sleep(POLL_SECONDS)
    if Path("/proc/self").exists():
        # Its number may belong to another program since, and PostgreSQL would not start.
        note.unlink(missing_ok=True)


def _hold_after_owner(home: Path) -> int:
    deadline = time.monotonic() + OWNER_SECONDS_MAX
    told: set[int] = set()
    while True:
        try:
            return hold(home)
        except AlreadyOwned as owned:
            if owned.owner_pid == os.getpid() or time.monotonic() > deadline:
                raise
            # 0: it has the lock and is about to write its pid.
            if owned.owner_pid and owned.owner_pid not in told:
                os.kill(owned.owner_pid, signal.SIGTERM)
                told.add(owned.owner_pid)
            time.sleep(POLL_SECONDS)


def _processes_of(cluster: Path) -> list[int]:
    """The pids of PostgreSQL processes on the cluster.

    None where there is no /proc: PostgreSQL's own check of its pid file has to do there.
    """
    folder = cluster.resolve()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder and (
                entry / "comm"
            ).read_text() == "postgres\n":
                found.append(int(entry.name))
        except OSError:  # ended since, or somebody else's
            continue
    return found


def _first_line(note: Path) -> str:
    try:
        return note.read_text().partition("\n")[0]
    except FileNotFoundError:
        return ""
