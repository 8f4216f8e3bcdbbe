"""Images and decisions over real lines, by the clock: the services themselves on sockets.

Regions send to one centre, each a process of its own, through the simulator's lines. Some lines
break again and again, and beside them run others of the same kind over which a plain client sends
the same bytes from the beginning after every break. One region's line is narrow and whole: there a
recording's decision is waited for while images are under way.
"""

import asyncio
import contextlib
import math
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx

from services.command.keys import KeyFolder
from services.command.storm.evidence_model import Z_95, Mean
from services.command.storm.kill_processes import Nursery, Settings, free_port, kill
from services.regional.central_client.rules import wait_seconds
from services.regional.recording.examples import CONTENT_EXAMPLE
from services.simulator.link import Toxic, both_ways
from services.simulator.proxy import Line
from shared.clock import SystemClock
from shared.contracts.recording import Modality
from shared.database.embedded import start
from shared.ids import new_id
from shared.roles import Role, make_token

CENTRE, STEADY = "central", "61.07"
BREAKING = ("61.08", "61.71", "61.72")
REGIONS = (*BREAKING, STEADY)
NAMES = (CENTRE, *REGIONS)
HELD = "SELECT coalesce(sum(offset_bytes), 0) FROM evidence WHERE region_code = $1"
RECEIVED = "SELECT count(*) FROM evidence WHERE recording_id = $1 AND received_at IS NOT NULL"
DECIDED = "SELECT count(*) FROM decision WHERE recording_id = $1"
# The region's lines run at their own speed. The plain client would take hours: its lines are so
# many times faster and break so many times as often, so that each break costs as many bytes.
PLAIN_SPEED: Final = 25
IMAGES: Final = 4
TEMPLATE_CHARACTERS: Final = 10_500  # an envelope of some 12 KB with it
PIECE_SECONDS: Final = 2.0
RETRY_CAP_SECONDS: Final = 60.0
READY_SECONDS_MAX: Final = 90.0
LOOK_SECONDS: Final = 0.02
BETWEEN_DECISIONS_SECONDS: Final = 6.0
DECISION_SECONDS_MAX: Final = 60.0
DATABASE = {"shared_buffers": "64MB", "max_connections": "100"}
HERE = "services.command.storm.kill_processes"


@dataclass(frozen=True, slots=True)
class Trial:
    """window_seconds: how long it is watched. restarting: lines of the plain client.

    breaking_bytes_per_second, break_mean_seconds: of a line at its own speed.
    steady_speed: how much faster the narrow line runs; 1 measures it as it is.
    """

    seed: int
    window_seconds: float
    restarting: int
    images_bytes: int
    breaking_bytes_per_second: float
    steady_bytes_per_second: float
    break_mean_seconds: float
    round_trip_seconds: float
    steady_speed: float = 1.0


@dataclass(slots=True)
class Seen:
    """What the clock showed, in seconds as they would be at the lines' own speed.

    resumed: for each region, what all images of a recording take at the rate its bytes came to be
    held. restarted: each time all had come whole.
    """

    resumed: list[float] = field(default_factory=list)
    restarted: list[float] = field(default_factory=list)
    breaks: Counter[str] = field(default_factory=Counter)
    decisions: list[float] = field(default_factory=list)
    images_first: list[float] = field(default_factory=list)
    plain_bytes: int = 0  # what the plain client's lines passed, also of what came to nothing


def mean_between(finished: int, watched_seconds: float) -> Mean:
    """How long one takes, of those that finished while all were watched; bounds of a Poisson count.

    finished: one at least. What was under way at the end counts as watched, so that the long ones
    are not left out.
    """
    value = watched_seconds / finished
    half = value * Z_95 / math.sqrt(finished)
    return Mean(value, max(0.0, value - half), value + half)


def run_trial(trial: Trial, folder: Path) -> Seen:
    """Start everything, watch for the window, end everything. Linux, as the kills are."""
    with start(folder / "postgres", settings=DATABASE) as server, Nursery(folder) as nursery:
        urls = {name: server.url(f"at_{name.replace('.', '_')}") for name in NAMES}
        return asyncio.run(_watch(trial, folder, nursery, urls))


