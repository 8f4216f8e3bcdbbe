"""72 hours from when it was found; two letters; another officer closes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.regional.tables import breach
from shared.breaches import store
from shared.breaches.loop import BreachWatch
from shared.breaches.rules import Breach, DataKind, Standing, Whom, letter
from shared.breaches.steps import (
    BreachClockRuns,
    BreachClosed,
    BreachNotTold,
    SameOfficerCloses,
    close,
    record,
    tell,
)
from shared.clock import ManualClock
from shared.database.engine import Database
from shared.ids import new_id
from tests.recordings import NOON
from tests.town import Databases

HOUR = timedelta(hours=1)


def an_incident(breach_id: UUID | None = None) -> Breach:
    return Breach(
        breach_id=breach_id or new_id(),
        found_at=NOON,
        began_at=NOON - 30 * HOUR,
        ended_at=None,
        what="Komputer jinjing dengan surat undangan dicuri dari mobil.",
        kinds=[DataKind.IDENTITY.value, DataKind.ADDRESS.value],
        people=40,
        measures="Cakram terenkripsi; polisi diberi tahu; kode surat diakhiri.",
        officer="kepala-1",
        recorded_at=NOON,
    )


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    async with databases.fresh("regional") as url:
        kept = Database(url)
        yield kept
        await kept.close()


@pytest.mark.parametrize(
    ("hours", "standing"), [(0, Standing.OPEN), (72, Standing.OPEN), (73, Standing.OVERDUE)]
)
def test_the_clock_runs_from_when_it_was_found(hours: int, standing: Standing) -> None:
    assert an_incident().standing(NOON + hours * HOUR) is standing


def test_an_incident_both_were_told_of_is_not_overdue_and_one_letter_is_not_both() -> None:
    one = replace(an_incident(), authority_told_at=NOON, authority_told_by="kepala-1")
    assert one.standing(NOON + 100 * HOUR) is Standing.OVERDUE

    both = replace(one, subjects_told_at=NOON, subjects_told_by="kepala-1")
    assert both.standing(NOON + 100 * HOUR) is Standing.TOLD


@pytest.mark.parametrize("whom", Whom)
def test_a_letter_says_which_data_when_and_how_and_what_is_done(whom: Whom) -> None:
    one = an_incident()

    text = letter(one, whom, "PEMERINTAH KOTA SINGKAWANG", NOON + 5 * HOUR)

    assert "Pasal 46" in text
    for part in (one.what, one.measures, "40 orang", "alamat", "13-10-2017 05.00 UTC"):
        assert part in text
    assert "biometrik" not in text
    assert "terlambat" not in text
    assert ("berhak meminta salinan" in text) == (whom is Whom.SUBJECTS)


def test_a_late_letter_says_that_it_is_late() -> None:
    assert "terlambat 28 jam" in letter(an_incident(), Whom.AUTHORITY, "-", NOON + 100 * HOUR)


async def test_an_incident_is_recorded_told_of_and_closed_by_another(database: Database) -> None:
    one = an_incident()
    async with database.begin() as transaction:
        await record(transaction, breach, one)
        await record(transaction, breach, replace(one, people=55, officer="another"))
        with pytest.raises(BreachClockRuns):
            await record(transaction, breach, replace(one, found_at=NOON + HOUR))
        with pytest.raises(BreachNotTold):
            await close(transaction, breach, one.breach_id, "officer-2", NOON)
        for whom in Whom:
            await tell(transaction, breach, one.breach_id, whom, "kepala-1", NOON + HOUR)
            await tell(transaction, breach, one.breach_id, whom, "other", NOON + 9 * HOUR)
        with pytest.raises(SameOfficerCloses):
            await close(transaction, breach, one.breach_id, "kepala-1", NOON)
        await close(transaction, breach, one.breach_id, "officer-2", NOON + 2 * HOUR)
        with pytest.raises(BreachClosed):
            await record(transaction, breach, one)
        (kept,) = await store.newest(transaction, breach)

    assert (kept.people, kept.officer, kept.closed_by) == (55, "kepala-1", "officer-2")
    assert kept.authority_told_at == kept.subjects_told_at == NOON + HOUR
    assert kept.standing(NOON + 500 * HOUR) is Standing.CLOSED


async def test_what_is_overdue_is_counted_until_both_were_told(database: Database) -> None:
    one, clock = an_incident(), ManualClock(NOON + 73 * HOUR)
    watch = BreachWatch(database, breach, clock)
    async with database.begin() as transaction:
        await record(transaction, breach, one)
    assert await watch.look() == 1

    async with database.begin() as transaction:
        for whom in Whom:
            await tell(transaction, breach, one.breach_id, whom, "kepala-1", clock.now())
    assert await watch.look() == 0
