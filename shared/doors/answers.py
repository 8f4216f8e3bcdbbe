"""Turn what was raised into a problem document; tell database trouble apart by SQLSTATE."""

import errno
import re
from collections.abc import Mapping

import asyncpg
import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import Scope

from shared.database.engine import REPEATABLE_STATES
from shared.refusals import (
    MEDIA_TYPE,
    BodyTooLarge,
    BusyTryAgain,
    DatabaseUnavailable,
    InternalError,
    InvalidInput,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    Refusal,
    RequestTooSlow,
    StorageFull,
    StorageReadOnly,
    TooBusy,
    UnsupportedMediaType,
    problem_of,
)

log = structlog.get_logger()

_BY_STATUS: dict[int, type[Refusal]] = {
    400: MalformedRequest,
    404: NotFound,
    405: MethodNotAllowed,
    408: RequestTooSlow,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
    422: InvalidInput,
}
_NOT_LET_IN = frozenset({401, 403})
_BY_STATE: dict[str, type[Refusal]] = {
    "53100": StorageFull,
    "25006": StorageReadOnly,
    "57014": TooBusy,  # a statement ran into its time limit
    "55P03": TooBusy,  # so did waiting for a lock
    "53300": TooBusy,  # PostgreSQL has no connection to spare
    **dict.fromkeys(REPEATABLE_STATES, BusyTryAgain),
}
# Connection trouble, shutdown and start-up, out of resources, no such database or account.
_UNAVAILABLE_STATES = ("08", "57P", "53", "58", "3D", "28")
_BY_ERRNO: dict[int, type[Refusal]] = {
    errno.ENOSPC: StorageFull,
    errno.EDQUOT: StorageFull,
    errno.EROFS: StorageReadOnly,
}
# What a path may hold beside our own words: ids of ours. A NIK has 16 digits in a row and is none.
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{2}(\.[0-9]{2,4}){0,3}")


def answer(refusal: Refusal, instance: str | None) -> Response:
    """The problem document. Whoever was not let in stands in the log: which door, and why not."""
    if refusal.status in _NOT_LET_IN:
        log.warning("request.not_let_in", code=refusal.code, door=instance)
    return Response(
        orjson.dumps(problem_of(refusal, instance)),
        status_code=refusal.status,
        media_type=MEDIA_TYPE,
        headers=refusal.headers,
    )


def instance_of(scope: Scope) -> str | None:
    """The path that was asked, with "_" for each word that is neither ours nor an id of ours.

    None when no route of ours took the request: then the path is only what a client made up.
    """
    template = getattr(scope.get("route"), "path", None)
    if not isinstance(template, str):
        return None
    ours = set(template.split("/"))
    parts = scope["path"].split("/")
    return "/".join(part if part in ours or _ID.fullmatch(part) else "_" for part in parts)


def methods_of(app: FastAPI, scope: Scope) -> set[str]:
    """What an address takes, by all operations of its path: the router names those of one alone."""
    plain = {"type": "http", "method": scope["method"], "path": scope["path"]}
    found: dict[str, set[str]] = {}
    for route in iter_route_contexts(app.routes):
        if route.path and route.methods and route.matches(dict(plain))[0] is not Match.NONE:
            found.setdefault(route.path, set()).update(route.methods)
    # `/recordings/search` is an address of its own beside `/recordings/{recording_id}`.
    return found[min(found, key=lambda path: path.count("{"))] if found else set()


def refusal_for(trouble: Exception) -> Refusal:
    """What to say for something that is not a refusal: the world's failure, or a bug."""
    if isinstance(trouble, Refusal):
        return trouble
    if isinstance(trouble, PoolTimeout):
        return TooBusy()
    if isinstance(trouble, DBAPIError):
        if trouble.connection_invalidated or isinstance(trouble, InterfaceError):
            return DatabaseUnavailable()
        return _refusal_for_state(getattr(trouble.orig, "sqlstate", None))
    # While connecting, asyncpg's and the system's own errors arrive unwrapped.
    if isinstance(trouble, asyncpg.InterfaceError):
        return DatabaseUnavailable()
    if isinstance(trouble, asyncpg.PostgresError):
        return _refusal_for_state(trouble.sqlstate)
    if isinstance(trouble, OSError):
        return _BY_ERRNO.get(trouble.errno or 0, DatabaseUnavailable)()
    return InternalError()


def _refusal_for_state(state: object) -> Refusal:
    if not isinstance(state, str):
        return InternalError()
    if state in _BY_STATE:
        return _BY_STATE[state]()
    return DatabaseUnavailable() if state.startswith(_UNAVAILABLE_STATES) else InternalError()


def install(app: FastAPI) -> None:
    """Put problem documents in the place of FastAPI's own answers."""

    async def refused(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        return answer(refusal, instance_of(request.scope))

    async def misread(request: Request, faults: Exception) -> Response:
        assert isinstance(faults, RequestValidationError)
        refusal = InvalidInput.from_errors(
            [error for error in faults.errors() if isinstance(error, Mapping)]
        )
        return answer(refusal, instance_of(request.scope))

    async def not_ours(request: Request, trouble: Exception) -> Response:
        assert isinstance(trouble, HTTPException)
        kind = _BY_STATUS.get(trouble.status_code, MalformedRequest)
        refusal = kind()
        refusal.headers.update(trouble.headers or {})
        if kind is MethodNotAllowed:
            refusal.headers["Allow"] = ", ".join(sorted(methods_of(app, request.scope)))
        return answer(refusal, instance_of(request.scope))

    async def left(request: Request, _: Exception) -> Response:
        # Bad lines do this all day: it is no fault of the program, and nobody reads the answer.
        return answer(MalformedRequest(), instance_of(request.scope))

    async def failed(request: Request, trouble: Exception) -> Response:
        refusal = refusal_for(trouble)
        if isinstance(refusal, InternalError):
            log.error("request.failed", trouble=type(trouble).__name__, exc_info=trouble)
        else:
            log.warning("request.world_failed", trouble=type(trouble).__name__, code=refusal.code)
        return answer(refusal, instance_of(request.scope))

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, misread)
    app.add_exception_handler(HTTPException, not_ours)
    app.add_exception_handler(ClientDisconnect, left)
    # Named apart from Exception: Starlette raises again after its last-resort handler has answered.
    app.add_exception_handler(DBAPIError, failed)
    app.add_exception_handler(PoolTimeout, failed)
    app.add_exception_handler(asyncpg.PostgresError, failed)
    app.add_exception_handler(asyncpg.InterfaceError, failed)
    app.add_exception_handler(OSError, failed)
    app.add_exception_handler(Exception, failed)
