"""A region's database with its counters, for tests of steps."""

from collections.abc import AsyncIterator

import pytest

from services.regional.app import lay_positions
from shared.database.engine import Database
from tests.town import REGION, Databases


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    async with databases.fresh("regional") as url:
        region = Database(url)
        try:
            await lay_positions(region, REGION)
            yield region
        finally:
            await region.close()
