"""Toxiproxy's own Python client, unchanged, drives our line; and what it does not look at."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import requests
from line_world import ask, control, echo_server
from prometheus_client.parser import text_string_to_metric_families
from toxiproxy import Toxiproxy
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists

from services.simulator.settings import LineSettings

TOXICS: dict[str, dict[str, int]] = {
    "latency": {"latency": 5, "jitter": 1},
    "bandwidth": {"rate": 100},
    "slow_close": {"delay": 10},
    "timeout": {"timeout": 100},
    "reset_peer": {"timeout": 10},
    "slicer": {"average_size": 10, "size_variation": 2, "delay": 5},
    "limit_data": {"bytes": 1000},
}


class Theirs:
    """The client beside the address it has been told."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.client = Toxiproxy()
        url = http.base_url
        self.client.update_api_consumer(url.host, url.port)
        self.http = http


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[Theirs]:
    async with control(LineSettings()) as http:
        yield Theirs(http)


@pytest.fixture
async def theirs(running: Theirs) -> Theirs:
    await asyncio.to_thread(running.client.destroy_all)
    return running


async def call(doing: Callable[..., Any], *args: Any, **given: Any) -> Any:
    """Their client blocks: let it do so beside our loop."""
    return await asyncio.to_thread(doing, *args, **given)


async def test_it_opens_finds_and_destroys_a_proxy(theirs: Theirs) -> None:
    made = await call(theirs.client.create, name="a", upstream="127.0.0.1:9")

    assert (made.name, made.upstream, made.enabled) == ("a", "127.0.0.1:9", True)
    assert int(made.listen.removeprefix("127.0.0.1:")) > 0
    assert list(await call(theirs.client.proxies)) == ["a"]
    assert (await call(theirs.client.get_proxy, "a")).listen == made.listen
    assert await call(theirs.client.running)
    assert await call(theirs.client.version) == b'{"version": "2.12.0"}\n'
    assert await call(theirs.client.destroy, made)
    assert await call(theirs.client.proxies) == {}


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
@pytest.mark.parametrize("kind", TOXICS)
async def test_it_mounts_and_destroys_every_toxic_of_theirs(
    theirs: Theirs, kind: str, stream: str
) -> None:
    proxy = await call(theirs.client.create, name="a", upstream="127.0.0.1:9")

    await call(proxy.add_toxic, type=kind, stream=stream, toxicity=0.5, attributes=TOXICS[kind])

    toxic = await call(proxy.get_toxic, f"{kind}_{stream}")
    assert (toxic.type, toxic.stream, toxic.toxicity) == (kind, stream, 0.5)
    assert TOXICS[kind].items() <= toxic.attributes.items()
    assert await call(proxy.destroy_toxic, toxic.name)
    assert await call(proxy.toxics) == {}


async def test_it_takes_a_proxy_down_and_up_again(theirs: Theirs) -> None:
    async with echo_server() as (_, (host, port)):
        proxy = await call(theirs.client.create, name="a", upstream=f"{host}:{port}")
        at = proxy.listen.split(":")

        await call(proxy.disable)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*at)
        await call(proxy.enable)
        reader, writer = await asyncio.open_connection(*at)
        assert await ask((reader, writer), b"up again") == b"up again"
        writer.close()


async def test_it_resets_everything(theirs: Theirs) -> None:
    proxy = await call(theirs.client.create, name="a", upstream="127.0.0.1:9", enabled=False)
    await call(proxy.add_toxic, type="latency", attributes={"latency": 5})

    assert await call(theirs.client.reset)

    assert await call(proxy.toxics) == {}
    assert (await call(theirs.client.get_proxy, "a")).enabled


async def test_it_populates(theirs: Theirs) -> None:
    wanted = [{"name": name, "upstream": "127.0.0.1:9"} for name in ("a", "b")]

    made = await call(theirs.client.populate, wanted)

    assert [proxy.name for proxy in made] == ["a", "b"]


