"""A lean load generator: prepared HTTP/1.1 requests over keep-alive connections.

The load shares two cores with what it measures, and httpx would cost more than the service does
(0.6 ms a request): this costs some tens of microseconds.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True)
class Tally:
    """Answers by status."""

    by_status: dict[int, int] = field(default_factory=dict)

    def note(self, status: int) -> None:
        self.by_status[status] = self.by_status.get(status, 0) + 1


class _Connection(asyncio.Protocol):
    """One request at a time; the next one leaves when an answer is whole."""

    def __init__(self, requests: Iterator[bytes], tally: Tally) -> None:
        self._requests = requests
        self._tally = tally
        self._buffer = b""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            if not self.ended.done():
                self.ended.set_result(None)
            return
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        at = head.lower().index(b"content-length:") + 15
        length = int(head[at : at + 12].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        self._tally.note(int(head[9:12]))
        self._buffer = rest[length:]
        self._next()

    def connection_lost(self, trouble: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(trouble or ConnectionResetError())


async def send_all(address: str, requests: list[bytes], connections: int) -> Tally:
    """Send every request over `connections` at once; raises when a connection breaks."""
    split = urlsplit(address)
    host, port = split.hostname or "127.0.0.1", split.port or 80
    tally = Tally()
    queue = iter(requests)
    loop = asyncio.get_running_loop()
    opened = []
    for _ in range(connections):
        _, connection = await loop.create_connection(lambda: _Connection(queue, tally), host, port)
        opened.append(connection)
    await asyncio.gather(*(one.ended for one in opened))
    return tally


def request(method: str, path: str, body: bytes, token: str) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: tunggal\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
