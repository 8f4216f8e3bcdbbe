"""What an office is told while its line is down, and after it came back."""

import asyncio
from itertools import count
from typing import Any

from services.regional.recording.examples import CONTENT_EXAMPLE
from services.regional.status.catch_up import BATCHES_MIN
from services.simulator.link import both_ways
from shared.ids import new_id
from tests.town import Town

PATIENCE_SECONDS = 30
_numbers = count(1)


def another_person() -> dict[str, Any]:
    card = CONTENT_EXAMPLE["card"] | {"nik": f"617202{next(_numbers):010d}"}
    return CONTENT_EXAMPLE | {"card": card}


async def test_a_cut_line_is_told_with_what_waits_and_that_recording_is_safe(town: Town) -> None:
    client = town.at_region()
    await town.line.cut()
    await client.put(f"/v1/recordings/{new_id()}", json=CONTENT_EXAMPLE)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (down := (await client.get("/v1/outage")).json())["line"]["state"] != "down":
            await asyncio.sleep(0.05)
    await town.line.restore()
    await town.settled()
    after = (await client.get("/v1/outage")).json()

    assert (down["waiting"], down["waiting_bytes"] > 0) == (1, True)
    assert down["line"]["since"] is not None
    assert down["disk"]["is_safe_to_record"]
    # Nothing was ever carried: nobody can know how long it takes.
    assert down["catch_up"]["state"] == "unknown"
    assert "Go on recording" in down["next_action"]
    assert "Teruskan perekaman" in down["next_action_id"]
    assert (after["waiting"], after["catch_up"]["seconds_to"]) == (0, 0)


async def test_the_queue_and_the_outage_page_tell_one_and_the_same_range(town: Town) -> None:
    """A line that was slow enough to be measured, and then slower than what is handed in."""
    client = town.at_region()
    for _ in range(BATCHES_MIN):
        await client.put(f"/v1/recordings/{new_id()}", json=another_person())
        await town.settled()
    await town.line.apply(both_ways("bandwidth", attributes={"rate": 1, "shared": 1}))
    for _ in range(30):
        await client.put(f"/v1/recordings/{new_id()}", json=another_person())

    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            queue = (await client.get("/v1/queue")).json()
            outage = (await client.get("/v1/outage")).json()
            told = (queue["expected_seconds_from"], queue["expected_seconds_to"])
            plan = outage["catch_up"]
            if queue["waiting"] == outage["waiting"] and told == (
                plan["seconds_from"],
                plan["seconds_to"],
            ):
                break
            await asyncio.sleep(0.05)

    assert (queue["waiting"] > 0, plan["state"]) == (True, "range")
