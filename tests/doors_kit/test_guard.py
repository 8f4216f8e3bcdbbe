"""Limits by address, bearer and region: who asks too often waits, and nobody else does."""

import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from door_world import World
from pydantic import ValidationError

from shared.doors import guard
from shared.limits import behind_fronts, fronts_of, role_paces_of
from shared.roles import Role
from shared.settings import ServiceSettings
from shared.telemetry.metrics import REQUESTS_LIMITED
from tests.doors.operation_calls import is_problem

PACE = 0.05  # one in twenty seconds: no machine is so slow that another may come meanwhile
AT_ONCE = 1
THING_PATH = "/v1/things/01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture(autouse=True)
def _held_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "HOLD_SECONDS", 0.01)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, address_per_second=PACE, role_per_second=f"{PACE},operations=0")


def _from(world: World, host: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(world.app, client=(host, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://world")


async def _statuses(client: httpx.AsyncClient, times: int, path: str = "/v1/version") -> list[int]:
    return [(await client.get(path)).status_code for _ in range(times)]


async def test_an_address_that_asks_too_often_waits_and_its_neighbour_does_not(
    world: World,
) -> None:
    async with _from(world, "192.0.2.7") as client, _from(world, "192.0.2.8") as neighbour:
        before = REQUESTS_LIMITED.labels("address")._value.get()
        assert set(await _statuses(client, AT_ONCE)) == {200}

        refused = await client.get("/v1/version")

        assert is_problem(refused, 429, "too-many-requests")
        assert 0 < int(refused.headers["retry-after"]) <= 20
        assert REQUESTS_LIMITED.labels("address")._value.get() == before + 1
        assert await _statuses(neighbour, 1) == [200]
        assert await _statuses(client, 3, "/livez") == [200] * 3
        assert await _statuses(client, 1, "/metrics") == [200]


async def test_a_good_token_is_not_kept_out_by_a_flood_from_its_own_address(world: World) -> None:
    body = '{"thing_label": "kartu"}'
    async with _from(world, "192.0.2.7") as client:
        forged = {"Authorization": "Bearer x.y.z"}
        for _ in range(AT_ONCE):
            assert (await client.put(THING_PATH, content=body, headers=forged)).status_code == 401
        assert await _statuses(client, 1) == [429]
        good = world.bearer(Role.OFFICER) | {"content-type": "application/json"}

        answer = await client.put(THING_PATH, content=body, headers=good)

        assert answer.status_code == 200


async def test_forged_tokens_are_answered_late_once_their_address_has_asked_too_often(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "HOLD_SECONDS", 0.5)
    forged = {"Authorization": "Bearer x.y.z"}
    async with _from(world, "192.0.2.7") as client:
        for _ in range(AT_ONCE):
            await client.put(THING_PATH, content="{}", headers=forged)
        began = time.monotonic()

        answer = await client.put(THING_PATH, content="{}", headers=forged)

        assert answer.status_code == 401
        assert time.monotonic() - began >= 0.5


async def test_one_bearer_that_asks_too_often_waits_and_its_colleague_does_not(
    world: World,
) -> None:
    async with world.client() as client:
        ours, colleague = (
            {
                "Authorization": f"Bearer {world.token(Role.OFFICER, subject=name)}",
                "content-type": "application/json",
            }
            for name in ("officer-7", "officer-8")
        )
        answers = [
            await client.put(THING_PATH, content=THING_BYTES, headers=ours)
            for _ in range(AT_ONCE + 1)
        ]

        assert [one.status_code for one in answers] == [200] * AT_ONCE + [429]
        assert is_problem(answers[-1], 429, "too-many-requests")
        other = await client.put(THING_PATH, content=THING_BYTES, headers=colleague)
        assert other.status_code == 200


async def test_a_role_without_a_bound_asks_as_often_as_it_likes(world: World) -> None:
    headers = world.bearer(Role.OPERATIONS)
    async with world.client() as client:
        statuses = {(await client.get("/v1/health", headers=headers)).status_code for _ in range(5)}

    assert statuses == {200}


async def test_work_is_not_counted_to_its_bearer(tmp_path: Path) -> None:
    world = World(tmp_path, role_per_second=str(PACE))
    world.app.is_work = lambda scope: scope["method"] == "PUT"
    headers = world.bearer(Role.OFFICER) | {"content-type": "application/json"}
    async with world.client() as client:
        statuses = {
            (await client.put(THING_PATH, content=THING_BYTES, headers=headers)).status_code
            for _ in range(5)
        }

    assert statuses == {200}


async def test_a_forwarded_address_counts_from_a_named_front_alone(tmp_path: Path) -> None:
    world = World(tmp_path, address_per_second=PACE, trusted_fronts="192.0.2.1, 10.0.0.0/8")
    async with _from(world, "192.0.2.1") as front, _from(world, "192.0.2.7") as stranger:
        asked = [
            (await front.get("/v1/version", headers={"x-forwarded-for": f"198.51.100.{n}"}))
            for n in range(5)
        ]
        lied = [
            (await stranger.get("/v1/version", headers={"x-forwarded-for": f"198.51.100.{n}"}))
            for n in range(AT_ONCE + 1)
        ]

    assert {one.status_code for one in asked} == {200}
    assert lied[-1].status_code == 429


@pytest.mark.parametrize(
    ("forwarded", "real"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("203.0.113.9, 198.51.100.7, 10.1.2.3", "198.51.100.7"),
        ("198.51.100.7, nonsense", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("10.0.0.2, 10.0.0.3", "10.0.0.1"),
        ("2001:db8::7", "2001:db8::7"),
    ],
)
def test_the_last_address_that_is_no_front_of_ours_is_believed(forwarded: str, real: str) -> None:
    assert behind_fronts("10.0.0.1", forwarded, fronts_of("10.0.0.0/8")) == real


@pytest.mark.parametrize(
    ("roles", "per_second"),
    [(["officer"], 20), (["operations"], 50), (["officer", "operations"], 50), (["printer"], 0)],
)
def test_the_widest_of_ones_roles_counts(roles: Sequence[str], per_second: float) -> None:
    assert role_paces_of("20, operations=50, printer=0").per_second(roles) == per_second


@pytest.mark.parametrize(
    "setting",
    [
        {"role_per_second": "fast"},
        {"role_per_second": "20,officer"},
        {"role_per_second": "-1"},
        {"trusted_fronts": "nginx"},
        {"trusted_fronts": "10.0.0.1/8"},
    ],
)
def test_a_limit_that_cannot_be_read_stops_the_start(setting: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        ServiceSettings.model_validate(setting)


async def test_one_address_cannot_take_all_places_with_what_nobody_vouches_for(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, connections_max=2)
    async with _from(world, "192.0.2.7") as client:
        held = guard.Guard(world.settings)
        first = held.enter({"path": "/v1/version", "client": ("192.0.2.7", 1), "headers": []})
        second = held.enter({"path": "/v1/version", "client": ("192.0.2.7", 1), "headers": []})
        other = held.enter({"path": "/v1/version", "client": ("192.0.2.8", 1), "headers": []})

        assert second.refused_at_door() is not None
        assert other.refused_at_door() is None
        first.by_bearer("officer-7", frozenset({"officer"}))
        assert second.refused_at_door() is None
        assert await _statuses(client, 1) == [200]


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate, gzip"])
async def test_a_compressed_body_is_refused_unread(world: World, coding: str) -> None:
    async with world.client() as client:
        answer = await client.post(
            "/v1/typed", content=b"\x1f\x8b" * 50, headers={"content-encoding": coding}
        )

    assert is_problem(answer, 415, "encoded-body")


THING_BYTES = b'{"thing_label": "kartu"}'
