"""Print a sample of cards through the printer's doors, and try what must be refused."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import orjson

from shared.clock import Clock
from shared.ids import new_id
from shared.zones import zone_of

SAMPLE_CARDS = 40
SPOILED_EVERY = 13
FRESH_SECONDS_MAX = 60.0
BLANK = "DEMO-{:06d}"


class CardTrouble(Exception):
    """A door of the printer answered otherwise than it must; the message says which."""


@dataclass(slots=True)
class CardSample:
    printed: int = 0
    spoiled: int = 0
    issued: int = 0
    fresh_permissions: int = 0  # came down for spoiled blanks
    double_spends_tried: int = 0
    double_spends_refused: int = 0
    under_17_recorded: int = 0
    under_17_held: int = 0


class Printer:
    """The printing office. http carries a token with the roles printer and operations."""

    def __init__(self, http: httpx.AsyncClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._blanks = 0
        self.sample = CardSample()

    async def print_sample(self, wanted: int) -> None:
        """The oldest permissions first; every 13th blank is spoiled. Raises CardTrouble."""
        listed = await self._listed(0, wanted)
        spoiled_before = self.sample.spoiled
        for number, one in enumerate(listed, 1):
            blank = await self._spend(one["authorization_id"])
            is_spoiled = number % SPOILED_EVERY == 0 or number == len(listed)
            await self._report(blank, is_spoiled=is_spoiled)
            if not is_spoiled and number % 5:
                await self._ask("POST", f"/v1/cards/{blank}/issue", 200)
                self.sample.issued += 1
        await self._spend_again(listed)
        fresh = await self._fresh(listed, self.sample.spoiled - spoiled_before)
        for one in fresh:
            await self._report(await self._spend(one["authorization_id"]), is_spoiled=False)

    async def hold_under_17(self, early: bytes, officer: str) -> None:
        """Record somebody who is 16 today; the permission must come and its card must wait.

        early: a synthetic recording whose dates are moved to today. officer: a token.
        Raises CardTrouble.
        """
        recording_id, content = _sixteen_today(early, self._clock)
        await self._ask("PUT", f"/v1/recordings/{recording_id}", 202, content, officer)
        self.sample.under_17_recorded += 1
        permission = await self._permission_of(recording_id)
        path = f"/v1/print-authorizations/{permission['authorization_id']}/spend"
        answer = await self._http.request("POST", path, json={"blank_serial": self._next_blank()})
        self.sample.under_17_held += (
            answer.status_code == 409 and answer.json()["code"] == "holder-under-17"
        )

    async def _spend(self, authorization_id: str) -> str:
        blank = self._next_blank()
        path = f"/v1/print-authorizations/{authorization_id}/spend"
        await self._ask("POST", path, 200, orjson.dumps({"blank_serial": blank}))
        return blank

    async def _report(self, blank: str, *, is_spoiled: bool) -> None:
        result = {"result": "spoiled", "cause": "misprint"} if is_spoiled else {"result": "printed"}
        await self._ask("POST", f"/v1/cards/{blank}/result", 200, orjson.dumps(result))
        self.sample.spoiled += is_spoiled
        self.sample.printed += not is_spoiled

    async def _spend_again(self, listed: Sequence[dict[str, Any]]) -> None:
        path = f"/v1/print-authorizations/{listed[0]['authorization_id']}/spend"
        self.sample.double_spends_tried += 1
        answer = await self._http.request("POST", path, json={"blank_serial": self._next_blank()})
        self.sample.double_spends_refused += (
            answer.status_code == 409 and answer.json()["code"] == "permission-spent"
        )

    async def _fresh(self, listed: Sequence[dict[str, Any]], wanted: int) -> list[dict[str, Any]]:
        """The permissions that replace spoiled ones, once they have come down the feed."""
        recordings = {one["recording_id"] for one in listed}
        until = time.monotonic() + FRESH_SECONDS_MAX
        while time.monotonic() < until:
            found = [one for one in await self._newest() if one["recording_id"] in recordings]
            if len(found) >= wanted:
                self.sample.fresh_permissions += len(found)
                return found
            await asyncio.sleep(0.1)
        return []

    async def _permission_of(self, recording_id: str) -> dict[str, Any]:
        until = time.monotonic() + FRESH_SECONDS_MAX
        while time.monotonic() < until:
            for one in await self._newest():
                if one["recording_id"] == recording_id:
                    return one
            await asyncio.sleep(0.1)
        raise CardTrouble("The permission of the recording of today did not come.")

    async def _newest(self) -> list[dict[str, Any]]:
        """The feed's newest permissions: a spoiled blank's fresh one is among them."""
        queue = orjson.loads(await self._ask("GET", "/v1/queue", 200))
        return await self._listed(max(0, queue["feed_applied_pos"] - SAMPLE_CARDS), SAMPLE_CARDS)

    async def _listed(self, after_pos: int, limit: int) -> list[dict[str, Any]]:
        path = f"/v1/print-authorizations?limit={limit}&cursor={after_pos}"
        items: list[dict[str, Any]] = orjson.loads(await self._ask("GET", path, 200))["items"]
        return items

    def _next_blank(self) -> str:
        self._blanks += 1
        return BLANK.format(self._blanks)

    async def _ask(
        self,
        method: str,
        path: str,
        status: int,
        content: bytes | None = None,
        token: str | None = None,
    ) -> bytes:
        headers = {"content-type": "application/json"} if content else {}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        answer = await self._http.request(method, path, content=content, headers=headers)
        if answer.status_code != status:
            door = path.split("?", maxsplit=1)[0]
            raise CardTrouble(f"{method} {door} answered {answer.status_code}, not {status}.")
        return answer.content


def _sixteen_today(early: bytes, clock: Clock) -> tuple[str, bytes]:
    """The recording as if taken now of somebody who turns 17 in about half a year.

    The NIK keeps the old birth date: the region warns of that and refuses nothing.
    """
    recording = orjson.loads(early)
    now = clock.now().astimezone(zone_of("WIB"))
    born: date = now.date() - timedelta(days=int(16.5 * 365.25))
    recording["captured_at"] = now.isoformat(timespec="seconds")
    recording["card"]["birth_date"] = born.isoformat()
    recording["card"]["marital_status"] = "never_married"
    del recording["recording_id"]
    return str(new_id()), orjson.dumps(recording)
