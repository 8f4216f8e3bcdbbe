"""Run a service: one uvicorn server that drains before it stops."""

import asyncio
import gc
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from shared.settings import ServiceSettings

KEEP_ALIVE_SECONDS = 30
BACKLOG = 2_048


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


def run(
    make_app: Callable[[Draining], FastAPI],
    settings: ServiceSettings,
    port_file: Path | None = None,
) -> None:
    """Serve until a signal; returns after everything accepted was answered.

    port_file: the real address is written there once requests are taken (for port 0).
    """
    draining = Draining()
    app = make_app(draining)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        backlog=BACKLOG,
        limit_concurrency=settings.connections_max,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_seconds_max,
    )
    server = DrainingServer(config, draining)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((settings.host, settings.port))
    address = f"http://{settings.host}:{listener.getsockname()[1]}"
    # What start-up made lives as long as the process: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)

    async def serve() -> None:
        announcing = asyncio.create_task(_announce(server, address, port_file))
        try:
            await server.serve(sockets=[listener])
        finally:
            announcing.cancel()

    config.get_loop_factory()
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(serve())


async def _announce(server: uvicorn.Server, address: str, port_file: Path | None) -> None:
    while not server.started:
        await asyncio.sleep(0.02)
    print(f"ready at {address}  (API pages: {address}/docs)", file=sys.stderr, flush=True)  # noqa: T201
    if port_file is not None:
        port_file.write_text(address)
