"""One client's connection through a line: two pumps, opened and ended together."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from random import Random
from time import monotonic
from typing import Literal

from services.simulator.bites import Fitting
from services.simulator.channel import Channel
from services.simulator.link import Stream
from services.simulator.proxy.pump import Ending, Pump

ConnectionState = Literal["open", "half_closed", "half_open"]
_LINGER_ZERO = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class ConnectionCount:
    """What one live connection has carried so far."""

    number: int  # 1 for the line's first
    client: str
    age_seconds: float
    upstream_bytes: int
    downstream_bytes: int
    state: ConnectionState = "open"
    biting: tuple[str, ...] = ()  # names of the toxics that bite it


class Connection:
    """seed: decides what its toxics draw, for this connection alone."""

    def __init__(
        self, number: int, client: socket.socket, upstream: socket.socket, seed: str
    ) -> None:
        self.number = number
        self._opened_at = monotonic()
        self._client, self._upstream = client, upstream
        self._client_name = _name(client)
        # Two draws: what one direction carries must not change the other's luck.
        up = Channel("upstream", Random(f"{seed}/up"))
        down = Channel("downstream", Random(f"{seed}/down"), requests=up)
        self._pumps = (
            Pump(up, client, upstream, partial(self._forsake, 0)),
            Pump(down, upstream, client, partial(self._forsake, 1)),
        )
        self._running: list[asyncio.Future[Ending]] = []

    def fit(self, fittings: Iterable[Fitting]) -> None:
        """Obey exactly these fittings from now on."""
        fittings, now = tuple(fittings), monotonic()
        for pump in self._pumps:
            pump.channel.fit(fittings, now)
            pump.wake()

    def counted(self) -> ConnectionCount:
        up, down = (pump.channel for pump in self._pumps)
        return ConnectionCount(
            self.number,
            self._client_name,
            monotonic() - self._opened_at,
            up.passed_bytes,
            down.passed_bytes,
            self._state,
            tuple(dict.fromkeys([*up.biting, *down.biting])),
        )

    @property
    def received_bytes(self) -> Counter[Stream]:
        return Counter({pump.channel.stream: pump.channel.received_bytes for pump in self._pumps})

    @property
    def sent_bytes(self) -> Counter[Stream]:
        return Counter({pump.channel.stream: pump.channel.passed_bytes for pump in self._pumps})

    @property
    def _state(self) -> ConnectionState:
        if any(pump.channel.is_half_open for pump in self._pumps):
            return "half_open"
        return "half_closed" if any(pump.done() for pump in self._running) else "open"

    async def _forsake(self, number: int) -> None:
        """End the receiver's side of one direction; nothing comes back from it either."""
        backward = self._running[1 - number]
        backward.cancel()
        await asyncio.wait([backward])
        reset((self._upstream, self._client)[number])

    async def run(self) -> Ending:
        """Carry both directions until both have finished or one ends it all.

        However it ends, both sockets are closed; cancelled or broken, they are reset.
        """
        pumps = self._running = [asyncio.ensure_future(pump.run()) for pump in self._pumps]
        ending = Ending.RESET
        try:
            ending = await _first_grave_ending(pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            try:
                await asyncio.gather(*pumps, return_exceptions=True)
            finally:  # whoever cut the line may be cancelled in turn, and it be cut again
                for sock in (self._client, self._upstream):
                    reset(sock) if ending is Ending.RESET else sock.close()
        return ending


async def _first_grave_ending(pumps: Iterable[asyncio.Future[Ending]]) -> Ending:
    running = set(pumps)
    while running:
        ended, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for pump in ended:
            if pump.cancelled():
                continue  # Its side was forsaken.
            try:
                ending = pump.result()
            except OSError:
                return Ending.RESET
            if ending is not Ending.FINISHED:
                return ending
    return Ending.FINISHED


def reset(sock: socket.socket) -> None:
    """Close with SO_LINGER 0: the kernel drops what was not sent and emits RST."""
    if sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        sock.close()


def _name(sock: socket.socket) -> str:
    try:
        host, port = sock.getpeername()[:2]
    except OSError:
        return "gone"
    return f"{host}:{port}"
