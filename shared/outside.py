"""Read a small document from somebody else: bounded in time and bytes, and never unpacked.

Time-outs of httpx are for each read, and its lengths for what came over the line: a server that
sends a byte a second, or a megabyte that unpacks to a gigabyte, would have all we have.
"""

import asyncio
from typing import Any

import httpx
import orjson

BYTES_MAX = 1024 * 1024
PLAIN = {"accept-encoding": "identity"}


class NotPlain(ValueError):
    """It came packed though we asked for it plain, or it is too large."""


def is_packed(answer: httpx.Response) -> bool:
    return bool(answer.headers.get("content-encoding", "identity").strip().lower() != "identity")


async def read_json(
    http: httpx.AsyncClient, address: str, seconds_max: float, bytes_max: int = BYTES_MAX
) -> Any:
    """The JSON at an address. Raises httpx.HTTPError, TimeoutError, ValueError."""
    async with (
        asyncio.timeout(seconds_max),
        http.stream("GET", address, headers=PLAIN) as answer,
    ):
        answer.raise_for_status()
        if is_packed(answer):
            raise NotPlain("packed")
        whole = bytearray()
        async for piece in answer.aiter_raw():
            whole += piece
            if len(whole) > bytes_max:
                raise NotPlain("too large")
    return orjson.loads(bytes(whole))
