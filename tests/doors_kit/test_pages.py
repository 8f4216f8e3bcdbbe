"""Health, documents and pages: what a stranger at two in the morning opens first."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from door_world import World

from shared.doors import health
from shared.doors.openapi import faults
from shared.doors.pages import ASSETS
from shared.roles import Role


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def get(world: World, path: str, **headers: str) -> httpx.Response:
    async with world.client() as client:
        return await client.get(path, headers=headers)


async def test_a_service_lives_and_is_ready(world: World) -> None:
    assert (await get(world, "/livez")).text == "ok"
    assert (await get(world, "/readyz")).text == "ok"
    assert (await get(world, "/readyz?verbose")).text == "[+]serving ok\n[+]postgres ok"


@pytest.mark.parametrize("path", ["/livez", "/openapi.json", "/nowhere", "/docs", "/problems"])
async def test_every_answer_tells_browsers_what_it_may_do(world: World, path: str) -> None:
    told = (await get(world, path)).headers

    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "no-referrer"
    assert "includeSubDomains" in told["strict-transport-security"]
    policy = told["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "object-src 'none'" in policy or "default-src 'none'" in policy


async def test_without_its_database_a_service_lives_but_is_not_ready(world: World) -> None:
    world.is_database_there = False

    assert (await get(world, "/livez")).status_code == 200
    answer = await get(world, "/readyz?verbose")
    assert answer.status_code == 503
    assert answer.text == "[+]serving ok\n[-]postgres failed: ConnectionRefusedError"


async def test_a_draining_service_is_not_ready(world: World) -> None:
    world.draining.begin()

    assert (await get(world, "/readyz")).status_code == 503
    assert (await get(world, "/livez")).status_code == 200


async def test_a_check_that_hangs_is_unready_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS_MAX", 0.01)

    async def hang() -> None:
        import asyncio

        await asyncio.Event().wait()

    (result,) = await health.run_checks({"postgres": hang})

    assert (result.is_ok, result.trouble) == (False, "TimeoutError")


async def test_operations_read_the_detail_and_nobody_else(world: World) -> None:
    world.is_database_there = False
    refused = await get(world, "/v1/health")
    answer = await get(world, "/v1/health", **world.bearer(Role.OPERATIONS, region=None))

    assert refused.status_code == 401
    assert answer.status_code == 200
    assert answer.json()["is_ready"] is False
    assert answer.json()["checks"][1]["trouble"] == "ConnectionRefusedError"
    assert answer.json()["detail"] == {"trouble": "ConnectionRefusedError"}


async def test_the_measures_are_there_also_when_the_database_is_not(world: World) -> None:
    await get(world, f"/v1/things/{'x' * 16}")
    world.is_database_there = False
    answer = await get(world, "/metrics")

    assert answer.status_code == 200
    assert re.search(r'tunggal_build_info\{service="world",version="[^"]+"\} 1.0', answer.text)
    assert 'http_route="/v1/things/{thing_id}"' in answer.text
    assert "x" * 16 not in answer.text


async def test_the_document_keeps_the_house_rules(world: World) -> None:
    document = (await get(world, "/openapi.json")).json()

    found = [fault for fault in faults(document) if "take_typed" not in fault]
    assert found == []


async def test_the_house_rules_find_what_lacks(world: World) -> None:
    document = (await get(world, "/openapi.json")).json()
    operation = document["paths"]["/v1/things/{thing_id}"]["put"]
    for what in ("summary", "security", "tags", "requestBody"):
        operation.pop(what)
    operation["responses"] = {"200": {"content": {"application/json": {}}}}

    assert len([fault for fault in faults(document) if "keep_thing" in fault]) >= 5


async def test_operations_name_their_roles_and_their_problems(world: World) -> None:
    document = (await get(world, "/openapi.json")).json()
    operation = document["paths"]["/v1/things/{thing_id}"]["put"]

    assert operation["operationId"] == "keep_thing"
    assert operation["x-roles"] == ["officer"]
    assert operation["security"] == [{"role_token": []}]
    taken = operation["responses"]["409"]["content"]["application/problem+json"]
    assert taken["examples"]["test-thing-taken"]["value"]["next_action"] == "Choose another thing."
    assert {"401", "403", "413", "415", "422", "503", "507"} <= operation["responses"].keys()


class Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline_scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found += [
            value for name, value in attrs if name in ("src", "href", "spec-url") and value
        ]
        self.inline_scripts += tag == "script" and "src" not in named


@pytest.mark.parametrize("page", ["/docs", "/redoc", "/problems", "/problems/not-found"])
async def test_a_page_and_all_it_loads_come_from_this_server(world: World, page: str) -> None:
    answer = await get(world, page)
    addresses = Addresses()
    addresses.feed(answer.text)

    assert answer.headers["content-security-policy"].startswith("default-src '")
    assert addresses.inline_scripts == 0
    assert addresses.found
    for address in addresses.found:
        full = urlsplit(urljoin(f"http://world{page}", address))
        assert full.netloc == "world", address
        assert (await get(world, full.path)).status_code == 200, address


async def test_style_sheets_and_scripts_of_ours_name_no_other_server(world: World) -> None:
    for path in ("/assets/swagger-ui.css", "/docs/start.js"):
        text = (await get(world, path)).text

        loaded = re.findall(r"url\(\s*['\"]?([^)'\"]+)|@import\s+['\"]([^'\"]+)", text)
        assert all(first.startswith("data:") for first, _ in loaded if first), path
        assert not [second for _, second in loaded if second]
        assert "http" not in re.sub(r"url\([^)]*\)|/\*.*?\*/", "", text, flags=re.DOTALL)


def test_the_assets_ship_in_a_package() -> None:
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js", "favicon.png"):
        assert (ASSETS / name).stat().st_size > 0
