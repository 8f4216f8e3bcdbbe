"""A centre that searches by an ABIS, on real sockets; fixtures for tests of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.central.feed.loop import NewEntries
from services.central.penunggalan import gallery
from services.central.penunggalan.abis.client import Abis
from services.central.penunggalan.abis.loop import AbisWatch
from services.central.penunggalan.abis.matcher import MatcherAbis
from services.central.penunggalan.abis.routes import ShareDoors
from services.central.penunggalan.abis.sharing import Shares
from services.central.penunggalan.checks import Uniqueness
from services.central.print_authorization.rules import Permitter
from services.central.settings import Irises
from services.central.worker import SearchAgain, Settler
from shared.clock import ManualClock
from shared.contracts.feed import Decision
from shared.contracts.outcomes import Outcome
from shared.contracts.recording import Recording
from shared.database.engine import Database
from shared.doors.serve import Draining
from shared.signing import SigningKey
from tests.abis import StandIn
from tests.central.centre_world import decisions
from tests.central.iris_world import settle
from tests.eyes import KEYS
from tests.recordings import NOON
from tests.town import REGION, Served

FAILURE = Outcome.SEARCH_FAILURE_AT_CENTRAL
SECRET = SecretStr("known to both")


@dataclass
class World:
    """A centre that searches by an ABIS."""

    database: Database
    abis: StandIn
    settler: Settler
    clock: ManualClock
    matcher: MatcherAbis

    async def settle(self, *recordings: Recording, region: str = REGION) -> list[Decision]:
        return await settle(self.settler, region, *recordings)

    async def search_again(self) -> int:
        """An hour later all that failed is searched for again."""
        self.clock.advance(timedelta(hours=1))
        return await SearchAgain(self.settler).round()

    async def outcomes(self, region: str = REGION) -> list[tuple[Outcome, str | None]]:
        return [(one.outcome, one.reason) for one in await decisions(self.database, region)]

    async def remove(self, recording: Recording) -> None:
        async with self.database.begin() as transaction:
            await gallery.remove(transaction, [recording.recording_id], NOON)

    async def caught_up(self) -> None:
        await AbisWatch(self.matcher).round()


@pytest.fixture
async def abis() -> AsyncIterator[StandIn]:
    stand_in = StandIn()
    stand_in.secret = SECRET.get_secret_value()
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def world(
    database: Database, permitter: Permitter, centre_key: SigningKey, abis: StandIn
) -> AsyncIterator[World]:
    clock = ManualClock(NOON)
    shares = Shares(centre_key, clock)
    doors, served = FastAPI(), Served()
    doors.include_router(ShareDoors(database, shares, KEYS).router("abis", "/v1"))
    await served.start(doors, Draining())
    client = Abis(abis.address, SECRET, 5.0, clock)
    matcher = MatcherAbis(database, client, shares, KEYS, served.address, 8.0)
    settler = Settler(
        database, permitter, clock, NewEntries(), Uniqueness(Irises.REQUIRED, matcher, keys=KEYS)
    )
    yield World(database, abis, settler, clock, matcher)
    await matcher.close()
    await served.stop()
