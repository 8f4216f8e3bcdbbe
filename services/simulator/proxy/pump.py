"""Carry one direction of one connection between two sockets, as its channel says."""

import asyncio
import enum
import socket
from collections.abc import Awaitable, Callable
from time import monotonic

from services.simulator.channel import (
    READ_BYTES_MAX,
    Channel,
    Close,
    Deliver,
    Finish,
    Forsake,
    Reset,
    Wait,
)


class Ending(enum.Enum):
    FINISHED = "finished"
    CLOSED = "closed"
    RESET = "reset"


class Pump:
    """forsake: ends the receiver's side of the connection alone."""

    def __init__(
        self,
        channel: Channel,
        source: socket.socket,
        sink: socket.socket,
        forsake: Callable[[], Awaitable[None]],
    ) -> None:
        self.channel = channel
        self._forsake = forsake
        self._source = source
        self._sink = sink
        self._loop = asyncio.get_running_loop()
        self._pause_ends: asyncio.Future[None] | None = None
        self._buffer = memoryview(bytearray(READ_BYTES_MAX))

    def wake(self) -> None:
        """Look at the channel again: its toxics changed, bytes came or a moment arrived."""
        if self._pause_ends is not None and not self._pause_ends.done():
            self._pause_ends.set_result(None)

    async def run(self) -> Ending:
        """Carry until this direction ends. Raises OSError when a socket breaks."""
        while True:
            until = None
            if not self.channel.is_clear:
                move = self.channel.next(monotonic())
                if not isinstance(move, Wait):
                    ending = await self._do(move)
                    if ending is not None:
                        return ending
                    continue
                until = move.until
            room = self.channel.room()
            size = self._receive(room)
            if size is None:
                await self._pause(until, is_reading=room > 0)
                continue
            self.channel.hear(size)
            if size and self.channel.is_clear:
                await self._send(self._buffer[:size])
            else:
                self.channel.take(bytes(self._buffer[:size]), monotonic())

    async def _do(self, move: Deliver | Finish | Close | Reset | Forsake) -> Ending | None:
        match move:
            case Deliver(data):
                await self._send(data)
            case Forsake():
                await self._forsake()
            case Finish():
                self._pass_on_half_close()
                return Ending.FINISHED
            case Close():
                return Ending.CLOSED
            case Reset():
                return Ending.RESET
        return None

    def _receive(self, room: int) -> int | None:
        """Read what is there into the buffer; None if there is nothing or no room."""
        if room <= 0:
            return None
        try:
            return self._source.recv_into(self._buffer, min(room, READ_BYTES_MAX))
        except (BlockingIOError, InterruptedError):
            return None

    async def _send(self, data: bytes | memoryview) -> None:
        # Counted first: the answer may come before a send that had to wait is resumed.
        self.channel.passed_bytes += len(data)
        await self._loop.sock_sendall(self._sink, data)
        # A send that never had to wait would keep the loop from everybody else.
        await asyncio.sleep(0)

    async def _pause(self, until: float | None, *, is_reading: bool) -> None:
        self._pause_ends = self._loop.create_future()
        alarm = None
        if until is not None:
            alarm = self._loop.call_later(max(0.0, until - monotonic()), self.wake)
        if is_reading:
            self._loop.add_reader(self._source.fileno(), self.wake)
        try:
            await self._pause_ends
        finally:
            self._pause_ends = None
            if alarm is not None:
                alarm.cancel()
            if is_reading:
                self._loop.remove_reader(self._source.fileno())

    def _pass_on_half_close(self) -> None:
        try:
            self._sink.shutdown(socket.SHUT_WR)
        except OSError:
            return  # The other side has gone already.
