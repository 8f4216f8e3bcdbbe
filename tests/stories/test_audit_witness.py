"""Regions are witness to the centre's audit: what was signed once cannot be taken back unseen."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from services.central.audit.entries import LEDGER as CENTRAL
from services.central.audit.entries import entry
from services.command.audit import protect, source, verify
from services.regional.app import centre_keys
from services.regional.central_client.client import CentralClient
from services.regional.witness.loop import WitnessLoop
from shared.audit.entries import Actor, Purpose
from shared.audit.verifying import Kind
from shared.clock import SystemClock
from shared.database.engine import Database
from shared.roles import Role
from shared.signing import PinnedKeys
from tests.town import REGION, Databases, Town, town_of

pytestmark = pytest.mark.security
SRI = Actor("sri", ("operations",))
PATIENCE_SECONDS = 60
# Only where a test asks for a round: the loops themselves would come a day later.
QUIET = {"audit_witness_seconds": 86_400.0}


@pytest.fixture
async def town(databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    pace = {"audit_checkpoint_seconds": 0.05}
    async with town_of(databases, tmp_path, central=pace, regional=QUIET) as running:
        yield running


async def write(town: Town, count: int) -> int:
    """Entries at the centre, until its own loop has signed over them; gives how many there are."""
    async with town.databases["central"].begin() as transaction:
        for _ in range(count):
            now = SystemClock().now()
            last = await entry(transaction, SRI, "case-read", Purpose.OVERSIGHT, [], now)
    await signed_up_to(town, last)
    return last


async def signed_up_to(town: Town, size: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await told(town, "central"))["checkpoint_size"] < size:
            await asyncio.sleep(0.05)


async def told(town: Town, service: str) -> dict[str, object]:
    at = town.at_centre if service == "central" else town.at_region
    client = at(Role.OPERATIONS)
    found: dict[str, object] = (await client.get("/v1/audit")).json()
    return found


async def witness_round(town: Town, region: str = REGION) -> None:
    host, port = town.line.listen
    client = CentralClient(
        f"http://{host}:{port}",
        region,
        town.keys.region_key(region),
        centre_keys(str(town.keys.centre_jwks)),
    )
    try:
        loop = WitnessLoop(town.databases["regional"], client, SystemClock(), 1.0)
        while await loop.round():
            pass
    finally:
        await client.close()


async def take_back(town: Town, size: int) -> None:
    """What an insider does who owns the centre's database: an older copy, whole in itself."""
    async with town.databases["central"].begin() as transaction:
        for statement in (
            f"DELETE FROM audit_entry WHERE position > {size}",
            f"DELETE FROM audit_checkpoint WHERE size > {size}",
            (
                f"UPDATE audit_head SET last_position = {size}, last_hash ="
                f" (SELECT hash FROM audit_entry WHERE position = {size})"
            ),
        ):
            await transaction.execute(text(statement))


async def test_a_region_follows_checkpoints_and_doubts_nothing(town: Town) -> None:
    await write(town, 5)
    await witness_round(town)
    size = await write(town, 3)
    await witness_round(town)
    await witness_round(town)

    here, there = await told(town, "regional"), await told(town, "central")
    centre = here["centre"]
    assert isinstance(centre, dict)
    assert centre["size"] >= size
    assert (here["doubts"], there["doubts"]) == ([], [])


