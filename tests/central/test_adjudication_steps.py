"""Cases on a real database: opened once, judged by two, every look written down."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.central.adjudication import rules, steps, store
from services.central.adjudication.refusals import (
    CaseChanged,
    CaseClaimed,
    CaseSettled,
    OwnRecording,
    VotedBefore,
)
from services.central.adjudication.rules import Ballot, Reason, Verdict
from services.central.adjudication.steps import CandidateEvidence, DecideAgain, NewCase
from services.central.settling import REMEDY_HANDS
from services.central.tables import (
    adjudication_candidate,
    adjudication_case,
    adjudication_view,
    adjudication_vote,
    metadata,
)
from shared.clock import ManualClock
from shared.contracts.recording import Recording
from shared.database.engine import Database, Transaction
from shared.ids import new_id
from shared.refusals import NotFound
from tests.central.centre_world import take
from tests.dying import died_at_each_statement
from tests.recordings import NOON, a_recording, batch_of
from tests.town import NEIGHBOUR, REGION

LEASE = timedelta(minutes=20)
WORDS = "The faces are plainly two."


class Decided:
    """Stands where the centre decides again: writes a row, so that a lost transaction shows."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, UUID, str, UUID | None]] = []

    async def __call__(
        self,
        transaction: Transaction,
        region: str,
        recording_id: UUID,
        basis: str,
        rival_id: UUID | None,
        now: datetime,
    ) -> None:
        await transaction.scalar(select(func.count()).select_from(adjudication_case))
        self.heard.append((region, recording_id, basis, rival_id))


def candidate(recording: Recording, left: float | None = 0.14) -> CandidateEvidence:
    fields = [{"field": "birth_date", "agreement": "near", "weight": 1.2}]
    return CandidateEvidence(
        recording.recording_id,
        NEIGHBOUR,
        recording.captured_at,
        left,
        0.47,
        {"score": 0.4, "fields": fields},
    )


def a_case_of(recording: Recording, *candidates: Recording) -> NewCase:
    found = tuple(candidate(one) for one in candidates)
    return NewCase(REGION, recording.recording_id, 1, "one-eye-alike", found, 0.28, 0.33)


def different(edition: int = 1) -> Ballot:
    return Ballot(edition, Verdict.DIFFERENT_PEOPLE, None, Reason.FACES_DIFFER, WORDS)


def same(rival: UUID, edition: int = 1) -> Ballot:
    return Ballot(edition, Verdict.SAME_PERSON, rival, Reason.FACES_AGREE, WORDS)


async def opened(database: Database, case: NewCase) -> UUID:
    """The id of the open case of its recording, opened if there was none."""
    async with database.begin() as transaction:
        await steps.open_cases(transaction, [case], NOON)
        found = await store.lock_open(transaction, {(case.region, case.recording_id)})
    return found[case.region, case.recording_id][0]


async def vote(
    database: Database,
    case_id: UUID,
    officer: str,
    ballot: Ballot,
    decide_again: DecideAgain,
    now: datetime = NOON,
) -> Any:
    return await database.repeat(
        lambda transaction: steps.vote(
            transaction, REGION, case_id, officer, ballot, decide_again, now
        )
    )


async def count(database: Database, table: Any) -> int:
    async with database.begin() as transaction:
        return int(await transaction.scalar(select(func.count()).select_from(table)) or 0)


@pytest.fixture
async def sides(database: Database) -> tuple[Recording, Recording]:
    """Two recordings the centre holds: one here, by another officer the neighbour's."""
    this = a_recording(1, captured_by="desi")
    that = a_recording(2, captured_by="nova")
    await take(database, REGION, batch_of(REGION, 1, [this]))
    await take(database, NEIGHBOUR, batch_of(NEIGHBOUR, 1, [that]))
    return this, that


