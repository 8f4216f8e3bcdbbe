"""kill -9 of real processes and crashes of real databases, at random, under a faulty line.

A centre, a region with two servers that each run an uplink, a printer, and stations that remember
every receipt. The seed fixes whom death meets and in which order, and the faults of the line; the
moments are the machine's, so a run is repeated, not replayed.
"""

import asyncio
import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import orjson
from pydantic import JsonValue

from services.command.keys import KeyFolder
from services.command.storm.books import Findings, check
from services.command.storm.books_sql import RegionSource, read_books
from services.command.storm.kill_processes import (
    LAST_WORDS,
    Nursery,
    Settings,
    free_port,
    is_there,
    kill,
)
from services.command.storm.parts import Outcome, Plan, again
from services.regional.recording.examples import CONTENT_EXAMPLE
from services.simulator.link import Toxic
from services.simulator.proxy import Line
from shared.clock import SystemClock
from shared.database.embedded import EmbeddedPostgres, start
from shared.ids import new_id
from shared.roles import Role, make_token

KILLS = 300
KILLS_A_CRASH = 30
GAP_SECONDS = 0.22
STATIONS = 3
STATION_PAUSE_SECONDS = 0.01
ASK_AGAIN_SECONDS = 0.03
ANSWER_SECONDS_MAX = 3.0
READY_SECONDS_MAX = 60.0
DRAIN_SECONDS_MAX = 300.0  # of calm: a slow machine is no finding
OWN_ENDS_MAX = 10
KILLS_A_WEATHER = 12
REGION: Final = "61.72"
# fsync stays on: what was acknowledged must be there after the crash.
DURABLE = {"shared_buffers": "64MB", "max_connections": "150"}
HERE = "services.command.storm.kill_processes"
RUNS = {
    "central": f"{HERE}:run_central",
    "regional": f"{HERE}:run_regional",
    "second-uplink": f"{HERE}:run_regional",
    "printer": f"{HERE}:run_printer",
}
FAULTS = (
    Toxic("reset_peer", "downstream", 0.05),
    Toxic("reset_peer", "upstream", 0.03),
    Toxic("limit_data", "downstream", 0.05, {"bytes": 150}),
    Toxic("latency", "upstream", 0.3, {"latency": 20, "jitter": 20}),
    Toxic("latency", "downstream", 0.3, {"latency": 20, "jitter": 20}),
    Toxic("slicer", "upstream", 0.2, {"average_size": 700, "size_variation": 300}),
)


@dataclass(slots=True)
class Ward:
    """All that may die, and what outlives it: the line, the stations' memory, the counts."""

    folder: Path
    nursery: Nursery
    servers: dict[str, EmbeddedPostgres]
    urls: dict[str, str]
    settings: dict[str, Settings]
    runs: dict[str, str]
    line: Line
    pids: dict[str, int] = field(default_factory=dict)
    receipted: dict[Any, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def start(self, name: str) -> None:
        self.pids[name] = self.nursery.start(name, self.runs[name], self.settings[name])

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.settings[name]['port']}"


def run(plan: Plan) -> Outcome:
    return torture(plan, plan.times(KILLS, 20), RUNS)


def torture(plan: Plan, kills: int, runs: dict[str, str]) -> Outcome:
    """`runs`: what each process does, as module:function; a test plants a careless one."""
    seed = plan.seed if plan.seed is not None else 1
    with contextlib.ExitStack() as stack:
        servers = {
            name: stack.enter_context(start(plan.folder / name / "postgres", settings=DURABLE))
            for name in ("central", "regional")
        }
        nursery = stack.enter_context(Nursery(plan.folder))
        return asyncio.run(_torture(plan.folder, servers, nursery, kills, runs, seed))


async def _torture(
    folder: Path,
    servers: dict[str, EmbeddedPostgres],
    nursery: Nursery,
    kills: int,
    runs: dict[str, str],
    seed: int,
) -> Outcome:
    central_port = free_port()
    line = await Line(("127.0.0.1", central_port), seed=seed).start()
    try:
        ward = _ward(folder, servers, nursery, runs, line, central_port)
        for name in ward.runs:
            ward.start(name)
        await _ready(ward)
        await _die(ward, kills, seed)
        await line.apply([])
        kill(ward.pids.pop("printer"))
        has_drained = await _drained(ward)
        for pid in ward.pids.values():
            kill(pid)
    finally:
        await line.stop()
    source = RegionSource(REGION, ward.urls["regional"], ward.receipted)
    found = check(await read_books(ward.urls["central"], [source]), is_drained=has_drained)
    if not has_drained:
        found.add("I13", 1, f"not drained {DRAIN_SECONDS_MAX:.0f} s after the last fault")
    _check_machine(folder / "cards", found)
    return _outcome(ward, found, seed)


