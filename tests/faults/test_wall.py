"""The wall of TLS: fronts that ask for a region's certificate, and a centre that compares it.

The cases run against a small front in Python, and against HAProxy with `deploy/mtls/haproxy.cfg`
where there is one.
"""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from deploy.mtls.certificates import Pem, make_region, make_server
from services.command import security_report
from services.regional.central_client.client import (
    CentralClient,
    CentreKeys,
    Heard,
    Refused,
    Unknown,
)
from services.regional.central_client.credentials import tls_of
from shared.contracts.challenges import CHALLENGE_HEADER
from shared.signing import SIGNATURE_HEADER, PinnedKeys, sign_message
from tests.command.command_world import PROJECT, environment
from tests.stories.core_world import until
from tests.town import NEIGHBOUR, REGION, Databases, Town, town_of

HAPROXY = os.environ.get("TUNGGAL_TEST_HAPROXY") or shutil.which("haproxy")
TAKEN_AWAY = (b"client-cert:", b"x-forwarded-for:", b"connection:")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    make_server(folder, "127.0.0.1")
    return folder


@pytest.fixture(scope="module")
async def walled(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    async with town_of(
        databases,
        tmp_path_factory.mktemp("walled"),
        regional={"loops": False},
        central={"region_certificates": "required", "trusted_fronts": "127.0.0.1"},
    ) as town:
        yield town


@asynccontextmanager
async def python_front(town: Town, certificates: Path) -> AsyncIterator[str]:
    """One request for each connection: its head is read, cleaned and told the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificates / "front.both.pem")
    context.load_verify_locations(certificates / "authority.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    port = town.centre.port

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).strip().split(b"\r\n")
            kept = [line for line in lines if not line.lower().startswith(TAKEN_AWAY)]
            ours = [b"Client-Cert: :%b:" % b64encode(told), b"Connection: close"]
            behind, before = await asyncio.open_connection("127.0.0.1", port)
            before.write(b"\r\n".join([first, *kept, *ours, b"", b""]))
            up = asyncio.create_task(_pump(reader, before))
            await _pump(behind, writer)
            up.cancel()
            before.close()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while piece := await source.read(65_536):
        sink.write(piece)
        await sink.drain()


@asynccontextmanager
async def haproxy_front(town: Town, certificates: Path) -> AsyncIterator[str]:
    if HAPROXY is None:
        pytest.skip("no HAProxy here: `apt-get install haproxy` lets its configuration be tried")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    named = {
        "TUNGGAL_CERTIFICATES": str(certificates),
        "TUNGGAL_FRONT": f"127.0.0.1:{port}",
        "TUNGGAL_CENTRE": f"127.0.0.1:{town.centre.port}",
    }
    config = PROJECT / "deploy" / "mtls" / "haproxy.cfg"
    process = await asyncio.create_subprocess_exec(
        HAPROXY, "-db", "-f", str(config), env=environment(named)
    )
    try:
        await until(lambda: _answers(port))
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


FRONTS: dict[str, Callable[[Town, Path], Any]] = {"python": python_front, "haproxy": haproxy_front}


async def asked(
    town: Town, address: str, certificates: Path, mine: Pem | None, region: str = REGION
) -> Any:
    """One question of a region's own client, by its key and under this certificate."""
    tls = tls_of(
        certificates / "authority.pem",
        mine.certificate if mine else None,
        mine.key if mine else None,
    )
    pinned = CentreKeys(PinnedKeys(json.loads(town.keys.centre_jwks.read_text())), None)
    speaker = CentralClient(address, region, town.keys.region_key(region), pinned, tls)
    try:
        return await speaker.position()
    finally:
        await speaker.close()


@pytest.mark.security
@pytest.mark.parametrize("front", FRONTS)
async def test_the_wall_lets_in_a_regions_own_certificate_and_no_other(
    walled: Town, certificates: Path, tmp_path: Path, front: str
) -> None:
    own, neighbours = (make_region(certificates, code) for code in (REGION, NEIGHBOUR))
    of_others = make_region(tmp_path, REGION)  # named alike, by an authority of somebody else's

    async with FRONTS[front](walled, certificates) as address:
        right = await asked(walled, address, certificates, own)
        another = await asked(walled, address, certificates, neighbours)
        forged = await asked(walled, address, certificates, of_others)
        none = await asked(walled, address, certificates, None)
        neighbour = await asked(walled, address, certificates, neighbours, NEIGHBOUR)

    assert isinstance(right, Heard)
    assert isinstance(neighbour, Heard)
    assert isinstance(another, Refused)
    assert another.code == "certificate-of-another"
    for refused in (forged, none):  # told apart from bad weather
        assert isinstance(refused, Unknown)
        assert refused.reason.startswith("TLS: ")
    security_report.put({"region_refusals": {another.code: 1, f"tls-{front}": 2}})


@pytest.mark.security
async def test_nobody_past_the_front_says_which_certificate_it_saw(
    walled: Town, certificates: Path
) -> None:
    own = make_region(certificates, REGION)
    der = x509.load_pem_x509_certificate(own.certificate.read_bytes())
    told = f":{b64encode(der.public_bytes(Encoding.DER)).decode()}:"
    path = f"/v1/regions/{REGION}/position"
    signature = sign_message(walled.keys.region_key(REGION), f"GET {path}", b"")
    client = walled.stranger(walled.centre)
    headers = {SIGNATURE_HEADER: signature}

    without = await client.get(path, headers=headers)
    harmed = await client.get(path, headers={**headers, "Client-Cert": ":AAAA:"})
    walled._central = {**walled._central, "trusted_fronts": ""}
    await walled.centre.stop()
    await walled.start_centre()
    await until(lambda: _is_ready(client))
    from_anybody = await client.get(path, headers={**headers, "Client-Cert": told})

    codes = [one.json()["code"] for one in (without, harmed, from_anybody)]
    assert codes == ["certificate-of-another"] * 3
    assert CHALLENGE_HEADER in from_anybody.headers


async def _is_ready(client: httpx.AsyncClient) -> bool:
    return bool((await client.get("/readyz")).status_code == 200)
