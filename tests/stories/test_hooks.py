"""An office's own gateway hears what happens to recordings, signed, once it is there to hear."""

import base64
import contextlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from services.regional.hooks import rules
from services.regional.hooks.loop import HookSender
from services.regional.hooks.rules import After, Event
from shared.clock import ManualClock
from shared.doors.serve import Draining
from shared.ids import new_id
from shared.roles import Role
from tests.recordings import NOON
from tests.stories.core_world import drained, record_all, until
from tests.town import REGION, Served, Town

WANTED = [Event.TAKEN, Event.RECEIVED, Event.DECIDED, Event.PERMITTED, Event.PRINTED, Event.ISSUED]
SECRET_MARK = "whsec_"


class Gateway:
    """An office's own: keeps what it heard, and answers as it is told to."""

    def __init__(self) -> None:
        self.served = Served()
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 204

    async def hear(self, request: Request) -> Response:
        self.heard.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.heard]

    @property
    def address(self) -> str:
        return f"{self.served.address}/hear"


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    made = Gateway()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield

    app = FastAPI(lifespan=lifespan)
    app.add_api_route("/hear", made.hear, methods=["POST"])
    await made.served.start(app, Draining())
    yield made
    await made.served.stop()


async def a_hook(desk: httpx.AsyncClient, address: str, events: list[str]) -> dict[str, Any]:
    answer = await desk.put(f"/v1/hooks/{new_id()}", json={"address": address, "events": events})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def is_quiet(desk: httpx.AsyncClient) -> bool:
    """All that was to be told was told."""
    (hook,) = (await desk.get("/v1/hooks")).json()["items"]
    return bool(hook["waiting"] == 0 and hook["last_delivered_at"])


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """As Standard Webhooks says, written anew from its words."""
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, content, sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"


async def test_a_gateway_hears_a_recordings_whole_way_without_a_word_of_whose_it_is(
    town: Town, gateway: Gateway
) -> None:
    desk = town.at_region()
    hook = await a_hook(desk, gateway.address, WANTED)
    (recording_id,) = await record_all(desk, [1])
    await drained(town)
    (permission,) = (await desk.get("/v1/print-authorizations")).json()["items"]
    path = f"/v1/print-authorizations/{permission['authorization_id']}/spend"
    card = (await desk.post(path, json={"blank_serial": "BLK-1"})).json()["card"]
    await desk.post("/v1/cards/BLK-1/result", json={"result": "printed"})
    await desk.post("/v1/cards/BLK-1/issue")

    async def is_told() -> bool:
        return len(gateway.heard) >= len(WANTED)

    await until(is_told)

    assert {one["type"] for one in gateway.told} == set(WANTED)
    assert {one["data"]["recording_id"] for one in gateway.told} == {str(recording_id)}
    assert all(is_signed(headers, body, hook["secret"]) for headers, body in gateway.heard)
    said = b"".join(body for _, body in gateway.heard).decode()
    assert card["nik"] not in said
    assert card["name"] not in said
    await until(lambda: is_quiet(desk))
    assert SECRET_MARK not in (await desk.get("/v1/hooks")).text


async def test_what_nobody_took_is_tried_again_then_given_up_then_due_at_a_word(
    town: Town, gateway: Gateway
) -> None:
    database = town.databases["regional"]
    desk = town.at_region()
    gateway.status = 503
    hook = await a_hook(desk, gateway.address, [Event.TAKEN])
    later = ManualClock(town.clock.now() + rules.GIVE_UP_AFTER + timedelta(minutes=1))
    sender = HookSender(database, REGION, later)
    await record_all(desk, [1])

    async def is_tried() -> bool:
        return bool(gateway.heard)

    await until(is_tried)
    (row,) = (await desk.get(f"/v1/hooks/{hook['hook_id']}/deliveries")).json()["items"]
    assert (row["event"], row["next_try_at"] is None) == ("recording.taken", False)

    async with httpx.AsyncClient(trust_env=False) as http:
        await sender.turn(http)
    (row,) = (await desk.get(f"/v1/hooks/{hook['hook_id']}/deliveries")).json()["items"]
    assert (row["status"], row["next_try_at"]) == (503, None)

    gateway.status = 204
    again = await desk.post(f"/v1/hooks/{hook['hook_id']}/retry")
    assert again.json() == {"deliveries": 1}

    async def is_taken() -> bool:
        left = (await desk.get(f"/v1/hooks/{hook['hook_id']}/deliveries")).json()["items"]
        return left == []

    await until(is_taken)
    ids = {headers["webhook-id"] for headers, _ in gateway.heard}
    assert len(ids) == 1