def _ward(
    folder: Path,
    servers: dict[str, EmbeddedPostgres],
    nursery: Nursery,
    runs: dict[str, str],
    line: Line,
    central_port: int,
) -> Ward:
    keys = KeyFolder(folder / "keys")
    keys.make([REGION])
    urls = {name: server.url(name) for name, server in servers.items()}
    common = {
        "data_folder": str(folder),
        "token_jwks": str(keys.issuer_jwks),
        "database_connections_max": 5,
    }
    regional = common | {
        "region": REGION,
        "centre_address": f"http://{line.listen[0]}:{line.listen[1]}",
        "centre_jwks": str(keys.centre_jwks),
        "key_file": str(keys.region(REGION)),
        "database_url": urls["regional"],
        "retry_cap_seconds": 0.2,
    }
    first_port = free_port()
    settings: dict[str, Settings] = {
        "central": common
        | {
            "key_file": str(keys.centre),
            "regions_jwks": str(keys.regions_jwks),
            "database_url": urls["central"],
            "port": central_port,
        },
        "regional": regional | {"port": first_port},
        "second-uplink": regional | {"port": free_port()},
        "printer": {
            "address": f"http://127.0.0.1:{first_port}",
            "token": _token(keys, Role.PRINTER),
            "notebook": str(folder / "notebook"),
            "cards": str(folder / "cards"),
        },
    }
    ward = Ward(folder, nursery, servers, urls, settings, runs, line)
    ward.settings["stations"] = {"token": _token(keys, Role.OFFICER)}
    return ward


def _token(keys: KeyFolder, role: Role) -> str:
    now = SystemClock().now()
    return make_token(keys.issuer_key(), role.value, [role], REGION, timedelta(hours=8), now)


async def _ready(ward: Ward) -> None:
    async with (
        asyncio.timeout(READY_SECONDS_MAX),
        httpx.AsyncClient(trust_env=False, verify=False) as client,  # noqa: S501 no TLS here
    ):
        for name in ("central", "regional"):
            while not await _answers(client, f"{ward.address(name)}/readyz"):
                await asyncio.sleep(ASK_AGAIN_SECONDS)


async def _answers(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).status_code == 200
    except httpx.HTTPError:
        return False


async def _die(ward: Ward, kills: int, seed: int) -> None:
    """Kill and start anew, `kills` times, while stations record; gives them time to finish."""
    order, moments = random.Random(seed), random.Random(seed + 1)
    names = list(ward.runs)
    is_over = asyncio.Event()
    stations = [
        asyncio.create_task(_record(ward, number, is_over)) for number in range(1, STATIONS + 1)
    ]
    try:
        for nth in range(1, kills + 1):
            if nth % KILLS_A_WEATHER == 1:
                await ward.line.apply(order.sample(FAULTS, order.randint(1, len(FAULTS))))
            await asyncio.sleep(moments.expovariate(1 / GAP_SECONDS))
            name = order.choice(names)
            ward.counts[name if kill(ward.pids[name]) else "own ends"] += 1
            ward.start(name)
            _start_what_ended(ward)
            if nth % KILLS_A_CRASH == 0:
                database = ward.servers[order.choice(("central", "regional"))]
                database.crash()
                database.resume()
                ward.counts["crashes"] += 1
            if ward.counts["own ends"] > OWN_ENDS_MAX:
                break
        is_over.set()
        await asyncio.wait_for(asyncio.gather(*stations), READY_SECONDS_MAX)
    finally:
        for station in stations:
            station.cancel()
        await asyncio.gather(*stations, return_exceptions=True)


def _start_what_ended(ward: Ward) -> None:
    for name, pid in ward.pids.items():
        if not is_there(pid):
            ward.counts["own ends"] += 1
            ward.start(name)


