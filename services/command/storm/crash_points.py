"""Die at every await: one cycle of each loop and door, killed at its 1st, 2nd, … suspension.

What dies is the real coroutine on real PostgreSQL, driven by hand; its connections break as a
killed process leaves them, so that a commit already on its way happens and its answer is not heard.
Then fresh processes take over, and `books.check` says what it cost. No figure here is a wall-clock
race: the number of points is the number of suspensions, give or take those of a socket's reads.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from services.command.storm.books import Findings, check
from services.command.storm.books_sql import RegionSource, read_books
from services.command.storm.crash_world import (
    REGION,
    Died,
    Doomed,
    Service,
    World,
    until,
    world_of,
)
from services.command.storm.parts import Outcome, Plan, again
from services.regional.recording.loop import CommitLane
from services.regional.recording.steps import Answer
from shared.clock import SystemClock
from shared.database.embedded import EmbeddedPostgres, start
from shared.database.engine import Database
from shared.refusals import DatabaseUnavailable

QUICK = {
    # A process that dies takes no disk along; the kills have fsync on.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
}
POINTS_MAX = 1_000
RECORDINGS = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Something to die in.

    prepare: lay ready what it works on. work: what dies, on the dying process's database.
    is_done: whether it did its work: a loop never ends by itself.
    recover: what people do after such a death.
    """

    service: Service
    prepare: Callable[[World], Awaitable[object]]
    work: Callable[[World, Database], Coroutine[Any, Any, Any]]
    is_done: Callable[[World], Awaitable[bool]]
    recover: Callable[[World], Awaitable[object]] | None = None


async def _recorded(world: World) -> None:
    await world.record(RECORDINGS)


async def _silent_line(world: World) -> None:
    await world.record(1)
    await world.say("regional", "UPDATE uplink_position SET failures_in_a_row = 1")


async def _is_heard(world: World) -> bool:
    return bool(await world.ask("regional", "SELECT failures_in_a_row = 0 FROM uplink_position"))


async def _sent(world: World) -> None:
    await world.record(RECORDINGS)
    await world.send()


async def _answered(world: World) -> None:
    await _sent(world)
    await world.settle()


async def _permitted(world: World) -> None:
    await world.record(1)
    await world.drain()


async def _ends_by_itself(_: World) -> bool:
    return False


async def _nothing(_: World) -> None:
    return


def _commit(world: World, database: Database) -> Coroutine[Any, Any, None]:
    """One recording by the commit lane; a station waits for its receipt."""
    lane = CommitLane(database, REGION, SystemClock())
    arrival = world.arrival()

    async def receipt() -> list[Answer]:
        while True:
            with contextlib.suppress(DatabaseUnavailable):  # the lane runs in a moment
                return await lane.take([arrival])
            await asyncio.sleep(0)

    world.station = asyncio.create_task(receipt())
    return lane.run()


async def _has_receipt(world: World) -> bool:
    return world.station is not None and world.station.done()


async def _intake(world: World, _: Database) -> None:
    """One batch at the centre's door."""
    path, content, headers = await world.next_batch()
    async with world.client_of("central") as client:
        answer = await client.post(path, content=content, headers=headers)
        answer.raise_for_status()


async def _print(world: World, _: Database) -> None:
    """Spend the oldest permission, then report the card printed."""
    async with world.client_of("regional") as printer:
        listed = (await printer.get("/v1/print-authorizations")).raise_for_status()
        permission = listed.json()["items"][0]["authorization_id"]
        blank = f"BLK-{next(world.numbers)}"
        spend = f"/v1/print-authorizations/{permission}/spend"
        (await printer.post(spend, json={"blank_serial": blank})).raise_for_status()
        result = f"/v1/cards/{blank}/result"
        (await printer.post(result, json={"result": "printed"})).raise_for_status()