async def test_a_case_is_opened_once_however_often_it_is_said(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    case = a_case_of(*sides)
    first = await opened(database, case)
    async with database.begin() as transaction:
        again = await steps.open_cases(transaction, [case, case], NOON)

    assert again == 0
    assert await opened(database, case) == first
    assert await count(database, adjudication_case) == 1
    assert await count(database, adjudication_candidate) == 1
    async with database.begin() as transaction:
        found = await store.case_of(transaction, REGION, first)
    assert found is not None
    assert found[0].edition == 1


async def test_a_new_candidate_joins_the_open_case_and_votes_begin_anew(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    this, that = sides
    decided = Decided()
    case_id = await opened(database, a_case_of(this, that))
    await vote(database, case_id, "sri", different(), decided)

    third = a_recording(3)
    assert await opened(database, a_case_of(this, that, third)) == case_id

    with pytest.raises(CaseChanged):
        await vote(database, case_id, "budi", different(edition=1), decided)
    await vote(database, case_id, "budi", different(edition=2), decided)
    assert decided.heard == []
    await vote(database, case_id, "sri", different(edition=2), decided)
    assert decided.heard == [(REGION, this.recording_id, "different_people", None)]


async def test_a_recording_whose_case_is_settled_can_come_before_people_again(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    this, that = sides
    case_id = await opened(database, a_case_of(this, that))
    for officer in ("sri", "budi"):
        await vote(database, case_id, officer, different(), Decided())

    assert await opened(database, a_case_of(this, a_recording(3))) != case_id


async def test_two_officers_who_agree_settle_and_the_recording_is_decided_with_it(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    this, that = sides
    decided = Decided()
    case_id = await opened(database, a_case_of(this, that))

    first, _ = await vote(database, case_id, "sri", same(that.recording_id), decided)
    assert (first.settled, decided.heard) == (None, [])
    second, _ = await vote(database, case_id, "budi", same(that.recording_id), decided)

    assert second.settled.verdict is Verdict.SAME_PERSON
    assert decided.heard == [(REGION, this.recording_id, "same_person", that.recording_id)]
    with pytest.raises(CaseSettled):
        await vote(database, case_id, "ani", different(), decided)


async def test_a_third_officer_decides_between_two_who_differ(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    this, that = sides
    decided = Decided()
    case_id = await opened(database, a_case_of(this, that))
    await vote(database, case_id, "sri", different(), decided)
    await vote(database, case_id, "budi", same(that.recording_id), decided)
    async with database.begin() as transaction:
        disputed = await store.counts(transaction, NOON)
    await vote(database, case_id, "ani", different(), decided)

    assert (disputed.open, disputed.disputed) == (1, 1)
    assert decided.heard == [(REGION, this.recording_id, "different_people", None)]


@pytest.mark.parametrize("recorder", ["desi", "nova"])
async def test_who_recorded_either_of_them_never_judges(
    database: Database, sides: tuple[Recording, Recording], recorder: str
) -> None:
    case_id = await opened(database, a_case_of(*sides))

    with pytest.raises(OwnRecording):
        await vote(database, case_id, recorder, different(), Decided())
    async with database.begin() as transaction:
        with pytest.raises(OwnRecording):
            await steps.claim(transaction, REGION, case_id, recorder, LEASE, NOON)


async def test_one_officer_is_not_two_even_at_the_same_moment(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    decided = Decided()
    case_id = await opened(database, a_case_of(*sides))

    ends = await asyncio.gather(
        *(vote(database, case_id, "sri", different(), decided) for _ in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, VotedBefore) for one in ends) == 3
    assert decided.heard == []
    assert await count(database, adjudication_vote) == 1


async def test_of_two_officers_at_the_same_moment_one_holds_the_case_until_the_lease_ends(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    clock = ManualClock(NOON)
    case_id = await opened(database, a_case_of(*sides))

    async def claim(officer: str) -> Any:
        return await database.repeat(
            lambda transaction: steps.claim(
                transaction, REGION, case_id, officer, LEASE, clock.now()
            )
        )

    await claim("sri")
    clock.advance(LEASE - timedelta(seconds=1))
    with pytest.raises(CaseClaimed):
        await claim("budi")
    with pytest.raises(CaseClaimed):
        await vote(database, case_id, "budi", different(), Decided(), clock.now())
    clock.advance(timedelta(seconds=1))
    assert (await claim("budi")).claim.officer == "budi"
    with pytest.raises(CaseClaimed):
        await vote(database, case_id, "sri", different(), Decided(), clock.now())


async def test_a_case_that_is_laid_down_can_be_taken_up_at_once(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    case_id = await opened(database, a_case_of(*sides))
    async with database.begin() as transaction:
        await steps.claim(transaction, REGION, case_id, "sri", LEASE, NOON)
        others = await steps.release(transaction, REGION, case_id, "budi")
        own = await steps.release(transaction, REGION, case_id, "sri")
        taken = await steps.claim(transaction, REGION, case_id, "budi", LEASE, NOON)

    assert others.claim is not None
    assert own.claim is None
    assert taken.claim is not None


async def test_every_look_is_written_down_with_who_when_and_which(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    this, that = sides
    case_id = await opened(database, a_case_of(this, that))
    for officer in ("sri", "budi", "sri"):
        async with database.begin() as transaction:
            shown = await steps.show(transaction, REGION, case_id, officer, steps.CASE_VIEWED, NOON)
    async with database.begin() as transaction:
        view = adjudication_view.c
        rows = (
            await transaction.execute(select(view.case_id, view.officer, view.what, view.viewed_at))
        ).all()

    assert shown.recordings == {this.recording_id: this, that.recording_id: that}
    assert sorted(tuple(row) for row in rows) == [
        (case_id, "budi", "case", NOON),
        (case_id, "sri", "case", NOON),
        (case_id, "sri", "case", NOON),
    ]


async def test_a_look_that_cannot_be_written_down_shows_nothing(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    case_id = await opened(database, a_case_of(*sides))
    before = await count(database, adjudication_view)

    async def look(transaction: Transaction) -> None:
        await steps.show(transaction, REGION, case_id, "sri", steps.CASE_VIEWED, NOON)

    assert await died_at_each_statement(database, metadata, look) >= 4
    assert await count(database, adjudication_view) == before + 1


async def test_cases_are_listed_oldest_first_and_late_ones_counted(database: Database) -> None:
    people = [a_recording(number) for number in range(1, 4)]
    async with database.begin() as transaction:
        for number, one in enumerate(people):
            moment = NOON - timedelta(days=number)
            await steps.open_cases(transaction, [a_case_of(one, a_recording(9))], moment)
        found = await store.listed(transaction, is_open=True, items_max=2)
        counts = await store.counts(transaction, NOON - timedelta(hours=12))

    assert [one.case.recording_id for one in found] == [
        people[2].recording_id,
        people[1].recording_id,
    ]
    assert [one.candidates for one in found] == [1, 1]
    assert (counts.open, counts.overdue, counts.oldest_at) == (3, 2, NOON - timedelta(days=2))


async def test_a_case_that_does_not_exist_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        await vote(database, new_id(), "sri", different(), Decided())


async def test_a_case_without_a_candidate_can_be_judged_too(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    """Nobody resembles a person without irises: two officers say whether that is so."""
    decided = Decided()
    case_id = await opened(database, a_case_of(sides[0]))
    ballot = Ballot(1, Verdict.DIFFERENT_PEOPLE, None, Reason.NO_LIKENESS_FOUND, WORDS)
    for officer in ("sri", "budi"):
        await vote(database, case_id, officer, ballot, decided)

    assert len(decided.heard) == 1


async def test_a_case_about_nothing_any_more_is_withdrawn_and_takes_no_vote(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    this, that = sides
    case_id = await opened(database, a_case_of(this, that))
    async with database.begin() as transaction:
        closed = await steps.withdraw(transaction, {(REGION, this.recording_id)}, NOON)
        again = await steps.withdraw(transaction, {(REGION, this.recording_id)}, NOON)
        (listed,) = await store.listed(transaction, is_open=False, items_max=5)

    assert (closed, again) == (1, 0)
    assert rules.state_of(listed.case, listed.counted) is rules.State.WITHDRAWN
    with pytest.raises(CaseSettled):
        await vote(database, case_id, "sri", different(), Decided())
    assert await opened(database, a_case_of(this, that)) != case_id


async def test_a_deletion_withdraws_the_case_of_what_is_gone_and_of_what_is_searched_anew(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    this, that = sides
    await opened(database, a_case_of(this, that))
    await opened(database, a_case_of(that, this))
    async with database.begin() as transaction:
        await REMEDY_HANDS.forget(transaction, [(REGION, this.recording_id)], NOON)
        one = await store.counts(transaction, NOON)
        await REMEDY_HANDS.order_search(transaction, REGION, that.recording_id, 2, NOON)
        none = await store.counts(transaction, NOON)

    assert (one.open, none.open) == (1, 0)


async def test_opening_and_voting_leave_nothing_half_done(
    database: Database, sides: tuple[Recording, Recording]
) -> None:
    this, that = sides
    third = a_recording(3)

    async def open_one(transaction: Transaction) -> None:
        await steps.open_cases(transaction, [a_case_of(this, that)], NOON)

    async def join(transaction: Transaction) -> None:
        await steps.open_cases(transaction, [a_case_of(this, third)], NOON)

    async def second_vote(transaction: Transaction) -> None:
        await steps.vote(transaction, REGION, case_id, "budi", different(2), Decided(), NOON)

    assert await died_at_each_statement(database, metadata, open_one) >= 3
    assert await died_at_each_statement(database, metadata, join) >= 4
    case_id = await opened(database, a_case_of(this, that))
    await vote(database, case_id, "sri", different(2), Decided())
    assert await died_at_each_statement(database, metadata, second_vote) >= 7
