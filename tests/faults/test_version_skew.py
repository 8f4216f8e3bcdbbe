"""Rows X4 and X5: an older region and a newer centre, and the reverse.

What comes from the future is in golden files: held, never dropped, never printed, and what is known
behind it goes on.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import ValidationError
from sqlalchemy import select

from services.central.journey import steps as central_journey
from services.central.journey.entries import NewEntry
from services.central.tables import envelope as envelope_table
from services.regional.outbox import store as outbox
from services.regional.outbox.store import Letter
from services.regional.tables import held_entry, outbox_head
from shared.contracts.envelopes import RECEIPT, UnreadableBatch, unpack
from shared.contracts.feed import Decision, UnknownEntry, read_page
from shared.signing import SIGNATURE_HEADER, sign_message
from tests.fault_rows import Fired
from tests.recordings import NOON
from tests.stories.core_world import drained, record, record_all, until
from tests.town import REGION, Town

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
FUTURE = 5  # entries of page-next.json this program cannot read; a known one follows
RECORDING_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


def golden(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def future_entries() -> list[dict[str, Any]]:
    return [item["entry"] for item in orjson.loads(golden("page-next.json"))["entries"]]


@pytest.mark.rules
def test_entries_from_the_future_are_unknown_and_the_known_one_behind_them_is_read() -> None:
    *unknown, last = (item.entry for item in read_page(golden("page-next.json")).entries)

    assert [type(one) for one in unknown] == [UnknownEntry] * FUTURE
    assert isinstance(last, Decision)


@pytest.mark.rules
def test_a_receipt_from_the_future_is_not_guessed_at() -> None:
    with pytest.raises(ValidationError):
        RECEIPT.validate_json(golden("receipt-next.json"))


@pytest.mark.rules
def test_a_batch_of_the_next_version_is_told_apart_from_a_damaged_one() -> None:
    with pytest.raises(UnreadableBatch) as unreadable:
        unpack(golden("manifest-2.json"))

    assert (unreadable.value.is_newer, unreadable.value.is_damaged) == (True, False)


@pytest.mark.fault("X4")
@pytest.mark.fault("X5")
async def test_a_region_holds_what_a_newer_centre_tells_and_prints_nothing_for_it(
    town: Town, fired: Fired
) -> None:
    """Among it a permission, rightly signed or not, under an outcome nobody here knows."""
    desk = town.at_region()
    assert (await record(desk, 1, RECORDING_ID)).status_code == 202  # type: ignore[arg-type]
    await drained(town)
    pos = len(await _feed_of(town)) + 1
    entries = [
        NewEntry(one["kind"], one["recording_id"], one.get("outcome"), orjson.dumps(one))
        for one in future_entries()[:FUTURE]
    ]
    async with town.databases["central"].begin() as transaction:
        await central_journey.publish(transaction, REGION, entries, NOON)
    (following,) = await record_all(desk, [2])
    await drained(town)

    held = await _held(town)
    assert [row.pos for row in held] == list(range(pos, pos + FUTURE))
    assert [orjson.loads(row.body) for row in held] == future_entries()[:FUTURE]
    fired("X4", times=FUTURE)
    fired("X5")
    unknown = future_entries()[2]["permission"]["authorization_id"]
    spent = await desk.post(
        f"/v1/print-authorizations/{unknown}/spend", json={"blank_serial": "BLK-1"}
    )
    assert (spent.status_code, spent.json()["detail"]) == (
        404,
        "No such permission at this office.",
    )
    status = (await desk.get(f"/v1/recordings/{RECORDING_ID}")).json()
    assert status["waits_for"] == "program"
    assert (await desk.get(f"/v1/recordings/{following}")).json()["stage"] == "printable"
    queue = (await desk.get("/v1/queue")).json()
    assert len(queue["held_entries"]) == FUTURE
    await town.region.stop()
    await town.start_region()  # the same program: they stay held
    await until(lambda: _is_ready(town))
    assert len(await _held(town)) == FUTURE


async def _feed_of(town: Town) -> list[Any]:
    async with town.databases["central"].begin() as transaction:
        return await central_journey.page_after(transaction, REGION, 0, 100)


async def _held(town: Town) -> list[Any]:
    async with town.databases["regional"].begin() as transaction:
        rows = await transaction.execute(select(held_entry).order_by(held_entry.c.pos))
        return list(rows.all())


async def _is_ready(town: Town) -> bool:
    return (await town.stranger(town.region).get("/readyz")).status_code == 200


@pytest.mark.fault("X4")
async def test_a_centre_holds_what_a_newer_region_sends_and_settles_what_is_behind(
    town: Town, fired: Fired
) -> None:
    received = unpack(golden("batch-next.ndjson"))
    letters = [
        Letter.of(head.envelope_id, head.kind, head.version, head.happened_at, body)
        for head, body in zip(received.manifest.envelopes, received.batch.bodies, strict=True)
    ]
    async with town.databases["regional"].begin() as transaction:
        await outbox.append(transaction, REGION, letters, NOON)
    (recorded,) = await record_all(town.at_region(), [5])
    await drained(town)

    async with town.databases["central"].begin() as transaction:
        rows = await transaction.execute(
            select(envelope_table.c.note, envelope_table.c.body).order_by(envelope_table.c.seq)
        )
        found = [tuple(row) for row in rows]
    assert [note for note, _ in found] == ["held", "held", None, None]
    assert [body for _, body in found[:3]] == list(received.batch.bodies)
    fired(times=2)
    watch = town.at_centre()
    assert [
        (one["seq"], one["note"]) for one in (await watch.get("/v1/set-aside")).json()["items"]
    ] == [(1, "held"), (2, "held")]
    ordered = await watch.post(f"/v1/set-aside/{REGION}/2/retry")
    assert (ordered.status_code, ordered.json()["code"]) == (409, "still-held")
    status = (await town.at_region().get(f"/v1/recordings/{recorded}")).json()
    assert status["stage"] == "printable"


@pytest.mark.fault("X4")
async def test_a_batch_of_the_next_version_is_refused_whole_by_a_code_of_its_own(
    town: Town, fired: Fired
) -> None:
    """By that code the newer region keeps everything until the centre is upgraded."""
    manifest = golden("manifest-2.json")
    client = town.stranger(town.centre)
    key = town.keys.region_key(REGION)
    client.headers[SIGNATURE_HEADER] = sign_message(key, f"envelopes {REGION}", manifest)

    answer = await client.post(
        f"/v1/regions/{REGION}/envelopes",
        content=manifest,
        headers={"content-type": "application/vnd.tunggal.envelopes+x-ndjson"},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "version-unknown")
    fired()
    async with town.databases["regional"].begin() as transaction:
        assert await transaction.scalar(select(outbox_head.c.last_seq)) == 0
