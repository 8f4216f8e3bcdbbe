"""What all tests share: one PostgreSQL per worker, and towns on it."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared.database.embedded import remove, start
from tests.town import Databases, Town, town_of

# Towns do not prove durability; the tests of the embedded PostgreSQL do.
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "300",
}


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """One PostgreSQL for this worker; `databases.fresh("central")` gives an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="tunggal-tests-"))
    try:
        with start(folder / "postgres", settings=QUICK) as server:
            yield Databases(server)
    finally:
        remove(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def town(databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    """A centre and a region of this test alone, ready, with a perfect line between them."""
    async with town_of(databases, tmp_path) as running:
        yield running
