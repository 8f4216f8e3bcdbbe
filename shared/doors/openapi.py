"""The last touches of an OpenAPI document, and the house rules it must keep."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.refusals import (
    MEDIA_TYPE,
    BodyTooLarge,
    DatabaseUnavailable,
    Forbidden,
    InternalError,
    InvalidInput,
    MalformedRequest,
    NotFound,
    Refusal,
    RequestTooSlow,
    StorageFull,
    TooBusy,
    Unauthenticated,
    UnsupportedMediaType,
    problem_responses,
)
from shared.roles import NeedsRoles, Role
from shared.signing import SIGNATURE_HEADER

_SCHEMES = {
    "role_token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A short-lived token that names roles: "
        + ", ".join(role.value for role in Role)
        + ". Locally, `tunggal token --role officer` makes one.",
    },
    "region_signature": {
        "type": "apiKey",
        "in": "header",
        "name": SIGNATURE_HEADER,
        "description": "A JWS by the region's Ed25519 key over this message.",
    },
}
_REFERENCE = {"$ref": "#/components/schemas/Problem"}
_OPEN_TAG = "operations"


def finish(document: dict[str, Any], app: FastAPI) -> None:
    """Name roles, security and the problems every operation may answer with."""
    document.setdefault("components", {})["securitySchemes"] = _SCHEMES
    roles_by_id = {route.unique_id: _roles(route.dependant) for route in _routes(app.routes)}
    for method, operation in operations(document):
        roles = roles_by_id.get(operation["operationId"])
        if roles:
            operation["security"] = [{"role_token": []}]
            operation["x-roles"] = sorted(roles)
            named = ", ".join(sorted(roles))
            operation["description"] = f"{operation.get('description', '')}\n\nRoles: {named}."
        _add_common_problems(method, operation)


def _routes(routes: Any) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router") or hasattr(route, "routes"):
            inner = getattr(route, "original_router", route)
            yield from _routes(inner.routes or [])


def _roles(dependant: Dependant) -> frozenset[Role]:
    found: frozenset[Role] = frozenset()
    for inner in dependant.dependencies:
        if isinstance(inner.call, NeedsRoles):
            found |= inner.call.roles
        found |= _roles(inner)
    return found


def _add_common_problems(method: str, operation: dict[str, Any]) -> None:
    kinds: list[type[Refusal]] = [MalformedRequest, InternalError]
    if operation.get("security"):
        kinds += [TooBusy, DatabaseUnavailable, StorageFull, Unauthenticated]
    if operation.get("x-roles"):
        kinds.append(Forbidden)
    if "requestBody" in operation:
        kinds += [BodyTooLarge, UnsupportedMediaType, RequestTooSlow]
    if operation.get("parameters") or "requestBody" in operation:
        kinds.append(InvalidInput)
    if method in ("get", "put", "post", "delete", "patch") and operation.get("parameters"):
        kinds.append(NotFound)
    responses = operation["responses"]
    # FastAPI's own 422 shape echoes what was sent; ours stands in its place.
    if MEDIA_TYPE not in responses.get("422", {}).get("content", {}):
        responses.pop("422", None)
    for status, made in problem_responses(*kinds).items():
        content = made["content"][MEDIA_TYPE]
        entry = responses.setdefault(
            str(status), {"description": made["description"], "content": {MEDIA_TYPE: {}}}
        )
        entry.setdefault("content", {}).setdefault(MEDIA_TYPE, {})
        entry["content"] = (
            {kind: body for kind, body in entry["content"].items() if kind != "application/json"}
            if int(status) >= 400
            else entry["content"]
        )
        mine = entry["content"][MEDIA_TYPE]
        mine.setdefault("schema", _REFERENCE)
        mine.setdefault("examples", {}).update(
            {code: one for code, one in content["examples"].items() if code not in mine["examples"]}
            if "examples" in mine
            else content["examples"]
        )


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(method, operation) of every operation."""
    for path in document.get("paths", {}).values():
        for method, operation in path.items():
            if method in ("get", "put", "post", "patch", "delete"):
                yield method, operation


def faults(document: dict[str, Any]) -> list[str]:
    """What keeps a document from being one to run operations from; empty when nothing does."""
    found = []
    for _, operation in operations(document):
        name = operation.get("operationId", "?")
        found += [f"{name}: no {what}" for what in _lacking(operation)]
    return found


def _lacking(operation: dict[str, Any]) -> Iterator[str]:
    for what in ("summary", "description", "operationId", "tags"):
        if not operation.get(what):
            yield what
    if "security" not in operation:
        yield "security, not even none"
    for body in operation.get("requestBody", {}).get("content", {}).values():
        if not (body.get("example") or body.get("examples")):
            yield "example of a body"
    for status, response in operation["responses"].items():
        for body in response.get("content", {}).values():
            if not (body.get("example") or body.get("examples")):
                yield f"example of {status}"
    if not any(MEDIA_TYPE in one.get("content", {}) for one in operation["responses"].values()):
        yield "problem"
