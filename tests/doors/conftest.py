"""One town, and one adjudicator's desk, for tests that do not mind each other's recordings."""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from services.command import security_report
from tests.doors.adjudication_world import Desk, desk_of
from tests.doors.page_browser import Browser
from tests.town import ANSWERS, Databases, Town, town_of

FUZZING = ("test_contract", "test_bad_input")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What fuzzes attacks: `make security` runs it, too."""
    for item in items:
        if item.path.stem in FUZZING:
            item.add_marker(pytest.mark.security)


@pytest.fixture(scope="module", autouse=True)
def _fuzz_is_counted(request: pytest.FixtureRequest) -> Iterator[None]:
    """How much was sent in vain, and whether any of it broke the program, into the report."""
    name = request.path.stem
    if name not in FUZZING:
        yield
        return
    before = ANSWERS.copy()
    if schemathesis := getattr(request.module, "schemathesis", None):

        @schemathesis.hook("after_call")
        def counted(_context: Any, _case: Any, response: Any) -> None:
            ANSWERS[response.status_code] += 1

    yield
    if schemathesis:
        schemathesis.hooks.unregister(counted)
    part = f"{name}@{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
    told = ANSWERS - before
    security_report.put_part("fuzz_cases", part, told.total())
    failed = sum(count for status, count in told.items() if status >= 500)
    security_report.put_part("fuzz_5xx", part, failed)


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