async def _watch(trial: Trial, folder: Path, nursery: Nursery, urls: Mapping[str, str]) -> Seen:
    seen, steady = Seen(), _steady(trial)
    ours, plainly = _breaking(trial, 1), _breaking(trial, PLAIN_SPEED)
    async with contextlib.AsyncExitStack() as stack:
        port = free_port()
        lines = {
            region: await stack.enter_async_context(
                _line(port, trial.seed + place, steady if region == STEADY else ours)
            )
            for place, region in enumerate(REGIONS)
        }
        keys = KeyFolder(folder / "keys")
        keys.make(REGIONS)
        settings = _settings(folder, keys, urls, port, lines)
        for name in NAMES:
            run = "run_central" if name == CENTRE else "run_regional"
            stack.callback(kill, nursery.start(name, f"{HERE}:{run}", settings[name]))
        offices = {
            name: await stack.enter_async_context(_office(keys, settings[name])) for name in NAMES
        }
        for office in offices.values():
            await _ready(office)
        books = {name: await stack.enter_async_context(_books(urls[name])) for name in NAMES}
        work = [_decide(offices[STEADY], books[STEADY], trial, seen)]
        for region in BREAKING:
            work.append(_break(lines[region], trial, seen, f"resumed-{region}", 1))
            work.append(_resume(region, offices[region], books[region], trial))
        plain = await stack.enter_async_context(_receiver(trial.images_bytes))
        plain_lines = []
        for number in range(trial.restarting):
            line = await stack.enter_async_context(_line(plain, trial.seed + 10 + number, plainly))
            plain_lines.append(line)
            work.append(_break(line, trial, seen, f"restarted-{number}", PLAIN_SPEED))
            work.append(_restart(line, trial, number, seen))
        line = await stack.enter_async_context(_line(plain, trial.seed + 2, steady))
        await _for_a_while([*work, _images_first(line, trial, seen)], trial.window_seconds)
        seen.plain_bytes = sum(one.sent_bytes["upstream"] for one in plain_lines)
        for region in BREAKING:
            if held_bytes := int(await books[CENTRE].fetchval(HELD, region)):
                share = held_bytes / trial.images_bytes
                seen.resumed.append(trial.window_seconds / share)
    return seen


async def _for_a_while(work: list[Any], seconds: float) -> None:
    """Until the time is over; raises what one of them failed of before."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _breaking(trial: Trial, speed: int) -> list[Toxic]:
    rate = round(trial.breaking_bytes_per_second * speed / 1000)
    delay = round(1000 * trial.round_trip_seconds / 2 / speed)
    return _toxics(rate, delay)


def _steady(trial: Trial) -> list[Toxic]:
    rate = round(trial.steady_bytes_per_second * trial.steady_speed / 1000)
    delay = round(1000 * trial.round_trip_seconds / 2 / trial.steady_speed)
    return _toxics(rate, delay)


def _toxics(rate: int, delay: int) -> list[Toxic]:
    return [
        *both_ways("bandwidth", attributes={"rate": rate, "shared": 1}),
        *both_ways("latency", attributes={"latency": delay}),
    ]


@contextlib.asynccontextmanager
async def _line(port: int, seed: int, toxics: list[Toxic]) -> AsyncIterator[Line]:
    line = await Line(("127.0.0.1", port), seed=seed).start()
    try:
        await line.apply(toxics)
        yield line
    finally:
        await line.stop()


async def _break(line: Line, trial: Trial, seen: Seen, name: str, speed: int) -> None:
    """Breaks have no memory; the line is back at once."""
    draw = Random(f"{trial.seed}/{name}/breaks")
    while True:
        await asyncio.sleep(draw.expovariate(speed / trial.break_mean_seconds))
        await line.cut()
        await line.restore()
        seen.breaks[name.partition("-")[0]] += 1


@contextlib.asynccontextmanager
async def _receiver(size_bytes: int) -> AsyncIterator[int]:
    """A plain server on a port of its own: it says yes to what has come whole."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readexactly(size_bytes)
            writer.write(b"y")
            await writer.drain()
            await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the line broke
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()


async def _send_whole(line: Line, content: bytes) -> None:
    """Raises OSError or IncompleteReadError when the line breaks before the answer is there."""
    reader, writer = await asyncio.open_connection(*line.listen)
    try:
        writer.write(content)
        await writer.drain()
        await reader.readexactly(1)
    finally:
        writer.transport.abort()


async def _restart(line: Line, trial: Trial, number: int, seen: Seen) -> None:
    """The same bytes in one piece, from zero after every break, with the region's own waits."""
    draw = Random(f"{trial.seed}/restarted-{number}")
    content = draw.randbytes(trial.images_bytes)
    clock = asyncio.get_running_loop().time
    started = clock()
    while True:
        try:
            await _send_whole(line, content)
        except (OSError, asyncio.IncompleteReadError):
            # The line is back at once, so that a long outage's wait would be our invention.
            await asyncio.sleep(wait_seconds(1, draw.random(), RETRY_CAP_SECONDS / PLAIN_SPEED))
            continue
        seen.restarted.append((clock() - started) * PLAIN_SPEED)
        started = clock()


