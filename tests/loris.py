"""Connections that are held and never used: heads that go on for ever, answers nobody reads."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

LOCAL = "127.0.0.1"
HALF_A_HEAD = b"GET /livez HTTP/1.1\r\nhost: w\r\n"


class Held:
    """Sockets in the order they were opened."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []

    def open(self, stack: ExitStack, port: int, said: bytes = HALF_A_HEAD) -> None:
        one = stack.enter_context(socket.create_connection((LOCAL, port), timeout=30))
        one.sendall(said)
        one.setblocking(False)
        self.sockets.append(one)

    def say(self, more: bytes) -> None:
        """To all that are open still."""
        for one in self.sockets:
            try:
                one.send(more)
            except OSError:
                continue

    def are_open(self) -> list[bool]:
        return [is_open(one) for one in self.sockets]


def is_open(one: socket.socket) -> bool:
    try:
        return one.recv(65_536, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@contextmanager
def held() -> Iterator[tuple[Held, ExitStack]]:
    with ExitStack() as stack:
        yield Held(), stack
