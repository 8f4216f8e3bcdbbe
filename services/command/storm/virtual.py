"""The real applications on real PostgreSQL under a virtual clock: hours in seconds, by seed.

Nothing of the services is replaced but time, chance and the line: `create_app` of both, with all
their loops, migrations and doors. A seed decides the weather, the people, and at which of
PostgreSQL's answers which process is killed; the same seed gives the same trace. Idle loops look
every 20 s instead of several times a second, so that hours fit: an idle look finds nothing.
"""

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

import httpx
import structlog
from fastapi import FastAPI
from pydantic import JsonValue
from sqlalchemy import text

from services.central.app import create_app as create_central
from services.central.settings import CentralSettings
from services.command.storm.books import Books, Findings, check
from services.command.storm.books_sql import RegionSource, read_books
from services.command.storm.parts import Outcome, Plan, again
from services.command.storm.virtual_loop import VirtualLoop, Witness
from services.command.storm.virtual_world import (
    REGIONS,
    Lasting,
    Office,
    Served,
    VirtualClock,
    die_now_and_then,
    lay_keys,
)
from services.regional.app import create_app as create_regional
from services.regional.settings import RegionalSettings
from services.simulator.road import ROUGH, Road
from services.simulator.transport import RoadEvent, RoadTransport
from services.simulator.weather import demo_storm
from shared.database.embedded import EmbeddedPostgres, start
from shared.database.engine import Database
from shared.ids import ids_from

SEEDS = 3
HOURS = 0.5  # of one seed
HOURS_MIN = 0.1
SECONDS_OF_HOUR = 3600.0
DRAIN_LOOK_SECONDS = 120.0
DRAIN_HOURS_MAX = 24.0
IDLE_SECONDS = 20.0
IDLE_LOOKS = (
    "services.regional.resync.loop.SIGNS_SECONDS",
    "services.regional.resync.loop.LOOK_SECONDS",
    "services.central.worker.IDLE_SECONDS_MAX",
    "services.central.worker.SEARCH_IDLE_SECONDS",
    "services.central.penunggalan.iris.loop.WATCH_SECONDS",
    "services.central.feed.loop.POLL_SECONDS",
    "services.regional.uplink.loop.IDLE_SECONDS_MAX",
    "services.regional.evidence.loop.IDLE_SECONDS_MAX",
    "services.regional.hooks.loop.IDLE_SECONDS",
    "services.regional.disk.loop.SAMPLE_SECONDS",
)
QUICK = {
    # A killed process takes no disk along; the kills have fsync on.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # its hour is real time's
    "max_connections": "100",
}


@dataclass(slots=True)
class Told:
    """What one seed did."""

    found: Findings
    trace: str
    hours: float
    bites: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    answers: int = 0
    lock_waits: int = 0


def run(plan: Plan) -> Outcome:
    """Every seed once and the first one twice; a seed given runs alone. Scale: hours of a seed."""
    seeds = [plan.seed] if plan.seed is not None else list(range(1, 1 + plan.times(SEEDS)))
    hours = max(HOURS_MIN, HOURS * plan.scale)
    told: dict[int, Told] = {}
    failures: list[str] = []
    with start(plan.folder / "postgres", settings=QUICK) as server, as_simulated():
        for number, seed in enumerate(seeds):
            told[seed] = live(server, plan.folder, f"{number}", seed, hours)
            failures += [
                f"virtual, seed {seed}: {sentence}; {again('virtual', seed)}"
                for sentence in told[seed].found.sentences
            ]
        twin = live(server, plan.folder, "twin", seeds[0], hours)
    if twin.trace != told[seeds[0]].trace:
        failures.append(f"seed {seeds[0]} gave another trace; {again('virtual', seeds[0])}")
    return Outcome(_figures(list(told.values())), tuple(failures))


