"""A flood on one endpoint, and what it does to intake and the uplink.

`python -m services.command.bench.flood` starts a centre and a region with their usual settings,
asks both at an even pace in quiet and in a flood by turns, and puts the worst ratio of medians into
the security report. The flood comes from a process of its own, and from the same address.
"""

import asyncio
import multiprocessing
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from services.command import security_report
from services.command.bench.load import request
from services.command.town import NEIGHBOUR, Town, TownPlan
from services.simulator.population import city, recordings
from shared.contracts.envelopes import MEDIA_TYPE, Envelope, Heading, pack, wire_bytes
from shared.contracts.recording import RECORDING, canonical_bytes, digest
from shared.database.embedded import remove
from shared.roles import Role
from shared.signing import SIGNATURE_HEADER, SigningKey, sign_message

FLOODERS = 64
SAMPLES = 80
WARM_SAMPLES = 40
ROUNDS = 2
PAUSE_SECONDS = 0.02
FLOOD_BEGINS_SECONDS = 1.5
BATCH_ENVELOPES = 5
CITIZENS = 4_000  # more than all samples together


@dataclass(frozen=True, slots=True)
class Flood:
    """What is asked as fast as it is answered, and of whom."""

    name: str
    address: str
    request: bytes


@dataclass(frozen=True, slots=True)
class Ratio:
    """Latency in the flood over latency in quiet, of medians and of 90th percentiles."""

    flood: str
    path: str
    quiet_seconds: float
    median: float
    p90: float


class Line:
    """One connection that asks, waits for the answer, and asks again."""

    def __init__(self, address: str) -> None:
        split = urlsplit(address)
        self._where = (split.hostname or "127.0.0.1", split.port or 80)
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, asked: bytes) -> int:
        """The answer's status, once it is here whole."""
        if self._ends is None:
            self._ends = await asyncio.open_connection(*self._where)
        reader, writer = self._ends
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        lowered = head.lower()
        at = lowered.index(b"content-length:") + 15
        await reader.readexactly(int(lowered[at : at + 12].split(b"\r\n", 1)[0]))
        if b"connection: close" in lowered:
            await self.close()
        return int(head[9:12])

    async def close(self) -> None:
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None


def flood_for_ever(flood: Flood) -> None:
    """What the flooding process runs until it is ended."""

    async def one() -> None:
        line = Line(flood.address)
        while True:
            try:
                await line.ask(flood.request)
            except (OSError, asyncio.IncompleteReadError, ValueError):
                await line.close()

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(FLOODERS)))

    asyncio.run(all_of_them())


@dataclass(slots=True)
class Probe:
    """Asks one thing after the other, at an even pace, and takes the time."""

    line: Line
    requests: Iterator[bytes]
    good: int

    async def measure(self, samples: int) -> list[float]:
        """Raises AssertionError when one is not answered as it must be."""
        taken = []
        for asked in islice(self.requests, samples):
            began = time.perf_counter()
            status = await self.line.ask(asked)
            taken.append(time.perf_counter() - began)
            assert status == self.good, f"answered {status} in the flood"
            await asyncio.sleep(PAUSE_SECONDS)
        return taken


def batches(key: SigningKey, bodies: Iterator[bytes]) -> Iterator[bytes]:
    """What a region's uplink sends, one batch after the other."""
    seq = 1
    while True:
        envelopes = []
        for body in islice(bodies, BATCH_ENVELOPES):
            one = RECORDING.validate_json(body)
            canonical = canonical_bytes(one.recording_id, one)
            head = Heading(
                seq, one.recording_id, "recording", 1, datetime(2026, 1, 1, tzinfo=UTC),
                digest(canonical),
            )  # fmt: skip
            envelopes.append(Envelope(head, canonical))
            seq += 1
        batch = pack(NEIGHBOUR, 1, envelopes)
        payload = wire_bytes(batch)
        signature = sign_message(key, f"envelopes {NEIGHBOUR}", batch.manifest_bytes)
        yield (
            f"POST /v1/regions/{NEIGHBOUR}/envelopes HTTP/1.1\r\nHost: tunggal\r\n"
            f"Content-Type: {MEDIA_TYPE}\r\n{SIGNATURE_HEADER}: {signature}\r\n"
            f"Content-Length: {len(payload)}\r\n\r\n"
        ).encode() + payload


