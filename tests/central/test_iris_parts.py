"""A gallery split over real processes: the same answer as in one, or none at all."""

import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from services.central.penunggalan import gallery
from services.central.penunggalan.iris.apart import MatcherApart
from services.central.penunggalan.iris.matcher import GalleryIncomplete, Probe, Row
from services.central.penunggalan.iris.part import Behind, MatcherHere, Part
from services.central.print_authorization.rules import Permitter
from services.central.worker import SearchAgain
from shared.clock import ManualClock
from shared.contracts.outcomes import Outcome
from shared.database.engine import Database
from shared.iris import Words, to_bytes
from shared.sealing import Secret
from tests.central.centre_world import decisions
from tests.central.iris_world import a_settler, settle
from tests.eyes import KEYS, SECRET, a_person, an_eye, write_keys
from tests.recordings import NOON
from tests.town import REGION

PEOPLE = 40
PATIENCE_SECONDS = 60.0  # a process on a busy machine, its kernels perhaps not compiled yet


def under_key(seed: int, take: int = 0) -> Words:
    return KEYS.protect(an_eye(seed, take))


PROBES = [
    Probe(UUID(int=1_000), under_key(2, take=1), under_key(3, take=1)),
    Probe(UUID(int=1_001), None, under_key(1, take=2)),
    Probe(UUID(int=1_002), under_key(998), under_key(999)),
]


def a_row(position: int, person: int, kind: str = gallery.PERSON) -> Row:
    irises = to_bytes(under_key(2 * person)) + to_bytes(under_key(2 * person + 1))
    return Row(
        position,
        kind,
        UUID(int=person),
        "61.72",
        person,
        irises if kind == gallery.PERSON else b"",
    )


@pytest.fixture
async def filled(database: Database) -> Database:
    """Persons 0 to PEOPLE by position; person 5 was taken out, and entered once more."""
    rows = [a_row(person + 1, person) for person in range(PEOPLE)]
    rows += [a_row(PEOPLE + 1, 5, gallery.REMOVED), a_row(PEOPLE + 2, 5)]
    async with database.begin() as transaction:
        await gallery.append(transaction, rows, NOON, KEYS)
    return database


@dataclass
class Process:
    """One `tunggal matcher`."""

    process: subprocess.Popen[bytes]
    port_file: Path

    def address(self) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the matcher ended by itself"
            if self.port_file.exists():
                return self.port_file.read_text()
            time.sleep(0.05)
        raise AssertionError("the matcher was not ready in time")

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(how)


