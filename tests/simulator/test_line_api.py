"""The control API on a real socket: Toxiproxy's contract, and weather on top."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from line_world import ask, control, echo_server

from services.simulator.line_api import create_app
from services.simulator.settings import LineSettings, ProxySettings


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[httpx.AsyncClient]:
    async with control(LineSettings()) as client:
        yield client


@pytest.fixture
async def client(running: httpx.AsyncClient) -> httpx.AsyncClient:
    for name in (await running.get("/proxies")).json():
        await running.delete(f"/proxies/{name}")
    return running


async def opened(client: httpx.AsyncClient, name: str = "a", **given: Any) -> dict[str, Any]:
    answer = await client.post("/proxies", json={"name": name, "upstream": "127.0.0.1:9", **given})
    assert answer.status_code == 201
    proxy: dict[str, Any] = answer.json()
    return proxy


def error(answer: httpx.Response) -> tuple[int, str]:
    problem = answer.json()
    assert problem["status"] == answer.status_code
    return answer.status_code, problem["error"]


async def test_a_proxy_is_opened_shown_listed_and_closed(client: httpx.AsyncClient) -> None:
    proxy = await opened(client)

    port = int(proxy.pop("listen").removeprefix("127.0.0.1:"))
    assert port > 0
    assert proxy == {"name": "a", "upstream": "127.0.0.1:9", "enabled": True, "toxics": []}
    shown = await client.get("/proxies/a")
    assert (await client.get("/proxies")).json() == {"a": shown.json()}
    closed = await client.delete("/proxies/a")
    assert (closed.status_code, closed.content) == (204, b"")
    assert error(await client.get("/proxies/a")) == (404, "proxy not found")
    assert error(await client.delete("/proxies/a")) == (404, "proxy not found")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b'{"upstream":"127.0.0.1:9"}', 400, "missing required field: name"),
        (b'{"name":"b"}', 400, "missing required field: upstream"),
        (b'{"name":"a","upstream":"127.0.0.1:9"}', 409, "proxy already exists"),
        (b'{"name":"b","upstream":"nowhere"}', 400, "bad request body: an address is host:port"),
        (b'{"name":"b","upstream":"h:65536"}', 400, "bad request body: an address is host:port"),
        (b'{"name":5,"upstream":"h:1"}', 400, "bad request body: name: "),
        (b"[]", 400, "bad request body: "),
        (b"", 400, "bad request body: "),
        (b"\xff{", 400, "bad request body: "),
        (b" " * (1024 * 1024 + 1), 413, "a body has at most 1048576 bytes"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_a_bad_proxy_is_refused_in_toxiproxys_words(
    client: httpx.AsyncClient, body: bytes, status: int, said: str
) -> None:
    await opened(client)

    answered_status, answered = error(await client.post("/proxies", content=body))

    assert answered_status == status
    assert answered.startswith(said)
    assert list((await client.get("/proxies")).json()) == ["a"]


async def test_a_body_under_any_content_type_is_read(client: httpx.AsyncClient) -> None:
    for number, kind in enumerate(["application/x-www-form-urlencoded", "text/plain", None]):
        answer = await client.post(
            "/proxies",
            content=b'{"name":"%d","upstream":"127.0.0.1:9"}' % number,
            headers={"content-type": kind} if kind else {},
        )
        assert answer.status_code == 201


async def test_a_taken_listen_address_is_a_refusal_and_opens_nothing(
    client: httpx.AsyncClient,
) -> None:
    taken = (await opened(client))["listen"]

    answer = await client.post(
        "/proxies", json={"name": "b", "upstream": "127.0.0.1:9", "listen": taken}
    )

    assert error(answer)[0] == 400
    assert (await client.get("/proxies/b")).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_line_is_cut_restored_and_moved(client: httpx.AsyncClient, method: str) -> None:
    async with echo_server() as (_, (host, port)):
        proxy = await opened(client, upstream=f"{host}:{port}")
        at = proxy["listen"].split(":")

        cut = await client.request(method, "/proxies/a", json={"enabled": False})
        assert (cut.status_code, cut.json()["enabled"]) == (200, False)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*at)

        restored = await client.request(method, "/proxies/a", json={"enabled": True})
        assert restored.json() == proxy
        reader, writer = await asyncio.open_connection(*at)
        assert await ask((reader, writer), b"through") == b"through"

        moved = await client.request(method, "/proxies/a", json={"upstream": "127.0.0.1:9"})
        assert moved.json() == {**proxy, "upstream": "127.0.0.1:9"}
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        writer.close()
        assert error(await client.request(method, "/proxies/b", json={})) == (
            404,
            "proxy not found",
        )


async def test_toxics_are_mounted_changed_listed_and_lifted(client: httpx.AsyncClient) -> None:
    await opened(client)

    mounted = await client.post("/proxies/a/toxics", json={"type": "latency"})
    assert (mounted.status_code, mounted.json()) == (
        200,
        {
            "attributes": {"latency": 0, "jitter": 0},
            "name": "latency_downstream",
            "type": "latency",
            "stream": "downstream",
            "toxicity": 1.0,
        },
    )
    await client.post(
        "/proxies/a/toxics",
        json={"type": "timeout", "name": "t", "stream": "upstream", "toxicity": 0.5},
    )
    listed = (await client.get("/proxies/a/toxics")).json()
    assert [one["name"] for one in listed] == ["t", "latency_downstream"], "upstream first"

    for method, attributes in (("POST", {"latency": 9}), ("PATCH", {"jitter": 3})):
        changed = await client.request(
            method, "/proxies/a/toxics/latency_downstream", json={"attributes": attributes}
        )
        assert changed.status_code == 200
    shown = (await client.get("/proxies/a/toxics/latency_downstream")).json()
    assert (shown["attributes"], shown["toxicity"]) == ({"latency": 9, "jitter": 3}, 1.0)

    lifted = await client.delete("/proxies/a/toxics/t")
    assert (lifted.status_code, lifted.content) == (204, b"")
    assert error(await client.delete("/proxies/a/toxics/t")) == (404, "toxic not found")
    assert error(await client.get("/proxies/b/toxics/t")) == (404, "proxy not found")


@pytest.mark.parametrize(
    ("toxic", "status", "said"),
    [
        ({"type": "rust"}, 400, "invalid toxic type"),
        ({}, 400, "invalid toxic type"),
        (
            {"type": "latency", "stream": "sideways"},
            400,
            "stream was invalid, can be either upstream or downstream",
        ),
        ({"type": "latency"}, 409, "toxic already exists"),
        (
            {"type": "bandwidth", "attributes": {"rate": 1.5}},
            400,
            "bad request body: rate must be an integer",
        ),
        (
            {"type": "bandwidth", "toxicity": 2},
            400,
            "bad request body: toxicity must be between 0 and 1",
        ),
    ],
    ids=str,
)
async def test_a_bad_toxic_is_refused_in_toxiproxys_words(
    client: httpx.AsyncClient, toxic: dict[str, Any], status: int, said: str
) -> None:
    await opened(client)
    await client.post("/proxies/a/toxics", json={"type": "latency"})

    assert error(await client.post("/proxies/a/toxics", json=toxic)) == (status, said)


async def test_populate_keeps_the_same_and_replaces_the_rest(
    client: httpx.AsyncClient,
) -> None:
    same, other = await opened(client, "same"), await opened(client, "other")
    for name in ("same", "other"):
        await client.post(f"/proxies/{name}/toxics", json={"type": "latency"})
    other["upstream"] = "127.0.0.1:10"
    for proxy in (same, other):
        del proxy["toxics"]

    answer = await client.post(
        "/populate",
        json=[same, other, {"name": "new", "upstream": "127.0.0.1:9", "enabled": False}],
    )

    assert answer.status_code == 201
    done = answer.json()["proxies"]
    assert [(one["name"], len(one["toxics"]), one["enabled"]) for one in done] == [
        ("same", 1, True),
        ("other", 0, True),
        ("new", 0, False),
    ]


async def test_a_populate_that_stops_halfway_tells_what_was_done(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/populate",
        json=[
            {"name": "good", "upstream": "127.0.0.1:9", "toxics": [{"type": "blackhole"}]},
            {"name": "bad", "upstream": "127.0.0.1:9", "toxics": [{"type": "rust"}]},
        ],
    )

    assert error(answer) == (400, "invalid toxic type")
    assert [(one["name"], len(one["toxics"])) for one in answer.json()["proxies"]] == [("good", 1)]
    missing = await client.post("/populate", json=[{"name": "x"}])
    assert error(missing) == (400, "missing required field: upstream at proxy 1")


async def test_reset_makes_every_line_perfect(client: httpx.AsyncClient) -> None:
    await opened(client, enabled=False, toxics=[{"type": "latency"}])
    await client.post("/v1/line/weather", json={"proxy": "a", "profile": "fibre"})

    answer = await client.post("/reset")

    assert (answer.status_code, answer.content) == (204, b"")
    shown = (await client.get("/proxies/a")).json()
    assert (shown["enabled"], shown["toxics"]) == (True, [])
    assert (await client.get("/v1/line/weather")).json() == []


async def test_weather_is_begun_shown_and_ended(client: httpx.AsyncClient) -> None:
    await opened(client)
    wanted = {"proxy": "a", "profile": "kbit_128", "seed": 7, "speed": 60}

    begun = await client.post("/v1/line/weather", json=wanted)

    assert begun.status_code == 201
    assert begun.json() | wanted == begun.json()
    assert begun.json()["state"] == "clear"
    assert {one["type"] for one in begun.json()["toxics"]} == {"latency", "bandwidth"}
    (shown,) = (await client.get("/v1/line/weather")).json()
    assert 0 < shown["changes_in_seconds"] <= begun.json()["changes_in_seconds"]
    assert (await client.delete("/v1/line/weather?proxy=a")).status_code == 204
    assert (await client.get("/v1/line/weather")).json() == []


@pytest.mark.parametrize(
    ("change", "status"),
    [({"proxy": "b"}, 404), ({"profile": "tropical"}, 400), ({"speed": 0}, 400), ({}, 201)],
    ids=str,
)
async def test_weather_that_cannot_be_is_refused(
    client: httpx.AsyncClient, change: dict[str, Any], status: int
) -> None:
    await opened(client)

    answer = await client.post(
        "/v1/line/weather", json={"proxy": "a", "profile": "fibre", **change}
    )

    assert answer.status_code == status


async def test_a_demo_storm_is_over_in_its_time_and_counted(client: httpx.AsyncClient) -> None:
    await opened(client)
    await client.post(
        "/v1/line/weather",
        json={"proxy": "a", "profile": "demo_storm", "length_seconds": 0.3, "outages": 2},
    )

    async with asyncio.timeout(5):
        while not (shown := (await client.get("/v1/line/weather")).json()[0])["is_over"]:
            await asyncio.sleep(0.02)

    assert shown["state"] is None
    assert (shown["tally"]["outages"], shown["tally"]["outages_survived"]) == (2, 2)
    assert (await client.get("/proxies/a")).json()["enabled"]


async def test_settings_open_lines_and_weather_from_the_start() -> None:
    async with echo_server() as (_, (host, port)):
        first = ProxySettings(name="region", upstream=f"{host}:{port}", profile="fibre", seed=3)
        async with control(LineSettings(proxies=[first])) as client:
            at = (await client.get("/proxies/region")).json()["listen"].split(":")
            reader, writer = await asyncio.open_connection(*at)
            assert await ask((reader, writer), b"hello") == b"hello"

            (alive,) = (await client.get("/v1/line/connections?proxy=region")).json()
            assert (alive["upstream_bytes"], alive["downstream_bytes"]) == (5, 5)
            assert (await client.get("/v1/line/weather")).json()[0]["seed"] == 3
            writer.close()


async def test_profiles_tell_every_state_and_what_it_does(client: httpx.AsyncClient) -> None:
    profiles = (await client.get("/v1/line/profiles")).json()

    assert [one["name"] for one in profiles] == [
        "fibre",
        "vsat_rain_season",
        "kbit_128",
        "demo_storm",
    ]
    assert all(len(one["skies"]) == 4 for one in profiles)


async def test_version_and_life_are_told(client: httpx.AsyncClient) -> None:
    assert (await client.get("/version")).json() == {"version": "2.12.0"}
    assert (await client.get("/livez")).status_code == 200
    assert error(await client.get("/nowhere")) == (404, "Not Found")


async def test_a_page_of_another_site_may_not_call(client: httpx.AsyncClient) -> None:
    answer = await client.post("/reset", headers={"sec-fetch-site": "cross-site"})

    assert error(answer) == (403, "other sites may not call")


@pytest.mark.rules
def test_every_operation_is_described_and_has_its_own_name() -> None:
    document = create_app(LineSettings()).openapi()

    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names) == 23
    assert all(one["summary"] and one["tags"] for one in operations)
    bodies = [one["requestBody"]["content"] for one in operations if "requestBody" in one]
    for body in bodies:
        schema = body["application/json"]["schema"]
        name = schema.get("items", schema)["$ref"].rsplit("/", 1)[1]
        assert document["components"]["schemas"][name]["examples"]
