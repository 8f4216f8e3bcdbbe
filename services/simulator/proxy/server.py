"""A line: a listening address that carries connections to an upstream, in any weather."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import Any, Self

import structlog

from services.simulator.link import Stream, Toxic
from services.simulator.mounts import LineEvent, Mounts
from services.simulator.proxy.connection import Connection, ConnectionCount, reset
from services.simulator.proxy.pump import Ending
from services.simulator.weather import Spell

Address = tuple[str, int]

BACKLOG_CONNECTIONS_MAX = 512
ACCEPT_AGAIN_SECONDS = 0.1
CONNECT_SECONDS_MAX = 10.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Tally:
    """What happened on a line since it started."""

    connections: int = 0
    resets: int = 0  # connections ended by RST: cuts, faults, or a side that broke off
    unreachable: int = 0  # connections accepted while the upstream could not be reached
    spells: int = 0
    outages: int = 0
    outages_survived: int = 0  # outages after which the line came back
    spell: Spell | None = None  # the weather now


class Line:
    """One TCP line with faults.

    upstream: where connections go; the name is resolved anew for each one.
    listen: port 0 takes a free port, kept until `stop`, cuts included.
    seed: fixes what toxics draw, connection by connection.
    """

    def __init__(
        self, upstream: Address, *, listen: Address = ("127.0.0.1", 0), seed: int = 0
    ) -> None:
        self.upstream = upstream
        self.listen = listen
        self.tally = Tally()
        self.is_enabled = True
        self.seed = seed
        self._mounts = Mounts()
        self._opened_at = monotonic()
        self._alarm: asyncio.TimerHandle | None = None  # at the next turn of a toxic's term
        self._turning: asyncio.Task[None] | None = None
        self._received_before: Counter[Stream] = Counter()  # by connections that have ended
        self._sent_before: Counter[Stream] = Counter()
        self._socket: socket.socket | None = None
        self._is_open = False
        self._opening: asyncio.TimerHandle | None = None  # after there were no descriptors left
        self._connections: set[Connection] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._switching = asyncio.Lock()

    async def start(self) -> Self:
        """Bind and listen; `listen` then tells the real port. Raises OSError."""
        try:
            await self._bind()
            await self._switch()
        except OSError:
            await self.stop()
            raise
        return self

    async def stop(self) -> None:
        """Stop listening, reset every connection, give the port back."""
        if self._alarm is not None:
            self._alarm.cancel()
        async with self._switching:
            await self._close_door()
            if self._socket is not None:
                self._socket.close()
                self._socket = None

    async def cut(self) -> None:
        """Refuse new connections and reset the live ones."""
        self.is_enabled = False
        self._mounts.tell(monotonic(), "cut")
        await self._switch()

    async def restore(self) -> None:
        """Take connections again, unless a `down` toxic still forbids it."""
        self.is_enabled = True
        self._mounts.tell(monotonic(), "restored")
        await self._switch()

    async def rehang(
        self, *, listen: Address | None = None, upstream: Address | None = None
    ) -> None:
        """Move to other addresses, dropping every connection. Raises OSError."""
        await self.stop()
        self.listen, self.upstream = listen or self.listen, upstream or self.upstream
        self._mounts.tell(monotonic(), "moved")
        await self.start()

    @property
    def is_up(self) -> bool:
        """Whether it takes connections. A blackholed line is up and silent."""
        return self._is_open

    @property
    def connections(self) -> list[ConnectionCount]:
        """The live connections, oldest first."""
        counts = [connection.counted() for connection in self._connections]
        return sorted(counts, key=lambda count: count.number)

    @property
    def toxics(self) -> list[Toxic]:
        """What people mounted, with what is left of its terms.

        The weather's own are in `tally.spell`.
        """
        return self._mounts.toxics(monotonic())

    @property
    def clock_seconds(self) -> float:
        """Seconds since the line was made: the clock of `past` and `coming`."""
        return monotonic() - self._opened_at

    @property
    def past(self) -> list[LineEvent]:
        """What has happened to the line, oldest first; the latest `EVENTS_KEPT`."""
        return [self._on_own_clock(event) for event in self._mounts.events]

    @property
    def coming(self) -> list[LineEvent]:
        """Which toxics begin or expire later, soonest first."""
        return [self._on_own_clock(event) for event in self._mounts.coming(monotonic())]

    @property
    def received_bytes(self) -> Counter[Stream]:
        """Bytes senders have handed in, by direction, since the line started."""
        live = self._connections
        return self._received_before + sum((one.received_bytes for one in live), Counter())

    @property
    def sent_bytes(self) -> Counter[Stream]:
        """Bytes handed on to receivers, by direction, since the line started."""
        live = self._connections
        return self._sent_before + sum((one.sent_bytes for one in live), Counter())

    @property
    def fired(self) -> dict[str, int]:
        """How many connections, of HTTP toxics answers, each toxic has bitten so far, by name.

        Of people's toxics and the weather's, since the line started; one that never bit is absent.
        """
        return self._mounts.fired

    async def apply(self, toxics: Iterable[Toxic]) -> None:
        """Mount exactly these toxics, live. One mounted already under its name carries on."""
        self._mounts.mount(toxics, monotonic())
        await self._switch()

    async def obey(self, spell: Spell | None) -> None:
        """Let the weather be so, beside whatever people mounted; None is no weather at all."""
        self._mounts.obey(spell.toxics if spell else (), monotonic())
        if spell is not None:
            self._mounts.tell(monotonic(), "weather", spell.state)
        was_outage = self.tally.spell is not None and self.tally.spell.is_outage
        await self._switch()
        is_outage = spell is not None and spell.is_outage
        self.tally.spells += spell is not None
        self.tally.outages += is_outage and not was_outage
        self.tally.outages_survived += was_outage and not is_outage
        self.tally.spell = spell

    async def follow(self, forecast: Iterable[Spell], *, speed: float = 1.0) -> None:
        """Obey a forecast in real time, `speed` times faster; toxics keep their strength.

        Returns after the last spell and leaves no weather behind, also when cancelled.
        """
        started_at = monotonic()
        try:
            for spell in forecast:
                await self.obey(spell)
                left = spell.ends_at_seconds / speed - (monotonic() - started_at)
                await asyncio.sleep(max(0.0, left))
        finally:
            await self.obey(None)

    async def _bind(self) -> None:
        host, port = self.listen
        found = await asyncio.get_running_loop().getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        first = _bound(family, kind, protocol, address)
        self.listen = (host, first.getsockname()[1])
        if port == 0:
            # Linux takes a port it chose itself back when listening stops; one asked for stays.
            with first:
                first = _bound(family, kind, protocol, first.getsockname())
        self._socket = first

    async def _switch(self) -> None:
        """Bring door and connections in line with what is enabled and mounted."""
        async with self._switching:  # People and weather may both be at it.
            fittings = list(self._mounts.biting(monotonic()))
            downs = [fitting for fitting in fittings if fitting.toxic.type == "down"]
            for fitting in downs:
                fitting.fired += len(self._running)
            is_down = bool(downs)
            if is_down or not self.is_enabled:
                await self._close_door()
            elif not self._is_open:
                await self._open_door()
            for connection in self._connections:
                connection.fit(fittings)
        self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if turns := self.coming:
            left_seconds = max(0.0, turns[0].at - self.clock_seconds)
            self._alarm = asyncio.get_running_loop().call_later(left_seconds, self._turn)

    def _turn(self) -> None:
        self._turning = asyncio.create_task(self._keep_terms())

    async def _keep_terms(self) -> None:
        self._mounts.keep_terms(monotonic())
        await self._switch()

    def _on_own_clock(self, event: LineEvent) -> LineEvent:
        return replace(event, at=event.at - self._opened_at)

    async def _open_door(self) -> None:
        if self._socket is None:
            await self._bind()
        assert self._socket is not None
        self._socket.listen(BACKLOG_CONNECTIONS_MAX)
        self._is_open = True
        self._wait_for_callers()

    def _wait_for_callers(self) -> None:
        # Not by `sock_accept`: cancelled in the moment a caller comes, it loses his socket.
        assert self._socket is not None
        self._opening = None
        asyncio.get_running_loop().add_reader(self._socket, self._accept, self._socket)

    async def _close_door(self) -> None:
        """A stopped listener stays bound, or a client's socket could be given its port."""
        if self._is_open and self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            if self._opening is not None:
                self._opening.cancel()
                self._opening = None
            self._is_open = False
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:  # Not Linux: give the socket up and bind anew later.
                self._socket.close()
                self._socket = None
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    def _accept(self, door: socket.socket) -> None:
        """One caller; the next is told of at the loop's next turn."""
        loop = asyncio.get_running_loop()
        try:
            client, _ = door.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # he hung up before
        except OSError as error:  # No file descriptors left: some will come free.
            log.warning("line_accept_failed", error=type(error).__name__, errno=error.errno)
            loop.remove_reader(door)
            self._opening = loop.call_later(ACCEPT_AGAIN_SECONDS, self._wait_for_callers)
            return
        client.setblocking(False)
        self.tally.connections += 1
        task = asyncio.create_task(self._carry(client, self.tally.connections))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        # A task cancelled before its first step would leave the client hanging.
        task.add_done_callback(partial(_hang_up, client))

    async def _carry(self, client: socket.socket, number: int) -> None:
        try:
            upstream = await self._reach_upstream()
        except (OSError, TimeoutError):
            self.tally.unreachable += 1
            reset(client)
            return
        except asyncio.CancelledError:
            reset(client)
            raise
        for sock in (client, upstream):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(number, client, upstream, f"{self.seed}/{number}")
        connection.fit(self._mounts.biting(monotonic()))
        self._connections.add(connection)
        ending = Ending.RESET
        try:
            ending = await connection.run()
        finally:
            self._connections.discard(connection)
            self._received_before += connection.received_bytes
            self._sent_before += connection.sent_bytes
            self.tally.resets += ending is Ending.RESET

    async def _reach_upstream(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        host, port = self.upstream
        async with asyncio.timeout(CONNECT_SECONDS_MAX):
            for family, kind, protocol, _, address in await loop.getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            ):
                sock = socket.socket(family, kind, protocol)
                sock.setblocking(False)
                try:
                    await loop.sock_connect(sock, address)
                except OSError:
                    sock.close()
                except asyncio.CancelledError:
                    sock.close()
                    raise
                else:
                    return sock
        raise ConnectionRefusedError


def _bound(family: int, kind: int, protocol: int, address: tuple[Any, ...]) -> socket.socket:
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


def _hang_up(client: socket.socket, _: asyncio.Task[None]) -> None:
    reset(client)
