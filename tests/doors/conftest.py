"""One town, and one adjudicator's desk, for tests that do not mind each other's recordings."""

from collections.abc import AsyncIterator

import pytest

from tests.doors.adjudication_world import Desk, desk_of
from tests.doors.page_browser import Browser
from tests.town import Databases, Town, town_of


# Ends with these tests: some of them take its region's name away, and it would ask for it for ever.
@pytest.fixture(scope="package")
async def standing_town(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    async with town_of(databases, tmp_path_factory.mktemp("town")) as running:
        yield running


@pytest.fixture(scope="module")
async def desk(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """One for all tests here: each has a case of its own, and its clock only goes on."""
    async with desk_of(databases, tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[Browser]:
    async with desk.client() as client:
        yield Browser(client)
