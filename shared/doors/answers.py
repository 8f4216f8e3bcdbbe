"""Turn what was raised into a problem document; tell database trouble apart by SQLSTATE."""

from collections.abc import Callable, Mapping

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from shared.database.engine import REPEATABLE_STATES, sqlstate
from shared.refusals import (
    MEDIA_TYPE,
    BodyTooLarge,
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
_BY_STATE: dict[str, Callable[[], Refusal]] = {
    "53100": StorageFull,
    "25006": StorageReadOnly,
    "53300": TooBusy,
    "57014": TooBusy,
    "55P03": TooBusy,
}


def answer(refusal: Refusal, instance: str | None) -> Response:
    return Response(
        orjson.dumps(problem_of(refusal, instance)),
        status_code=refusal.status,
        media_type=MEDIA_TYPE,
        headers=refusal.headers,
    )


def refusal_for(trouble: Exception) -> Refusal:
    """What to say for something that is not a refusal: the world's failure, or a bug."""
    if isinstance(trouble, Refusal):
        return trouble
    if isinstance(trouble, PoolTimeout):
        return TooBusy()
    if isinstance(trouble, DBAPIError):
        state = sqlstate(trouble) or ""
        if state in REPEATABLE_STATES:
            return TooBusy()
        if state in _BY_STATE:
            return _BY_STATE[state]()
        if (
            state.startswith(("08", "57P", "53"))
            or trouble.connection_invalidated
            or isinstance(trouble, InterfaceError)
        ):
            return DatabaseUnavailable()
    # Absent at boot or gone: asyncpg raises these bare, before SQLAlchemy can wrap them.
    if isinstance(trouble, OSError | TimeoutError):
        return DatabaseUnavailable()
    return InternalError()


def install(app: FastAPI) -> None:
    """Put problem documents in the place of FastAPI's own answers."""

    async def refused(request: Request, refusal: Exception) -> Response:
        return answer(refusal_for(refusal), request.url.path)

    async def misread(request: Request, faults: Exception) -> Response:
        assert isinstance(faults, RequestValidationError)
        refusal = InvalidInput.from_errors(
            [error for error in faults.errors() if isinstance(error, Mapping)], drop=0
        )
        return answer(refusal, request.url.path)

    async def not_ours(request: Request, trouble: Exception) -> Response:
        assert isinstance(trouble, HTTPException)
        kind = _BY_STATUS.get(trouble.status_code, MalformedRequest)
        refusal = kind()
        refusal.headers.update(trouble.headers or {})
        return answer(refusal, request.url.path)

    async def failed(request: Request, trouble: Exception) -> Response:
        refusal = refusal_for(trouble)
        if isinstance(refusal, InternalError):
            log.error("request.failed", trouble=type(trouble).__name__, exc_info=trouble)
        else:
            log.warning("request.world_failed", trouble=type(trouble).__name__, code=refusal.code)
        return answer(refusal, request.url.path)

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, misread)
    app.add_exception_handler(HTTPException, not_ours)
    # Named apart from Exception: Starlette raises again after its last-resort handler has answered.
    app.add_exception_handler(DBAPIError, failed)
    app.add_exception_handler(PoolTimeout, failed)
    app.add_exception_handler(OSError, failed)
    app.add_exception_handler(Exception, failed)