def start(
    folder: Path, url: str, shards: str, name: str, secrets: Sequence[Secret] = (SECRET,)
) -> Process:
    port_file = folder / name
    keys = write_keys(folder / f"{name}.gallery.json", *secrets)
    ours = {key: value for key, value in os.environ.items() if not key.startswith("TUNGGAL_")}
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "services.command.main", "matcher"),
            *("--shards", shards, "--port-file", str(port_file)),
        ],
        env=ours
        | {
            "TUNGGAL_CENTRAL_DATABASE_URL": url,
            "TUNGGAL_CENTRAL_MATCHER_SECRET": "told to both",
            "TUNGGAL_CENTRAL_GALLERY_KEY_FILE": str(keys),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return Process(process, port_file)


@pytest.fixture
def halves(filled: Database, tmp_path: Path) -> Iterator[list[Process]]:
    url = filled.engine.url.render_as_string(hide_password=False)
    running = [start(tmp_path, url, shards, shards) for shards in ("0-7", "8-15")]
    try:
        yield running
    finally:
        for one in running:
            one.kill(signal.SIGCONT)
            one.kill()
            one.process.wait()


@asynccontextmanager
async def asking(
    addresses: list[str], seconds_max: float = PATIENCE_SECONDS
) -> AsyncIterator[MatcherApart]:
    matcher = MatcherApart(addresses, SecretStr("told to both"), seconds_max, KEYS.kid)
    try:
        yield matcher
    finally:
        await matcher.close()


async def is_incomplete(
    addresses: list[str], position: int, seconds_max: float = PATIENCE_SECONDS
) -> bool:
    async with asking(addresses, seconds_max) as apart:
        try:
            await apart.search(PROBES, position)
        except GalleryIncomplete:
            return True
    return False


async def test_two_processes_answer_as_one_and_a_part_that_is_away_is_no_answer(
    filled: Database, halves: list[Process]
) -> None:
    addresses = [one.address() for one in halves]
    here = MatcherHere(filled, KEYS)

    async with asking(addresses) as apart:
        for position in (3, PEOPLE + 1, PEOPLE + 2):
            for exhaustive in (False, True):
                expected = await here.search(PROBES, position, exhaustive=exhaustive)
                assert await apart.search(PROBES, position, exhaustive=exhaustive) == expected
    assert [len(alike) for alike in expected.likenesses] == [1, 1, 0]
    assert expected.gallery_size == PEOPLE

    assert not await is_incomplete(addresses, PEOPLE)
    # Rows that are not written yet: nobody can have searched them.
    assert await is_incomplete(addresses, PEOPLE + 3)
    # One half twice, and one half alone.
    assert await is_incomplete([addresses[0], addresses[0]], PEOPLE)
    assert await is_incomplete([addresses[1]], PEOPLE)
    # Who does not know the secret is told nothing.
    async with httpx.AsyncClient(base_url=addresses[0]) as stranger:
        answer = await stranger.get("/v1/gallery/1")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")

    halves[1].kill(signal.SIGSTOP)  # alive, and silent
    assert await is_incomplete(addresses, PEOPLE, seconds_max=0.5)
    halves[1].kill()
    halves[1].process.wait()
    assert await is_incomplete(addresses, PEOPLE)


async def test_a_process_under_a_newer_key_answers_alike_and_one_without_the_key_never(
    filled: Database, tmp_path: Path
) -> None:
    """While a key is renewed the centre may work under the old one, and a matcher under the new."""
    url = filled.engine.url.render_as_string(hide_password=False)
    newer, other = Secret("newer", bytes(32)), Secret("other", bytes(range(32)))
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    running = [
        start(tmp_path, url, "0-15", name, secrets)
        for name, secrets in (("newer", (SECRET, newer)), ("other", (other,)))
    ]
    resource.setrlimit(resource.RLIMIT_CORE, before)
    try:
        expected = await MatcherHere(filled, KEYS).search(PROBES, PEOPLE)
        async with asking([running[0].address()]) as apart:
            assert await apart.search(PROBES, PEOPLE) == expected
        async with httpx.AsyncClient(base_url=running[1].address()) as client:
            answer = await client.get(
                f"/v1/gallery/{PEOPLE}", headers={"authorization": "Bearer told to both"}
            )
        assert (answer.status_code, answer.json()["code"]) == (503, "gallery-key-missing")
        assert await is_incomplete([running[1].address()], PEOPLE)
        limits = Path(f"/proc/{running[0].process.pid}/limits").read_text()
        assert re.search(r"Max core file size +0 ", limits), "a crash would write irises to disk"
    finally:
        for one in running:
            one.kill()
            one.process.wait()


async def test_a_part_that_is_silent_delays_a_verdict_and_never_makes_anybody_unique(
    database: Database, permitter: Permitter, halves: list[Process]
) -> None:
    addresses = [one.address() for one in halves]
    people = [a_person(101), a_person(102, eyes=101, take=1)]

    async with asking(addresses, seconds_max=1.0) as apart:
        settler = a_settler(database, permitter, apart)
        halves[1].kill(signal.SIGSTOP)
        told = await settle(settler, REGION, *people)
        halves[1].kill(signal.SIGCONT)
        settler = replace(settler, clock=ManualClock(NOON + timedelta(hours=1)))
        async with asking(addresses) as patient:
            settler.uniqueness = replace(settler.uniqueness, matcher=patient)
            decided = await SearchAgain(settler).round()
    after = await decisions(database, REGION)

    assert [one.outcome for one in told] == [Outcome.SEARCH_FAILURE_AT_CENTRAL] * len(people)
    assert decided == len(people)
    assert [one.outcome for one in after[len(told) :]] == [
        Outcome.PRINT_READY_RECORD,
        Outcome.DUPLICATE_RECORD,
    ]


async def test_a_gallery_is_read_again_from_what_the_table_has(filled: Database) -> None:
    before, after = MatcherHere(filled, KEYS), MatcherHere(filled, KEYS)

    early = await before.search(PROBES, 3)
    late = await before.search(PROBES, PEOPLE + 2)

    assert await after.search(PROBES, PEOPLE + 2) == late
    assert await after.search(PROBES, 3) == early
    assert early.gallery_size == 3


async def test_a_hole_in_the_rows_is_no_answer(database: Database) -> None:
    async with database.begin() as transaction:
        await gallery.append(transaction, [a_row(1, 1), a_row(3, 2)], NOON, KEYS)

    matcher = MatcherHere(database, KEYS)

    assert (await matcher.search(PROBES, 1)).gallery_size == 1
    with pytest.raises(GalleryIncomplete):
        await matcher.search(PROBES, 3)


async def test_nobody_waits_while_a_large_gallery_is_read(filled: Database) -> None:
    part = Part(filled, KEYS)

    with pytest.raises(Behind):
        await part.catch_up(1_000_000)

    await part.read(PEOPLE)
    await part.catch_up(PEOPLE + 2)
    assert part.gallery.size_at(PEOPLE + 2) == PEOPLE


async def test_a_database_that_is_away_is_no_answer(tmp_path: Path) -> None:
    away = Database(f"postgresql+asyncpg://postgres@/central?host={tmp_path}")

    with pytest.raises(GalleryIncomplete):
        await MatcherHere(away, KEYS).search(PROBES, 1)

    await away.close()
