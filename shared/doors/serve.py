"""Run a service: one uvicorn server that drains before it stops and waits for nobody for ever."""

import asyncio
import gc
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from shared.doors.connections import BoundedConfig, Bounds, bounds_of, end_late
from shared.files import write_whole
from shared.settings import ServiceSettings

BACKLOG = 2_048
# Files, sockets to the database and to others, beside the connections of clients.
SPARE_FILES = 512
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
            end_late(self.server_state.connections, time.monotonic())
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
    # A core file would be irises and names on a disk that nobody looks after.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    draining = Draining()
    listener = _listen(settings.host, settings.port)
    config = BoundedConfig(
        make_app(draining),
        _with_files(bounds_of(settings)),
        loop="uvloop",
        backlog=BACKLOG,
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


def _with_files(bounds: Bounds) -> Bounds:
    """Ask the system for a file for each connection; allow no more of them than it gives.

    Without one, accepting fails, and whoever holds many connections keeps everybody else out.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = bounds.open_max + SPARE_FILES
    if soft != unlimited and soft < wanted:
        soft = wanted if hard == unlimited else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == unlimited or soft >= wanted:
        return bounds
    return replace(bounds, open_max=max(soft // 2, soft - SPARE_FILES))


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
