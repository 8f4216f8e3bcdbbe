"""Calls of every operation, filled in from the examples of its OpenAPI document."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from services.command.servers import Service
from services.command.service_facts import document_of
from shared.contracts.evidence import UPLOAD_COMPLETE, UPLOAD_OFFSET, append_purpose
from shared.doors.openapi import METHODS
from tests.town import REGION, Served, Town

PLACES = {
    "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "authorization_id": "01890a5d-b096-7c5e-8a51-6a1b0e3e2f10",
    "blank_serial": "BLK-000123",
    "region": REGION,
    "part": "face",
    "token": "AYkKXayWd0u8zrMCCZqAV1Zk3uE0bQ4tq9cX",
    "officer": "officer-12",
    "day": "2017-10-16",
    "event_id": "01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f14",
    "move_id": "01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f12",
    "request_id": "01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f10",
    "change_set_id": "01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f10",
    "delivery_id": "01890a5d-c0de-7aaa-8bbb-0a1b0e3e2f10",
    "burning_id": "01890a5d-c0de-7aaa-8bbb-1a1b0e3e2f10",
    "as_of": "2017-12-31",
    "suket_id": "01890a5d-c0de-7aaa-8bbb-2a1b0e3e2f10",
    "seq": "1204",
    "breach_id": "01890a5d-c0de-7bbb-8bbb-6a1b0e3e2f12",
    "whom": "authority",
    "case_id": "01890a5d-c0de-7c5e-8a51-6a1b0e3e2f10",
    "session_id": "01890a5d-c0de-7f1e-8bbb-6a1b0e3e2f10",
    "visit_id": "01890a5d-c0de-7f1e-8bbb-6a1b0e3e2f11",
    "key_id": "01890a5d-c0de-7f1e-8bbb-6a1b0e3e2f13",
    "batch_id": "01890a5d-c0de-7f1e-8bbb-6a1b0e3e2f14",
    "region_key": "90facafea9b1",
    "hook_id": "01890a5d-c0de-7bbb-8bbb-6a1b0e3e2f10",
    "person_id": "01890a5d-c0de-7bbb-8bbb-6a1b0e3e2f11",
    "code": "forbidden",
    "name": "tunggal.css",
}


@dataclass(frozen=True)
class Call:
    """One operation with its path filled in and its example as body."""

    service: Service
    name: str
    method: str
    path: str
    roles: frozenset[str]
    is_signed: bool
    is_open: bool
    is_of_whole_region: bool
    media_type: str | None
    body: bytes | None
    body_bytes_max: int
    headers: dict[str, str]

    def __str__(self) -> str:
        return self.name

    def served(self, town: Town) -> Served:
        return town.centre if self.service is Service.CENTRAL else town.region

    async def send(self, client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
        request = {"content": self.body, "headers": self.headed(""), **changes}
        return await client.request(self.method, self.path, **request)

    def headed(self, token: str) -> dict[str, str]:
        """The headers it is sent with, and a bearer token, if any."""
        kind = {"content-type": self.media_type} if self.media_type else {}
        bearer = {"authorization": f"Bearer {token}"} if token else {}
        return kind | self.headers | bearer

    def purpose(self, body: bytes | None, region: str = REGION) -> tuple[str, bytes]:
        """What a region signs: a question's method and path, a piece, or a batch's manifest."""
        if self.body is None or body is None:
            return f"{self.method} {self.path}", b""
        if self.method == "PATCH":
            told = self.headers[UPLOAD_OFFSET], self.headers[UPLOAD_COMPLETE]
            return append_purpose(self.path, *told), body
        if self.name != "take_envelopes":
            return f"{self.method} {self.path}", body
        return f"envelopes {region}", body.partition(b"\n")[0]


def every_call() -> Iterator[Call]:
    for service in (Service.CENTRAL, Service.REGIONAL):
        for path, operations in document_of(service)["paths"].items():
            for method in METHODS:
                if method in operations:
                    yield _call(service, method, path, operations[method])


def _call(service: Service, method: str, path: str, operation: dict[str, Any]) -> Call:
    media_type, body = None, None
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        examples = content.get("examples") or {"only": {"value": content.get("example")}}
        example = next(iter(examples.values()))["value"]
        media_type = kind
        body = example.encode() if isinstance(example, str) else json.dumps(example).encode()
    return Call(
        service=service,
        name=operation["operationId"],
        method=method.upper(),
        path=path.format_map(PLACES),
        roles=frozenset(operation.get("x-roles", [])),
        is_signed={"region_signature": []} in operation["security"],
        is_open=operation["security"] == [],
        is_of_whole_region=operation.get("x-whole-region", False),
        media_type=media_type,
        body=body,
        body_bytes_max=operation.get("x-body-bytes-max", 0),
        headers={
            one["name"]: one["example"]
            for one in operation.get("parameters", [])
            if one["in"] == "header" and one.get("required")
        },
    )


def is_problem(answer: httpx.Response, status: int, code: str) -> bool:
    """Whether an answer is this problem, whole."""
    if answer.headers.get("content-type") != "application/problem+json":
        return False
    if answer.request.method == "HEAD":
        return answer.status_code == status  # the document itself is a body, and there is none
    problem = answer.json()
    return (
        (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
        and problem["type"] == f"/problems/{code}"
        and bool(problem["next_action"] and problem["next_action_id"] and problem["trace_id"])
    )
