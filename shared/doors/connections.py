"""Connections that end: late heads, silence, answers nobody reads, and more than there is room for.

uvicorn's own timer runs between requests only: a head sent a byte a minute, a body without end
behind an answer, or an answer that is never read would keep its connection for ever.
"""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.limits import fronts_of, is_among
from shared.settings import ServiceSettings
from shared.telemetry.metrics import CONNECTIONS_CLOSED, CONNECTIONS_OPEN

HEAD_BYTES_MAX = 65_536
# The slowest lines carry four times as much.
READ_BYTES_PER_SECOND_MIN = 500


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a connection may keep us waiting, and how many there may be."""

    head_seconds_max: float = 10.0
    answer_seconds_max: float = 30.0
    idle_seconds_max: float = 30.0
    open_max: int = 4_096
    open_address_max: int = 2_048
    is_front: Callable[[str], bool] = lambda _: False


def bounds_of(settings: ServiceSettings) -> Bounds:
    fronts = fronts_of(settings.trusted_fronts)
    return Bounds(
        head_seconds_max=settings.head_seconds_max,
        answer_seconds_max=settings.answer_seconds_max,
        idle_seconds_max=settings.idle_seconds_max,
        open_max=settings.open_connections_max,
        open_address_max=settings.open_connections_address_max,
        is_front=lambda host: bool(fronts) and is_among(host, fronts),
    )


class Crowd:
    """All open connections of one server, by where they come from, oldest first."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.open = 0
        self._by_host: dict[str, dict[BoundedProtocol, None]] = {}

    def enter(self, newcomer: "BoundedProtocol", host: str) -> None:
        """Let one in; where there is no room, whoever waited longest without a request must go.

        From the address that has most: one that takes all the room takes it from itself. Where
        everybody there is being served, the newcomer goes.
        """
        here = self._by_host.setdefault(host, {})
        is_crowded = len(here) >= self.bounds.open_address_max and not self.bounds.is_front(host)
        if is_crowded or self.open >= self.bounds.open_max:
            most = here if is_crowded else max(self._by_host.values(), key=len)
            leaver = next((one for one in most if one.is_waiting), newcomer)
            leaver.end("number")
        here[newcomer] = None
        self.open += 1

    def leave(self, leaver: "BoundedProtocol", host: str) -> None:
        here = self._by_host.get(host, {})
        if leaver in here:
            del here[leaver]
            self.open -= 1
        if not here:
            self._by_host.pop(host, None)


class BoundedConfig(uvicorn.Config):
    """uvicorn's, with our bounds; made by whoever starts a server."""

    def __init__(self, app: Any, bounds: Bounds, **others: Any) -> None:
        super().__init__(
            app,
            http=BoundedProtocol,
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            # A word of the request on where it comes from is our guard's to judge.
            proxy_headers=False,
            timeout_keep_alive=math.ceil(bounds.idle_seconds_max),
            **others,
        )
        self.crowd = Crowd(bounds)


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 whose heads, silences and answers end in time."""

    _is_in_head = True
    _is_in_message = False
    _head_bytes = 0
    _waiting_since: float | None = None
    _unread: tuple[float, int] | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._waiting_since = time.monotonic()
        self._host = self.client[0] if self.client else ""
        self._crowd.enter(self, self._host)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._crowd.leave(self, self._host)

    def on_message_begin(self) -> None:
        self._is_in_head = self._is_in_message = True
        self._waiting_since = time.monotonic()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._waiting_since = None
        self._head_bytes = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_in_message = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if not self._is_in_head and not self.pipeline:
            self._waiting_since = time.monotonic()
        super().on_response_complete()

    def resume_writing(self) -> None:
        self._unread = None  # nearly all of it was read: what follows has its own time
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response("The head of the request is too long.")

    @property
    def is_waiting(self) -> bool:
        """Nothing of this connection is being served."""
        is_served = self.cycle is not None and not self.cycle.response_complete
        return not is_served and not self.transport.is_closing()

    def end(self, why: str) -> None:
        CONNECTIONS_CLOSED.labels(why).inc()
        # No farewell: whoever keeps us waiting would not read it.
        self.transport.abort()

    def close_if_late(self, now: float) -> None:
        """Call now and then: ends what has kept us waiting for longer than the bounds say."""
        if (why := self._is_late(now)) is not None:
            self.end(why)

    def _is_late(self, now: float) -> str | None:
        bounds = self._crowd.bounds
        if self._is_unread(now, bounds.answer_seconds_max):
            return "answer"
        # What stands behind a request that is being served is not late: we do not read it.
        if self._waiting_since is None or not self.is_waiting:
            return None
        waited = now - self._waiting_since
        if self._is_in_head or self._is_in_message:
            return "head" if waited > bounds.head_seconds_max else None
        return "idle" if waited > bounds.idle_seconds_max else None

    def _is_unread(self, now: float, seconds_max: float) -> bool:
        """Whether an answer has stood in our memory for so long, or been read too slowly."""
        size = self.transport.get_write_buffer_size()
        if not size:
            self._unread = None
            return False
        if self._unread is None:
            self._unread = (now, size)
        since, before = self._unread
        if now - since <= seconds_max:
            return False
        self._unread = (now, size)
        return before - size < seconds_max * READ_BYTES_PER_SECOND_MIN

    @property
    def _crowd(self) -> Crowd:
        assert isinstance(self.config, BoundedConfig)
        return self.config.crowd


def end_late(connections: Iterable[object], now: float) -> None:
    """Look at all of them, about once a second."""
    count = 0
    for connection in list(connections):
        count += 1
        if isinstance(connection, BoundedProtocol):
            connection.close_if_late(now)
    CONNECTIONS_OPEN.set(count)
