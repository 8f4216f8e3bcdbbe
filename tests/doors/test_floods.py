"""A flood is limited at the real doors, and whoever works there notices nothing.

How fast work goes on meanwhile is measured by `make security`, with nothing else running.
"""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.doors import guard
from shared.roles import Role
from tests.doors.operation_calls import is_problem
from tests.stories.core_world import record
from tests.town import Databases, Town, town_of

# One in twenty seconds: no machine is so slow that a flood would fit in.
PACES = {"address_per_second": 0.05, "role_per_second": "0.05,operations=0"}
ASKED = 12
CITIZEN = {"nik": "6172025207900003", "birth_date": "1990-07-12"}


@pytest.fixture(scope="module")
async def strict_town(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("strict")
    async with town_of(databases, folder, central=PACES, regional=PACES) as running:
        yield running


@pytest.fixture(autouse=True)
def _held_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "HOLD_SECONDS", 0.05)


async def _flood(client: httpx.AsyncClient, method: str, path: str, **asked: object) -> set[int]:
    answers = await asyncio.gather(
        *(client.request(method, path, **asked) for _ in range(ASKED))  # type: ignore[arg-type]
    )
    assert all(one.status_code < 500 for one in answers)
    refused = [one for one in answers if one.status_code == 429]
    assert all(int(one.headers["retry-after"]) > 0 for one in refused)
    return {one.status_code for one in answers}


@pytest.mark.security
async def test_recordings_and_the_line_go_on_through_floods(strict_town: Town) -> None:
    region, centre = strict_town.region, strict_town.centre
    stolen = strict_town.at_region(Role.HEAD_OF_OFFICE)
    forged = {"authorization": "Bearer a.b.c"}
    station = strict_town.at_region(Role.OFFICER)

    floods = [
        _flood(strict_town.stranger(region), "GET", "/v1/fairness/report"),
        _flood(strict_town.stranger(region), "POST", "/v1/status", json=CITIZEN),
        _flood(strict_town.stranger(region), "POST", "/v1/recordings/search", headers=forged),
        _flood(strict_town.stranger(centre), "GET", "/v1/resync", headers=forged),
        _flood(stolen, "POST", "/v1/recordings/search", json={"nik": CITIZEN["nik"]}),
    ]
    recording = asyncio.gather(*(record(station, number) for number in range(ASKED)))
    seen = await asyncio.gather(*floods)

    assert [one.status_code for one in await recording] == [202] * ASKED
    assert 429 in seen[0]
    assert 429 in seen[1]
    # Held back, and told no more than before: who guesses tokens learns nothing of limits.
    assert seen[2] == seen[3] == {401}
    assert 429 in seen[4]
    again = await stolen.post("/v1/recordings/search", json={"nik": CITIZEN["nik"]})
    assert is_problem(again, 429, "too-many-requests")
    await strict_town.settled()
