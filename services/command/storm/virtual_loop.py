"""An event loop whose clock is virtual, with real PostgreSQL as an oracle that takes no time.

While any connection waits for PostgreSQL the clock stands still. Answers are kept back until all
connections have theirs whole, then given in the order in which the connections were made: neither
the machine's speed nor the number of packets can be seen by what runs here. A connection that waits
for another one's lock waits on; PostgreSQL itself tells which do.
"""

import asyncio
import selectors
import socket
import struct
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg

LOOK_SECONDS = 0.01  # of real time, between two questions about locks
PATIENCE_LOOKS = 6_000
IDLE_FOR_EVER_SECONDS = 3600.0
WAITING_FOR_LOCKS = (
    "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1) AND wait_event_type = 'Lock'"
)
# One that waits for a lock sees that its client is gone when it gets the lock.
ALIVE = (
    "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1)"
    " AND wait_event_type IS DISTINCT FROM 'Lock'"
)

# What goes out and is answered by one ReadyForQuery; what asyncpg flushes is answered without.
# A farewell is answered by the end.
_SYNC = (b"S"[0], b"Q"[0], b"X"[0])
_FLUSH = b"H"[0]
_READY, _KEY = b"Z"[0], b"K"[0]
_DESCRIBED = (b"T"[0], b"n"[0], b"E"[0])


class Stuck(Exception):
    """PostgreSQL did not answer for a minute of real time."""


class Witness:
    """A connection of its own thread: asked from inside the loop, it blocks the whole loop."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("+asyncpg", "")
        self._thread = ThreadPoolExecutor(1)
        self._runner: asyncio.Runner | None = None
        self._connection: asyncpg.Connection | None = None

    def count(self, statement: str, pids: Iterable[int]) -> int:
        return self._thread.submit(self._count, statement, sorted(pids)).result()

    def close(self) -> None:
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _count(self, statement: str, pids: list[int]) -> int:
        if self._runner is None:
            self._runner = asyncio.Runner(loop_factory=asyncio.SelectorEventLoop)
        return int(self._runner.run(self._ask(statement, pids)))

    async def _ask(self, statement: str, pids: list[int]) -> Any:
        if self._connection is None:
            self._connection = await asyncpg.connect(self._url)
        return await self._connection.fetchval(statement, pids)

    def _close(self) -> None:
        if self._runner is not None:
            if self._connection is not None:
                self._runner.run(self._connection.close())
            self._runner.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """`witness` must be given before two transactions may wait for one another."""

    def __init__(self) -> None:
        self.witness: Witness | None = None
        self.answers = 0  # of PostgreSQL, given so far
        self.lock_waits = 0
        self._now = 0.0
        self._wires: dict[int, _Wire] = {}  # by number, those that are open
        self._made = 0
        self._alarms: list[tuple[int, asyncio.Future[None]]] = []
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds

    async def after_answers(self, count: int) -> None:
        """Wait for PostgreSQL's `count`-th answer from now: the midst of somebody's work."""
        alarm = self.create_future()
        self._alarms.append((self.answers + count, alarm))
        await alarm

    def break_off(self, pids: Collection[int]) -> None:
        """Cut connections as the kernel does for a killed process; back when PostgreSQL knows."""
        for _, wire in sorted(self._wires.items()):
            if wire.pid in pids:
                wire.abort()
        if self.witness is None or not pids:
            return
        for _ in range(PATIENCE_LOOKS):
            if not self.witness.count(ALIVE, pids):
                return
        raise Stuck

    async def create_unix_connection(
        self, protocol_factory: Any, path: Any = None, **options: Any
    ) -> Any:
        self._made += 1
        wire = _Wire(self, self._made, protocol_factory())
        transport, _ = await super().create_unix_connection(lambda: wire, path, **options)
        return transport, wire.inner

    def run_in_executor(  # type: ignore[override]  # typeshed's is generic in what it gives
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> Any:
        """At once: a thread would take real time, which is none here."""
        del executor
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as trouble:  # noqa: BLE001 it is the caller's
            done.set_exception(trouble)
        return done

    def opened(self, wire: "_Wire") -> None:
        self._wires[wire.number] = wire

    def closed(self, wire: "_Wire") -> None:
        self._wires.pop(wire.number, None)

    def is_waiting(self) -> bool:
        return any(wire.owed or wire.kept for wire in self._wires.values())

    def may_give(self, *, is_quiet: bool) -> bool:
        """Whether every answer is here that will come before others have been given."""
        owing = [wire for wire in self._wires.values() if wire.owed]
        if not owing:
            return True
        if not is_quiet or self.witness is None:
            return False
        if not any(wire.kept and not wire.owed for wire in self._wires.values()):
            return False
        waits = self.witness.count(WAITING_FOR_LOCKS, (wire.pid for wire in owing))
        if waits == len(owing):
            self.lock_waits += 1
        return waits == len(owing)

    def give(self) -> None:
        """Hand over what was kept back, in the order of the connections."""
        for _, wire in sorted(self._wires.items()):
            if wire.kept and not wire.owed:
                self.answers += 1
                self.call_soon(wire.give)
        for alarm in [one for one in self._alarms if one[0] <= self.answers]:
            self._alarms.remove(alarm)
            if not alarm[1].done():
                self.call_soon(_ring, alarm[1])


def _ring(alarm: asyncio.Future[None]) -> None:
    if not alarm.done():
        alarm.set_result(None)


class _Selector(selectors.DefaultSelector):
    """Decides what an instant is: nothing runnable, nothing owed; only then the clock moves."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop
        self._looks = 0

    def select(self, timeout: float | None = None) -> Any:
        loop = self._loop
        if timeout is not None and timeout <= 0:
            return self._ready(0)  # something is runnable: it comes first
        if not loop.is_waiting():
            self._looks = 0
            if ready := self._ready(0):
                return ready
            loop.advance(IDLE_FOR_EVER_SECONDS if timeout is None else timeout)
            return []
        ready = [] if loop.may_give(is_quiet=False) else self._ready(LOOK_SECONDS)
        if ready:
            self._looks = 0
            return ready
        if loop.may_give(is_quiet=True):
            self._looks = 0
            loop.give()
            return []
        self._looks += 1
        if self._looks > PATIENCE_LOOKS:
            raise Stuck
        return []

    def _ready(self, seconds: float) -> Any:
        return sorted(super().select(seconds), key=lambda event: event[0].fd)


