"""Problems: every one has its page and says what to do; none repeats what was sent."""

import asyncio
import errno
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from door_world import BODY_BYTES_MAX, THING_ID, World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog.testing import capture_logs

from shared.doors.answers import refusal_for
from shared.refusals import InvalidInput, Refusal, known_refusals
from shared.roles import Role

SECRET = "rahmawati"
NIK = "6172015307990001"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def is_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"/problems/{code}"
    assert problem["trace_id"] == answer.headers["x-request-id"]
    return problem


async def test_every_refusal_has_a_readable_page_in_both_languages(world: World) -> None:
    async with world.client() as client:
        for kind in known_refusals():
            page = await client.get(f"/problems/{kind.code}")

            assert page.status_code == 200
            for text in (kind.title, kind.next_action, kind.next_action_id, kind.__doc__):
                assert text
                words = text.split("\n", maxsplit=1)[0].split("`")[0].split("'")[0]
                assert words in page.text, kind.code
            assert "http://" not in page.text
            assert "https://" not in page.text


def test_every_refusal_is_a_client_or_server_error_with_a_code_for_an_address() -> None:
    for kind in known_refusals():
        assert 400 <= kind.status <= 599
        assert kind.code == kind.code.lower().replace("_", "-").replace(" ", "-")
        assert kind.__doc__


async def test_the_list_of_problems_links_each_page(world: World) -> None:
    async with world.client() as client:
        page = await client.get("/problems")

    assert all(f'href="/problems/{kind.code}"' in page.text for kind in known_refusals())


async def test_an_unknown_problem_code_is_itself_a_problem(world: World) -> None:
    async with world.client() as client:
        is_problem(await client.get("/problems/no-such-code"), 404, "not-found")


def test_two_refusals_cannot_share_a_code() -> None:
    with pytest.raises(TypeError, match="not-found"):
        type("AnotherNotFound", (Refusal,), {"code": "not-found", "status": 404})


async def test_an_unknown_address_and_a_wrong_method_are_problems(world: World) -> None:
    async with world.client() as client:
        problem = is_problem(await client.get(f"/v1/citizens/{NIK}"), 404, "not-found")
        wrong = await client.delete("/livez")

    assert NIK not in json.dumps(problem)
    is_problem(wrong, 405, "method-not-allowed")
    assert wrong.headers["allow"] == "GET"


async def test_a_problem_names_the_path_that_was_asked_if_it_holds_ids_only(world: World) -> None:
    headers = world.bearer(Role.OFFICER)
    async with world.client() as client:
        kept = await client.put(f"/v1/things/{THING_ID}", headers=headers, json={})
        foreign = await client.put(f"/v1/things/{NIK}", headers=headers, json={})

    assert is_problem(kept, 422, "invalid-input")["instance"] == f"/v1/things/{THING_ID}"
    assert is_problem(foreign, 422, "invalid-input")["instance"] == "/v1/things/_"
    assert NIK not in foreign.text


async def test_a_fault_is_told_by_place_and_kind(world: World) -> None:
    body = {"thing_label": SECRET, "parts": [{"part_count": -1}], SECRET: NIK}
    async with world.client() as client:
        problem = is_problem(
            await client.post("/v1/typed", json=body, params={"limit": NIK}), 422, "invalid-input"
        )

    assert problem["errors"] == [
        {"pointer": "/query/limit", "detail": "less_than_equal"},
        {"pointer": "/thing_label", "detail": "string_too_long"},
        {"pointer": "/parts", "detail": "tuple_type"},
        {"pointer": "/?", "detail": "extra_forbidden"},
    ]


async def test_an_unreadable_body_is_a_problem(world: World) -> None:
    headers = {"content-type": "application/json"}
    async with world.client() as client:
        for body in (b"{", b"\xff\xfe", b'{"a":\xff}', b"[" * 200_000, b""):
            answer = await client.post("/v1/typed", content=body, headers=headers)

            assert answer.status_code in (400, 422), body[:20]
            assert answer.headers["content-type"] == "application/problem+json"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=json_values, secret=st.text("abcdefghijklmnop", min_size=12, max_size=16))
async def test_what_was_sent_is_never_repeated(world: World, value: object, secret: str) -> None:
    headers = world.bearer(Role.OFFICER) | {"content-type": "application/json"}
    bodies = [
        {secret: value},
        {"thing_label": secret, "parts": [{secret: value}]},
        {"thing_label": value, "parts": {secret: secret}},
        {"parts": [{"part_count": secret}], "thing_label": {secret: secret}},
    ]
    async with world.client() as client:
        for body in bodies:
            content = json.dumps(body).encode()
            for answer in (
                await client.put(f"/v1/things/{THING_ID}", headers=headers, content=content),
                await client.put(f"/v1/things/{secret}", headers=headers, content=content),
                await client.post(f"/v1/typed?limit={secret}", headers=headers, content=content),
                await client.post(f"/v1/{secret}?{secret}={secret}", content=content),
                await client.get(
                    "/v1/missing", headers={"x-request-id": secret, "authorization": secret}
                ),
            ):
                assert answer.status_code >= 400
                assert secret not in answer.text
                assert secret not in str(answer.headers)


async def test_a_bug_is_told_by_its_trace_id_only(world: World) -> None:
    world.trouble = ValueError(f"bad citizen {NIK}")
    async with world.client() as client:
        problem = is_problem(await client.get("/v1/trouble"), 500, "internal-error")

    assert problem["trace_id"]
    assert NIK not in json.dumps(problem)
    assert problem["detail"] is None


