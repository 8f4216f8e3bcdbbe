"""The audit of searches by hand: a miss that was planted is found, told, and an exit code."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import update

from services.central.app import enrol
from services.central.identity import Regions
from services.central.penunggalan.iris.part import MatcherHere
from services.central.print_authorization.rules import Permitter
from services.central.tables import uniqueness_check
from services.command.doctor.findings import Good, Trouble
from services.command.doctor.services import searches
from shared.clock import ManualClock
from shared.database.engine import Database
from shared.signing import PinnedKeys, jwks_of, new_key
from tests.central.iris_world import a_settler, settle
from tests.command.command_world import Said, tunggal
from tests.eyes import KEYS, SECRET, a_person, write_keys
from tests.recordings import NOON
from tests.town import REGION, Databases

PEOPLE = 4


@pytest.fixture
async def url(databases: Databases) -> AsyncIterator[str]:
    """People of whom the last one's search is written down as if it had found nobody."""
    async with databases.fresh("central") as url:
        database = Database(url)
        try:
            regions = Regions(PinnedKeys(jwks_of([new_key(REGION)])))
            async with database.begin() as transaction:
                await enrol(transaction, regions, ManualClock(NOON))
            permitter = Permitter(new_key("centre"), 1, timedelta(days=730))
            settler = a_settler(database, permitter, MatcherHere(database, KEYS))
            people = [a_person(number) for number in range(1, PEOPLE)]
            twice = a_person(PEOPLE, eyes=1, take=1)
            await settle(settler, REGION, *people, twice)
            async with database.begin() as transaction:
                check = uniqueness_check.c
                await transaction.execute(
                    update(uniqueness_check)
                    .where(check.recording_id == twice.recording_id)
                    .values(evidence=check.evidence.concat(NOTHING_FOUND))
                )
            yield url
        finally:
            await database.close()


NOTHING_FOUND = {"likenesses": [], "likenesses_found": 0}


async def audit(folder: Path, url: str, *arguments: str) -> Said:
    return await tunggal(
        folder,
        "audit-searches",
        *arguments,
        TUNGGAL_CENTRAL_DATABASE_URL=url,
        TUNGGAL_CENTRAL_DATA_FOLDER=str(folder),
        TUNGGAL_CENTRAL_GALLERY_KEY_FILE=str(write_keys(folder / "gallery.json", SECRET)),
    )


async def test_a_search_that_missed_somebody_is_told_once_with_a_code_of_its_own(
    tmp_path: Path, url: str
) -> None:
    said = await audit(tmp_path, url, "--share", "1", "--day", "2017-10-13", "--json")
    again = await audit(tmp_path, url, "--share", "1", "--day", "2017-10-14")

    told = orjson.loads(said.out)
    assert (said.code, told["audited"], told["disagreed"]) == (6, PEOPLE, 1), said.err
    assert "search_audit.disagrees" in said.err
    # Everybody's turn has come since that day.
    assert (again.code, again.out[:2]) == (0, "0 "), again.err


@pytest.mark.rules
def test_the_doctor_warns_of_a_search_that_missed_somebody() -> None:
    name = "tunggal_audited_searches_items"

    well = searches({f"{name}{{agreed}}": 7.0, f"{name}{{disagreed}}": 0.0})
    ill = searches({f"{name}{{agreed}}": 7.0, f"{name}{{disagreed}}": 1.0})

    assert isinstance(well, Good)
    assert isinstance(ill, Trouble)
    assert "1 of 8" in ill.found