async def _void_what_was_cut_off(world: World) -> None:
    """As an office does after a power cut: nobody knows whether that blank was printed."""
    blanks = await world.column(
        "regional", "SELECT blank_serial FROM card WHERE state = 'printing'"
    )
    async with world.client_of("regional") as printer:
        for blank in blanks:
            answer = await printer.post(
                f"/v1/cards/{blank}/result", json={"result": "spoiled", "cause": "power-cut"}
            )
            answer.raise_for_status()


PLACES: Mapping[str, Place] = {
    "uplink": Place("regional", _recorded, lambda w, d: w.uplink(d).run(), World.is_sent),
    "probe": Place("regional", _silent_line, lambda w, d: w.uplink(d).run(), _is_heard),
    "feed page": Place("regional", _answered, lambda w, d: w.reader(d).run(), World.is_read),
    "recording": Place("regional", _nothing, _commit, _has_receipt),
    "settling": Place("central", _sent, lambda w, d: w.settler(d).run(), World.is_settled),
    "intake": Place("central", _recorded, _intake, _ends_by_itself),
    "printing": Place("regional", _permitted, _print, _ends_by_itself, _void_what_was_cut_off),
}


def run(plan: Plan) -> Outcome:
    """Every point of every place; a seed is one point of each. Scale takes every n-th point."""
    with start(plan.folder / "postgres", settings=QUICK) as server, _nobody_hears():
        return asyncio.run(_explore_all(server, plan))


@contextlib.contextmanager
def _nobody_hears() -> Iterator[None]:
    """What a dead process's pool and log still say belongs to nobody."""
    loggers = [logging.getLogger(name) for name in ("asyncio", "sqlalchemy.pool")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        with structlog.testing.capture_logs():
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


async def _explore_all(server: EmbeddedPostgres, plan: Plan) -> Outcome:
    points: Counter[str] = Counter()
    failures: list[str] = []
    whole = Findings()
    waiting = list(PLACES)
    while waiting:
        number = len(failures)  # a world is left behind when its books are broken
        async with world_of(server, plan.folder / str(number), number) as world:
            while waiting and len(failures) == number:
                name = waiting.pop(0)
                failure = await _explore(world, name, plan, points, whole)
                failures += [failure] if failure else []
    return Outcome(
        {
            "crash_points": points.total(),
            "crash_points_by_place": dict(points),
            "lost": whole.lost,
            "doubled": whole.doubled,
            "overtakes": whole.overtakes,
        },
        tuple(failures),
    )


async def _explore(
    world: World, name: str, plan: Plan, points: Counter[str], whole: Findings
) -> str | None:
    """Die at each point of one place until it gets through; gives what broke first."""
    for last in _points(plan):
        has_died, found = await die_at(world, PLACES[name], last)
        points[name] += has_died
        whole.lost += found.lost
        whole.doubled += found.doubled
        whole.overtakes += found.overtakes
        if not found.holds:
            told = "; ".join(found.sentences)
            return f"{name}, killed at await {last}: {told}; again: {again('crash-points', last)}"
        if not has_died:
            return None
    return f"{name}: not done after {POINTS_MAX} awaits" if plan.seed is None else None


def _points(plan: Plan) -> range:
    if plan.seed is not None:
        return range(plan.seed, plan.seed + 1)
    return range(1, POINTS_MAX, max(1, round(1 / plan.scale)))


async def die_at(world: World, place: Place, last: int) -> tuple[bool, Findings]:
    """One life that ends at its `last`-th suspension, and what fresh ones make of it.

    Tells whether it died before it was done.
    """
    await place.prepare(world)
    mortal = world.mortals[place.service]
    work = Doomed(place.work(world, mortal.database), last, mortal.break_off)
    has_died = False
    try:
        await until(lambda: place.is_done(world), work.run())
    except Died:
        has_died = True
    await world.bury()
    try:
        if place.recover is not None:
            await world.drain()
            await place.recover(world)
        await world.drain()
    except TimeoutError:
        found = Findings()
        found.add("I13", 1, "it did not drain")
        return has_died, found
    source = RegionSource(REGION, world.urls["regional"], world.receipted)
    return has_died, check(await read_books(world.urls["central"], [source]))