async def _images_first(line: Line, trial: Trial, seen: Seen) -> None:
    content = Random(trial.seed).randbytes(trial.images_bytes)
    clock = asyncio.get_running_loop().time
    started = clock()
    await _send_whole(line, content)
    seen.images_first.append((clock() - started) * trial.steady_speed)


async def _resume(
    region: str, office: httpx.AsyncClient, books: asyncpg.Connection, trial: Trial
) -> None:
    """One recording's images after another, as the region sends them."""
    draw = Random(f"{trial.seed}/resumed-{region}")
    for number in count(1):
        images = _images(draw, trial.images_bytes)
        recording_id = await _record(office, region, number, images)
        await _hand_in(office, recording_id, images)
        while await books.fetchval(RECEIVED, recording_id) < IMAGES:
            await asyncio.sleep(LOOK_SECONDS)


async def _decide(
    office: httpx.AsyncClient, books: asyncpg.Connection, trial: Trial, seen: Seen
) -> None:
    """How long a decision takes after the receipt, while the first one's images are under way."""
    images = _images(Random(f"{trial.seed}/decided"), trial.images_bytes)
    clock = asyncio.get_running_loop().time
    for number in count(1):
        recording_id = await _record(office, STEADY, number, images)
        started = clock()
        if number == 1:
            await _hand_in(office, recording_id, images)
        async with asyncio.timeout(DECISION_SECONDS_MAX):
            while not await books.fetchval(DECIDED, recording_id):
                await asyncio.sleep(LOOK_SECONDS)
        seen.decisions.append(clock() - started)
        await asyncio.sleep(BETWEEN_DECISIONS_SECONDS / trial.steady_speed)


def _images(draw: Random, size_bytes: int) -> dict[str, bytes]:
    parts = list(Modality)[:IMAGES]
    return {part.value: draw.randbytes(size_bytes // IMAGES) for part in parts}


async def _record(
    office: httpx.AsyncClient, region: str, number: int, images: Mapping[str, bytes]
) -> UUID:
    """A recording that names exactly these images, in an envelope of some 12 KB."""
    recording_id = new_id()
    place = region.replace(".", "")
    card = CONTENT_EXAMPLE["card"] | {"nik": f"{place}02{number:010d}"}
    biometrics = {
        "images": {part: sha256(image).hexdigest() for part, image in images.items()},
        "templates": {"iris_right": {"format": "opaque-1", "data": "s" * TEMPLATE_CHARACTERS}},
        "exceptions": {one.value: "unreadable" for one in Modality if one.value not in images},
    }
    made = CONTENT_EXAMPLE | {"card": card, "biometrics": biometrics}
    answer = await office.put(f"/v1/recordings/{recording_id}", json=made)
    assert answer.status_code == 202, answer.text
    return recording_id


async def _hand_in(
    office: httpx.AsyncClient, recording_id: UUID, images: Mapping[str, bytes]
) -> None:
    for part, image in images.items():
        answer = await office.put(
            f"/v1/recordings/{recording_id}/evidence/{part}",
            content=image,
            headers={"content-type": "application/octet-stream"},
        )
        assert answer.status_code == 200, answer.text


def _settings(
    folder: Path, keys: KeyFolder, urls: Mapping[str, str], port: int, lines: Mapping[str, Line]
) -> dict[str, Settings]:
    common = {"token_jwks": str(keys.issuer_jwks), "database_connections_max": 5}
    settings: dict[str, Settings] = {
        CENTRE: common
        | {"key_file": str(keys.centre), "regions_jwks": str(keys.regions_jwks), "port": port}
    }
    for region in REGIONS:
        host, at = lines[region].listen
        settings[region] = common | {
            "region": region,
            "centre_address": f"http://{host}:{at}",
            "centre_jwks": str(keys.centre_jwks),
            "key_file": str(keys.region(region)),
            "port": free_port(),
            "retry_cap_seconds": RETRY_CAP_SECONDS,
            "evidence_piece_seconds": PIECE_SECONDS,
        }
    for name, one in settings.items():
        settings[name] = {**one, "database_url": urls[name], "data_folder": str(folder / name)}
    return settings


@contextlib.asynccontextmanager
async def _office(keys: KeyFolder, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service on this side of the line; its people may do everything."""
    region = settings.get("region")
    lifetime, now = timedelta(hours=8), SystemClock().now()
    token = make_token(keys.issuer_key(), "officer-1", list(Role), region, lifetime, now)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{settings['port']}",
        headers={"authorization": f"Bearer {token}"},
        timeout=30.0,
        trust_env=False,
        verify=False,  # noqa: S501 no TLS here
    ) as client:
        yield client


async def _ready(office: httpx.AsyncClient) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(READY_SECONDS_MAX):
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await office.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(LOOK_SECONDS)


@contextlib.asynccontextmanager
async def _books(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()
