"""The outermost door, in pure ASGI: trace id, places, limits, deadlines, and the measure."""

import asyncio
import re
import time
from random import getrandbits
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.doors.answers import answer, instance_of
from shared.doors.deadline import within
from shared.doors.guard import ALWAYS_LET_IN, Guard, Visitor
from shared.refusals import (
    MEDIA_TYPE,
    BodyTooLarge,
    EncodedBody,
    InternalError,
    Refusal,
    TooBusy,
)
from shared.telemetry.metrics import REQUEST_SECONDS
from shared.telemetry.traces import current_trace_id
from shared.visits import begin

METHODS = frozenset({"GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"})
# An id we take over from a caller ends in logs: it has the shape of ours, so it cannot be a NIK.
_TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_REQUEST_ID = re.compile(rb"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SECURITY = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    # Browsers heed it over TLS alone; an office's front server ends that.
    b"strict-transport-security": b"max-age=31536000; includeSubDomains",
    # For whatever brings no policy of its own: it is data, and loads, runs and frames nothing.
    b"content-security-policy": b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
}
# Browsers show these by a viewer of their own, which a policy of the answer would stop.
_VIEWED = (b"content-type", b"application/pdf")

log = structlog.get_logger()


class OuterDoor:
    """Stands around everything else, so that each answer passes it; costs some microseconds."""

    def __init__(
        self,
        app: ASGIApp,
        guard: Guard,
        body_seconds_max: float,
        requests_max: int,
        is_traced: bool,
    ) -> None:
        """requests_max: at once; more are refused (TooBusy), except questions of health."""
        self._app = app
        self._guard = guard
        self._body_seconds_max = body_seconds_max
        self._requests_max = requests_max
        self._is_traced = is_traced
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace_id = (current_trace_id() if self._is_traced else None) or _trace_id(scope)
        bound = structlog.contextvars.bind_contextvars(trace_id=trace_id)
        visitor = self._guard.enter(scope)
        begin(visitor)
        visit = _Visit(self, visitor, receive, send, trace_id)
        self._inside += 1
        try:
            if (refusal := self._refusal(scope, visitor)) is not None:
                await visit.refuse(refusal)
            else:
                await self._app(scope, visit.receive, visit.send)
        except Exception as bug:
            # Answered means logged, too: the server need not hear of it again.
            if visit.status is None:
                log.exception("request.failed", trouble=type(bug).__name__)
                await visit.refuse(InternalError())
        finally:
            self._inside -= 1
            visitor.leave()
            visit.measure()
            structlog.contextvars.reset_contextvars(**bound)

    def _refusal(self, scope: Scope, visitor: Visitor) -> Refusal | None:
        """What is refused before anything of a request is read."""
        # A server with no place left must still be able to say so.
        if self._inside > self._requests_max and scope["path"] not in ALWAYS_LET_IN:
            return TooBusy()
        if (refusal := visitor.refused_at_door()) is not None:
            return refusal
        return EncodedBody() if _is_encoded(scope) else None

    async def hold(self) -> None:
        """Keep an answer back for a while. Whoever is held takes no place from anybody."""
        self._inside -= 1
        try:
            await asyncio.sleep(self._guard.hold())
        finally:
            self._guard.let_go()
            self._inside += 1

    @property
    def body_seconds_max(self) -> float:
        return self._body_seconds_max


class _Visit:
    """One request on its way through the door."""

    __slots__ = (
        "_body_is_here",
        "_deadline",
        "_door",
        "_is_replaced",
        "_scope",
        "_started",
        "_take",
        "_tell",
        "_trace",
        "_visitor",
        "status",
    )

    def __init__(
        self, door: OuterDoor, visitor: Visitor, receive: Receive, send: Send, trace_id: str
    ) -> None:
        self._door = door
        self._visitor = visitor
        self._scope = visitor.scope
        self._take = receive
        self._tell = send
        self._trace = trace_id.encode()
        self._started = time.perf_counter()
        self._deadline = self._started + door.body_seconds_max
        self._body_is_here = False
        self.status: int | None = None
        self._is_replaced = False

    async def receive(self) -> Message:
        """The next part of the body. Raises HTTPException 408 when it is not here in time.

        The deadline is for the whole body: a byte a second would hold a place for ever.
        """
        if self._body_is_here or self.status is not None:
            return await self._take()
        try:
            message = await within(self._deadline - time.perf_counter(), self._take())
        except TimeoutError:
            # Not a Refusal: FastAPI would turn it into "400, error parsing the body".
            raise HTTPException(408) from None
        self._body_is_here = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self.status is None:
            headers = message.get("headers", [])
            if message["status"] == 413 and not _is_problem(headers):
                # The limiter answers by itself when a route never read the body: say it our way.
                self._is_replaced = True
                await self.refuse(BodyTooLarge())
                return
            self.status = message["status"]
            if self._visitor.must_be_held():
                await self._door.hold()
            names = {name.lower() for name, _ in headers}
            if _VIEWED in headers:
                names.add(b"content-security-policy")
            message["headers"] = [
                *headers,
                *(pair for pair in _SECURITY.items() if pair[0] not in names),
                (b"x-request-id", self._trace),
            ]
        elif self._is_replaced:
            return
        await self._tell(message)

    async def refuse(self, refusal: Refusal) -> None:
        is_replaced, self._is_replaced = self._is_replaced, False
        await answer(refusal, instance_of(self._scope))(self._scope, self._take, self.send)
        self._is_replaced = is_replaced

    def measure(self) -> None:
        route: Any = self._scope.get("route")
        method = self._scope["method"]
        REQUEST_SECONDS.labels(
            getattr(route, "path", "other"),
            method if method in METHODS else "other",
            str(self.status or "none"),
        ).observe(time.perf_counter() - self._started)


def _trace_id(scope: Scope) -> str:
    """The caller's own id if it is one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"traceparent" and (match := _TRACEPARENT.fullmatch(value)):
            return str(match.group(1).decode())
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return str(value.decode())
    return f"{getrandbits(128):032x}"  # a name, not a secret: the system need not be asked


def _is_encoded(scope: Scope) -> bool:
    """Nothing is unpacked here, so nothing can grow: a body comes as it is."""
    return any(
        name == b"content-encoding" and value.strip().lower() not in (b"", b"identity")
        for name, value in scope["headers"]
    )


def _is_problem(headers: list[tuple[bytes, bytes]]) -> bool:
    kind = MEDIA_TYPE.encode()
    return any(name.lower() == b"content-type" and value == kind for name, value in headers)
