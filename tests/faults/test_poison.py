"""Rows X1 and X2: one item that can never be acted on gets a recorded end and blocks nobody."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from services.central.intake.routes import ENVELOPES_BYTES_MAX
from services.central.tables import envelope as envelope_table
from services.central.tables import set_aside
from services.command.storm.books import check
from services.command.storm.books_sql import RegionSource, read_books
from services.regional.outbox import store as outbox
from services.regional.outbox.store import Letter
from services.regional.tables import held_entry
from services.regional.tables import outbox as outbox_table
from shared.contracts.envelopes import (
    TOMBSTONE,
    Batch,
    Envelope,
    EnvelopeKind,
    Heading,
    pack,
)
from shared.database.engine import Database
from shared.ids import new_id
from tests.fault_rows import Fired
from tests.recordings import NOON, nik
from tests.stories.core_world import record_all, until
from tests.town import REGION, Town

POISON = 17


async def say(database: Database, statement: str) -> None:
    async with database.begin() as transaction:
        await transaction.execute(text(statement))


async def status_of(client: httpx.AsyncClient, recording_id: Any) -> Any:
    return (await client.get(f"/v1/recordings/{recording_id}")).json()


@pytest.mark.fault("X1")
async def test_a_recording_the_centre_cannot_settle_is_told_and_tried_again_by_order(
    town: Town, fired: Fired
) -> None:
    centre = town.databases["central"]
    await town.line.cut()
    desk, watch = town.at_region(), town.at_centre()
    recorded = await record_all(desk, range(40))
    await say(centre, f"ALTER TABLE registry ADD CONSTRAINT poison CHECK (nik <> {nik(POISON)})")
    try:
        await town.line.restore()
        await town.settled()
    finally:
        await say(centre, "ALTER TABLE registry DROP CONSTRAINT poison")

    assert await _count(centre, set_aside) == 1
    (listed,) = (await watch.get("/v1/set-aside")).json()["items"]
    assert listed["envelope_id"] == str(recorded[POISON])
    assert (listed["reason"], listed["attempts"]) == ("sqlstate-23514", 3)
    fired()
    stages = [(await status_of(desk, one))["stage"] for one in recorded]
    assert [n for n, stage in enumerate(stages) if stage != "printable"] == [POISON]
    told = await status_of(desk, recorded[POISON])
    assert (told["stage"], told["reason"]) == ("unsettled", "set-aside")
    assert "order another try" in told["next_action"]
    await until(lambda: _health_says(watch, '"set-aside":1'))

    ordered = await watch.post(f"/v1/set-aside/{REGION}/{listed['seq']}/retry")
    assert ordered.status_code == 202
    await until(lambda: _is_at(desk, recorded[POISON], "printable"))

    assert await books_hold(town) == []
    fairness = (await desk.get("/v1/fairness")).json()
    assert (fairness["permitted"], fairness["overtakes_unexplained"]) == (40, 0)
    assert (await watch.get("/v1/set-aside")).json()["items"] == []
    assert (await watch.post(f"/v1/set-aside/{REGION}/{listed['seq']}/retry")).status_code == 404


async def _health_says(client: httpx.AsyncClient, words: str) -> bool:
    """A starved server may have no time for details; it is asked again."""
    return words in (await client.get("/v1/health")).text


async def _is_at(client: httpx.AsyncClient, recording_id: Any, stage: str) -> bool:
    return bool((await status_of(client, recording_id))["stage"] == stage)


async def _count(database: Database, table: Any) -> int:
    async with database.begin() as transaction:
        return len((await transaction.execute(select(table))).all())


@pytest.mark.fault("X1")
async def test_an_answer_the_region_cannot_apply_is_held_and_applied_by_the_next_program(
    town: Town, fired: Fired
) -> None:
    region = town.databases["regional"]
    await town.line.cut()
    desk = town.at_region()
    recorded = await record_all(desk, range(30))
    poison = recorded[POISON]
    await say(
        region, f"ALTER TABLE decision ADD CONSTRAINT poison CHECK (recording_id <> '{poison}')"
    )
    try:
        await town.line.restore()
        await town.settled()
    finally:
        await say(region, "ALTER TABLE decision DROP CONSTRAINT poison")

    assert await _count(region, held_entry) == 1
    fired()
    stages = [(await status_of(desk, one))["stage"] for one in recorded]
    assert [n for n, stage in enumerate(stages) if stage != "printable"] == [POISON]
    told = await status_of(desk, poison)
    assert (told["stage"], told["waits_for"]) == ("at_centre", "program")
    (held,) = (await desk.get("/v1/queue")).json()["held_entries"]
    assert held["reason"] == "not-applied"

    await town.region.stop()
    await town.start_region()
    await until(lambda: _is_at(town.at_region(), poison, "printable"))

    assert await _count(region, held_entry) == 0


async def books_hold(town: Town) -> list[str]:
    """What the storm's checker says against both sides' books: nothing, for set aside is kept."""
    source = RegionSource(REGION, town.url("regional"), {})
    return check(await read_books(town.url("central"), [source])).sentences


POISONS = {
    "no-such-kind": Letter.of(new_id(), "no such kind!", 1, NOON, b"{}"),
    "a-line-break": Letter.of(new_id(), EnvelopeKind.COVERAGE_BASE, 1, NOON, b"{\n}"),
    "another-hash": Letter(new_id(), EnvelopeKind.COVERAGE_BASE, 1, NOON, b"{}", b"\x5e" * 32),
}


@pytest.mark.fault("X1")
@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS.keys())
async def test_an_envelope_the_centres_door_refuses_leaves_a_tombstone_in_its_place(
    town: Town, fired: Fired, poison: Letter
) -> None:
    await town.line.cut()
    desk = town.at_region()
    before = await record_all(desk, range(12))
    async with town.databases["regional"].begin() as transaction:
        seq = await outbox.append(transaction, REGION, [poison], NOON)
    after = await record_all(desk, range(12, 24))

    await town.line.restore()
    await town.settled()

    assert {(await status_of(desk, one))["stage"] for one in before + after} == {"printable"}
    (shown,) = (await desk.get("/v1/queue")).json()["set_aside"]
    assert shown["seq"] == seq
    fired()
    async with town.databases["central"].begin() as transaction:
        row = (
            await transaction.execute(select(envelope_table).where(envelope_table.c.seq == seq))
        ).one()
    stone = TOMBSTONE.validate_json(row.body)
    assert (row.kind, row.note) == ("tombstone", None)
    assert (stone.envelope_id, stone.sha256) == (poison.envelope_id, poison.sha256.hex())
    async with town.databases["regional"].begin() as transaction:
        kept = select(outbox_table.c.body).where(outbox_table.c.seq == seq)
        assert await transaction.scalar(kept) == poison.body
    assert await books_hold(town) == []


def size_of_a_batch_with(body: bytes) -> int:
    head = Heading(1, new_id(), "coverage_base", 1, NOON, "5e" * 32)
    batch: Batch = pack(REGION, 1, [Envelope(head, body)])
    return batch.payload_bytes


@pytest.mark.fault("X2")
async def test_sizes_around_the_limit_of_the_centre_arrive_or_are_set_aside_and_block_nobody(
    town: Town, fired: Fired
) -> None:
    fits = ENVELOPES_BYTES_MAX - size_of_a_batch_with(b"")
    sizes = [fits - 1, fits, fits + 1, fits + 100_000]
    letters = [
        Letter.of(new_id(), EnvelopeKind.COVERAGE_BASE, 1, NOON, b"7" * size) for size in sizes
    ]
    desk = town.at_region()
    (first,) = await record_all(desk, [1])
    async with town.databases["regional"].begin() as transaction:
        from_seq = await outbox.append(transaction, REGION, letters, NOON)
    (last,) = await record_all(desk, [2])

    await town.settled(60.0)

    aside = [one["seq"] for one in (await desk.get("/v1/queue")).json()["set_aside"]]
    assert sorted(aside) == [from_seq + 2, from_seq + 3]
    fired()
    assert {(await status_of(desk, one))["stage"] for one in (first, last)} == {"printable"}


@pytest.mark.fault("X1")
async def test_a_recording_set_aside_here_says_so_and_its_person_may_be_recorded_again(
    town: Town, fired: Fired
) -> None:
    await town.line.cut()
    desk = town.at_region()
    (recording_id,) = await record_all(desk, [1])
    await town.region.stop()  # it may hold the batch already, with the hash as it was
    await say(
        town.databases["regional"], "UPDATE outbox SET sha256 = decode(repeat('5e', 32), 'hex')"
    )
    await town.start_region()
    desk = town.at_region()

    await town.line.restore()
    await town.settled()

    told = await status_of(desk, recording_id)
    assert (told["stage"], told["reason"]) == ("unsettled", "batch-damaged")
    assert told["official_status"] == "ENROLL_FAILURE_AT_REGIONAL"
    fired()
    assert await books_hold(town) == []
    (again,) = await record_all(desk, [1])
    await town.settled()
    assert (await status_of(desk, again))["stage"] == "printable"
