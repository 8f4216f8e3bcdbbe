"""The demonstration's audit finds what it claims to look for: each planted fault, by its name."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import asyncpg
import orjson
import pytest

from services.command.demo.audit import Auditor, Findings
from services.command.demo.load import History, Stations
from services.command.keys import KeyFolder
from services.simulator.population import city, recordings
from shared.clock import SystemClock
from shared.contracts.outcomes import Outcome
from shared.signing import PinnedKeys, jwks_of, load_or_create_key
from tests.town import REGION, Databases, Town

RECORDINGS = 8
FIRST = "(SELECT recording_id FROM recording ORDER BY seq LIMIT 1)"
PERMISSION = (
    "INSERT INTO feed SELECT region_code, pos + 1000, kind, recording_id, outcome, written_at,"
    " {body} FROM feed ORDER BY pos LIMIT 1"
)
ANOTHER_ID = (
    "convert_to(jsonb_set(convert_from(body, 'UTF8')::jsonb, '{permission,authorization_id}',"
    " to_jsonb(gen_random_uuid()::text))::text, 'UTF8')"
)
SPOILED_SIGNATURE = (
    "convert_to(regexp_replace(convert_from(body, 'UTF8'), '\\.[A-Za-z0-9_-]{86}\"',"
    " '.' || repeat('A', 86) || '\"'), 'UTF8')"
)
TWO_CARDS = (
    "INSERT INTO card"
    " (authorization_id, blank_serial, recording_id, state, officer, intended_at)"
    f" SELECT gen_random_uuid(), 'B-' || n, {FIRST}, 'printed', 'x', now()"
    " FROM generate_series(1, 2) n"
)
SECOND_DECISION = (
    "INSERT INTO decision SELECT recording_id, pos + 1000, outcome, reason, duplicate,"
    " rival_recording_id, rival_region, rival_captured_at, decided_at, applied_at"
    f" FROM decision WHERE recording_id = {FIRST}"
)

# As if one more entry had stood before the others: both ends count from 0 then.
FIRST_ADJUDICATED = {
    "regional": "INSERT INTO decision SELECT recording_id, 0, 'ADJUDICATE_RECORD', 'resembling',"
    " NULL, NULL, NULL, NULL, decided_at, applied_at"
    f" FROM decision WHERE recording_id = {FIRST}",
}

FAULTS = {
    "an envelope is missing at the centre": (
        "central",
        "DELETE FROM envelope WHERE seq = 3",
        {"lost", "seq_gaps"},
    ),
    "a decision was never applied": (
        "regional",
        f"DELETE FROM decision WHERE recording_id = {FIRST}",
        {"lost"},
    ),
    "other bytes arrived": (
        "central",
        "UPDATE envelope SET sha256 = sha256('other'::bytea) WHERE seq = 3",
        {"contents_wrong"},
    ),
    "an entry of the feed is missing": (
        "central",
        "DELETE FROM feed WHERE pos = 2",
        # The registry then calls live what no region holds, and a region knows what nobody said.
        {"feed_gaps", "doubled", "contents_wrong"},
    ),
    "a person has two live permissions": (
        "central",
        PERMISSION.format(body=ANOTHER_ID),
        {"doubled", "feed_gaps", "signatures_wrong"},
    ),
    "one recording has two cards": (
        "regional",
        TWO_CARDS,
        {"doubled"},
    ),
    "a decision was applied twice": (
        "regional",
        SECOND_DECISION,
        {"decided_twice"},
    ),
    "permissions came out of the queue's order": (
        "regional",
        f"UPDATE print_authorization SET pos = 1000 WHERE recording_id = {FIRST}",
        {"out_of_queue_order"},
    ),
    "a permission is not signed by the centre": (
        "central",
        f"UPDATE feed SET body = {SPOILED_SIGNATURE} WHERE pos = 1",
        {"signatures_wrong"},
    ),
}


@dataclass(frozen=True)
class Recorded:
    """What a town left behind: two databases, its centre's keys, and what the stations know."""

    urls: Mapping[str, str]
    keys: KeyFolder
    history: History

    async def audited(self, keys: PinnedKeys | None = None) -> Findings:
        keys = keys or PinnedKeys(orjson.loads(self.keys.centre_jwks.read_bytes()))
        async with Auditor(self.urls["regional"], self.urls["central"], REGION) as auditor:
            return await auditor.findings(self.history, keys)

    async def execute(self, service: str, statement: str) -> None:
        connection = await asyncpg.connect(self.urls[service].replace("+asyncpg", ""))
        try:
            assert not (await connection.execute(statement)).endswith(" 0")
        finally:
            await connection.close()


@pytest.fixture(scope="module")
async def story(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Recorded]:
    """A town that recorded eight people, all decided, and then ended."""
    planned = list(recordings(city(3, recorded=RECORDINGS)))
    history = History({one.recording_id: sha256(one.body).digest() for one in planned})
    body = b'{"recordings":[%b]}' % b",".join(one.body for one in planned)
    async with databases.fresh("central") as central, databases.fresh("regional") as regional:
        urls = {"central": central, "regional": regional}
        town = Town(tmp_path_factory.mktemp("story"), urls, SystemClock(), {}, {})
        try:
            await town.start()
            officer = town.at_region().headers["authorization"].removeprefix("Bearer ")
            stations = Stations(town.region.address, officer, history)
            try:
                await stations.record_in_bulk([body], lambda _: 0.0)
            finally:
                await stations.close()
            await town.settled()
        finally:
            await town.stop()
        yield Recorded(urls, town.keys, history)


@pytest.fixture
async def recorded(databases: Databases, story: Recorded) -> AsyncIterator[Recorded]:
    """A copy of what it left, to be spoiled."""
    async with (
        databases.copy_of(story.urls["central"]) as central,
        databases.copy_of(story.urls["regional"]) as regional,
    ):
        yield replace(story, urls={"central": central, "regional": regional})


def wrong(found: Findings) -> set[str]:
    names = (
        *("lost", "doubled", "contents_wrong", "notes", "held_entries", "decided_twice"),
        *("out_of_queue_order", "signatures_wrong", "seq_gaps", "feed_gaps"),
    )
    return {name for name in names if getattr(found, name)}


async def test_a_sound_town_has_nothing_wrong(recorded: Recorded) -> None:
    found = await recorded.audited()

    assert wrong(found) == set()
    assert found.receipts == found.region_recordings == found.centre_recordings == RECORDINGS
    assert found.decisions_applied == found.signatures_checked == RECORDINGS


async def test_a_decision_that_came_later_is_no_fault(recorded: Recorded) -> None:
    """People looked at the first recording: the centre spoke twice, the last word counts."""
    for service, statement in FIRST_ADJUDICATED.items():
        await recorded.execute(service, statement)

    found = await recorded.audited()

    assert wrong(found) == set()
    assert (found.decided_later, found.decisions_applied) == (1, RECORDINGS)
    assert set(found.outcomes.values()) == {Outcome.PRINT_READY_RECORD}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_planted_fault_is_found(recorded: Recorded, fault: str) -> None:
    service, statement, expected = FAULTS[fault]
    await recorded.execute(service, statement)

    assert wrong(await recorded.audited()) == expected


async def test_a_centre_with_another_key_permits_nothing(
    recorded: Recorded, tmp_path: Path
) -> None:
    stranger = load_or_create_key(tmp_path / "stranger.json", "centre")

    found = await recorded.audited(PinnedKeys(jwks_of([stranger])))

    assert wrong(found) == {"signatures_wrong"}
