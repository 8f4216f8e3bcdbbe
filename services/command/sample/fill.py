"""Fill a running system with the sample city, stage by stage, while it is already in use."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import httpx
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.command.demo.neighbour import hand_in
from services.command.demo.officers import letters_of
from services.command.sample import desk, field, outreach
from services.command.sample.plan import SamplePlan, id_of, nik_of
from services.command.town import NEIGHBOUR, REGION, Town
from services.regional.coverage.rules import last_semester_end
from services.regional.tables import line_sample
from shared.clock import Clock
from shared.database.engine import Database
from shared.files import write_whole
from shared.roles import Role
from shared.zones import zone_of

NOTE = "sample.json"
POST_RECORDINGS = 60
QUIET_SECONDS_MAX = 120.0
LOOK_SECONDS = 0.2
REQUEST_SECONDS_MAX = 60.0
BLANKS = 150
CARDS = 72
SPOILED_EVERY, UNCOLLECTED_EVERY = 12, 3
BLANK = "BLK-{:06d}"
_NAMES = UUID("01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f10")
_LETTER = "9f" * 32  # SHA-256 of a letter of consent that is nobody's


class SampleTrouble(Exception):
    """A door answered otherwise than it must; the message says which."""


@dataclass(slots=True)
class Note:
    """What is known of the sample in a folder. done: names of the stages behind us."""

    begun_at: datetime
    done: list[str]

    @staticmethod
    def read(folder: Path) -> "Note | None":
        try:
            told = json.loads((folder / NOTE).read_text())
            return Note(datetime.fromisoformat(told["begun_at"]), list(told["done"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        told = {"begun_at": self.begun_at.isoformat(), "done": self.done}
        write_whole(folder / NOTE, json.dumps(told, indent=2) + "\n")


class Filling:
    """Fills in a thread of its own; `told` says in words how far it is, for the screen."""

    def __init__(self, town: Town, central: str, regional: str, clock: Clock) -> None:
        self.told = "looking"
        self._town = town
        self._central = central
        self._regional = regional
        self._clock = clock
        self._thread = threading.Thread(target=self._run, name="sample", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            asyncio.run(self._fill())
        except (httpx.HTTPError, SampleTrouble, OSError, TimeoutError) as trouble:
            self.told = f"not whole ({type(trouble).__name__}: {trouble}); the next start goes on"

    async def _fill(self) -> None:
        folder = self._town.plan.folder
        office = self._town.token(Role.HEAD_OF_OFFICE, Role.OFFICER, Role.PRINTER, Role.OPERATIONS)
        watch = self._town.token(Role.OPERATIONS, Role.HEAD_OF_OFFICE, region=None)
        async with (
            _calling(self._regional, office) as region,
            _calling(self._central, watch) as far,
        ):
            note = Note.read(folder)
            if note is None:
                if (await _asked(region, "/v1/queue"))["last_seq"]:
                    self.told = "none: this system has data of its own"
                    return
                note = Note(self._clock.now(), [])
                note.write(folder)
            stages = Stages(self._town, region, far, SamplePlan(note.begun_at), self._say)
            for name, stage in stages.in_order():
                if name in note.done:
                    continue
                self.told = name
                await stage()
                note.done.append(name)
                note.write(folder)
        self.told = "ready"

    def _say(self, words: str) -> None:
        self.told = words


@dataclass(frozen=True)
class Stages:
    """What is done, one after the other; each may be begun again after it was cut off."""

    town: Town
    region: httpx.AsyncClient
    centre: httpx.AsyncClient
    plan: SamplePlan
    say: Callable[[str], None]

    def in_order(self) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        return [
            ("residents' list", self.list_residents),
            ("line's last days", self.draw_line),
            ("neighbour", self.neighbour),
            ("recordings", self.record),
            ("cards", self.print_cards),
            ("desk", self.keep_desk),
            ("remedies", self.ask_deletion),
            ("letters", self.invite),
            ("teams and visits", self.plan_field),
            ("coverage", self.keep_coverage),
        ]

    async def list_residents(self) -> None:
        body = await asyncio.to_thread(self.plan.residents_csv, self.town.plan.folder)
        await self._ask("PUT", "/v1/residents", 200, content=body, media_type="text/csv")

    async def keep_coverage(self) -> None:
        """A frozen semester, and a newer list that waits to be looked at."""
        as_of = last_semester_end(self.plan.begun_at.date())
        frozen = {"as_of": as_of.isoformat()}
        await self._ask("POST", "/v1/coverage/snapshots", 200, json=frozen)
        body = await asyncio.to_thread(self.plan.next_residents_csv, self.town.plan.folder)
        path = "/v1/residents/change-sets"
        await self._ask("POST", path, 202, 409, content=body, media_type="text/csv")
        while (await _asked(self.region, path))["items"][0]["state"] == "reading":
            await asyncio.sleep(0.1)

    async def draw_line(self) -> None:
        """Before the first minute that was really looked at."""
        database = Database(self.town.postgres_url("regional", "regional"), 2)
        try:
            async with database.begin() as transaction:
                first = await transaction.scalar(select(func.min(line_sample.c.minute)))
                rows = [
                    {
                        "minute": one.minute,
                        "state": one.state,
                        "failing_since": one.failing_since,
                        "waiting": one.waiting,
                        "goodput_bytes_per_second": one.goodput_bytes_per_second,
                    }
                    for one in self.plan.line()
                    if first is None or one.minute < first
                ]
                await transaction.execute(insert(line_sample).on_conflict_do_nothing(), rows)
        finally:
            await database.close()

    async def neighbour(self) -> None:
        """Region 61.07 had some of the city's people first. Told once: its numbers are its own."""
        regions = (await _asked(self.centre, "/v1/outcomes"))["regions"]
        if regions.get(NEIGHBOUR):
            return
        key = self.town.keys.region_key(NEIGHBOUR)
        known = letters_of(self.plan.officers_there(), self.plan.begun_at)
        await hand_in(self.centre, NEIGHBOUR, key, self.plan.neighbours(), known)

    async def record(self) -> None:
        everybody = await asyncio.to_thread(self.plan.recordings)
        everybody += await asyncio.to_thread(self.plan.under_17)
        for first in range(0, len(everybody), POST_RECORDINGS):
            self.say(f"recorded {first} of {len(everybody)}")
            body = {"recordings": everybody[first : first + POST_RECORDINGS]}
            await self._ask("POST", "/v1/recordings", 200, json=body)
        self.say("recorded; the centre decides")
        await self._quiet()

    async def print_cards(self) -> None:
        """Some handed over, some waiting to be collected, some blanks spoiled, many to print."""
        today = self.plan.begun_at.date().isoformat()
        delivery = {
            "received_on": today,
            "source": "Ditjen Dukcapil",
            "reference": "BAST/CONTOH",
            "serials": {"first": BLANK.format(1), "last": BLANK.format(BLANKS)},
        }
        path = f"/v1/blank-deliveries/{uuid5(_NAMES, 'delivery')}"
        await self._ask("PUT", path, 200, 201, json=delivery)
        listed = await _asked(self.region, f"/v1/print-authorizations?limit={CARDS}")
        for number, one in enumerate(listed["items"], 1):
            self.say(f"printed {number} of {CARDS} cards")
            await self._print(one["authorization_id"], number)
        await self._quiet()

    async def _print(self, authorization_id: str, number: int) -> None:
        blank = BLANK.format(number)
        path = f"/v1/print-authorizations/{authorization_id}/spend"
        answer = await self.region.post(path, json={"blank_serial": blank})
        if answer.status_code == 409:  # under 17, or printed before we were cut off
            return
        _expect(answer, 200)
        is_spoiled = number % SPOILED_EVERY == 0
        result = {"result": "spoiled", "cause": "misprint"} if is_spoiled else {"result": "printed"}
        await self._ask("POST", f"/v1/cards/{blank}/result", 200, json=result)
        if not is_spoiled and number % UNCOLLECTED_EVERY:
            collector = {"collector": "self"}
            await self._ask("POST", f"/v1/cards/{blank}/hand-over", 200, json=collector)

    async def keep_desk(self) -> None:
        """Exceptions, sukets, and minutes of a burning that wait for their witness."""
        niks = [nik_of(one) for one in await asyncio.to_thread(self.plan.recordings)]
        printed = range(SPOILED_EVERY, CARDS + 1, SPOILED_EVERY)
        spoiled = []
        for blank in map(BLANK.format, printed):
            known = await self.region.get(f"/v1/blanks/{blank}")
            if known.status_code == 200 and known.json()["state"] == "spoiled":
                spoiled.append(blank)
        for _ in range(2):  # each time it learns of some hundreds when their day comes
            await _asked(self.region, "/v1/print-authorizations/held")
        answers = await desk.let_some_before(self.region)
        answers += await desk.give_sukets(self.region, niks)
        if spoiled:
            answers += await desk.burn(self.region, spoiled, BLANK.format(BLANKS))
        for answer in answers:
            _expect(answer, *desk.DONE_OR_REFUSED)

    async def ask_deletion(self) -> None:
        """One person recorded under two NIKs has chosen; the others are still to come."""
        niks = {id_of(one): nik_of(one) for one in self.plan.recordings()}
        for one in (await _asked(self.region, "/v1/unsettled"))["items"]:
            rival = one["rival"]
            if one["remedy"] != "ask_deletion" or rival is None:
                continue
            kept = UUID(rival["recording_id"])
            if kept not in niks:
                continue
            body = {
                "recordings": [{"recording_id": one["recording_id"], "region": REGION}],
                "keeps_nik": niks[kept],
                "keeps_recording": {"recording_id": str(kept), "region": REGION},
                "requester": "citizen",
                "consent": {
                    "letter_sha256": _LETTER,
                    "given_on": self.plan.begun_at.date().isoformat(),
                    "how": "signed",
                },
                "reason": "moved_and_recorded_again",
            }
            path = f"/v1/deletion-requests/{uuid5(_NAMES, one['recording_id'])}"
            await self._ask("PUT", path, 200, 202, json=body)
            return

    async def invite(self) -> None:
        """A day that has gone, or a person recorded meanwhile, is let be."""
        await outreach.invite(self._tried, self.plan.begun_at.date())

    async def plan_field(self) -> None:
        niks = [one.nik for one in self.plan.unrecorded()[::-1]]
        # As the office's day: what is planned begins tomorrow there.
        await field.plan(self._tried, niks, self.plan.begun_at.astimezone(zone_of("WIB")).date())

    async def _tried(self, method: str, path: str, body: Any) -> Any:
        """What a door answers, or None where it refused: a day may have gone since."""
        answer = await self.region.request(method, path, json=body)
        _expect(answer, 200, 409, 422)
        return answer.json() if answer.status_code == 200 else None

    async def _quiet(self) -> None:
        """Until all that was said is answered here."""
        async with asyncio.timeout(QUIET_SECONDS_MAX):
            while True:
                queue = await _asked(self.region, "/v1/queue")
                is_read = queue["feed_applied_pos"] == queue["feed_head_pos"]
                undecided = (await _asked(self.region, "/v1/work"))["undecided"]["count"]
                if queue["waiting"] == 0 and is_read and undecided == 0:
                    return
                await asyncio.sleep(LOOK_SECONDS)

    async def _ask(
        self,
        method: str,
        path: str,
        *statuses: int,
        json: Any = None,
        content: bytes | None = None,
        media_type: str | None = None,
    ) -> None:
        headers = {"content-type": media_type} if media_type else None
        answer = await self.region.request(
            method, path, json=json, content=content, headers=headers
        )
        _expect(answer, *statuses)


def _expect(answer: httpx.Response, *statuses: int) -> None:
    if answer.status_code not in statuses:
        request = answer.request
        code = answer.json().get("code", "") if "json" in answer.headers["content-type"] else ""
        raise SampleTrouble(f"{request.method} {request.url.path}: {answer.status_code} {code}")


def _calling(address: str, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=address,
        headers={"authorization": f"Bearer {token}"},
        timeout=REQUEST_SECONDS_MAX,
        trust_env=False,
    )


async def _asked(http: httpx.AsyncClient, path: str) -> Any:
    answer = await http.get(path)
    _expect(answer, 200)
    return answer.json()
