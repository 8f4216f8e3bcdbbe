"""A centre put back from a real backup under a living region: nobody gets a second permission."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import pytest
from sqlalchemy import select

from services.central import tables as central_tables
from services.command.storm.books_sql import nik_in
from services.regional import tables as regional_tables
from services.regional.central_client.resync import claim_life
from shared.contracts.resync import LifeClaim, LifeWord
from shared.ids import new_id
from shared.roles import Role
from tests.fault_rows import Fired
from tests.recordings import a_recording, batch_of, nik
from tests.stories.core_world import books, drained, neighbour, record_all, until
from tests.town import END_OTHERS, NEIGHBOUR, REGION, Databases, Town


@asynccontextmanager
async def put_back(databases: Databases, town: Town) -> AsyncIterator[None]:
    """Back the centre's database up now; at the end of the block put it back, centre stopped."""
    name = town.url("central").partition("@/")[2].partition("?")[0]
    backup = f"{name}_backup"

    async def say(*statements: str) -> None:
        connection = await asyncpg.connect(databases.url("postgres").replace("+asyncpg", ""))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    ended = END_OTHERS.replace("current_database()", f"'{name}'")
    await town.centre.stop()
    await town.databases["central"].engine.dispose()
    await say(
        ended, f"DROP DATABASE IF EXISTS {backup}", f"CREATE DATABASE {backup} TEMPLATE {name}"
    )
    await town.start_centre()
    yield
    await town.centre.stop()
    await town.databases["central"].engine.dispose()
    await say(
        ended,
        f"DROP DATABASE {name} WITH (FORCE)",
        f"ALTER DATABASE {backup} RENAME TO {name}",
    )
    await town.start_centre()


async def permissions_by_nik(town: Town) -> Counter[int]:
    """Every permission in any feed of the centre, by the number it is for."""
    async with town.databases["central"].begin() as transaction:
        bodies = list(await transaction.scalars(select(central_tables.feed.c.body)))
    told = [orjson.loads(body)["permission"] for body in bodies]
    return Counter(nik_in(one["jws"]) for one in told if one)


async def standing(town: Town) -> dict[str, Any]:
    answer = await town.at_centre().get("/v1/resync")
    return dict(answer.json()) if answer.status_code == 200 else {"epoch": 0, "is_settling": True}


def has_raised(town: Town) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        return bool((await standing(town))["epoch"] == 2)

    return is_so


async def waive_the_neighbour(town: Town) -> None:
    """Two officers of operations; the first one's word alone, said twice, changes nothing."""
    client = town.stranger(town.centre)
    said = []
    for officer in ("SITI", " siti", "BUDI"):
        token = town.token(Role.OPERATIONS, region=None, subject=officer)
        answer = await client.post(
            f"/v1/regions/{NEIGHBOUR}/waiver",
            json={"reason": "no server runs there yet"},
            headers={"authorization": f"Bearer {token}"},
        )
        told = answer.json()
        states = {one["region"]: one["state"] for one in told.get("regions", [])}
        said.append(told.get("code") or states[NEIGHBOUR])
    assert said == ["awaiting", "second-waiver-needed", "waived"]


@pytest.mark.fault("X6")
@pytest.mark.parametrize("is_told", [True, False], ids=["told", "found out by itself"])
async def test_a_restored_centre_gives_nobody_a_second_permission(
    databases: Databases, town: Town, fired: Fired, is_told: bool
) -> None:
    client = town.at_region()
    kept = await record_all(client, range(4))
    await drained(town)
    async with put_back(databases, town):
        lost = await record_all(client, range(4, 9))
        await drained(town)
        before = await books(town)
        assert len(before.permitted) == 9
    if is_told:
        raised = await town.at_centre().post(
            "/v1/resync", json={"epoch": 1, "reason": "restored from last night's backup"}
        )
        assert raised.status_code == 200, raised.text
    await until(has_raised(town))
    fired()

    # Another region records a person whose permission the centre has forgotten.
    async with neighbour(town) as other:
        await other.send(batch_of(NEIGHBOUR, 1, [a_recording(7)]).batch)
    late = await record_all(client, [20])
    is_settling = (await standing(town))["is_settling"]
    await waive_the_neighbour(town)
    await drained(town)

    found = await books(town)
    assert not is_settling
    assert found.recorded == [*kept, *lost, *late]
    assert found.are_equal
    given = await permissions_by_nik(town)
    assert set(given.values()) == {1}
    assert given[int(nik(7))] == 1
    assert (await standing(town))["epoch"] == 2


@pytest.mark.fault("X7")
async def test_a_copy_of_a_region_takes_the_name_over_and_the_original_sends_no_more(
    town: Town, fired: Fired
) -> None:
    """Both have one database's lives: whoever starts last speaks, the other one is fenced."""
    await record_all(town.at_region(), [1])
    await drained(town)
    async with town.databases["regional"].begin() as transaction:
        lives = regional_tables.server_life
        known = list(await transaction.scalars(select(lives.c.life).order_by(lives.c.number)))
    async with neighbour(town, REGION) as copy:
        word = await claim_life(copy, LifeClaim(version=1, life=new_id(), predecessor=known[-1]))
    assert isinstance(word, LifeWord)
    assert word.is_current
    await record_all(town.at_region(), [2])

    async def is_fenced() -> bool:
        queue = (await town.at_region().get("/v1/queue")).json()
        return bool(queue["line"]["state"] == "fenced")

    await until(is_fenced)
    fired()
    found = await books(town)
    assert len(found.recorded) == 2
    assert len(found.arrived) == 1
