"""A schedule and home visits on a real database: twice is once, and one wish for a person."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from services.regional.field import steps, store
from services.regional.field.refusals import (
    NotAVisitingDay,
    RecordingOfSomebodyElse,
    SessionEnded,
    VisitDiffers,
    VisitEnded,
    VisitStandsInWay,
)
from services.regional.field.rules import (
    Act,
    AskedBy,
    Condition,
    Kind,
    Noted,
    NotToday,
    Plan,
    SessionState,
    VisitState,
)
from services.regional.field.steps import Noting, Wish
from services.regional.tables import home_visit, outreach
from shared.database.engine import Database, Transaction
from shared.ids import new_id
from tests.outreach import MONDAY, WARD, Lives, list_residents, record
from tests.recordings import NOON

SITI = Lives(1)
NOTING = Noting("officer-1", MONDAY, NOON)
PLAN = Plan(Kind.SCHOOL, "SMA Contoh", WARD, NOON, NOON + timedelta(hours=4), 150, "tim-1")
DAY = Noted(Act.PLANNED, visit_on=MONDAY, team="tim-1")


async def _nothing(_: Transaction, __: UUID, ___: object) -> steps.Followed:
    return SimpleNamespace(outcome=None, next_action=None, next_action_id=None)


def a_wish(one: Lives = SITI) -> Wish:
    return Wish(one.nik, Condition.ILL, AskedBy.FAMILY, MONDAY)


async def ask(database: Database, visit_id: UUID, wish: Wish) -> store.VisitRow:
    one, _ = await database.repeat(
        lambda transaction: steps.ask_visit(transaction, _nothing, visit_id, wish, NOTING)
    )
    return one


async def note(database: Database, visit_id: UUID, noted: Noted) -> store.VisitRow:
    async with database.begin() as transaction:
        return await steps.note_visit(transaction, visit_id, noted, NOTING)


async def test_a_stay_is_planned_anew_until_it_ended(database: Database) -> None:
    session_id = new_id()
    other = Plan(Kind.MARKET, "Pasar", WARD, PLAN.starts_at, PLAN.ends_at, None, None)
    async with database.begin() as transaction:
        await steps.plan_session(transaction, session_id, PLAN, NOTING)
        await steps.plan_session(transaction, session_id, other, NOTING)
        done = await steps.end_session(transaction, session_id, SessionState.DONE, NOTING)

        assert await steps.end_session(transaction, session_id, SessionState.DONE, NOTING) == done
        assert await steps.plan_session(transaction, session_id, other, NOTING) == done
        with pytest.raises(SessionEnded):
            await steps.plan_session(transaction, session_id, PLAN, NOTING)
        with pytest.raises(SessionEnded):
            await steps.end_session(transaction, session_id, SessionState.CANCELLED, NOTING)
        midnight = datetime(2017, 10, 13, tzinfo=UTC)
        day = timedelta(days=1)
        assert await store.sessions_between(transaction, midnight, midnight + day) == [done]
        assert await store.sessions_between(transaction, midnight + day, midnight + 2 * day) == []


async def test_a_visit_is_put_off_and_closed_and_its_history_stays(database: Database) -> None:
    visit_id = new_id()
    put_off = Noted(Act.NOT_TODAY, NotToday.TOO_ILL, MONDAY + timedelta(days=2))
    closed = Noted(Act.CLOSED, "withdrawn")
    await list_residents(database, [SITI])

    first = await ask(database, visit_id, a_wish())
    assert await ask(database, visit_id, a_wish()) == first
    with pytest.raises(VisitEnded):
        await note(database, visit_id, put_off)
    with pytest.raises(NotAVisitingDay):
        await note(database, visit_id, Noted(Act.PLANNED, visit_on=NOON.date(), team="tim-1"))
    for noted in (DAY, DAY, put_off, put_off, closed, closed):
        last = await note(database, visit_id, noted)

    assert last.visit.state is VisitState.CLOSED
    with pytest.raises(VisitEnded):
        await note(database, visit_id, DAY)
    async with database.begin() as transaction:
        acts = [one.noted for one in await store.events_of(transaction, visit_id)]
    assert acts == [Noted(Act.ASKED), DAY, put_off, closed]


async def test_two_wishes_for_one_person_at_once_are_one(database: Database) -> None:
    ids = [new_id() for _ in range(4)]

    answers = await asyncio.gather(
        *(ask(database, one, a_wish()) for one in ids), return_exceptions=True
    )

    refused = [one for one in answers if isinstance(one, VisitStandsInWay)]
    assert len(refused) == len(ids) - 1
    assert refused[0].extra["findings"][0]["found"] == "visit_open"
    taken = next(one for one in answers if isinstance(one, store.VisitRow))
    with pytest.raises(VisitDiffers):
        await ask(database, taken.visit_id, a_wish(Lives(2)))


async def test_only_a_recording_of_this_person_ends_a_visit(database: Database) -> None:
    visit_id = new_id()
    await ask(database, visit_id, a_wish())
    await record(database, Lives(2))

    async with database.begin() as transaction:
        live = await store.live_recording(transaction, Lives(2).nik)
    assert live is not None
    with pytest.raises(RecordingOfSomebodyElse):
        await note(database, visit_id, Noted(Act.RECORDED, recording_id=live[0]))
    with pytest.raises(VisitStandsInWay):
        await ask(database, new_id(), a_wish(Lives(2)))


async def test_whoever_was_heard_to_be_ill_waits_until_a_visit_is_asked(
    database: Database,
) -> None:
    recorded, closed = Lives(2), Lives(3)
    await list_residents(database, [SITI, recorded, closed])
    await record(database, recorded)
    rows = [
        {
            "nik": one.nik,
            "person_id": new_id(),
            "letters": 1,
            "whereabouts": "ill",
            "source": "family",
            "heard_on": MONDAY,
            "closed": "dead" if one == closed else None,
        }
        for one in (SITI, recorded, closed)
    ]
    async with database.begin() as transaction:
        await transaction.execute(insert(outreach), rows)
        waiting = await store.wishes(transaction, 10)
    assert [one.nik for one in waiting] == [SITI.nik]

    await ask(database, new_id(), a_wish())
    async with database.begin() as transaction:
        assert await store.wishes(transaction, 10) == []
        await transaction.execute(update(home_visit).values(state="closed"))
        # Heard again after that visit: somebody goes there once more.
        await transaction.execute(update(outreach).values(heard_on=MONDAY + timedelta(days=9)))
        assert [one.nik for one in await store.wishes(transaction, 10)] == [SITI.nik]
