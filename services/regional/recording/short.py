"""The short way to `PUT /v1/recordings/{recording_id}`: the same door, before FastAPI's routing.

A station's request passes some twenty layers of a framework, which cost twice what the work itself
does. This stands inside the outer door (trace id, deadline, measures) and in front of the rest; it
answers just what the documented operation answers, by the same functions, and lets everything else
pass on to it.
"""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from services.regional.recording.loop import CommitLane
from services.regional.recording.routes import ONE_BYTES_MAX, take_one
from shared.doors.answers import answer, instance_of, refusal_for
from shared.refusals import BodyTooLarge, InternalError, MalformedRequest, Refusal, RequestTooSlow
from shared.roles import Caller, Role

PREFIX = "/v1/recordings/"
TEMPLATE = "/v1/recordings/{recording_id}"
_ROUTE = SimpleNamespace(path=TEMPLATE)
_OFFICERS = frozenset({Role.OFFICER})

Admit = Callable[[str | None, frozenset[Role]], Awaitable[Caller]]


class ShortWay:
    """Wraps an application; takes single recordings, passes everything else on."""

    def __init__(self, app: ASGIApp, lane: CommitLane, admit: Admit) -> None:
        self._app = app
        self._lane = lane
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        recording_id = _recording_id(scope)
        if recording_id is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = _ROUTE
        scope["path_params"] = {"recording_id": recording_id}
        try:
            receipt, is_repeat = await self._take(scope, receive, recording_id)
        except HTTPException:  # the outer door's deadline on the body
            await _refuse(RequestTooSlow(), scope, receive, send)
            return
        except Exception as trouble:
            refusal = refusal_for(trouble)
            if isinstance(refusal, InternalError):
                raise
            await _refuse(refusal, scope, receive, send)
            return
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(receipt)).encode()),
        ]
        if is_repeat:
            headers.append((b"idempotent-replayed", b"true"))
        await send({"type": "http.response.start", "status": 202, "headers": headers})
        await send({"type": "http.response.body", "body": receipt})

    async def _take(self, scope: Scope, receive: Receive, recording_id: UUID) -> tuple[bytes, bool]:
        caller = await self._admit(_header(scope, b"authorization"), _OFFICERS)
        # Refused before it comes; uvicorn has seen to it that a declared length is a number.
        if int(_header(scope, b"content-length") or 0) > ONE_BYTES_MAX:
            raise BodyTooLarge
        body = await _body(receive)
        return await take_one(self._lane, recording_id, body, caller.subject)


def is_work(scope: Scope) -> bool:
    """Recordings and their images: what a station brings, as fast as it can."""
    path: str = scope["path"]
    is_many = scope["method"] == "POST" and path == PREFIX[:-1]
    return is_many or (scope["method"] == "PUT" and path.startswith(PREFIX))


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    await answer(refusal, instance_of(scope))(scope, receive, send)


def _recording_id(scope: Scope) -> UUID | None:
    """The id of a request that is plainly this operation's; None for anything doubtful."""
    if scope["type"] != "http" or scope["method"] != "PUT":
        return None
    path: str = scope["path"]
    if not path.startswith(PREFIX) or len(path) != len(PREFIX) + 36:
        return None
    if _header(scope, b"content-type") != "application/json":
        return None
    text = path[len(PREFIX) :]
    try:
        recording_id = UUID(text)
    except ValueError:
        return None
    # UUID() reads braces and odd hyphens, too; the documented door does not.
    return recording_id if str(recording_id) == text.lower() else None


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


async def _body(receive: Receive) -> bytes:
    """Refuses: BodyTooLarge, MalformedRequest."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MalformedRequest  # half a body; nobody is there to read this
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > ONE_BYTES_MAX:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return b"".join(parts) if len(parts) > 1 else parts[0]