async def test_it_reads_our_refusals_as_its_own_errors(theirs: Theirs) -> None:
    proxy = await call(theirs.client.create, name="a", upstream="127.0.0.1:9")

    with pytest.raises(ProxyExists):
        await call(theirs.client.create, name="a", upstream="127.0.0.1:9")
    with pytest.raises(InvalidToxic):
        await call(proxy.add_toxic, type="rust")
    with pytest.raises(InvalidToxic):
        await call(proxy.add_toxic, type="latency", attributes={"latency": 1.5})
    await call(proxy.add_toxic, type="latency")
    with pytest.raises(ProxyExists):
        await call(proxy.add_toxic, type="latency")
    with pytest.raises(NotFound):
        await call(proxy.destroy_toxic, "none")
    await call(proxy.destroy)
    with pytest.raises(NotFound):
        await call(proxy.enable)


async def test_it_sees_our_own_toxics_as_any_other(theirs: Theirs) -> None:
    proxy = await call(theirs.client.create, name="a", upstream="127.0.0.1:9")

    for kind in ("blackhole", "corrupt", "down", "half_open", "answer_lost", "status"):
        await call(proxy.add_toxic, type=kind)

    assert len(await call(proxy.toxics)) == 6


async def test_every_answer_has_a_request_id_of_its_own(theirs: Theirs) -> None:
    answers = [await theirs.http.get(path) for path in ("/version", "/proxies/none", "/livez")]
    answers.append(await theirs.http.get("/proxies", headers={"user-agent": "Mozilla/5.0"}))

    ids = {answer.headers["X-Toxiproxy-Request-Id"] for answer in answers}
    assert len(ids) == 4


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_browser_may_not_call(theirs: Theirs, method: str) -> None:
    answer = await theirs.http.request(
        method, "/proxies/a", headers={"user-agent": "Mozilla/5.0 (X11)"}
    )

    assert (answer.status_code, answer.text) == (403, "User agent not allowed\n")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/assets/swagger-ui.css"])
async def test_a_browser_may_read_the_pages_about_the_api(theirs: Theirs, path: str) -> None:
    answer = await theirs.http.get(path, headers={"user-agent": "Mozilla/5.0 (X11)"})

    assert answer.status_code == 200


async def test_metrics_count_bytes_under_their_names_and_labels(theirs: Theirs) -> None:
    async with echo_server() as (_, (host, port)):
        proxy = await call(theirs.client.create, name="a", upstream=f"{host}:{port}")
        await call(proxy.add_toxic, type="timeout", stream="downstream")
        reader, writer = await asyncio.open_connection(*proxy.listen.split(":"))
        writer.write(b"12345678")
        async with asyncio.timeout(5):
            while sum(counts := await counted(theirs.http)) < 24:
                await asyncio.sleep(0.01)
        writer.close()
        received_up, received_down, sent_up, sent_down = counts

        assert (received_up, sent_up) == (8, 8)
        assert (received_down, sent_down) == (8, 0), "received from the server, and swallowed"

        del reader


async def counted(http: httpx.AsyncClient) -> list[float]:
    page = (await http.get("/metrics")).text
    samples = {
        (sample.name, sample.labels["direction"]): sample
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.labels["proxy"] == "a"
    }
    assert {frozenset(sample.labels) for sample in samples.values()} == {
        frozenset({"direction", "listener", "proxy", "upstream"})
    }
    return [
        samples[f"toxiproxy_proxy_{way}_bytes_total", direction].value
        for way in ("received", "sent")
        for direction in ("upstream", "downstream")
    ]


async def test_plain_requests_without_a_content_type_are_understood(theirs: Theirs) -> None:
    address = str(theirs.http.base_url)

    answer = await call(
        requests.post, f"{address}/proxies", data=b'{"name":"a","upstream":"127.0.0.1:9"}'
    )

    assert answer.status_code == 201
