"""The last touches of an OpenAPI document, and the house rules it must keep."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from shared.refusals import (
    MEDIA_TYPE,
    BodyTooLarge,
    BusyTryAgain,
    DatabaseUnavailable,
    EncodedBody,
    Forbidden,
    InternalError,
    InvalidInput,
    MalformedRequest,
    NotFound,
    Refusal,
    RequestTooSlow,
    StorageFull,
    StorageReadOnly,
    TokenKeysUnavailable,
    TooBusy,
    TooManyRequests,
    Unauthenticated,
    UnsupportedMediaType,
    problem_responses,
)
from shared.roles import NeedsRoles, Role
from shared.signing import SIGNATURE_HEADER

METHODS = ("get", "head", "put", "post", "patch", "delete")
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
    "abis_share": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "A token by the centre's key, in an address it gave to its ABIS.",
    },
}
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_SECONDS = {"type": "integer", "minimum": 0}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "`Bearer`", "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds to wait", "schema": _SECONDS}},
    503: {"Retry-After": {"description": "Seconds to wait", "schema": _SECONDS}},
    507: {"Retry-After": {"description": "Seconds to wait", "schema": _SECONDS}},
}


def finish(document: dict[str, Any], app: FastAPI) -> None:
    """Name roles, security, limits and the problems every operation may answer with."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    routes = {
        context.unique_id: context
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
    }
    for method, operation in operations(document):
        route = routes[operation["operationId"]]
        said = [operation.get("description", "")]
        if roles := _roles(route.dependant):
            operation["security"] = [{"role_token": []}]
            operation["x-roles"] = sorted(roles)
            said.append(f"Roles: {', '.join(sorted(roles))}.")
            if _is_of_whole_region(route.dependant):
                operation["x-whole-region"] = True
                said.append("Not for a token that is bound to one office.")
        if "requestBody" in operation:
            bytes_max = route.max_body_size or app.max_body_size or 0
            operation["x-body-bytes-max"] = bytes_max
            said.append(f"Body: at most {bytes_max / 2**20:g} MiB.")
        operation["description"] = "\n\n".join(said)
        _put_nulls_back(operation, route.responses, (route.openapi_extra or {}).get("requestBody"))
        _add_problems(method, operation)
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["schemas"] = dict(sorted(schemas.items()))


def _put_nulls_back(
    operation: dict[str, Any], responses: Mapping[int | str, Any], body: Mapping[str, Any] | None
) -> None:
    """FastAPI drops members that are null from examples; then those no longer fit their schema."""
    said = [(operation["responses"][str(status)], one) for status, one in responses.items()]
    if body is not None:
        said.append((operation["requestBody"], body))
    for written, declared in said:
        for kind, content in declared.get("content", {}).items():
            examples = {key: content[key] for key in ("example", "examples") if key in content}
            written["content"].setdefault(kind, {}).update(deepcopy(examples))


def _roles(dependant: Dependant) -> frozenset[Role]:
    found: frozenset[Role] = frozenset()
    for inner in dependant.dependencies:
        if isinstance(inner.call, NeedsRoles):
            found |= inner.call.roles
        found |= _roles(inner)
    return found


def _is_of_whole_region(dependant: Dependant) -> bool:
    return any(
        (isinstance(inner.call, NeedsRoles) and inner.call.is_of_whole_region)
        or _is_of_whole_region(inner)
        for inner in dependant.dependencies
    )


def _common_problems(method: str, operation: dict[str, Any]) -> Iterator[type[Refusal]]:
    """What may befall an operation whatever its room does."""
    yield from (MalformedRequest, TooManyRequests, InternalError)
    if operation.get("x-roles"):
        yield from (Unauthenticated, Forbidden, TokenKeysUnavailable)
    if operation.get("security"):
        yield from (TooBusy, DatabaseUnavailable)
        if method not in ("get", "head"):
            yield from (BusyTryAgain, StorageReadOnly, StorageFull)
    parameters = operation.get("parameters", [])
    if any(parameter["in"] == "path" for parameter in parameters):
        yield NotFound
    if parameters or "requestBody" in operation:
        yield InvalidInput
    if "requestBody" in operation:
        yield from (BodyTooLarge, UnsupportedMediaType, EncodedBody, RequestTooSlow)


def _add_problems(method: str, operation: dict[str, Any]) -> None:
    """Join the room's problems with the common ones; each code has its example."""
    responses = operation["responses"]
    for status, made in problem_responses(*_common_problems(method, operation)).items():
        entry = responses.setdefault(str(status), {"description": "", "content": {}})
        examples = entry.setdefault("content", {}).setdefault(MEDIA_TYPE, {})
        examples.setdefault("examples", {}).update(made["content"][MEDIA_TYPE]["examples"])
    for status, entry in responses.items():
        if int(status) < 400:
            continue
        content = entry.get("content", {})
        # FastAPI writes its own shapes here, one of which echoes what was sent; ours stand instead.
        content.pop("application/json", None)
        if MEDIA_TYPE in content:
            content[MEDIA_TYPE]["schema"] = _PROBLEM
            titles = (one["value"]["title"] for one in content[MEDIA_TYPE]["examples"].values())
            entry["description"] = "; ".join(dict.fromkeys(titles))
            entry.setdefault("headers", {}).update(_HEADERS.get(int(status), {}))
    operation["responses"] = dict(sorted(responses.items()))


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(method, operation) of every operation."""
    for path in document.get("paths", {}).values():
        for method, operation in path.items():
            if method in METHODS:
                yield method, operation


def faults(document: dict[str, Any]) -> list[str]:
    """What keeps a document from being one to run operations from; empty when nothing does."""
    tags = {tag["name"] for tag in document.get("tags", [])}
    return [
        f"{operation.get('operationId', '?')}: no {what}"
        for _, operation in operations(document)
        for what in _lacking(operation, tags)
    ]


def _lacking(operation: dict[str, Any], tags: set[str]) -> Iterator[str]:
    yield from (what for what in ("summary", "description") if not operation.get(what))
    if not operation.get("tags") or not tags.issuperset(operation["tags"]):
        yield "tag that the document describes"
    if "security" not in operation:
        yield "security, not even none"
    for parameter in operation.get("parameters", []):
        if not parameter.get("description"):
            yield f"description of {parameter['name']}"
    responses = operation["responses"]
    yield from (
        f"description of {status}"
        for status, one in responses.items()
        if not one.get("description")
    )
    for place, one in {"the body": operation.get("requestBody", {}), **responses}.items():
        for content in one.get("content", {}).values():
            if not (content.get("example") or content.get("examples")):
                yield f"example of {place}"
    if not any(MEDIA_TYPE in one.get("content", {}) for one in responses.values()):
        yield "problem"