class _Wire(asyncio.Protocol):
    """Counts what was asked of PostgreSQL, and keeps its answers until they are whole."""

    def __init__(self, loop: VirtualLoop, number: int, inner: Any) -> None:
        self.inner = inner
        self.number = number
        self.pid = 0
        self.kept = bytearray()
        self._loop = loop
        self._syncs, self._flushes = 1, 0  # the greeting ends with a ReadyForQuery
        self._out, self._in = bytearray(), bytearray()
        self._is_greeted = False
        self._transport: Any = None

    @property
    def owed(self) -> bool:
        return bool(self._syncs or self._flushes)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._loop.opened(self)
        self.inner.connection_made(_Tap(transport, self.went_out))

    def abort(self) -> None:
        """Gone now: the transport itself would close its socket a turn later."""
        self._transport.abort()
        self._transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def give(self) -> None:
        kept, self.kept = bytes(self.kept), bytearray()
        if kept:
            self.inner.data_received(kept)

    def went_out(self, data: bytes) -> None:
        self._out += data
        while True:
            head = 1 if self._is_greeted else 0
            if (length := _whole(self._out, head)) is None:
                return
            if head:
                self._syncs += self._out[0] in _SYNC
                self._flushes += self._out[0] == _FLUSH
            self._is_greeted = True
            del self._out[:length]

    def data_received(self, data: bytes) -> None:
        self.kept += data
        self._in += data
        while (length := _whole(self._in, 1)) is not None:
            kind = self._in[0]
            if kind == _READY:
                self._syncs = max(0, self._syncs - 1)
            elif kind == _KEY:
                (self.pid,) = struct.unpack_from("!I", self._in, 5)
            if self._flushes and kind in _DESCRIBED:
                self._flushes -= 1
            del self._in[:length]

    def eof_received(self) -> Any:
        return self.inner.eof_received()

    def connection_lost(self, trouble: Exception | None) -> None:
        self._loop.closed(self)
        self.inner.connection_lost(trouble)

    def pause_writing(self) -> None:
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        self.inner.resume_writing()


class _Tap:
    """A transport that tells what is written."""

    def __init__(self, transport: Any, tell: Callable[[bytes], None]) -> None:
        self._transport = transport
        self._tell = tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: Any) -> None:
        self._tell(bytes(data))
        self._transport.write(data)

    def writelines(self, parts: Iterable[Any]) -> None:
        for part in parts:
            self.write(part)


def _whole(buffer: bytearray, head: int) -> int | None:
    """Length of the message at the buffer's front; None while some of it is missing."""
    if len(buffer) < head + 4:
        return None
    length = int(struct.unpack_from("!I", buffer, head)[0]) + head
    return length if len(buffer) >= length else None
