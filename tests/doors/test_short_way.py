"""The short way for single recordings answers exactly as the documented door does."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.regional.recording.examples import CONTENT_EXAMPLE
from shared.ids import new_id
from shared.roles import Role
from tests.town import NEIGHBOUR, Town

SHORT, LONG = "application/json", "application/json; charset=utf-8"
INCOMPLETE = {**CONTENT_EXAMPLE, "biometrics": {**CONTENT_EXAMPLE["biometrics"], "images": {}}}
FRESH = ("receipt", "recording_id", "recorded_at", "seq", "trace_id", "earlier")


def _with_nik(content: dict[str, Any], number: int) -> dict[str, Any]:
    return {**content, "card": {**content["card"], "nik": f"617203520790{number % 9_999 + 1:04d}"}}


BODIES: dict[str, Callable[[], bytes]] = {
    "whole": lambda: json.dumps(_with_nik(CONTENT_EXAMPLE, new_id().int)).encode(),
    "incomplete": lambda: json.dumps(INCOMPLETE).encode(),
    "nik taken": lambda: json.dumps(CONTENT_EXAMPLE).encode(),
    "unknown member": lambda: json.dumps({**CONTENT_EXAMPLE, "x": 1}).encode(),
    "no json": lambda: b"{",
    "empty": lambda: b"",
    "too large": lambda: b" " * (4 * 2**20 + 1),
}


async def _put(
    client: httpx.AsyncClient, kind: str, recording_id: UUID, body: bytes
) -> tuple[int, dict[str, Any], dict[str, str]]:
    answer = await client.put(
        f"/v1/recordings/{recording_id}", content=body, headers={"content-type": kind}
    )
    said = {key: value for key, value in answer.json().items() if key not in FRESH}
    if "instance" in said:
        said["instance"] = str(said["instance"]).replace(str(recording_id), "ID")
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in {"date", "x-request-id", "content-length"}
    }
    return answer.status_code, said, headers


@pytest.mark.parametrize("body", BODIES)
async def test_the_same_body_gets_the_same_answer(standing_town: Town, body: str) -> None:
    client = standing_town.at_region()
    await client.put(f"/v1/recordings/{new_id()}", json=CONTENT_EXAMPLE)

    short = await _put(client, SHORT, new_id(), BODIES[body]())
    long = await _put(client, LONG, new_id(), BODIES[body]())

    if body == "whole":  # the two differ in their content, and so in its hash
        assert short[1].pop("sha256") != long[1].pop("sha256")
    assert short == long


async def test_a_repeat_and_a_difference_are_told_alike(standing_town: Town) -> None:
    client = standing_town.at_region()
    recording_id = new_id()
    content = _with_nik(CONTENT_EXAMPLE, recording_id.int)
    first = await client.put(f"/v1/recordings/{recording_id}", json=content)
    changed = json.dumps({**content, "station": "other"}).encode()
    same = json.dumps(content).encode()

    repeats = [await _put(client, kind, recording_id, same) for kind in (SHORT, LONG)]
    differing = [await _put(client, kind, recording_id, changed) for kind in (SHORT, LONG)]

    assert first.status_code == 202
    assert repeats[0] == repeats[1]
    assert repeats[0][2]["idempotent-replayed"] == "true"
    assert differing[0] == differing[1]
    assert differing[0][:1] == (409,)


async def test_callers_are_judged_alike(standing_town: Town) -> None:
    printer = standing_town.at_region(Role.PRINTER)
    nobody = standing_town.stranger(standing_town.region)
    neighbour = standing_town.stranger(standing_town.region)
    neighbour.headers["authorization"] = f"Bearer {standing_town.token(*Role, region=NEIGHBOUR)}"
    body = json.dumps(CONTENT_EXAMPLE).encode()

    for client, status in ((printer, 403), (nobody, 401), (neighbour, 403)):
        short = await _put(client, SHORT, new_id(), body)
        long = await _put(client, LONG, new_id(), body)

        assert short == long
        assert short[0] == status
