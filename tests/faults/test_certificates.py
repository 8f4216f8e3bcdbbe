"""Row N10: certificates that are expired, foreign or absent, on real TLS sockets."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from services.command.doctor.expiry import expiry
from services.command.doctor.findings import State, Trouble
from services.regional.central_client.client import CentralClient, CentreKeys, Heard, Unknown
from services.regional.central_client.credentials import tls_of
from services.regional.uplink import loop as uplink
from shared.clock import SystemClock
from tests.fault_rows import Fired
from tests.faults.certificates import Authority, Leaf
from tests.stories.core_world import drained, record_all, until
from tests.town import REGION, Town


@dataclass
class Front:
    """The centre behind TLS that asks for a certificate, as a proxy would."""

    address: str


@asynccontextmanager
async def tls_front(town: Town, server: Leaf, authority: Authority) -> AsyncIterator[Front]:
    config = uvicorn.Config(
        town.centre.app,
        host="127.0.0.1",
        port=0,
        lifespan="off",
        log_config=None,
        access_log=False,
        ws="none",
        ssl_certfile=server.certificate,
        ssl_keyfile=str(server.key),
        ssl_ca_certs=str(authority.certificate),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
        timeout_graceful_shutdown=1,
    )
    served = _Quiet(config)
    task = asyncio.create_task(served.serve())
    try:
        await until(lambda: _started(served))
        port = served.servers[0].sockets[0].getsockname()[1]
        yield Front(f"https://127.0.0.1:{port}")
    finally:
        served.should_exit = True
        await task


class _Quiet(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """pytest keeps its Ctrl-C."""


async def _started(served: uvicorn.Server) -> bool:
    return served.started


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def foreign(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "foreign")


async def asked(
    town: Town, address: str, authority: Authority, client: Leaf | None
) -> Heard | Unknown | Any:
    """One question of the region's client, over TLS."""
    tls = tls_of(
        authority.certificate,
        client.certificate if client else None,
        client.key if client else None,
    )
    key = town.keys.region_key(REGION)
    pinned = CentreKeys(None, f"{town.centre.address}/.well-known/jwks.json")
    speaker = CentralClient(address, REGION, key, pinned, tls)
    try:
        return await speaker.position()
    finally:
        await speaker.close()


@pytest.mark.fault("N10")
@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("expired", "certificate has expired"),
        ("not-yet", "certificate is not yet valid"),
        ("foreign", "unable to get local issuer certificate"),
    ],
)
async def test_a_certificate_of_the_centre_that_is_no_good_is_named(
    town: Town, ours: Authority, foreign: Authority, fired: Fired, case: str, told: str
) -> None:
    server = {
        "expired": lambda: ours.issue("server", from_days=-9, to_days=-1),
        "not-yet": lambda: ours.issue("server", from_days=2),
        "foreign": lambda: foreign.issue("server"),
    }[case]()

    async with tls_front(town, server, ours) as front:
        answer = await asked(town, front.address, ours, ours.issue("client"))

    assert isinstance(answer, Unknown)
    assert "the centre's certificate" in answer.reason
    assert told in answer.reason
    fired()


@pytest.mark.fault("N10")
@pytest.mark.parametrize("case", ["expired", "foreign", "none"])
async def test_a_certificate_of_ours_that_is_refused_is_not_taken_for_weather(
    town: Town, ours: Authority, foreign: Authority, fired: Fired, case: str
) -> None:
    client = {
        "expired": lambda: ours.issue("client", from_days=-9, to_days=-1),
        "foreign": lambda: foreign.issue("client"),
        "none": lambda: None,
    }[case]()

    async with tls_front(town, ours.issue("server"), ours) as front:
        answer = await asked(town, front.address, ours, client)
        sound = await asked(town, front.address, ours, ours.issue("sound"))

    assert isinstance(sound, Heard)
    assert isinstance(answer, Unknown)
    assert answer.reason.startswith("TLS: ")
    fired()


@pytest.mark.fault("N10")
async def test_a_region_whose_certificate_expired_goes_on_recording_and_loses_nothing(
    town: Town, ours: Authority, fired: Fired, monkeypatch: pytest.MonkeyPatch
) -> None:
    reasons: list[str] = []
    monkeypatch.setattr(
        uplink.log, "warning", lambda event, **told: reasons.append(str(told.get("reason")))
    )
    expired = ours.issue("expired", from_days=-9, to_days=-1)
    async with tls_front(town, ours.issue("server"), ours) as front:
        town._regional |= {
            "centre_address": front.address,
            "centre_ca": ours.certificate,
            "client_certificate": expired.certificate,
            "client_key": expired.key,
        }
        await town.region.stop()
        await town.start_region()
        await record_all(town.at_region(), range(5))
        await until(lambda: _said(reasons))
        health = (await town.at_region().get("/v1/health")).json()
        fired(times=len(reasons))

        renewed = ours.issue("renewed")
        town._regional |= {"client_certificate": renewed.certificate, "client_key": renewed.key}
        await town.region.stop()
        await town.start_region()
        await drained(town)
        await town.region.stop()

    assert health["detail"]["keys"]["client_certificate"]["state"] == "expired"
    assert health["detail"]["waiting"] == 5


async def _said(reasons: list[str]) -> bool:
    return any("TLS: " in one for one in reasons)


def test_the_doctor_names_a_certificate_that_ends_soon(tmp_path: Path, ours: Authority) -> None:
    def examined(leaf: Leaf) -> Any:
        named = {"TUNGGAL_REGIONAL_CLIENT_CERTIFICATE": str(leaf.certificate)}
        return expiry(tmp_path / "none", named, SystemClock())

    soon = examined(ours.issue("soon", from_days=-80, to_days=10))
    ended = examined(ours.issue("ended", from_days=-80, to_days=-1))

    assert isinstance(soon, Trouble)
    assert (soon.state, "10 days" in soon.found or "9 days" in soon.found) == (State.WARNING, True)
    assert isinstance(ended, Trouble)
    assert ended.state is State.FAILED
    assert not isinstance(examined(ours.issue("fresh", to_days=300)), Trouble)
