"""A centre's database with its regions enrolled, for tests of steps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from services.central.app import enrol
from services.central.identity import Regions
from services.central.print_authorization.rules import Permitter
from services.central.vault.steps import CARRIED
from shared.clock import ManualClock
from shared.database.engine import Database
from shared.signing import PinnedKeys, SigningKey, jwks_of, new_key
from tests.central.centre_world import REGIONS
from tests.eyes import PlainMatcher
from tests.recordings import NOON
from tests.seals import a_vault
from tests.town import Databases


@pytest.fixture(scope="session")
def centre_key() -> SigningKey:
    return new_key("centre")


@pytest.fixture(scope="session")
def permitter(centre_key: SigningKey) -> Permitter:
    return Permitter(centre_key, 1, timedelta(days=730))


@asynccontextmanager
async def a_centre(databases: Databases) -> AsyncIterator[Database]:
    async with databases.fresh("central") as url:
        centre = Database(url)
        centre.carry(CARRIED, a_vault())
        try:
            regions = Regions(PinnedKeys(jwks_of(new_key(code) for code in REGIONS)))
            async with centre.begin() as transaction:
                await enrol(transaction, regions, ManualClock(NOON))
            yield centre
        finally:
            await centre.close()


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    async with a_centre(databases) as centre:
        yield centre


@pytest.fixture
async def another(databases: Databases) -> AsyncIterator[Database]:
    """A second centre's database: the life that a restore of the first has lost."""
    async with a_centre(databases) as centre:
        yield centre


@pytest.fixture
def matcher(database: Database) -> PlainMatcher:
    return PlainMatcher(database)