async def test_a_history_taken_back_is_told_on_both_sides(town: Town, tmp_path: Path) -> None:
    await write(town, 5)
    await write(town, 5)
    await witness_round(town)
    held = await told(town, "regional")
    await take_back(town, 5)
    await witness_round(town)
    shorter = await told(town, "regional"), await told(town, "central")
    # It grows beyond what was held, with another history.
    await write(town, 9)
    await witness_round(town)

    here, there = await told(town, "regional"), await told(town, "central")
    (first,), (seen,) = shorter[0]["doubts"], shorter[1]["doubts"]  # type: ignore[misc]
    assert first["doubt"] == "shorter"
    assert (seen["doubt"], seen["told_by"]) == ("shorter", REGION)
    assert {one["doubt"] for one in here["doubts"]} == {"shorter", "rewritten"}  # type: ignore[attr-defined]
    assert here["centre"] == held["centre"]
    assert there["doubts"]
    # What the region kept is enough for the command to say where.
    file = tmp_path / "witness.json"
    file.write_text(json.dumps(held))
    found = await verify.verify(
        await source.from_database(town.databases["central"], CENTRAL),
        PinnedKeys(json.loads(town.keys.centre_jwks.read_text())),
        verify.testimony_in(file),
    )
    assert found.first is not None
    assert found.first.kind is Kind.REWRITTEN
    assert found.first.first <= 6 <= found.first.last


async def test_a_restore_by_the_book_is_told_and_followed(town: Town) -> None:
    await write(town, 5)
    await write(town, 5)
    await witness_round(town)
    await take_back(town, 5)
    raised = await town.at_centre().post(
        "/v1/resync", json={"epoch": 1, "reason": "disk of the centre broke"}
    )
    await signed_up_to(town, 6)
    await witness_round(town)
    await write(town, 2)
    await witness_round(town)

    here = await told(town, "regional")
    assert raised.status_code == 200, raised.text
    assert [one["doubt"] for one in here["doubts"]] == ["restored"]  # type: ignore[attr-defined, index]
    assert here["centre"]["epoch"] == 2  # type: ignore[index]


async def test_an_older_centre_knows_no_such_question_and_nothing_happens(town: Town) -> None:
    await town.centre.stop()
    await witness_round(town)

    here = await told(town, "regional")
    assert (here["centre"], here["doubts"]) == (None, [])


async def test_the_service_runs_under_a_role_that_cannot_change_the_audit(
    databases: Databases, tmp_path: Path
) -> None:
    """All of it: recording, settling, checkpoints; and the server refuses what nobody may do."""
    roles = {"central": "tunggal_app_c", "regional": "tunggal_app_r"}
    async with databases.fresh("central") as central, databases.fresh("regional") as regional:
        urls = {"central": central, "regional": regional}
        for service, url in urls.items():
            owner = Database(url)
            await protect.protect(owner, roles[service])
            await protect.protect(owner, roles[service])
            await owner.close()
        signed_in = {
            service: url.replace("//postgres@", f"//{roles[service]}@")
            for service, url in urls.items()
        }
        town = Town(tmp_path, signed_in, SystemClock(), {"audit_checkpoint_seconds": 0.05}, QUIET)
        try:
            await town.start()
            example = json.loads(Path("docs/examples/recording.json").read_text())
            taken = await town.at_region(Role.OFFICER).put(
                "/v1/recordings/01890a5d-ac96-774b-bcce-b302099a8057", json=example
            )
            await town.settled()
            await write(town, 3)
            await witness_round(town)
            here = await told(town, "regional")
            refused = await refused_by_server(signed_in)
        finally:
            await town.stop()

    assert taken.status_code == 202, taken.text
    assert here["doubts"] == []
    assert here["centre"] is not None
    assert refused == {"42501"}


async def refused_by_server(urls: dict[str, str]) -> set[str | None]:
    """SQLSTATEs of everything that must not be done."""
    states: set[str | None] = set()
    for url in urls.values():
        database = Database(url)
        for table in (*protect.APPENDED_ONLY, protect.HEAD):
            tries = [f"DELETE FROM {table}", f"TRUNCATE {table}", f"DROP TABLE {table}"]
            if table != protect.HEAD:
                tries.append(f"UPDATE {table} SET chain = chain")
            for statement in tries:
                states.add(await state_of(database, statement))
        await database.close()
    return states


async def state_of(database: Database, statement: str) -> str | None:
    from sqlalchemy.exc import DBAPIError

    from shared.database.engine import sqlstate

    try:
        async with database.begin() as transaction:
            await transaction.execute(text(statement))
    except DBAPIError as trouble:
        return sqlstate(trouble)
    return "done"
