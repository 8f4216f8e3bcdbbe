"""An httpx transport that harms exchanges by seed and passes the others on at once.

It has no weather and no waiting: it is for millions. Which exchange is harmed and how follows from
the seed and the exchange's number alone. What each harm is called in the fault matrix stands beside
it.
"""

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Final, Literal

import httpx

Harm = Literal[
    "refused",  # N1
    "request_cut",  # N3
    "answer_lost",  # N4
    "answer_corrupt",  # N5
    "request_corrupt",  # N6
    "ghost",  # N7: delivered again, many exchanges later
    "stale_answer",  # N8: an earlier answer instead of this one
]
HARMS: Final[Mapping[Harm, float]] = {
    "refused": 2,
    "request_cut": 2,
    "answer_lost": 4,
    "answer_corrupt": 2,
    "request_corrupt": 2,
    "ghost": 3,
    "stale_answer": 2,
}
GHOST_EXCHANGES_MAX: Final = 40


class FaultyWire(httpx.AsyncBaseTransport):
    """share: of exchanges that are harmed, 0..1; set it to 0 when the storm is over."""

    def __init__(self, inner: httpx.AsyncBaseTransport, seed: int | str, share: float) -> None:
        self.share = share
        self.done: Counter[Harm] = Counter()
        self.batches = self.harmed_batches = 0
        self._inner = inner
        self._draw = Random(f"{seed}/wire")
        self._number = 0
        self._ghosts: list[tuple[int, httpx.Request, bytes]] = []
        self._earlier: dict[str, httpx.Response] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises the httpx exceptions these harms raise on real sockets."""
        self._number += 1
        await self._haunt()
        body = await request.aread()
        harm = self._harm()
        if is_batch := request.method == "POST":
            self.batches += 1
        if harm is not None:
            self.done[harm] += 1
            self.harmed_batches += is_batch
        return await self._exchange(request, body, harm)

    async def _exchange(
        self, request: httpx.Request, body: bytes, harm: Harm | None
    ) -> httpx.Response:
        if harm == "refused":
            raise httpx.ConnectError("refused", request=request)
        if harm == "request_cut":
            raise httpx.WriteError("cut on its way", request=request)
        if harm == "request_corrupt" and body:
            body = self._flipped(body)
        answer = await self._deliver(request, body)
        kept = self._earlier.get(request.url.path)
        self._earlier[request.url.path] = answer
        if harm == "answer_lost":
            raise httpx.ReadError("the answer was lost", request=request)
        if harm == "answer_corrupt":
            return _response(answer, self._flipped(answer.content))
        if harm == "stale_answer" and kept is not None:
            return kept
        if harm == "ghost":
            later = self._number + self._draw.randint(1, GHOST_EXCHANGES_MAX)
            self._ghosts.append((later, request, body))
        return answer

    async def _haunt(self) -> None:
        due = [ghost for ghost in self._ghosts if ghost[0] <= self._number]
        self._ghosts = [ghost for ghost in self._ghosts if ghost[0] > self._number]
        for _, request, body in due:
            await self._deliver(request, body)

    def _harm(self) -> Harm | None:
        if self._draw.random() >= self.share:
            return None
        return self._draw.choices(list(HARMS), list(HARMS.values()))[0]

    def _flipped(self, body: bytes) -> bytes:
        if not body:
            return body
        spoiled = bytearray(body)
        spoiled[self._draw.randrange(len(body))] ^= 1 << self._draw.randrange(8)
        return bytes(spoiled)

    async def _deliver(self, request: httpx.Request, body: bytes) -> httpx.Response:
        sent = httpx.Request(
            request.method, request.url, headers=request.headers, content=body or None
        )
        response = await self._inner.handle_async_request(sent)
        return _response(response, await response.aread())


def _response(like: httpx.Response, content: bytes) -> httpx.Response:
    return httpx.Response(like.status_code, headers=like.headers, content=content)