def floods_on(region: str, central: str, town: Town) -> list[Flood]:
    """Public pages, forged tokens at both, and a stolen token that looks people up."""
    nik = b'{"nik":"6172025207900003","birth_date":"1990-07-12"}'
    head = town.token(Role.HEAD_OF_OFFICE, Role.OFFICER)
    search = b'{"nik":"6172025207900003"}'
    return [
        Flood("citizen's page", region, request("GET", "/status", b"", "")),
        Flood("citizen's question", region, request("POST", "/v1/status", nik, "")),
        Flood("search with a stolen token", region, request("POST", SEARCH, search, head)),
        Flood("residents with a stolen token", region, request("GET", "/v1/unrecorded", b"", head)),
        Flood("forged tokens at the region", region, request("POST", SEARCH, search, "a.b.c")),
        Flood("forged tokens at the centre", central, request("GET", "/v1/resync", b"", "a.b.c")),
    ]


SEARCH = "/v1/recordings/search"


async def under(flood: Flood | None, probes: dict[str, Probe]) -> dict[str, list[float]]:
    """Latencies by path, in quiet or in a flood that has begun well before."""
    process = None
    if flood is not None:
        process = multiprocessing.get_context("spawn").Process(
            target=flood_for_ever, args=(flood,), daemon=True
        )
        process.start()
        await asyncio.sleep(FLOOD_BEGINS_SECONDS)
    try:
        return {path: await probe.measure(SAMPLES) for path, probe in probes.items()}
    finally:
        if process is not None:
            process.kill()
            process.join()


async def measure(town: Town) -> list[Ratio]:
    central = town.start_central()
    region = town.start_regional(central)
    planned = recordings(city(1, CITIZENS))
    token = town.token(Role.OFFICER)
    puts = (
        request("PUT", f"/v1/recordings/{one.recording_id}", one.content, token) for one in planned
    )
    others = (one.body for one in recordings(city(2, CITIZENS * BATCH_ENVELOPES)))
    key = town.keys.region_key(NEIGHBOUR)
    probes = {
        "intake": Probe(Line(region), puts, 202),
        "uplink": Probe(Line(central), batches(key, others), 200),
    }
    for probe in probes.values():
        await probe.measure(WARM_SAMPLES)
    found = []
    for flood in floods_on(region, central, town):
        quiet: dict[str, list[float]] = {path: [] for path in probes}
        loud: dict[str, list[float]] = {path: [] for path in probes}
        for turn in (None, flood) * ROUNDS:
            taken = await under(turn, probes)
            for path, seconds in taken.items():
                (loud if turn else quiet)[path] += seconds
        found += [ratio_of(flood.name, path, quiet[path], loud[path]) for path in probes]
    return found


def ratio_of(flood: str, path: str, quiet: Sequence[float], loud: Sequence[float]) -> Ratio:
    before, after = statistics.median(quiet), statistics.median(loud)
    late_before, late_after = (statistics.quantiles(one, n=10)[-1] for one in (quiet, loud))
    return Ratio(flood, path, before, after / before, late_after / late_before)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="tunggal-flood-"))
    folder.chmod(0o755)
    try:
        with Town(TownPlan(folder, regional={"LOG_LEVEL": "warning"})) as town:
            found = asyncio.run(measure(town))
    finally:
        for postgres in folder.glob("*/postgres"):
            remove(postgres)
        shutil.rmtree(folder, ignore_errors=True)
    worst = max(found, key=lambda one: one.median)
    security_report.put(
        {
            "flood_latency_ratio": round(worst.median, 2),
            "flood_latency_p90_ratio": round(max(one.p90 for one in found), 2),
            "flood_kinds": len({one.flood for one in found}),
        }
    )
    table = Table(
        "flood on", "path", "quiet", "median ratio", "p90 ratio", box=None, pad_edge=False
    )
    for one in found:
        quiet = f"{1000 * one.quiet_seconds:.1f} ms"
        table.add_row(one.flood, one.path, quiet, f"{one.median:.2f}", f"{one.p90:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
