"""A far side behind a real network link: a namespace, a veth pair, and what the kernel does to it.

Needs root and iproute2; without them the row is excused, loudly. The test's centre stays in this
process: only the socket that listens lives in the namespace.
"""

import asyncio
import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from tests.fault_rows import Fired

CLONE_NEWNET = 0x40000000
PORT = 9000


@dataclass(slots=True)
class FarSide:
    """`address` is reached over the link; `near` and `far` are the interfaces' names."""

    namespace: str
    near: str
    far: str
    host: str
    _relays: list[asyncio.Server] = field(default_factory=list)
    _ends: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://{self.host}:{PORT}"

    def say(self, *words: str) -> str:
        """A command here, such as `tc qdisc …`; raises CalledProcessError."""
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    def say_there(self, *words: str) -> str:
        return self.say("ip", "netns", "exec", self.namespace, *words)

    def cut(self) -> None:
        """Take the far end down: no FIN, no RST, silence."""
        self.say("ip", "-n", self.namespace, "link", "set", self.far, "down")

    def mend(self) -> None:
        self.say("ip", "-n", self.namespace, "link", "set", self.far, "up")

    async def relay_to(self, port: int) -> None:
        """Listen over there, and carry each connection to `port` here."""

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
            self._ends += [writer, there_writer]
            with contextlib.suppress(OSError):
                await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
            writer.transport.abort()
            there_writer.transport.abort()

        listener = self._in_namespace()
        self._relays.append(await asyncio.start_server(carry, sock=listener))

    async def close(self) -> None:
        for relay in self._relays:
            relay.close()
            await relay.wait_closed()
        for end in self._ends:
            end.transport.abort()
        await asyncio.sleep(0)

    def _in_namespace(self) -> socket.socket:
        """A socket made by a thread that is in the namespace stays there for life."""
        made: list[socket.socket] = []

        def make() -> None:
            there = os.open(f"/run/netns/{self.namespace}", os.O_RDONLY)
            try:
                if ctypes.CDLL(None, use_errno=True).setns(there, CLONE_NEWNET):
                    return
            finally:
                os.close(there)
            made.append(socket.create_server((self.host, PORT)))

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        (listener,) = made
        return listener


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


@pytest.fixture
async def far_side(fired: Fired) -> AsyncIterator[FarSide]:
    """A link of this test alone."""
    if not sys.platform.startswith("linux") or os.geteuid() or shutil.which("ip") is None:
        fired.excuse("network namespaces need Linux, root and iproute2")
    number = os.getpid() % 250 + 1
    side = FarSide(f"tunggal{number}", f"tgn{number}", f"tgf{number}", f"10.213.{number}.2")
    made = contextlib.ExitStack()
    try:
        _make(side, number, made)
    except (subprocess.CalledProcessError, OSError) as trouble:
        made.close()
        fired.excuse(f"no network namespace can be made: {trouble}")
    try:
        yield side
    finally:
        await side.close()
        made.close()


def _make(side: FarSide, number: int, made: contextlib.ExitStack) -> None:
    side.say("ip", "netns", "add", side.namespace)
    made.callback(side.say, "ip", "netns", "del", side.namespace)
    side.say("ip", "link", "add", side.near, "type", "veth", "peer", "name", side.far)
    made.callback(subprocess.run, ["ip", "link", "del", side.near], check=False)
    side.say("ip", "link", "set", side.far, "netns", side.namespace)
    side.say("ip", "address", "add", f"10.213.{number}.1/24", "dev", side.near)
    side.say("ip", "link", "set", side.near, "up")
    side.say("ip", "-n", side.namespace, "address", "add", f"{side.host}/24", "dev", side.far)
    side.say("ip", "-n", side.namespace, "link", "set", side.far, "up")
    side.say("ip", "-n", side.namespace, "link", "set", "lo", "up")
