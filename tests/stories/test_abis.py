"""A town whose centre searches by an ABIS of somebody else's, from the desk to the decision."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding

from tests.abis import CENTRE, StandIn, a_certificate
from tests.eyes import a_person, an_eye
from tests.recordings import batch_of
from tests.stories.core_world import drained, neighbour, until
from tests.stories.test_at_the_desk import at_desk, is_settled_at_centre
from tests.stories.test_eyes_and_officers import record_seen
from tests.town import NEIGHBOUR, Databases, Town, town_of


@pytest.fixture
async def abis() -> AsyncIterator[StandIn]:
    stand_in = StandIn()
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def searched(
    databases: Databases, tmp_path: Path, abis: StandIn
) -> AsyncIterator[tuple[Town, StandIn]]:
    abis.key = generate_private_key(65_537, 2_048)
    certificate = tmp_path / "abis.pem"
    certificate.write_bytes(a_certificate(abis.key).public_bytes(Encoding.PEM))
    settings = {
        "abis_certificate": certificate,
        "abis_url": abis.address,
        "abis_share_url": CENTRE,
        "irises": "required",
        "search_again_seconds": 0.1,
    }
    async with town_of(databases, tmp_path, central=settings) as town:
        abis.centre = town.centre.address
        yield town, abis


async def test_an_abis_stands_in_for_the_matcher_and_its_outage_delays_and_decides_nothing(
    searched: tuple[Town, StandIn],
) -> None:
    town, abis = searched
    theirs = a_person(1)
    async with neighbour(town) as next_door:
        await next_door.send(batch_of(NEIGHBOUR, 1, [theirs]).batch)
    await until(lambda: is_settled_at_centre(town))
    await abis.stop()
    client = town.at_region()
    again = await record_seen(client, 2, an_eye(2, 1), an_eye(3, 1))
    other = await record_seen(client, 3, an_eye(90), an_eye(91))
    await drained(town)
    waiting = [(await at_desk(client, one))["official_status"] for one in (again, other)]
    await abis.start()

    async def is_decided() -> bool:
        told = [await at_desk(client, one) for one in (again, other)]
        return all(one["outcome"] != "SEARCH_FAILURE_AT_CENTRAL" for one in told)

    await until(is_decided)

    assert waiting == ["SEARCH_FAILURE_AT_CENTRAL"] * 2
    second = await at_desk(client, again)
    assert (second["outcome"], second["reason"]) == ("DUPLICATE_RECORD", "same-irises")
    assert second["rival"]["recording_id"] == str(theirs.recording_id)
    assert (await at_desk(client, other))["outcome"] == "PRINT_READY_RECORD"
    assert set(abis.held) >= {theirs.recording_id, again, other}