def _figures(told: list[Told]) -> dict[str, JsonValue]:
    bites: Counter[str] = Counter()
    for one in told:
        bites += one.bites
    return {
        "virtual_seeds": len(told),
        "virtual_hours": round(sum(one.hours for one in told), 1),
        "virtual_recordings": sum(one.found.recordings for one in told),
        "virtual_deaths": sum(one.deaths for one in told),
        "virtual_bites": dict(sorted(bites.items())),
        "virtual_answers_of_postgresql": sum(one.answers for one in told),
        "virtual_lock_waits": sum(one.lock_waits for one in told),
        "virtual_trace_hash": told[0].trace,
        "lost": sum(one.found.lost for one in told),
        "doubled": sum(one.found.doubled for one in told),
        "overtakes": sum(one.found.overtakes for one in told),
    }


def live(server: EmbeddedPostgres, folder: Path, name: str, seed: int, hours: float) -> Told:
    """One seed, from an empty country to a drained one; `name` is new for every call."""
    before = random.getstate()
    random.seed(f"{seed}/loops")  # what the loops draw their waits from
    ids = Random(f"{seed}/ids")
    witness = Witness(server.url("postgres"))
    try:
        with (
            ids_from(lambda: _uuid7(ids.getrandbits(128))),
            patch("shared.database.migrations._turn", asyncio.Lock()),  # one for each loop
            asyncio.Runner(loop_factory=VirtualLoop) as runner,
        ):
            loop = runner.get_loop()
            assert isinstance(loop, VirtualLoop)
            loop.witness = witness
            return runner.run(_Country(loop, server, folder / name, name, seed).live(hours))
    finally:
        witness.close()
        random.setstate(before)


class _Country:
    """The centre, two regions, and a rough road between."""

    def __init__(
        self, loop: VirtualLoop, server: EmbeddedPostgres, folder: Path, name: str, seed: int
    ) -> None:
        self._loop, self._seed, self._folder = loop, seed, folder
        self._clock = VirtualClock(loop)
        self._keys = lay_keys(folder / "keys", Random(f"{seed}/keys"))
        self._urls = {
            one: server.url(f"at_{one.replace('.', '')}_{name}") for one in ("centre", *REGIONS)
        }
        self._trace = sha256()
        self._roads: dict[str, RoadTransport] = {}
        self._served: dict[str, Served] = {
            "centre": Served(loop, self._urls["centre"], self._centre)
        }
        self._offices: list[Office] = []

    async def live(self, hours: float) -> Told:
        ends_at = hours * SECONDS_OF_HOUR
        known: list[str] = []
        for region in REGIONS:
            self._lay(region, ends_at, known)
        for served in self._served.values():
            served.start()
        deaths, _ = await asyncio.gather(self._kill(ends_at), self._work(ends_at))
        for road in self._roads.values():
            road.road = Road(())
        found = check(await self._drained(ends_at))
        told = Told(found, self._trace.hexdigest(), ends_at / SECONDS_OF_HOUR, deaths=deaths)
        told.answers, told.lock_waits = self._loop.answers, self._loop.lock_waits
        for road in self._roads.values():
            told.bites += Counter({str(what): count for what, count in road.tally.items()})
            await road.aclose()
        for served in self._served.values():
            await served.stop()
        return told

    async def _kill(self, ends_at: float) -> int:
        return sum(
            await asyncio.gather(
                *(
                    die_now_and_then(served, Random(f"{self._seed}/death/{name}"), ends_at)
                    for name, served in self._served.items()
                )
            )
        )

    async def _work(self, ends_at: float) -> None:
        people = [office.record_until(ends_at) for office in self._offices]
        printers = [office.print_until(ends_at) for office in self._offices]
        await asyncio.gather(*people, *printers)

    async def _drained(self, ends_at: float) -> Books:
        """What everybody holds when nothing waits any more, or after a day of waiting for it."""
        gives_up_at = ends_at + DRAIN_HOURS_MAX * SECONDS_OF_HOUR
        looking = {name: Database(url, 1) for name, url in self._urls.items()}
        while self._loop.time() < gives_up_at and not await _is_drained(looking):
            await asyncio.sleep(DRAIN_LOOK_SECONDS)
        for database in looking.values():
            await database.close()
        books = await read_books(
            self._urls["centre"],
            [
                RegionSource(one.region, self._urls[one.region], one.receipted)
                for one in self._offices
            ],
        )
        for region in books.regions:
            self._trace.update(repr((region.outbox, region.envelopes, region.feed)).encode())
            self._trace.update(repr((region.applied, sorted(map(repr, region.cards)))).encode())
        return books

    def _lay(self, region: str, ends_at: float, known: list[str]) -> None:
        road = Road(
            demo_storm(self._seed, ends_at, max(2, round(ends_at / SECONDS_OF_HOUR))),
            seed=f"{self._seed}/{region}",
            perils=ROUGH,
        )
        self._roads[region] = RoadTransport(
            self._served["centre"], road, now=self._loop.time, observe=self._note
        )
        self._served[region] = Served(
            self._loop, self._urls[region], lambda database: self._region(region, database)
        )
        draw = Random(f"{self._seed}/office/{region}")
        self._offices.append(
            Office(region, self._keys, self._clock, self._served[region], draw, known)
        )

    def _note(self, seen: RoadEvent) -> None:
        digest = sha256(seen.body).hexdigest()
        told = f"{seen.at_seconds:.6f} {seen.what} {seen.method} {seen.path} {digest}\n"
        self._trace.update(told.encode())

    def _centre(self, database: Database) -> FastAPI:
        settings = CentralSettings(
            key_file=self._keys.centre,
            regions_jwks=self._keys.regions_jwks,
            data_folder=self._folder,
            token_jwks=str(self._keys.issuer_jwks),
        )
        return create_central(settings, database, clock=self._clock)

    def _region(self, region: str, database: Database) -> FastAPI:
        settings = RegionalSettings(
            region=region,
            centre_address="http://centre",
            centre_jwks=str(self._keys.centre_jwks),
            key_file=self._keys.region(region),
            data_folder=self._folder / region,
            token_jwks=str(self._keys.issuer_jwks),
            ballast_bytes=0,
        )
        line: httpx.AsyncBaseTransport = Lasting(self._roads[region])
        return create_regional(settings, database, clock=self._clock, transport=line)


