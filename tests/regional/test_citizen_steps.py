"""Who may know of a recording, on a real database."""

from datetime import date

import pytest
from sqlalchemy import insert, update

from services.regional.citizen import steps
from services.regional.citizen.refusals import NothingKnown, ReceiptNotKnown
from services.regional.citizen.steps import (
    Known,
    NotRecorded,
    RecordedElsewhere,
)
from services.regional.journey.rules import OfficialStatus
from services.regional.tables import (
    move_entry,
    recording,
    resident,
)
from shared.contracts.amendments import IDENTITY, Identity
from shared.contracts.recording import RECORDING
from shared.database.engine import Database
from shared.ids import new_id
from shared.refusals import NotFound
from tests.recordings import NOON, an_arrival, nik
from tests.regional.citizen_world import a_learner, tell
from tests.regional.office_world import taken

BORN = date(1990, 7, 12)
SECRET = bytes(32)


async def _ask(database: Database, number: int, born: date = BORN) -> Known:
    async with database.begin() as transaction:
        return await steps.look_up(transaction, int(nik(number)), born)


async def test_who_knows_nik_and_birth_date_finds_the_recording(database: Database) -> None:
    mine = an_arrival(3)
    await taken(database, mine, an_arrival(4))

    assert await _ask(database, 3) == mine.recording_id


async def test_an_unknown_nik_and_a_wrong_date_are_refused_alike(database: Database) -> None:
    await taken(database, an_arrival(3))

    with pytest.raises(NothingKnown) as unknown:
        await _ask(database, 9)
    with pytest.raises(NothingKnown) as wrong:
        await _ask(database, 3, date(1990, 7, 13))

    assert unknown.value.args == wrong.value.args
    assert (unknown.value.detail, unknown.value.extra) == (wrong.value.detail, wrong.value.extra)


async def test_either_birth_date_opens_when_list_and_recording_differ(database: Database) -> None:
    mine, listed = an_arrival(3), date(1990, 12, 7)
    await taken(database, mine)
    await _listed(database, 3, listed)

    assert await _ask(database, 3, BORN) == await _ask(database, 3, listed) == mine.recording_id
    with pytest.raises(NothingKnown):
        await _ask(database, 3, date(1991, 7, 12))


async def _listed(database: Database, number: int, born: date = BORN) -> None:
    """The residents' list knows them."""
    person = {"ward": "61.72.02.1001", "sex": "female", "birth_date": born, "obliged": True}
    async with database.begin() as transaction:
        await transaction.execute(insert(resident).values(nik=int(nik(number)), **person))


async def test_whom_the_list_knows_alone_is_told_to_come(database: Database) -> None:
    await _listed(database, 5)

    assert await _ask(database, 5) == NotRecorded()
    with pytest.raises(NothingKnown):
        await _ask(database, 5, date(1990, 7, 13))


async def test_who_moved_here_is_not_told_to_be_recorded(database: Database) -> None:
    theirs = an_arrival(5)
    card_data = RECORDING.validate_json(theirs.body).card
    await _listed(database, 5)
    await taken(database, an_arrival(5))  # recorded here in vain: a duplicate of the one that moved
    moved = {
        "recording_id": theirs.recording_id,
        "move_id": new_id(),
        "verdict": "moved",
        "from_region": "61.07",
        "nik": int(nik(5)),
        "identity": IDENTITY.dump_json(Identity.of(card_data)),
    }
    async with database.begin() as transaction:
        await transaction.execute(
            insert(move_entry).values(pos=1, decided_at=NOON, applied_at=NOON, **moved)
        )

    assert await _ask(database, 5) == RecordedElsewhere(OfficialStatus.PRINT_READY_RECORD)
    with pytest.raises(NothingKnown):
        await _ask(database, 5, date(1990, 7, 13))


async def test_the_recording_that_stands_comes_before_an_old_one_and_an_old_one_before_none(
    database: Database,
) -> None:
    old, fresh = an_arrival(3), an_arrival(3)
    await taken(database, old)
    async with database.begin() as transaction:
        await transaction.execute(update(recording).values(is_live=False))
    assert await _ask(database, 3) == old.recording_id

    await taken(database, fresh)

    assert await _ask(database, 3) == fresh.recording_id
    assert (await tell(database, a_learner(database), old.recording_id)).is_past


async def test_a_receipt_opens_its_recording_until_it_is_revoked(database: Database) -> None:
    mine = an_arrival(3)
    await taken(database, mine)
    async with database.begin() as transaction:
        token = await steps.token_of(transaction, SECRET, mine.recording_id)
        assert await steps.behind(transaction, SECRET, token) == mine.recording_id
        await steps.revoke(transaction, mine.recording_id, "officer-1", NOON)
        again = await steps.token_of(transaction, SECRET, mine.recording_id)

        assert await steps.behind(transaction, SECRET, again) == mine.recording_id
        with pytest.raises(ReceiptNotKnown):
            await steps.behind(transaction, SECRET, token)
        with pytest.raises(NotFound):
            await steps.revoke(transaction, new_id(), "officer-1", NOON)


async def test_the_secret_is_made_once_and_kept(database: Database) -> None:
    first, second = a_learner(database), a_learner(database)

    assert await first.secret() == await second.secret() == await first.secret()
