"""What all tests share: one PostgreSQL per worker, and towns on it."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from services.central.penunggalan.iris import kernels
from shared.database.embedded import remove, start
from shared.telemetry.logs import frames_of
from tests.fault_rows import fired
from tests.town import Databases, Town, town_of
from tests.watched_logs import WATCH, watching

__all__ = ["fired"]

# A slow machine is no bug: what must be fast is measured by `make bench`.
settings.register_profile("tunggal", deadline=None)
settings.load_profile("tunggal")

# Towns do not prove durability; the tests of the embedded PostgreSQL do.
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "300",
}


@pytest.fixture(scope="session", autouse=True)
def _quiet_logs() -> Iterator[None]:
    """Short lines instead of structlog's drawn tracebacks, which cost seconds each.

    They are told as in production, and looked at: at the end none may show what tests planted.
    """
    structlog.configure(
        processors=[
            structlog.processors.ExceptionRenderer(frames_of),
            WATCH.look,
            structlog.processors.LogfmtRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("warning"),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    with watching():
        yield


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """One PostgreSQL for this worker; `databases.fresh("central")` gives an empty database."""
    # A fresh checkout compiles once, here: no test has to be patient for it.
    kernels.warm()
    folder = Path(tempfile.mkdtemp(prefix="tunggal-tests-"))
    try:
        with start(folder / "postgres", settings=QUICK) as server:
            yield Databases(server)
        for told in folder.glob("postgres/**/log/*.log"):
            WATCH.see_file(told)
    finally:
        remove(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def town(databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    """A centre and a region of this test alone, ready, with a perfect line between them."""
    async with town_of(databases, tmp_path) as running:
        yield running
