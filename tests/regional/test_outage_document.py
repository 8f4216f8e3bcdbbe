"""What an office is told while its line is down, and after it came back."""

import asyncio

from services.regional.recording.examples import CONTENT_EXAMPLE
from shared.ids import new_id
from tests.town import Town

PATIENCE_SECONDS = 30


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