async def test_a_gateway_that_is_gone_is_asked_no_more(town: Town, gateway: Gateway) -> None:
    desk = town.at_region(Role.HEAD_OF_OFFICE)
    gateway.status = 410
    hook = await a_hook(desk, gateway.address, [Event.ISSUED])
    assert (await desk.post(f"/v1/hooks/{hook['hook_id']}/test")).status_code == 204

    async def is_ended() -> bool:
        return (await desk.get("/v1/hooks")).json()["items"] == []

    await until(is_ended)
    assert [one["type"] for one in gateway.told] == ["hook.test"]
    same = await desk.put(
        f"/v1/hooks/{hook['hook_id']}", json={"address": gateway.address, "events": WANTED}
    )
    assert same.status_code == 404


async def test_an_address_that_leads_nowhere_harms_no_other_hook_and_no_readiness(
    town: Town, gateway: Gateway
) -> None:
    desk = town.at_region()
    nowhere = await a_hook(desk, "http://127.0.0.1:99999/", [Event.TAKEN])
    await a_hook(desk, gateway.address, [Event.TAKEN])
    assert (await desk.post(f"/v1/hooks/{nowhere['hook_id']}/test")).status_code == 204

    async def is_tried() -> bool:
        path = f"/v1/hooks/{nowhere['hook_id']}/deliveries"
        return any(one["attempts"] for one in (await desk.get(path)).json()["items"])

    await until(is_tried)
    await record_all(desk, [1])

    async def is_told() -> bool:
        return bool(gateway.heard)

    await until(is_told)
    assert (await town.stranger(town.region).get("/readyz")).status_code == 200


async def test_a_hook_asked_for_twice_is_one_with_one_secret_and_hears_only_from_then_on(
    town: Town, gateway: Gateway
) -> None:
    desk = town.at_region()
    await record_all(desk, [1])
    path, wanted = f"/v1/hooks/{new_id()}", {"address": gateway.address, "events": WANTED}
    first = (await desk.put(path, json=wanted)).json()
    second = (await desk.put(path, json=wanted)).json()
    await record_all(desk, [2])
    await drained(town)
    await until(lambda: is_quiet(desk))
    assert first == second
    assert [one["type"] for one in gateway.told].count("recording.taken") == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://gateway.example/ktp",
        "https://someone:secret@gateway.example/",
        "ftp://gateway.example/",
        "https:///nowhere",
        "not an address",
    ],
)
async def test_events_go_to_no_open_line_and_no_login(town: Town, address: str) -> None:
    answer = await town.at_region().put(
        f"/v1/hooks/{new_id()}", json={"address": address, "events": ["card.printed"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-input")


def test_waits_grow_and_never_march_in_step() -> None:
    calm = [rules.wait_after(attempts, 0.0).total_seconds() for attempts in range(1, 12)]
    assert calm == sorted(calm)
    assert calm[0] == 10
    assert calm[-1] == calm[-2] == 6 * 3_600
    assert rules.wait_after(1, 1.0).total_seconds() == 15


def test_every_text_fits_one_short_message_of_plain_letters() -> None:
    texts = [text for pair in rules.TEXTS.values() for text in pair]
    assert set(rules.TEXTS) == set(Event)
    assert max(map(len, texts)) <= rules.TEXT_MAX
    assert all(text.isascii() for text in texts)


@pytest.mark.parametrize(
    ("status", "age", "after"),
    [
        (200, timedelta(days=9), After.DELIVERED),
        (302, timedelta(0), After.AGAIN),
        (None, timedelta(0), After.AGAIN),
        (500, rules.GIVE_UP_AFTER, After.GIVEN_UP),
        (410, timedelta(0), After.UNWANTED),
    ],
)
def test_only_a_yes_ends_the_trying(status: int | None, age: timedelta, after: After) -> None:
    assert rules.after_try(status, NOON, NOON + age) is after
