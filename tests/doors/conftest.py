"""One town for the tests here that do not mind each other's recordings."""

from collections.abc import AsyncIterator

import pytest

from tests.town import Databases, Town, town_of


@pytest.fixture(scope="session")
async def standing_town(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    async with town_of(databases, tmp_path_factory.mktemp("town")) as running:
        yield running
