"""A million recordings through the real code and real PostgreSQL, harmed on the way.

Four regions and the centre in one process: commit lane, uplink, intake, settler, feed and feed
reader are the services' own; between them a wire that harms a share of the exchanges by seed, while
workers are killed and database connections ended. Commits are not synced to disk: this part is not
about power cuts (`kills` is).
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic
from typing import Final

import asyncpg
import httpx
import structlog
import uvloop
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.central.app import MIGRATIONS as CENTRAL_MIGRATIONS
from services.central.app import create_app as create_central
from services.central.settings import CentralSettings
from services.command.keys import KeyFolder
from services.command.storm.books import Findings, check
from services.command.storm.books_sql import RegionSource, read_books
from services.command.storm.crowd import Crowd
from services.command.storm.faulty_wire import FaultyWire
from services.command.storm.parts import Outcome, Plan, again
from services.regional.app import MIGRATIONS as REGIONAL_MIGRATIONS
from services.regional.app import lay_positions
from services.regional.central_client.client import CentralClient, CentreKeys
from services.regional.feed_reader.loop import FeedReader
from services.regional.recording.loop import CommitLane
from services.regional.uplink.loop import Uplink
from shared.clock import SystemClock
from shared.database import migrations
from shared.database.embedded import EmbeddedPostgres, start
from shared.database.engine import Database
from shared.doors.serve import tune_collector
from shared.refusals import Refusal
from shared.signing import PinnedKeys

RECORDINGS: Final = 1_000_000
REGIONS: Final = ("61.72", "61.07", "61.01", "61.12")
HARMED_SHARE: Final = 0.2
HARMED_SHARE_MIN: Final = 0.10
SHARED_EVERY: Final = 100  # one person in a hundred is recorded in both regions
HAND_IN: Final = 1_000
LEAD_MAX: Final = 30_000  # recordings waiting at a region before its stations pause
STORM_SHARE: Final = 0.9  # of a region's recordings are acknowledged before it is calm
KILL_SECONDS_MEAN: Final = 3.0
RETRY_CAP_SECONDS: Final = 0.2
# A region that stands still must end in a finding, not in a storm without end: a million recordings
# take some seven minutes here. A slow machine is no finding: what drains may take its time.
RECORD_SECONDS_MAX = 3_600.0
STILL_SECONDS_MAX = 300.0
POSTGRES: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
    "max_connections": "100",
}


@dataclass(slots=True)
class Region:
    """One region's server, without its doors."""

    code: str
    url: str
    database: Database
    wire: FaultyWire
    lane: CommitLane
    workers: list[Callable[[], Awaitable[None]]]
    receipted: dict[object, object] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


def run(plan: Plan) -> Outcome:
    """Recordings at scale 1: RECORDINGS. The seed fixes people, harms and kills, not the timing."""
    seed = plan.seed if plan.seed is not None else 1
    tune_collector()
    started = monotonic()
    with _nothing_told(), start(plan.folder / "postgres", settings=POSTGRES) as server:
        recordings = plan.times(RECORDINGS, least=2_000)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            storm = runner.run(_storm(server, plan.folder, seed, recordings))
    return storm.outcome(seed, monotonic() - started)


