"""The door an ABIS fetches irises from: only by an address the centre made, and not for long."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from services.central.penunggalan.abis.sharing import LIFETIME, Shares
from shared.clock import ManualClock
from shared.ids import new_id
from shared.roles import Role
from shared.signing import load_or_create_key, new_key
from tests.doors.operation_calls import is_problem
from tests.town import Town


def shares_of(town: Town, ago: timedelta = timedelta()) -> Shares:
    """The centre's own, as they were made some time ago."""
    key = load_or_create_key(town.keys.centre, "centre")
    return Shares(key, ManualClock(town.clock.now() - ago))


async def fetch(town: Town, address: str) -> httpx.Response:
    return await town.stranger(town.centre).get(address)


async def test_an_address_of_the_centres_is_admitted(standing_town: Town) -> None:
    address = shares_of(standing_town).address_of(standing_town.centre.address, new_id())

    assert is_problem(await fetch(standing_town, address), 404, "not-found"), "no such recording"


@pytest.mark.parametrize("case", ["old", "forged", "another's", "cut", "none", "a caller's token"])
async def test_no_other_address_is(standing_town: Town, case: str) -> None:
    mine, base = shares_of(standing_town), standing_town.centre.address
    whose = new_id()
    address = mine.address_of(base, whose)
    asked = {
        "old": shares_of(standing_town, LIFETIME).address_of(base, whose),
        "forged": Shares(new_key("centre"), mine.clock).address_of(base, whose),
        "another's": address.replace(str(whose), str(UUID(int=whose.int + 1))),
        "cut": address[:-2],
        "none": address.partition("?")[0],
        "a caller's token": address.partition("=")[0] + "=" + standing_town.token(*Role),
    }[case]

    assert is_problem(await fetch(standing_town, asked), 401, "share-not-valid")