async def _record(ward: Ward, station: int, is_over: asyncio.Event) -> None:
    """One person after the other; each is asked again under the same id until there is a receipt.

    When one server is away the other one is asked.
    """
    servers = ["regional", "second-uplink"]
    token = ward.settings["stations"]["token"]
    async with httpx.AsyncClient(
        headers={"authorization": f"Bearer {token}"},
        timeout=ANSWER_SECONDS_MAX,
        trust_env=False,
        verify=False,  # noqa: S501 no TLS here, and the world's certificates take long to load
    ) as client:
        number = 0
        while not is_over.is_set():
            number += 1
            recording_id = new_id()
            card = CONTENT_EXAMPLE["card"] | {"nik": f"617202{station:02d}{number:08d}"}
            body = orjson.dumps(CONTENT_EXAMPLE | {"card": card})
            while (
                sha256 := await _receipt(client, ward, servers[0], str(recording_id), body)
            ) is None:
                servers.reverse()
                await asyncio.sleep(ASK_AGAIN_SECONDS)
            ward.receipted[recording_id] = sha256
            await asyncio.sleep(STATION_PAUSE_SECONDS)


async def _receipt(
    client: httpx.AsyncClient, ward: Ward, server: str, recording_id: str, body: bytes
) -> bytes | None:
    address = f"{ward.address(server)}/v1/recordings/{recording_id}"
    headers = {"content-type": "application/json"}
    try:
        answer = await client.put(address, content=body, headers=headers)
    except httpx.HTTPError:
        return None
    if answer.status_code != 202:
        ward.counts[f"answer {answer.status_code}"] += 1
        return None
    return bytes.fromhex(answer.json()["sha256"])


async def _drained(ward: Ward) -> bool:
    """Calm, every process up: whether everything arrives, is settled and is heard."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS_MAX):
            await _ready(ward)
            while not await _is_drained(ward):
                _start_what_ended(ward)
                await asyncio.sleep(0.1)
            return True
    return False


async def _is_drained(ward: Ward) -> bool:
    asked = {
        "regional": "SELECT (SELECT max(last_seq) FROM outbox_head),"
        " (SELECT max(acked_seq) FROM uplink_position),"
        " (SELECT max(applied_pos) FROM feed_position)",
        "central": "SELECT max(settled_seq), (SELECT max(last_pos) FROM feed_head)"
        " FROM settled_head",
    }
    rows = {}
    for name, statement in asked.items():
        connection = await asyncpg.connect(ward.urls[name].replace("+asyncpg", ""))
        try:
            (rows[name],) = await connection.fetch(statement)
        finally:
            await connection.close()
    said, acknowledged, applied = rows["regional"]
    settled, told = rows["central"]
    return bool(said == acknowledged == settled and told == applied)


def _check_machine(cards: Path, found: Findings) -> None:
    """What came out of the printing machine, by its own count."""
    lines = cards.read_text().splitlines() if cards.exists() else []
    by_permission = Counter(line.split()[0] for line in lines)
    twice = sum(count - 1 for count in by_permission.values())
    found.doubled += found.add("I7", twice, "card printed beyond one for a permission")


def _last_words(ward: Ward) -> set[str]:
    """Why processes ended that nobody had killed."""
    return {
        f"{name} {line}"
        for name in ward.runs
        for line in (ward.folder / f"{name}.log").read_text().splitlines()
        if line.startswith(LAST_WORDS)
    }


def _outcome(ward: Ward, found: Findings, seed: int) -> Outcome:
    failures = [f"{one}; again: {again('kills', seed)}" for one in found.sentences]
    own_ends = ward.counts.pop("own ends", 0)
    if own_ends > OWN_ENDS_MAX:
        said = "; ".join(sorted(_last_words(ward)))
        failures.append(f"processes ended by themselves {own_ends} times: {said}")
    crashes = ward.counts.pop("crashes", 0)
    by_process: dict[str, JsonValue] = {name: ward.counts[name] for name in ward.runs}
    cards = ward.folder / "cards"
    return Outcome(
        {
            "kills": sum(ward.counts[name] for name in ward.runs),
            "kills_by_process": by_process,
            "database_crashes": crashes,
            "kills_receipted": len(ward.receipted),
            "kills_line_resets": ward.line.tally.resets,
            "kills_cards": len(cards.read_text().splitlines()) if cards.exists() else 0,
            "kills_ended_by_themselves": own_ends,
            "lost": found.lost,
            "doubled": found.doubled,
            "overtakes": found.overtakes,
        },
        tuple(failures),
    )
