"""The demonstration from an empty folder to a report. Each part is one function below `_Story`."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from services.command.demo.audit import Auditor, Findings
from services.command.demo.cards import SAMPLE_CARDS, CardSample, Printer
from services.command.demo.handins import HandIns, Part
from services.command.demo.irises import Truth
from services.command.demo.load import History, Stations
from services.command.demo.neighbour import hand_in
from services.command.demo.officers import OfficerSample, attempt, enrol_here, letters_of
from services.command.demo.report import Measured, report_of
from services.command.demo.screen import Bars, Scene, Screen
from services.command.town import NEIGHBOUR, REGION, Town, TownPlan, TownTrouble
from services.simulator.proxy import Line
from services.simulator.weather import Spell, demo_storm
from shared.clock import Clock
from shared.contracts.outcomes import Outcome
from shared.database import embedded
from shared.database.placement import data_folders_below
from shared.roles import Role
from shared.signing import PinnedKeys

RETRY_CAP_SECONDS = 2.0
SEARCH_AGAIN_SECONDS = 1.0
OUTAGES = 4
# The storm is made as long as sending is expected to take, so that its outages meet a full queue.
STORM_RECORDINGS_PER_SECOND = 3_000
STORM_SECONDS_MIN = 10.0
# Stations hand in no faster than this, and a small city's no faster than over most of the storm.
PACE_RECORDINGS_PER_SECOND = 4_500
PACE_SECONDS_MIN = 9.0
LOOK_SECONDS = 0.25
STALLED_SECONDS_MAX = 120.0
MARK = ".tunggal-demo"


class FolderNotOurs(Exception):
    """The folder holds something a demonstration did not put there."""


@dataclass(frozen=True, slots=True)
class Request:
    recordings: int
    seed: int
    folder: Path
    irises: int


def run(request: Request, screen: Screen, clock: Clock) -> dict[str, Any]:
    """Run it all; the report says in `invariants` what held.

    Raises FolderNotOurs, TownTrouble, and the troubles of its parts, perhaps in a group.
    """
    _clear(request.folder, screen)
    hand_ins = HandIns(
        request.folder / "hand-ins", request.seed, request.recordings, request.irises
    )
    hand_ins.folder.mkdir()
    town_plan = TownPlan(
        request.folder / "town",
        central={"SEARCH_AGAIN_SECONDS": str(SEARCH_AGAIN_SECONDS)},
        regional={"RETRY_CAP_SECONDS": str(RETRY_CAP_SECONDS)},
    )
    town_plan.folder.mkdir()
    town, writers = Town(town_plan), _Writers(hand_ins)
    screen.say(f"The data lies in {request.folder} until the next demonstration or `make clean`")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, hand_ins.folder, ignore_errors=True)
        stack.callback(writers.end)
        with screen.phase("set_up", "The city is made, the databases and the centre are started"):
            writers.start()
            stack.enter_context(town)
            central = town.start_central()
            writers.finish(Part.RESIDENTS)
        return asyncio.run(_Story(town, hand_ins, writers, screen, clock, central).tell())


class _Story:
    def __init__(
        self,
        town: Town,
        hand_ins: HandIns,
        writers: "_Writers",
        screen: Screen,
        clock: Clock,
        central: str,
    ) -> None:
        self._town = town
        self._hand_ins = hand_ins
        self._writers = writers
        self._screen = screen
        self._clock = clock
        self._central = central
        self._history = History({})
        self._spells: list[Spell] = []
        self._truth = Truth({}, ())
        self._officers = OfficerSample()

    async def tell(self) -> dict[str, Any]:
        upstream = urlsplit(self._central)
        seed = self._hand_ins.seed
        line = await Line((upstream.hostname or "", upstream.port or 0), seed=seed).start()
        try:
            # Blocks this loop for a second: nobody speaks over the line yet.
            regional = self._town.start_regional(f"http://{line.listen[0]}:{line.listen[1]}")
            return await self._over(line, regional)
        finally:
            await line.stop()

    async def _over(self, line: Line, regional: str) -> dict[str, Any]:
        desk = self._town.token(Role.HEAD_OF_OFFICE, Role.PRINTER, Role.OPERATIONS)
        watch = self._town.token(Role.OPERATIONS, Role.HEAD_OF_OFFICE, region=None)
        async with _calling(regional, desk) as region, _calling(self._central, watch) as centre:
            await self._prepare(region, centre)
            started_at, finished_at = await self._record(line, regional, region, centre)
            with self._screen.phase("count", "Coverage, fairness and outcomes are asked for"):
                coverage = await _asked(region, "/v1/coverage")
                fairness = await _asked(region, "/v1/fairness")
                national = await _asked(centre, "/v1/coverage")
                outcomes = await _asked(centre, "/v1/outcomes")
            cards = await self._print(region)
            findings = await self._audit()
        return report_of(
            Measured(
                hand_ins=self._hand_ins,
                truth=self._truth,
                officers=self._officers,
                history=self._history,
                findings=findings,
                cards=cards,
                coverage=coverage,
                fairness=fairness,
                national=national,
                outcomes=outcomes["regions"],
                spells=self._spells,
                outages_survived=line.tally.outages_survived,
                connections_reset=line.tally.resets,
                seconds=(finished_at - started_at).total_seconds(),
                phase_seconds=self._screen.phase_seconds,
                retry_cap_seconds=RETRY_CAP_SECONDS,
                paced_seconds=self._pace_seconds,
            )
        )

    async def _prepare(self, region: httpx.AsyncClient, centre: httpx.AsyncClient) -> None:
        with self._screen.phase("import_residents", "The residents' list is imported"):
            answer = await region.put(
                "/v1/residents",
                content=self._hand_ins.residents_csv.read_bytes(),
                headers={"content-type": "text/csv"},
            )
            if answer.status_code != 200 or answer.json()["left_out"]:
                raise TownTrouble(f"The residents' list was not taken: {answer.status_code}")
        with self._screen.phase("write_recordings", "Every recording lies ready to be handed in"):
            while self._writers.is_writing(Part.RECORDINGS):
                await asyncio.sleep(0.05)
            self._writers.finish(Part.RECORDINGS)
            self._history.planned.update(self._hand_ins.places())
            self._truth = self._hand_ins.truth()
        with self._screen.phase("neighbour", f"Region {NEIGHBOUR} handed its recordings in"):
            bodies = self._hand_ins.lines("neighbour")
            key = self._town.keys.region_key(NEIGHBOUR)
            known = letters_of(self._hand_ins.lines("officers_there"), self._clock.now())
            await hand_in(centre, NEIGHBOUR, key, bodies, known)
            self._officers.enrolled_there = len(known)
        if self._hand_ins.irises:
            with self._screen.phase("officers", "Officers' own irises are known, and refused"):
                await enrol_here(region, self._hand_ins.lines("officers_here"), self._officers)
                (tried,) = self._hand_ins.lines("officers_attempts")
                await attempt(region, self._town.token(Role.OFFICER), tried, self._officers)

    async def _record(
        self, line: Line, regional: str, region: httpx.AsyncClient, centre: httpx.AsyncClient
    ) -> tuple[datetime, datetime]:
        """Hand all in under the storm; gives the moments of the first POST and last decision."""
        count = self._hand_ins.count
        storm_seconds = max(STORM_SECONDS_MIN, count / STORM_RECORDINGS_PER_SECOND)
        self._spells = list(demo_storm(self._hand_ins.seed, storm_seconds, OUTAGES))
        stations = Stations(regional, self._town.token(Role.OFFICER), self._history)
        stations.expect_again(self._hand_ins)
        started_at, started = self._clock.now(), time.monotonic()
        pace_seconds = self._pace_seconds

        def pace(begun: int) -> float:
            return started + begun / count * pace_seconds

        with (
            self._screen.phase("record", "Every recording is decided and back at its office"),
            self._screen.recording(count) as bars,
        ):
            storm = asyncio.create_task(line.follow(self._spells))
            sending = asyncio.create_task(self._hand_in_all(stations, pace))
            try:
                await self._watch(region, line, bars, sending, started)
                await sending
                await storm
                await _until_searched(centre)
                await _until_quiet(region)
            finally:
                sending.cancel()
                storm.cancel()
                await asyncio.gather(sending, storm, return_exceptions=True)
                await stations.close()
        async with self._auditor() as auditor:
            return started_at, await auditor.last_applied_at()

    @property
    def _pace_seconds(self) -> float:
        return max(PACE_SECONDS_MIN, self._hand_ins.count / PACE_RECORDINGS_PER_SECOND)

    async def _hand_in_all(self, stations: Stations, pace: Callable[[int], float]) -> None:
        await stations.record_in_bulk(self._hand_ins.lines("bulk"), pace)
        await stations.record_one_by_one(self._hand_ins.lines("single"))
        await stations.resend(self._hand_ins)
        await stations.attempt_again(self._hand_ins)

    async def _watch(
        self,
        region: httpx.AsyncClient,
        line: Line,
        bars: Bars,
        sending: asyncio.Task[None],
        started: float,
    ) -> None:
        """Show the queue until all is decided. Raises TownTrouble when nothing moves any more."""
        moved_at, seen = time.monotonic(), (-1, -1)
        while True:
            if sending.done():
                await sending  # raises what ended it
            queue = await _asked(region, "/v1/queue")
            self._town.check_alive()
            recorded = len(self._history.receipted)
            # The residents' base and officers' irises are envelopes too; they get no decision.
            no_recordings = 1 + self._officers.enrolled_here
            at_centre = max(0, queue["acknowledged_seq"] - no_recordings)
            decided = queue["feed_applied_pos"]
            spell = line.tally.spell.state if line.tally.spell else "clear"
            now = time.monotonic()
            bars.show(
                Scene(
                    recorded,
                    at_centre,
                    decided,
                    queue["waiting"],
                    spell,
                    line.tally.outages_survived,
                    now - started,
                )
            )
            if sending.done() and decided >= recorded and queue["waiting"] == 0:
                return
            if (recorded, decided) != seen:
                moved_at, seen = now, (recorded, decided)
            elif now - moved_at > STALLED_SECONDS_MAX:
                raise TownTrouble(
                    f"Nothing moved for {STALLED_SECONDS_MAX:.0f} s; look at the logs in"
                    f" {self._town.plan.folder}"
                )
            await asyncio.sleep(LOOK_SECONDS)

    async def _print(self, region: httpx.AsyncClient) -> CardSample:
        printer = Printer(region, self._clock)
        with self._screen.phase("print_cards", "A sample of cards is printed"):
            await printer.print_sample(SAMPLE_CARDS)
            (early,) = self._hand_ins.lines("early")
            await printer.hold_under_17(early, self._town.token(Role.OFFICER))
            await _until_quiet(region)
        return printer.sample

    async def _audit(self) -> Findings:
        with self._screen.phase("audit", "Both databases are compared with every receipt"):
            async with self._auditor() as auditor:
                keys = json.loads(self._town.keys.centre_jwks.read_text())
                return await auditor.findings(self._history, PinnedKeys(keys))

    def _auditor(self) -> Auditor:
        return Auditor(
            self._town.postgres_url("regional", "regional"),
            self._town.postgres_url("central", "central"),
            REGION,
        )


@asynccontextmanager
async def _calling(address: str, token: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=address,
        headers={"authorization": f"Bearer {token}"},
        timeout=120.0,
        trust_env=False,
    ) as http:
        yield http


async def _asked(http: httpx.AsyncClient, path: str) -> Any:
    answer = await http.get(path)
    if answer.status_code != 200:
        raise TownTrouble(f"{path} answered {answer.status_code}")
    return answer.json()


async def _until_searched(centre: httpx.AsyncClient) -> None:
    """Until no search that was impossible is left to be made again."""
    until = time.monotonic() + STALLED_SECONDS_MAX
    while time.monotonic() < until:
        outcomes = (await _asked(centre, "/v1/outcomes"))["regions"].get(REGION, {})
        if not outcomes.get(Outcome.SEARCH_FAILURE_AT_CENTRAL):
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise TownTrouble("The centre could not search its gallery; look at its log.")


async def _until_quiet(region: httpx.AsyncClient) -> None:
    """Until the last card receipt is at the centre and the last entry is here."""
    until = time.monotonic() + STALLED_SECONDS_MAX
    while time.monotonic() < until:
        queue = await _asked(region, "/v1/queue")
        if queue["waiting"] == 0 and queue["feed_applied_pos"] == queue["feed_head_pos"]:
            return
        await asyncio.sleep(0.1)
    raise TownTrouble("The queue did not empty after the line was back.")


def _clear(folder: Path, screen: Screen) -> None:
    """Start from nothing: delete what an earlier demonstration left, and nothing else."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise FolderNotOurs(
                f"{folder} is not empty and no demonstration made it; name another with --folder."
            )
        screen.say(f"Removing the last demonstration's data in {folder}")
        for data_folder in data_folders_below(folder):
            embedded.remove(data_folder)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


class _Writers:
    """Processes that write the city down on one core while the services start on the other."""

    def __init__(self, hand_ins: HandIns) -> None:
        self._hand_ins = hand_ins
        self._processes: dict[Part, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        for part in Part:
            self._processes[part] = subprocess.Popen(  # noqa: S603 our own program
                self._hand_ins.command(part),
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the demonstration's to answer
            )

    def is_writing(self, part: Part) -> bool:
        return self._processes[part].poll() is None

    def finish(self, part: Part) -> None:
        """Wait until a part is written whole. Raises TownTrouble."""
        if self._processes[part].wait():
            raise TownTrouble("The synthetic city could not be written; is the disk full?")

    def end(self) -> None:
        for process in self._processes.values():
            process.terminate()
            process.wait()