@contextmanager
def _nothing_told() -> Iterator[None]:
    """A warning for each of thousands of harms would be most of the work."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        yield
    finally:
        structlog.configure(**before)


@dataclass(slots=True)
class Storm:
    """What happened and what was found."""

    recordings: int
    found: Findings
    harms: Counter[str]
    batches: int
    harmed_batches: int
    seconds: float

    def outcome(self, seed: int, whole_seconds: float) -> Outcome:
        share = self.harmed_batches / self.batches
        failures = list(self.found.sentences)
        if share < HARMED_SHARE_MIN:
            failures.append(f"Only {share:.1%} of the batches were harmed: that is no storm.")
        if silent := [kind for kind, times in self.harms.items() if not times]:
            failures.append(f"Never happened: {', '.join(silent)}.")
        if failures:
            failures.append(f"See it again: {again('database', seed)}")
        return Outcome(
            {
                "database_recordings": self.found.recordings,
                "lost": self.found.lost,
                "doubled": self.found.doubled,
                "overtakes": self.found.overtakes,
                "database_batches": self.batches,
                "database_faulted_batches": self.harmed_batches,
                "database_faults": dict(self.harms),
                "database_per_second": round(self.recordings / self.seconds),
                "database_conditions": "real PostgreSQL, commits not synced to disk, one process"
                " for four regions and the centre, set-up and check not counted in the speed"
                f"; {whole_seconds:.0f} s in all",
            },
            tuple(failures),
        )


async def _storm(server: EmbeddedPostgres, folder: Path, seed: int, recordings: int) -> Storm:
    async with AsyncExitStack() as stack:
        keys = KeyFolder(folder / "keys")
        keys.make(REGIONS)
        central_url = await _database(server, "central", CENTRAL_MIGRATIONS)
        centre = await stack.enter_async_context(_centre(folder, keys, central_url))
        regions = [
            await stack.enter_async_context(_region(server, keys, centre, code, seed))
            for code in REGIONS
        ]
        draw = Random(f"{seed}/kills")
        harms: Counter[str] = Counter(worker_killed=0, connection_ended=0)
        over = asyncio.Event()
        killer = asyncio.create_task(_kill(server, regions, draw, harms, over))
        started = monotonic()
        each = recordings // len(regions)
        with suppress(TimeoutError):  # Whoever stands still does not drain either.
            async with asyncio.timeout(RECORD_SECONDS_MAX):
                await asyncio.gather(
                    *(_record(region, number, each) for number, region in enumerate(regions))
                )
        over.set()
        await killer
        for region in regions:
            region.wire.share = 0.0  # The storm is over: now everything must drain.
        has_drained = await _has_drained(central_url, regions)
        seconds = monotonic() - started
        for region in regions:
            harms.update(region.wire.done)
        sources = [RegionSource(one.code, one.url, one.receipted) for one in regions]
        found = check(await read_books(central_url, sources), is_drained=has_drained)
        if not has_drained:
            found.add(
                "I13", 1, f"nothing moved for {STILL_SECONDS_MAX:.0f} s, and not all had arrived"
            )
        return Storm(
            each * len(regions),
            found,
            harms,
            sum(one.wire.batches for one in regions),
            sum(one.wire.harmed_batches for one in regions),
            seconds,
        )


async def _database(server: EmbeddedPostgres, name: str, folder: Path) -> str:
    """A fresh database with its tables; gives its URL."""
    url = server.url(name)
    database = Database(url, 2)
    try:
        await migrations.upgrade(database, folder)
    finally:
        await database.close()
    return url


@asynccontextmanager
async def _centre(
    folder: Path, keys: KeyFolder, url: str
) -> AsyncIterator[httpx.AsyncBaseTransport]:
    """The real centre, reached without sockets."""
    settings = CentralSettings(
        data_folder=folder,
        key_file=keys.centre,
        regions_jwks=keys.regions_jwks,
        token_jwks=str(keys.issuer_jwks),
        intake_per_second=0,
    )
    app = create_central(settings, Database(url))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://centre") as client:
            while (await client.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.05)
            yield transport


@asynccontextmanager
async def _region(
    server: EmbeddedPostgres,
    keys: KeyFolder,
    centre: httpx.AsyncBaseTransport,
    code: str,
    seed: int,
) -> AsyncIterator[Region]:
    url = await _database(server, f"region_{code.replace('.', '_')}", REGIONAL_MIGRATIONS)
    database, clock = Database(url), SystemClock()
    await lay_positions(database, code)
    wire = FaultyWire(centre, f"{seed}/{code}", HARMED_SHARE)
    pinned = PinnedKeys(json.loads(keys.centre_jwks.read_text()))
    client = CentralClient(
        "http://centre", code, keys.region_key(code), CentreKeys(pinned, None), transport=wire
    )
    lane = CommitLane(database, code, clock)
    region = Region(
        code,
        url,
        database,
        wire,
        lane,
        [
            lane.run,
            Uplink(database, client, code, clock, RETRY_CAP_SECONDS).run,
            FeedReader(database, client, code, clock, RETRY_CAP_SECONDS).run,
        ],
    )
    region.tasks = [asyncio.ensure_future(worker()) for worker in region.workers]
    try:
        yield region
    finally:
        for task in region.tasks:
            task.cancel()
        await asyncio.gather(*region.tasks, return_exceptions=True)
        await client.close()
        await database.close()


async def _record(region: Region, number: int, count: int) -> None:
    """As stations do: hand in, keep the receipts, hand in again what got none."""
    crowd = Crowd(number)
    for first in range(0, count, HAND_IN):
        arrivals = crowd.arrivals(first, min(HAND_IN, count - first), shared_every=SHARED_EVERY)
        while True:
            try:
                await region.lane.take(arrivals)
            except (SQLAlchemyError, Refusal, OSError):
                await asyncio.sleep(0.05)  # Whatever the trouble: there is no receipt.
            else:
                break
        region.receipted.update((one.recording_id, one.sha256) for one in arrivals)
        await _until_acked(region, first - LEAD_MAX)
    # The storm must not end before its batches have been through it.
    await _until_acked(region, int(count * STORM_SHARE))


async def _until_acked(region: Region, seq: int) -> None:
    while await _number(region.database, "SELECT acked_seq FROM uplink_position") < seq:
        await asyncio.sleep(0.1)


async def _kill(
    server: EmbeddedPostgres,
    regions: list[Region],
    draw: Random,
    harms: Counter[str],
    over: asyncio.Event,
) -> None:
    """Until it is over: now and then a worker dies wherever it is, or a connection ends."""
    while not over.is_set():
        await asyncio.sleep(draw.expovariate(1 / KILL_SECONDS_MEAN))
        region = draw.choice(regions)
        if draw.random() < 0.5:
            # Not the lane: in here stations wait for its answers, as they would not for a server's.
            place = draw.randrange(1, len(region.workers))
            region.tasks[place].cancel()
            await asyncio.wait([region.tasks[place]])
            region.tasks[place] = asyncio.ensure_future(region.workers[place]())
            harms["worker_killed"] += 1
        elif await _end_a_connection(server, draw):
            harms["connection_ended"] += 1


async def _end_a_connection(server: EmbeddedPostgres, draw: Random) -> bool:
    connection = await asyncpg.connect(_plain(server.url("postgres")))
    try:
        pids = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'tunggal'"
            " AND state <> 'idle' ORDER BY pid"
        )
        if not pids:
            return False
        ended = await connection.fetchval(
            "SELECT pg_terminate_backend($1)", draw.choice(pids)["pid"]
        )
    finally:
        await connection.close()
    return bool(ended)


async def _has_drained(central_url: str, regions: list[Region]) -> bool:
    """All that was said is settled, and all that was answered is applied.

    False once nothing at all has moved for STILL_SECONDS_MAX.
    """
    centre = Database(central_url, 1)
    loop = asyncio.get_running_loop()
    seen: list[tuple[int, int, int, int, int]] = []
    moved_at = loop.time()
    try:
        while True:
            places = [await _places(centre, region) for region in regions]
            if all(
                said == acked == settled and told == applied
                for said, acked, settled, told, applied in places
            ):
                return True
            if places != seen:
                seen, moved_at = places, loop.time()
            elif loop.time() - moved_at > STILL_SECONDS_MAX:
                return False
            await asyncio.sleep(0.2)
    finally:
        await centre.close()


async def _places(centre: Database, region: Region) -> tuple[int, int, int, int, int]:
    """What a region said, acknowledged and settled of it; what it was told, and applied."""
    settled = "SELECT settled_seq FROM settled_head WHERE region_code = :region"
    told = "SELECT last_pos FROM feed_head WHERE region_code = :region"
    return (
        await _number(region.database, "SELECT last_seq FROM outbox_head"),
        await _number(region.database, "SELECT acked_seq FROM uplink_position"),
        await _number(centre, settled, region=region.code),
        await _number(centre, told, region=region.code),
        await _number(region.database, "SELECT applied_pos FROM feed_position"),
    )


async def _number(database: Database, question: str, **about: str) -> int:
    """One number from a database that may be cutting connections just now."""
    while True:
        try:
            async with database.begin() as transaction:
                return int(await transaction.scalar(text(question), about) or 0)
        except (SQLAlchemyError, OSError):
            await asyncio.sleep(0.05)


def _plain(url: str) -> str:
    return url.replace("+asyncpg", "")
