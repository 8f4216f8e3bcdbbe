"""kill -9 of centres that search irises: one person, whatever dies, is called unique once.

Every person of a pair is recorded in two regions under two NIKs, and both recordings come to the
centre at the same time. Several settlers work on them, each killed at random and started again; a
killed one may have searched, entered and decided, but only whole. Before every death some more
come, so that however fast a machine is there is something to die over.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import numpy as np
import orjson

from services.central.app import MIGRATIONS, enrol
from services.central.feed.loop import NewEntries
from services.central.identity import Regions
from services.central.intake import steps as intake
from services.central.penunggalan.checks import Uniqueness
from services.central.penunggalan.iris.part import MatcherHere
from services.central.print_authorization.rules import Permitter
from services.central.settings import Irises
from services.central.worker import SearchAgain, Settler
from services.command.storm.kill_processes import Nursery, kill
from services.command.storm.parts import Outcome, Plan, again
from services.regional.recording.examples import CONTENT_EXAMPLE
from services.simulator.irises import captures
from shared.clock import ManualClock, SystemClock
from shared.contracts.envelopes import (
    RECORDING_VERSION,
    Envelope,
    EnvelopeKind,
    Heading,
    pack,
    unpack,
    wire_bytes,
)
from shared.contracts.outcomes import Outcome as Decided
from shared.contracts.recording import RECORDING, canonical_bytes, digest
from shared.database import migrations
from shared.database.embedded import start
from shared.database.engine import Database
from shared.ids import new_id
from shared.iris import FORMAT, data_of
from shared.iris_keys import GalleryKeys
from shared.settings import gallery_file_of
from shared.signing import PinnedKeys, SigningKey, jwks_of, load_or_create_key, new_key

PAIRS = 400
KILLS = 60
SETTLERS = 2
REGIONS: Final = ("61.72", "61.07")
LIVE_SECONDS = (0.6, 2.0)  # a settler reads the gallery and its kernels before it settles
DRAIN_SECONDS_MAX = 180.0
# Far enough from the thresholds: what is tested here is the ticket, not the matcher.
GENUINE = 0.08
BATCH = 200
# A round of few places, so that there are many moments to die in.
PLACES = 20
RUN: Final = f"{__name__}:run_settler"


@dataclass(frozen=True, slots=True)
class Told:
    """A recording, whose eyes it shows, and where it was taken."""

    recording_id: UUID
    person: int
    region: str


def run(plan: Plan) -> Outcome:
    return torture(plan, RUN, plan.times(KILLS, 6))


def torture(
    plan: Plan, settler: str, deaths: int, drain_seconds: float = DRAIN_SECONDS_MAX
) -> Outcome:
    """`settler`: what is killed, as module:function; a test plants a careless one."""
    seed = plan.seed if plan.seed is not None else 1
    with (
        start(plan.folder / "postgres", settings={"shared_buffers": "64MB"}) as server,
        Nursery(plan.folder) as nursery,
    ):
        url = server.url("central")
        asyncio.run(_prepare(url))
        load_or_create_key(plan.folder / "key.json", "centre")
        settings = {"url": url, "key": str(plan.folder / "key.json")}
        arrivals = Arrivals(url, plan.times(PAIRS, 24), deaths, seed)
        kills = asyncio.run(
            _die((nursery, settler, settings), arrivals, random.Random(seed), drain_seconds)
        )
        return asyncio.run(_outcome(url, arrivals.told, kills, seed))


def run_settler(settings: Any) -> None:
    """A centre without doors: settles what waits, and makes searches again."""
    key = Path(settings["key"])
    gallery_keys = GalleryKeys.load_or_create(gallery_file_of(key))
    asyncio.run(settle(settings["url"], load_or_create_key(key, "centre"), gallery_keys))


async def settle(url: str, key: SigningKey, gallery_keys: GalleryKeys) -> None:
    from services.central import worker

    worker.ROUND_PLACES = PLACES
    database = Database(url, 4)
    permitter = Permitter(key, 1, timedelta(days=730))
    uniqueness = Uniqueness(
        Irises.REQUIRED,
        MatcherHere(database, gallery_keys),
        search_again=timedelta(seconds=1),
        keys=gallery_keys,
    )
    settler = Settler(database, permitter, SystemClock(), NewEntries(), uniqueness)
    await asyncio.gather(settler.run(), SearchAgain(settler).run())


async def _prepare(url: str) -> None:
    """A fresh centre that knows the regions."""
    database = Database(url, 2)
    try:
        await migrations.upgrade(database, MIGRATIONS)
        regions = Regions(PinnedKeys(jwks_of(new_key(code) for code in REGIONS)))
        async with database.begin() as transaction:
            await enrol(transaction, regions, ManualClock(SystemClock().now()))
    finally:
        await database.close()


class Arrivals:
    """Everybody's recordings, taken in as many slices as there are deaths, and one more."""

    def __init__(self, url: str, pairs: int, deaths: int, seed: int) -> None:
        self.told: list[Told] = []
        self.deaths = deaths
        self._url, self._seed, self._taken = url, seed, 0
        order = random.Random(seed)
        self._people = []
        for place in range(len(REGIONS)):
            alone = range(pairs + place * pairs, 2 * pairs + place * pairs)
            # Nearly the same order in both, so that pairs meet in the same moment.
            self._people.append(
                sorted(
                    [*range(pairs), *alone],
                    key=lambda person: person % pairs + order.random() * PLACES,
                )
            )
        self._slice = max(1, len(self._people[0]) // (deaths + 1))

    async def some(self) -> None:
        await self._take(self._slice)

    async def rest(self) -> None:
        while self._taken < len(self._people[0]):
            await self._take(BATCH)

    async def _take(self, count: int) -> None:
        first = self._taken
        self._taken += count
        database = Database(self._url, 1)
        try:
            for place, people in enumerate(self._people):
                if some := people[first : first + count]:
                    self.told += await _take(database, place, some, first, self._seed)
        finally:
            await database.close()


async def _take(
    database: Database, place: int, people: Sequence[int], first: int, seed: int
) -> list[Told]:
    """Take the recordings of these people into a region's queue, after its first `first`."""
    region, now, told, envelopes = REGIONS[place], SystemClock().now(), [], []
    numbers = np.array(people)[:, None] * 2 + np.array([0, 1])
    irises = captures(seed, numbers, 1 + place, GENUINE, 0)
    for seq, (person, eyes) in enumerate(zip(people, irises, strict=True), first + 1):
        recording_id, body = _recording(person, place, [data_of(eye) for eye in eyes])
        told.append(Told(recording_id, person, region))
        head = Heading(
            seq, recording_id, EnvelopeKind.RECORDING, RECORDING_VERSION, now, digest(body)
        )
        envelopes.append(Envelope(head, body))
    batch = unpack(wire_bytes(pack(region, 1, envelopes)))
    async with database.begin() as transaction:
        await intake.take(transaction, region, batch, now)
    return told


def _recording(person: int, place: int, eyes: Sequence[str]) -> tuple[UUID, bytes]:
    recording_id = new_id()
    biometrics = CONTENT_EXAMPLE["biometrics"]
    content = CONTENT_EXAMPLE | {
        "card": CONTENT_EXAMPLE["card"] | {"nik": f"61720{place}{person:010d}"},
        "biometrics": {
            "images": biometrics["images"] | {"iris_left": "5e" * 32},
            "templates": {
                name: {"format": FORMAT, "data": data}
                for name, data in zip(("iris_left", "iris_right"), eyes, strict=True)
            },
            "exceptions": {},
        },
        "recording_id": str(recording_id),
    }
    return recording_id, canonical_bytes(
        recording_id, RECORDING.validate_json(orjson.dumps(content))
    )


async def _die(
    settlers: tuple[Nursery, str, Any],
    arrivals: Arrivals,
    chance: random.Random,
    drain_seconds: float,
) -> int:
    """Let settlers die while recordings come; then let them end the work. Gives the kills."""
    nursery, run, settings = settlers
    names = [f"settler-{number}" for number in range(SETTLERS)]
    pids = {name: nursery.start(name, run, settings) for name in names}
    connection = await asyncpg.connect(settings["url"].replace("+asyncpg", ""))
    kills = 0
    try:
        for _ in range(arrivals.deaths):
            await arrivals.some()
            await asyncio.sleep(chance.uniform(*LIVE_SECONDS) / SETTLERS)
            name = chance.choice(names)
            kills += kill(pids[name])
            pids[name] = nursery.start(name, run, settings)
        await arrivals.rest()
        async with asyncio.timeout(drain_seconds):
            while await _waiting(connection):
                await asyncio.sleep(0.1)
    except TimeoutError:
        pass  # what was not settled is counted
    finally:
        await connection.close()
        for pid in pids.values():
            kill(pid)
    return kills


async def _waiting(connection: Any) -> int:
    return int(
        await connection.fetchval(
            "SELECT (SELECT sum(i.accepted_seq - s.settled_seq) FROM intake_head i"
            " JOIN settled_head s USING (region_code))"
            " + (SELECT count(*) FROM undecided WHERE search_at IS NOT NULL)"
        )
    )


async def _outcome(url: str, told: Sequence[Told], kills: int, seed: int) -> Outcome:
    """Read what the centre said in the end: of each pair one is unique, and everybody else."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        rows = await connection.fetch("SELECT recording_id, outcome, pos FROM feed ORDER BY pos")
        gallery = await connection.fetchrow(
            "SELECT count(*) AS rows, coalesce(max(pos), 0) AS last,"
            " (SELECT last_pos FROM gallery_head) AS head FROM gallery"
        )
    finally:
        await connection.close()
    final = {row["recording_id"]: row["outcome"] for row in rows}
    unique: Counter[int] = Counter()
    people: Counter[int] = Counter()
    for one in told:
        people[one.person] += 1
        unique[one.person] += final.get(one.recording_id) == Decided.PRINT_READY_RECORD.value
    doubled = sum(unique[person] > 1 for person in people)
    nobody = sum(unique[person] == 0 for person in people)
    missing = sum(one.recording_id not in final for one in told)
    assert gallery is not None
    failures = []
    if doubled:
        failures.append(f"{doubled} people were called unique twice")
    if nobody or missing:
        failures.append(f"{nobody} people never unique, {missing} recordings never decided")
    if not gallery["rows"] == gallery["last"] == gallery["head"]:
        failures.append(f"the gallery has a hole: {tuple(gallery)}")
    figures = {
        "iris_pairs": sum(count == 2 for count in people.values()),
        "iris_recordings": len(told),
        "iris_kills": kills,
        "iris_unique_twice": doubled,
    }
    return Outcome(figures, tuple(f"{one}; {again('eyes', seed)}" for one in failures))
