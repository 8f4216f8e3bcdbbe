"""Run a service: one uvicorn server that drains before it stops and waits for nobody for ever."""

import asyncio
import gc
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.files import write_whole
from shared.settings import ServiceSettings

KEEP_ALIVE_SECONDS = 30
WAITING_SECONDS_MAX = 15
HEAD_BYTES_MAX = 65_536
BACKLOG = 2_048
# Beyond the requests that get a place: refusing needs a connection, and so does health.
SPARE_CONNECTIONS = 64
START_POLL_SECONDS = 0.02


class Draining:
    """Set once, when the process was asked to stop: long polls answer, readiness ends."""

    def __init__(self) -> None:
        self._is_set = False

    def begin(self) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    async def check(self) -> None:
        """A readiness check. Raises while draining."""
        if self._is_set:
            raise ConnectionAbortedError


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 whose request heads end, and whose unread rests of answered requests do, too.

    uvicorn's own timer runs between requests only: a head sent a byte a minute, or a body without
    end behind an answer, would keep its connection for ever.
    """

    _is_in_head = True
    _is_in_message = True
    _head_bytes = 0
    _waiting_since: float | None = None

    def on_message_begin(self) -> None:
        self._is_in_head = self._is_in_message = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._head_bytes = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_in_message = False
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX and not self.transport.is_closing():
                self.send_400_response("The head of the request is too long.")

    def close_if_late(self, now: float) -> None:
        """Call now and then: closes what has kept us waiting for more than WAITING_SECONDS_MAX."""
        is_rest = self._is_in_message and self.cycle is not None and self.cycle.response_complete
        if not self._is_in_head and not is_rest:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = now
        elif now - self._waiting_since > WAITING_SECONDS_MAX:
            self.transport.close()


class DrainingServer(uvicorn.Server):
    """Begins draining with the first signal: lifespan shutdown would come after open polls end."""

    def __init__(self, config: uvicorn.Config, draining: Draining) -> None:
        super().__init__(config)
        self._draining = draining

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._draining.begin()
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedProtocol):
                    connection.close_if_late(now)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._draining.begin()
        await super().shutdown(sockets)
        # Stopped in order, as asked: raised again, SIGTERM would end us before the database does.
        self._captured_signals = [sig for sig in self._captured_signals if sig != signal.SIGTERM]


def run(
    make_app: Callable[[Draining], FastAPI],
    settings: ServiceSettings,
    port_file: Path | None = None,
) -> None:
    """Serve until a signal; returns after everything accepted was answered.

    port_file: the real address is written there once requests are taken (for port 0).
    Raises OSError when the address cannot be listened on; KeyboardInterrupt after Ctrl-C, drained.
    """
    draining = Draining()
    listener = _listen(settings.host, settings.port)
    config = uvicorn.Config(
        make_app(draining),
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        backlog=BACKLOG,
        limit_concurrency=settings.connections_max + SPARE_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_seconds_max,
    )
    server = DrainingServer(config, draining)

    async def serve() -> None:
        announcing = asyncio.create_task(_announce(server, _address(listener), port_file))
        try:
            await server.serve(sockets=[listener])
        finally:
            announcing.cancel()

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(serve())


def _listen(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def tune_collector() -> None:
    """Call it once a process has started: what is there now lives as long as it does."""
    gc.collect()
    gc.freeze()
    # Rare enough to cost little, often enough that megabyte bodies held in cycles do not pile up.
    gc.set_threshold(25_000, 10, 20)


async def _announce(server: uvicorn.Server, address: str, port_file: Path | None) -> None:
    while not server.started:
        await asyncio.sleep(START_POLL_SECONDS)
    tune_collector()
    if port_file is not None:
        write_whole(port_file, address)
    print(f"ready at {address}  (API pages: {address}/docs)", file=sys.stderr, flush=True)  # noqa: T201
