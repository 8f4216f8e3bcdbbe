"""Hand recordings in as an office's stations do, and keep every receipt."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import orjson

from services.command.demo.handins import HandIns, bulk_size, ids_in, split_single

POSTS_IN_FLIGHT_MAX = 2
TRIES_MAX = 40
TRY_AGAIN_SECONDS = 0.5
REQUEST_SECONDS_MAX = 120.0


class NotAnswered(Exception):
    """A door gave no usable answer, however often it was asked."""


@dataclass(slots=True)
class History:
    """The stations' own memory: each receipt that came, and what else was answered."""

    planned: dict[UUID, bytes]  # SHA-256 of what was handed in
    receipted: set[UUID] = field(default_factory=set)
    other_hashes: int = 0  # receipts for other bytes than were handed in
    first_receipts: dict[str, bytes] = field(default_factory=dict)
    resent: int = 0
    resent_same_receipt: int = 0
    second_attempts: int = 0
    second_attempts_refused: int = 0
    in_bulk: int = 0
    one_by_one: int = 0
    requests_repeated: int = 0

    def keep(self, receipt: dict[str, Any]) -> None:
        recording_id = UUID(receipt["recording_id"])
        if self.planned.get(recording_id, b"").hex() == receipt["sha256"]:
            self.receipted.add(recording_id)
        else:
            self.other_hashes += 1


class Stations:
    """The programs at the desks of one region's offices."""

    def __init__(self, address: str, token: str, history: History) -> None:
        self.history = history
        self._http = httpx.AsyncClient(
            base_url=address,
            headers={"authorization": f"Bearer {token}"},
            timeout=REQUEST_SECONDS_MAX,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def record_in_bulk(self, bodies: Iterable[bytes], pace: Callable[[int], float]) -> None:
        """POST after POST, each begun when the one before has left: they arrive in this order.

        pace: the moment (monotonic) before which that many recordings must not be exceeded.
        """
        places = asyncio.Semaphore(POSTS_IN_FLIGHT_MAX)
        begun = 0
        async with asyncio.TaskGroup() as posts:
            for body in bodies:
                await places.acquire()
                await asyncio.sleep(max(0.0, pace(begun) - time.monotonic()))
                begun += bulk_size(body)
                has_left = asyncio.Event()
                posts.create_task(self._record_post(body, has_left, places))
                await has_left.wait()

    async def record_one_by_one(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            recording_id, content = split_single(line)
            receipt = await self._put(recording_id, content)
            self.history.one_by_one += 1
            self._keep_first(recording_id, receipt)
            self.history.keep(orjson.loads(receipt))

    async def resend(self, hand_ins: HandIns) -> None:
        """The same recordings once more; each must get the receipt it got before."""
        history = self.history
        for body in hand_ins.lines("resent"):
            for result in await self._post(body):
                history.resent += 1
                receipt = orjson.dumps(result["receipt"])
                first = history.first_receipts.get(str(result["recording_id"]))
                history.resent_same_receipt += result["outcome"] == "repeated" and receipt == first
        for line in hand_ins.lines("resent_single"):
            recording_id, content = split_single(line)
            history.resent += 1
            receipt = await self._put(recording_id, content)
            history.resent_same_receipt += receipt == history.first_receipts.get(recording_id)

    async def attempt_again(self, hand_ins: HandIns) -> None:
        """Second recordings of recorded people under other ids: each must be refused."""
        for body in hand_ins.lines("second"):
            for result in await self._post(body):
                self.history.second_attempts += 1
                code = (result["problem"] or {}).get("code")
                self.history.second_attempts_refused += (
                    result["outcome"] == "refused" and code == "nik-already-recorded"
                )

    def expect_again(self, hand_ins: HandIns) -> None:
        """Note whose first receipts must be kept, byte for byte."""
        for body in hand_ins.lines("resent"):
            self.history.first_receipts |= dict.fromkeys(ids_in(body), b"")
        for line in hand_ins.lines("resent_single"):
            self.history.first_receipts[split_single(line)[0]] = b""

    async def _record_post(
        self, body: bytes, has_left: asyncio.Event, places: asyncio.Semaphore
    ) -> None:
        try:
            results = await self._post(body, has_left)
        finally:
            has_left.set()
            places.release()
        for result in results:
            receipt = result["receipt"]
            if receipt is None:
                continue
            self.history.in_bulk += result["outcome"] == "accepted"
            if receipt["recording_id"] in self.history.first_receipts:
                self._keep_first(receipt["recording_id"], orjson.dumps(receipt))
            self.history.keep(receipt)

    def _keep_first(self, recording_id: str, receipt: bytes) -> None:
        if recording_id in self.history.first_receipts:
            self.history.first_receipts[recording_id] = receipt

    async def _post(
        self, body: bytes, has_left: asyncio.Event | None = None
    ) -> list[dict[str, Any]]:
        async def trace(event: str, _: object) -> None:
            if has_left is not None and event == "http11.send_request_body.complete":
                has_left.set()

        def ask() -> Awaitable[httpx.Response]:
            return self._http.post(
                "/v1/recordings",
                content=body,
                headers={"content-type": "application/json"},
                extensions={"trace": trace},
            )

        answer = await self._answered(ask, 200)
        results: list[dict[str, Any]] = orjson.loads(answer)["results"]
        return results

    async def _put(self, recording_id: str, content: bytes) -> bytes:
        def ask() -> Awaitable[httpx.Response]:
            return self._http.put(
                f"/v1/recordings/{recording_id}",
                content=content,
                headers={"content-type": "application/json"},
            )

        return await self._answered(ask, 202)

    async def _answered(self, ask: Callable[[], Awaitable[httpx.Response]], status: int) -> bytes:
        """Ask until it is answered: ids make every repetition safe. Raises NotAnswered."""
        told = ""
        for _ in range(TRIES_MAX):
            try:
                response = await ask()
            except httpx.TransportError as trouble:
                told = type(trouble).__name__
            else:
                if response.status_code == status:
                    return response.content
                told = f"status {response.status_code}"
                if response.status_code < 500 and response.status_code != 429:
                    break
            self.history.requests_repeated += 1
            await asyncio.sleep(TRY_AGAIN_SECONDS)
        raise NotAnswered(f"The region's server did not take recordings: {told}.")