async def _is_drained(looking: dict[str, Database]) -> bool:
    """Everything sent, settled and read."""
    centre = await _rows(
        looking["centre"],
        "SELECT i.region_code, i.accepted_seq, s.settled_seq, f.last_pos FROM intake_head i"
        " JOIN settled_head s USING (region_code) JOIN feed_head f USING (region_code)",
    )
    held = {row[0]: tuple(row[1:]) for row in centre}
    for region in REGIONS:
        ((last_seq, acked_seq, applied_pos),) = await _rows(
            looking[region],
            "SELECT last_seq, acked_seq, applied_pos"
            " FROM outbox_head, uplink_position, feed_position",
        )
        if last_seq != acked_seq or held[region] != (acked_seq, acked_seq, applied_pos):
            return False
    return True


async def _rows(database: Database, statement: str) -> Any:
    async with database.begin() as transaction:
        return (await transaction.execute(text(statement))).all()


def _uuid7(bits: int) -> UUID:
    """The standard library of Python 3.11 knows no version 7."""
    free = bits & ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=free | 7 << 76 | 2 << 62)


@contextlib.contextmanager
def as_simulated() -> Iterator[None]:
    """Idle looks are rare, and nobody hears what dying processes say."""
    loggers = [logging.getLogger(name) for name in ("asyncio", "sqlalchemy.pool")]
    levels = [logger.level for logger in loggers]
    with contextlib.ExitStack() as stack:
        for name in IDLE_LOOKS:
            stack.enter_context(patch(name, IDLE_SECONDS))
        stack.enter_context(structlog.testing.capture_logs())
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(logging.CRITICAL + 1)
            stack.callback(logger.setLevel, level)
        yield
