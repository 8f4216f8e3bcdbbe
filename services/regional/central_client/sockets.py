"""Connections to the centre, watched by the kernel: a peer may vanish without a word."""

import socket
import ssl
import sys

import httpx

KEEPALIVE_SECONDS = 5
KEEPALIVE_PROBES = 3
# Less than the whole-request deadline, more than a bad line needs to send a packet a few times.
VANISHED_SECONDS = 20


def by_sockets(verify: ssl.SSLContext | bool) -> httpx.AsyncHTTPTransport:
    """A few connections that end when nobody is there any more."""
    return httpx.AsyncHTTPTransport(
        verify=verify,
        limits=httpx.Limits(max_connections=5, max_keepalive_connections=3, keepalive_expiry=20.0),
        trust_env=False,
        socket_options=_options(),
    )


def _options() -> list[tuple[int, int, int]]:
    """Bytes nobody acknowledges would else be sent again for about a quarter of an hour."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    if sys.platform == "linux":
        options += [
            (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_SECONDS),
            (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_SECONDS),
            (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_PROBES),
            (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, VANISHED_SECONDS * 1000),
        ]
    return options
