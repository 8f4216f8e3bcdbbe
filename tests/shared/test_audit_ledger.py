"""The chain on real rows: gapless in the order of commits, whoever appends at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from services.central.audit import entries as central_audit
from services.regional.audit import entries as regional_audit
from shared.audit.entries import BEGINNING, Actor, Purpose, about, canonical, chained
from shared.database.engine import Database
from shared.ids import new_id
from shared.roles import Caller, Role
from tests.town import Databases

NOW = datetime(2017, 10, 13, 2, 15, 12, 345678, UTC)
SRI = Caller("sri", frozenset({Role.HEAD_OF_OFFICE, Role.OFFICER}), "61.72")


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    async with databases.fresh("central") as url:
        opened = Database(url)
        yield opened
        await opened.close()


async def test_each_entry_is_chained_to_the_one_before(database: Database) -> None:
    recording = about("recording", new_id())
    async with database.begin() as transaction:
        await central_audit.entry(
            transaction, SRI, "dossier-read", Purpose.SERVICE, [recording, recording], NOW
        )
        last = await central_audit.entry(
            transaction, Actor("the-centre"), "epoch-raised", Purpose.SECURITY, [], NOW, "restored"
        )
        kept = await central_audit.LEDGER.after(transaction, 0, 10)
        head = await central_audit.LEDGER.head(transaction)

    assert [one.entry.position for one in kept] == [1, 2] == [1, last]
    assert kept[0].entry.subjects == (recording,)
    assert kept[0].entry.roles == ("head_of_office", "officer")
    hashed = BEGINNING
    for one in kept:
        hashed = chained(hashed, canonical("centre", one.entry))
        assert one.hash == hashed
    assert (head.position, head.hash) == (2, hashed)


async def test_many_at_once_leave_no_gap_and_no_fork(database: Database) -> None:
    async def act(number: int) -> None:
        async with database.begin() as transaction:
            await central_audit.entry(transaction, SRI, f"act-{number}", Purpose.OVERSIGHT, [], NOW)
            if number % 3 == 0:
                await transaction.rollback()

    await asyncio.gather(*(act(number) for number in range(30)))

    async with database.begin() as transaction:
        kept = await central_audit.LEDGER.after(transaction, 0, 100)
    assert [one.entry.position for one in kept] == list(range(1, 21))
    hashed = BEGINNING
    for one in kept:
        hashed = chained(hashed, canonical("centre", one.entry))
        assert one.hash == hashed


async def test_a_region_has_a_chain_of_its_own(databases: Databases) -> None:
    async with databases.fresh("regional") as url:
        database = Database(url)
        async with database.begin() as transaction:
            await regional_audit.entry(transaction, SRI, "card-read", Purpose.PRINTING, [], NOW)
            assert (await regional_audit.LEDGER.head(transaction)).position == 1
        await database.close()


@pytest.mark.rules
def test_nothing_that_may_be_a_nik_enters_the_chain() -> None:
    with pytest.raises(ValueError, match="NIK"):
        about("recording", "6172014107900001")
    with pytest.raises(ValueError, match="subject"):
        about("recording", "Sri Wahyuni")
