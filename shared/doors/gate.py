"""The outermost door, in pure ASGI: trace id, deadline on the body, size refusals, and the measure."""

import asyncio
import re
import time
from secrets import token_hex
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.doors.answers import answer
from shared.refusals import BodyTooLarge, RequestTooSlow
from shared.telemetry.metrics import REQUEST_SECONDS

_TRACEPARENT = re.compile(rb"^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
_REQUEST_ID = re.compile(rb"^[A-Za-z0-9._-]{1,64}$")
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]


class OuterDoor:
    """Wraps an application; costs a few microseconds a request."""

    def __init__(self, app: ASGIApp, body_seconds_max: float) -> None:
        self._app = app
        self._body_seconds_max = body_seconds_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace_id = _trace_id(scope)
        structlog.contextvars.bind_contextvars(trace_id=trace_id)
        started = time.perf_counter()
        status = 500
        has_answered = False

        async def timed_receive() -> Message:
            # The whole body must be here in time: a byte a second would hold a place for ever.
            left = self._body_seconds_max - (time.perf_counter() - started)
            if has_answered:
                return await receive()
            try:
                async with asyncio.timeout(max(left, 0.0)):
                    return await receive()
            except TimeoutError:
                raise RequestTooSlow from None

        async def noted_send(message: Message) -> None:
            nonlocal status, has_answered
            if message["type"] == "http.response.start":
                status = message["status"]
                has_answered = True
                if status == 413 and not _is_problem(message):
                    # FastAPI's limiter answers by itself: say it in our words.
                    await answer(BodyTooLarge(), scope["path"])(scope, receive, noted_send)
                    return
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in _SECURITY if not _has(message, pair[0])),
                    (b"x-request-id", trace_id.encode()),
                ]
            elif status == 413 and message.get("body", b"").startswith(b'{"detail"'):
                return
            await send(message)

        try:
            await self._app(scope, timed_receive, noted_send)
        finally:
            route: Any = scope.get("route")
            REQUEST_SECONDS.labels(
                getattr(route, "path", "other"), scope["method"], str(status)
            ).observe(time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("trace_id")


def _trace_id(scope: Scope) -> str:
    """The caller's own id if it is one, else a new one."""
    for name, value in scope["headers"]:
        if name == b"traceparent" and (match := _TRACEPARENT.match(value)):
            return match.group(1).decode()
        if name == b"x-request-id" and _REQUEST_ID.match(value):
            return str(value.decode())
    return token_hex(16)


def _has(message: Message, name: bytes) -> bool:
    return any(key.lower() == name for key, _ in message["headers"])


def _is_problem(message: Message) -> bool:
    return any(
        key.lower() == b"content-type" and value.startswith(b"application/problem+json")
        for key, value in message["headers"]
    )
