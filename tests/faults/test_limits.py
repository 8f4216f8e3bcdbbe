"""Rows D3 and P6: a disk that is really full, and a process with no file descriptors left."""

import errno
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from shared.ids import new_id
from tests.fault_rows import Fired
from tests.stories.core_world import books, drained, record, record_all, until
from tests.town import Databases, Town

SMALL_DISK = "1m"
TRIES_MAX = 2_000


@contextmanager
def small_disk(owner: int) -> Iterator[Path | None]:
    """A file system of a few megabytes; None where this machine may not mount one."""
    folder = Path(tempfile.mkdtemp(prefix="tunggal-full-", dir="/tmp"))
    folder.chmod(0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    try:
        if mounted.returncode:
            yield None
            return
        place = folder / "space"
        place.mkdir(mode=0o700)
        os.chown(place, owner, -1)
        yield place
    finally:
        if not mounted.returncode:
            subprocess.run(["umount", "-l", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


async def say(town: Town, *statements: str) -> None:
    """As the database's owner: outside a transaction, as tablespaces want it."""
    async with town.databases["regional"].engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            await connection.execute(text(statement))


@pytest.mark.fault("D3")
async def test_a_full_disk_refuses_keeps_what_it_receipted_and_recovers(
    databases: Databases, town: Town, fired: Fired
) -> None:
    owner = Path(f"/proc/{databases.server.pid}").stat().st_uid
    client = town.at_region()
    kept = await record_all(client, range(3))
    with small_disk(owner) as place:
        if place is None:
            fired.excuse("mounting a small file system needs root")
        await say(
            town,
            f"CREATE TABLESPACE small LOCATION '{place}'",
            "ALTER TABLE outbox SET TABLESPACE small",
        )
        try:
            number, refused = 1_000, None
            while refused is None and number < 1_000 + TRIES_MAX:
                answer = await record(client, number)
                number += 1
                if answer.status_code != 202:
                    refused = answer
            assert refused is not None
            assert (refused.status_code, refused.json()["code"]) == (507, "storage-full")
            fired()
            receipted = number - 1_000 - 1
        finally:
            await say(town, "ALTER TABLE outbox SET TABLESPACE pg_default", "DROP TABLESPACE small")

    # It goes on refusing until it has looked at the disk again.
    async def is_taken() -> bool:
        return (await record(client, 5_000, later)).status_code == 202

    later = new_id()
    await until(is_taken)
    await drained(town)

    found = await books(town)
    assert len(found.recorded) == 3 + receipted + 1
    assert found.recorded[:3] == kept
    assert found.recorded[-1] == later
    assert found.are_equal


@contextmanager
def few_descriptors(spare: int) -> Iterator[None]:
    """No more than `spare` files and sockets beyond those that are open now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(one.name) for one in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1 + spare, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def take_all(taken: list[int]) -> int | None:
    """Open files until there are no descriptors left; gives the errno that said so."""
    while True:
        try:
            taken.append(os.open("/dev/null", os.O_RDONLY))
        except OSError as refused:
            return refused.errno


@pytest.mark.fault("P6")
async def test_without_descriptors_nothing_new_comes_in_and_nothing_receipted_goes(
    town: Town, fired: Fired
) -> None:
    standing = town.at_region()
    kept = await record_all(standing, range(3))
    taken: list[int] = []
    newcomer = town.at_region()  # It has no connection yet.
    with few_descriptors(4):
        try:
            assert take_all(taken) == errno.EMFILE
            with pytest.raises(httpx.ConnectError):
                await record(newcomer, 50)
            fired()
            # The connection that stands still serves: what it receipts is kept.
            with suppress(httpx.TransportError):
                answer = await record(standing, 60)
                assert answer.status_code in (202, 503)
        finally:
            for descriptor in taken:
                os.close(descriptor)

    later = await record_all(town.at_region(), [70])
    await drained(town)

    found = await books(town)
    assert found.recorded[:3] == kept
    assert found.recorded[-1:] == later
    assert found.are_equal
