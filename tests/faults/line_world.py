"""What tests of line rows say often: call from the region by any way, and count at the centre."""

import contextlib
import json
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from services.central.tables import envelope
from services.regional.central_client import client as central_client
from services.regional.central_client.client import CentralClient, CentreKeys
from shared.signing import PinnedKeys
from tests.town import REGION, Town


@contextlib.asynccontextmanager
async def caller(town: Town, address: str) -> AsyncIterator[CentralClient]:
    """The region's own client, towards any address."""
    pinned = PinnedKeys(json.loads(town.keys.centre_jwks.read_text()))
    key = town.keys.region_key(REGION)
    client = CentralClient(address, REGION, key, CentreKeys(pinned, None))
    try:
        yield client
    finally:
        await client.close()


def line_address(town: Town) -> str:
    host, port = town.line.listen
    return f"http://{host}:{port}"


async def is_down(town: Town) -> bool:
    """Whether the region says so."""
    return bool((await town.at_region().get("/v1/queue")).json()["line"]["state"] == "down")


async def held(town: Town) -> list[int]:
    """Seqs of the region's envelopes at the centre, as they lie there."""
    async with town.databases["central"].begin() as transaction:
        seqs = await transaction.scalars(
            select(envelope.c.seq).where(envelope.c.region_code == REGION).order_by(envelope.c.seq)
        )
        return list(seqs)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silence counts as one much sooner."""
    monkeypatch.setattr(central_client, "SILENCE_SECONDS", 0.6)
    monkeypatch.setattr(central_client, "CONNECT_SECONDS", 0.5)