class _Orig(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (DBAPIError("select 1", {}, _Orig("53100")), "storage-full"),
        (DBAPIError("select 1", {}, _Orig("25006")), "storage-read-only"),
        (DBAPIError("select 1", {}, _Orig("57P01")), "database-unavailable"),
        (DBAPIError("select 1", {}, _Orig("08006")), "database-unavailable"),
        (DBAPIError("select 1", {}, _Orig("40001")), "busy-try-again"),
        (DBAPIError("select 1", {}, _Orig("40P01")), "busy-try-again"),
        (DBAPIError("select 1", {}, _Orig("57014")), "too-busy"),
        (DBAPIError("select 1", {}, _Orig("42601")), "internal-error"),
        (DBAPIError("select 1", {}, _Orig(None)), "internal-error"),
        (PoolTimeout(), "too-busy"),
        (asyncpg.CannotConnectNowError("starting up"), "database-unavailable"),
        (asyncpg.TooManyConnectionsError("full"), "too-busy"),
        (asyncpg.InvalidCatalogNameError("none"), "database-unavailable"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "no"), "database-unavailable"),
        (FileNotFoundError(errno.ENOENT, "no socket"), "database-unavailable"),
        (TimeoutError(), "database-unavailable"),
        (OSError(errno.ENOSPC, "full"), "storage-full"),
        (OSError(errno.EROFS, "read-only"), "storage-read-only"),
        (KeyError(NIK), "internal-error"),
    ],
)
async def test_trouble_of_the_world_is_told_apart(
    world: World, trouble: Exception, code: str
) -> None:
    world.trouble = trouble
    async with world.client() as client:
        answer = await client.get("/v1/trouble")

    problem = is_problem(answer, refusal_for(trouble).status, code)
    assert NIK not in json.dumps(problem)
    if answer.status_code in (503, 507):
        assert int(answer.headers["retry-after"]) >= 1


async def test_a_body_that_is_declared_too_large_is_refused_unread(world: World) -> None:
    headers = {"content-type": "application/json", "content-length": str(BODY_BYTES_MAX + 1)}
    async with world.client() as client:
        for path in ("/v1/typed", "/v1/unread"):
            answer = await client.post(path, content=b"{}", headers=headers)

            is_problem(answer, 413, "body-too-large")


async def test_a_body_in_chunks_is_counted_as_it_comes(world: World) -> None:
    sent = 0

    async def chunks() -> Any:
        nonlocal sent
        for _ in range(64):
            sent += 1
            yield b"x" * 262_144

    headers = world.bearer(Role.OFFICER) | {"content-type": "application/json"}
    async with world.client() as client:
        for verb, path in (("POST", "/v1/typed"), ("PUT", f"/v1/things/{THING_ID}")):
            sent = 0
            answer = await client.request(verb, path, content=chunks(), headers=headers)

            is_problem(answer, 413, "body-too-large")
            assert sent < 20


async def test_a_body_that_trickles_in_is_refused_at_its_deadline(tmp_path: Path) -> None:
    world = World(tmp_path, body_seconds_max=0.2)

    async def trickle() -> Any:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.05)

    headers = world.bearer(Role.OFFICER) | {"content-type": "application/json"}
    async with world.client() as client:
        for verb, path in (("POST", "/v1/typed"), ("PUT", f"/v1/things/{THING_ID}")):
            answer = await client.request(verb, path, content=trickle(), headers=headers)

            is_problem(answer, 408, "request-too-slow")
            assert answer.headers["connection"] == "close"


async def test_the_body_kind_is_checked(world: World) -> None:
    async with world.client() as client:
        answer = await client.put(
            f"/v1/things/{THING_ID}",
            headers=world.bearer(Role.OFFICER) | {"content-type": "text/plain"},
            content=b"{}",
        )

    is_problem(answer, 415, "unsupported-media-type")


async def test_a_server_without_a_place_left_says_so_and_still_tells_its_health(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, connections_max=1)
    async with world.client() as client:
        waiting = asyncio.create_task(client.get("/v1/poll"))
        await asyncio.sleep(0.05)
        refused = await client.get("/v1/missing")
        alive = await client.get("/livez")
        world.draining.begin()

    is_problem(refused, 503, "too-busy")
    assert alive.status_code == 200
    assert (await waiting).status_code == 200


def test_the_faults_of_a_large_batch_are_cut_off() -> None:
    class Batch(BaseModel):
        numbers: list[int]

    with pytest.raises(ValidationError) as raised:
        Batch.model_validate({"numbers": [NIK + "x"] * 500})

    told = InvalidInput.of(raised.value)
    assert len(told.errors) == 20
    assert told.detail == "500 places do not fit."


async def test_whoever_was_not_let_in_stands_in_the_log_by_door_and_reason_alone(
    world: World,
) -> None:
    with capture_logs() as said:
        async with world.client() as client:
            answer = await client.get(
                "/v1/health", headers={"authorization": f"Bearer {SECRET}.{NIK}"}
            )

    assert answer.status_code == 401
    (event,) = [one for one in said if one["event"] == "request.not_let_in"]
    assert (event["code"], event["door"]) == ("unauthenticated", "/v1/health")
    assert SECRET not in str(said)
    assert NIK not in str(said)
