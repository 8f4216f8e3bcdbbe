"""`tunggal outbox`: one sentence why a recording still waits."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from services.command.exits import ExitCode
from services.regional.outbox import store as outbox
from services.regional.outbox.store import Letter
from shared.ids import new_id
from shared.roles import Role
from tests.command.command_world import EXAMPLE, RECORDING_ID, Said, tunggal
from tests.recordings import NOON
from tests.town import REGION, Town

Ask = Callable[..., Awaitable[Said]]


@pytest.fixture
def ask(town: Town, tmp_path: Path) -> Ask:
    """`tunggal outbox …` against this town, with its local issuer's key."""

    async def run(*arguments: str) -> Said:
        where = ("--regional", town.region.address, "--folder", str(town.keys.folder.parent))
        return await tunggal(tmp_path, "outbox", *arguments, *where)

    return run


async def record(town: Town) -> None:
    answer = await town.at_region(Role.OFFICER).put(
        f"/v1/recordings/{RECORDING_ID}",
        content=EXAMPLE.read_bytes(),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 202, answer.text


async def until_down(town: Town) -> None:
    async with asyncio.timeout(20):
        client = town.at_region(Role.OFFICER)
        while (await client.get("/v1/queue")).json()["line"]["state"] != "down":
            await asyncio.sleep(0.05)


async def test_behind_a_cut_line_it_waits_for_the_line(town: Town, ask: Ask) -> None:
    await town.line.cut()
    await record(town)
    await until_down(town)

    said = await ask("explain", RECORDING_ID)

    assert said.code == ExitCode.DONE
    assert said.out.startswith("It waits for the line to the centre")
    assert said.out.count("\n") == 1


async def test_once_permitted_it_waits_for_a_blank_card(town: Town, ask: Ask) -> None:
    await record(town)
    await town.settled()

    said = await ask("explain", RECORDING_ID, "--json")

    assert json.loads(said.out)["waits_for"] == "blank_card"


async def test_an_unknown_recording_is_not_found(ask: Ask) -> None:
    said = await ask("explain", "01890a5d-ac96-774b-bcce-000000000000")

    assert said.code == ExitCode.NOT_FOUND
    assert "No recording with this id" in said.err


async def test_status_counts_what_waits_and_names_nobody(town: Town, ask: Ask) -> None:
    await town.line.cut()
    await record(town)
    await until_down(town)

    said = await ask("status")

    lines = dict(line.split(maxsplit=1) for line in said.out.splitlines())
    assert lines["waiting"] == "1"
    assert lines["line"].startswith("down since")
    assert lines["expected"] == "nobody can know now"
    assert "6172025207900003" not in said.out + said.err


async def test_status_names_what_was_set_aside_by_its_seq(town: Town, ask: Ask) -> None:
    strange = Letter.of(new_id(), "no such kind!", 1, NOON, b"{}")
    async with town.databases["regional"].begin() as transaction:
        await outbox.append(transaction, REGION, [strange], NOON)
    await town.settled()

    said = await ask("status")

    assert "set aside 1: invalid-input, since " in said.out
