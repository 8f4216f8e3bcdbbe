"""`tunggal centre`, and what the doctor says of a barrier that waits and of a fenced region."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from services.central import epochs
from services.command.doctor.findings import State
from services.command.exits import ExitCode
from services.regional.lives import Trouble
from services.regional.tables import uplink_position
from tests.command.command_world import Said, tunggal
from tests.command.test_command_doctor import examine
from tests.recordings import NOON
from tests.town import NEIGHBOUR, REGION, Town

Centre = Callable[..., Awaitable[Said]]


@pytest.fixture
def centre(town: Town, tmp_path: Path) -> Centre:
    """`tunggal centre …` against this town, with its local issuer's key."""

    async def run(*arguments: str) -> Said:
        where = ("--central", town.centre.address, "--folder", str(town.keys.folder.parent))
        return await tunggal(tmp_path, "centre", *arguments, *where)

    return run


async def test_an_officer_says_that_the_centre_was_restored_and_sees_whom_it_awaits(
    town: Town, centre: Centre
) -> None:
    unsure = await centre("restored", "--reason", "a drill")
    await town.line.cut()

    said = await centre("restored", "--epoch", "1", "--reason", "a drill")
    after = await centre("awaited")
    code, found, causes = await examine(town)

    assert (unsure.code, "--epoch 1" in unsure.err) == (ExitCode.USAGE, True)
    assert said.code == ExitCode.DONE, said.err
    # NEIGHBOUR has no server in this town.
    awaited = [line.split(" since ")[0] for line in said.out.splitlines()]
    assert awaited == ["epoch 2", f"awaited  {NEIGHBOUR}", f"awaited  {REGION}"]
    assert after.code == ExitCode.DEGRADED
    assert found["barrier"].state is State.WARNING
    assert f"{REGION} since 20" in found["barrier"].found
    assert "waived" in (found["barrier"].fix or "")
    assert "barrier" in causes
    assert code is ExitCode.DEGRADED


@pytest.mark.parametrize("trouble", Trouble)
async def test_a_region_that_may_not_speak_is_a_failure_with_what_people_do(
    town: Town, trouble: Trouble
) -> None:
    async with town.databases["regional"].begin() as transaction:
        await transaction.execute(update(uplink_position).values(trouble=trouble.value))

    code, found, causes = await examine(town)

    assert found["name"].state is State.FAILED
    assert causes == ["name"]
    assert code is ExitCode.FAILED


async def test_without_a_token_the_doctor_still_says_how_many_are_awaited(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.line.cut()
    async with town.databases["central"].begin() as transaction:
        await epochs.raise_to(transaction, 1, "SITI", "a drill", NOON)
    town.keys.issuer.unlink()
    monkeypatch.delenv("TUNGGAL_TOKEN", raising=False)

    _, found, _ = await examine(town)

    assert "waits for 2 regions" in found["barrier"].found
    assert found["name"].state is State.SKIPPED
