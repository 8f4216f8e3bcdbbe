"""Decisions that are not the last word, on a real database: searches, regions, officers."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from services.central import deciding
from services.central.adjudication import steps as adjudication
from services.central.adjudication.rules import Ballot, Reason, Verdict
from services.central.journey.entries import decision
from services.central.journey.refusals import NotUndecided
from services.central.journey.steps import publish
from services.central.penunggalan import gallery
from services.central.penunggalan.rules import Basis
from services.central.print_authorization.rules import Permitter
from services.central.tables import adjudication_case, metadata, resync, undecided
from services.central.tables import gallery as gallery_table
from services.central.worker import SearchAgain, Settler
from shared.clock import ManualClock
from shared.contracts.feed import Rival
from shared.contracts.outcomes import Outcome
from shared.contracts.recording import Recording
from shared.database.engine import Database
from shared.ids import new_id
from shared.iris import to_bytes
from tests.central.centre_world import decisions, live, settle_all, take
from tests.central.iris_world import PRR, a_settler, rows_of, settle
from tests.dying import died_at_each_statement
from tests.eyes import KEYS, PlainMatcher, a_person, an_eye, seen
from tests.recordings import NOON, batch_of
from tests.town import NEIGHBOUR, REGION


async def test_a_missing_part_of_the_gallery_is_no_verdict_and_the_centre_searches_again(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    again, clock = SearchAgain(settler), settler.clock
    assert isinstance(clock, ManualClock)
    matcher.missing = True
    (failed,) = await settle(settler, REGION, a_person(1))
    assert failed.outcome is Outcome.SEARCH_FAILURE_AT_CENTRAL
    assert await live(database, 1) is None
    assert await again.round() == 0, "it is not due yet"

    clock.advance(timedelta(minutes=1))
    assert await again.round() == 0
    assert len(await decisions(database, REGION)) == 1, "what is impossible still is no news"
    matcher.missing = False
    assert await again.round() == 0, "the second pause is longer"
    clock.advance(timedelta(minutes=2))
    assert await again.round() == 1

    _, decided = await decisions(database, REGION)
    assert (decided.recording_id, decided.seq) == (failed.recording_id, failed.seq)
    assert decided.outcome is PRR
    assert decided.permission is not None
    assert await rows_of(database, undecided) == []
    assert await again.round() == 0


async def _officer(database: Database, eyes: int) -> UUID:
    officer = new_id()
    irises = to_bytes(an_eye(2 * eyes)) + to_bytes(an_eye(2 * eyes + 1))
    async with database.begin() as transaction:
        await gallery.enter_operator(transaction, REGION, officer, irises, NOON, keys=KEYS)
    return officer


async def decide_again(settler: Settler, recording: Recording, **options: Any) -> None:
    again = deciding.Again(REGION, recording.recording_id, **options)
    async with settler.database.begin() as transaction:
        await deciding.decide_again(transaction, settler.permitter, settler.uniqueness, again, NOON)


async def test_an_officers_own_irises_are_looked_at_and_may_be_the_officers_own_recording(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    officer = await _officer(database, 7)
    wrong, own = a_person(1, eyes=7, take=1), a_person(2, eyes=7, take=2)

    told = await settle(settler, REGION, wrong, own)

    assert {(one.outcome, one.reason) for one in told} == {
        (Outcome.REQUEST_VALIDATION, "operator-irises")
    }
    rows = await rows_of(database, gallery_table)
    assert [row.recording_id for row in rows] == [officer], "they accuse nobody later"

    await decide_again(settler, wrong, basis=Basis.NOT_CONFIRMED)
    await decide_again(settler, own, basis=Basis.VALIDATED)

    *_, not_confirmed, validated = await decisions(database, REGION)
    assert not_confirmed.outcome is Outcome.ENROLL_FAILURE_AT_CENTRAL
    assert validated.outcome is PRR
    assert await rows_of(database, undecided) == []


async def test_two_officers_verdict_reaches_the_region(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    first = a_person(1)
    second = seen(2, an_eye(2, 1), an_eye(99), captured_by="recorder-1")
    await settle(settler, NEIGHBOUR, first)
    await settle(settler, REGION, second)
    decide = deciding.decider(permitter, settler.uniqueness)
    async with database.begin() as transaction:
        (case,) = (await transaction.execute(select(adjudication_case))).all()
    assert (case.region_code, case.recording_id) == (REGION, second.recording_id)

    ballot = Ballot(
        1, Verdict.SAME_PERSON, first.recording_id, Reason.FACES_AGREE, "One face, two names."
    )
    for officer in ("adjudicator-1", "adjudicator-2"):
        async with database.begin() as transaction:
            await adjudication.vote(
                transaction, REGION, case.case_id, officer, ballot, decide, NOON
            )

    *_, decided = await decisions(database, REGION)
    assert (decided.outcome, decided.reason) == (Outcome.DUPLICATE_RECORD, "adjudicated")
    assert decided.rival is not None
    assert (decided.rival.recording_id, decided.rival.region) == (first.recording_id, NEIGHBOUR)


@pytest.mark.parametrize(
    ("basis", "outcome"),
    [
        (Basis.DIFFERENT_PEOPLE, PRR),
        (Basis.SAME_PERSON, Outcome.DUPLICATE_RECORD),
    ],
)
async def test_what_officers_found_is_decided_whole_or_not_at_all(
    database: Database,
    permitter: Permitter,
    matcher: PlainMatcher,
    basis: Basis,
    outcome: Outcome,
) -> None:
    settler = a_settler(database, permitter, matcher)
    first = a_person(1)
    second = seen(2, an_eye(2, 1), an_eye(99))
    await settle(settler, REGION, first, second)
    rival = Rival(recording_id=first.recording_id, region=REGION, captured_at=first.captured_at)
    again = deciding.Again(REGION, second.recording_id, basis, rival)

    statements = await died_at_each_statement(
        database,
        metadata,
        lambda transaction: deciding.decide_again(
            transaction, permitter, settler.uniqueness, again, NOON
        ),
    )

    assert statements >= 8
    *_, decided = await decisions(database, REGION)
    assert decided.outcome is outcome
    async with database.begin() as transaction:
        with pytest.raises(NotUndecided):
            await deciding.decide_again(transaction, permitter, settler.uniqueness, again, NOON)


async def _witnessed(database: Database, region: str, seq: int) -> None:
    """A restored centre that knows this region was decided up to `seq` in its lost life."""
    async with database.begin() as transaction:
        await transaction.execute(
            insert(resync).values(
                epoch=1,
                region_code=region,
                awaiting_since=NOON,
                witnessed_seq=seq,
                compared_pos=0,
                synced_at=NOON,
            )
        )


async def test_after_a_restore_nobody_is_unique_until_all_irises_are_back(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    first, second = a_person(1), a_person(2, eyes=1, take=1)
    await _witnessed(database, NEIGHBOUR, 1)
    told = decision(
        seq=1,
        recording_id=first.recording_id,
        outcome=PRR,
        reason=None,
        duplicate=None,
        rival=None,
        permission=None,
        now=NOON,
    )
    async with database.begin() as transaction:
        await publish(transaction, NEIGHBOUR, [told], NOON)

    (early,) = await settle(settler, REGION, second)
    assert early.outcome is Outcome.SEARCH_FAILURE_AT_CENTRAL
    assert isinstance(settler.clock, ManualClock)
    settler.clock.advance(timedelta(hours=1))
    assert await SearchAgain(settler).round() == 0, "the neighbour's irises are not back"
    await take(database, NEIGHBOUR, batch_of(NEIGHBOUR, 1, [first]))
    await settle_all(settler)
    settler.clock.advance(timedelta(hours=2))
    assert await SearchAgain(settler).round() == 1

    *_, found = await decisions(database, REGION)
    assert (found.outcome, found.reason) == (Outcome.DUPLICATE_RECORD, "same-irises")
    assert len(await decisions(database, NEIGHBOUR)) == 1, "what was told is not told again"


async def test_what_a_lost_life_left_open_is_searched_for_anew(
    database: Database, permitter: Permitter, matcher: PlainMatcher
) -> None:
    settler = a_settler(database, permitter, matcher)
    first, second = a_person(1), seen(2, an_eye(2, 1), an_eye(99))
    await settle(settler, NEIGHBOUR, first)
    await _witnessed(database, REGION, 1)
    told = decision(
        seq=1,
        recording_id=second.recording_id,
        outcome=Outcome.ADJUDICATE_RECORD,
        reason="resembling",
        duplicate=None,
        rival=None,
        permission=None,
        now=NOON,
    )
    async with database.begin() as transaction:
        await publish(transaction, REGION, [told], NOON)

    await take(database, REGION, batch_of(REGION, 1, [second]))
    await settle_all(settler)
    assert await SearchAgain(settler).round() == 1

    *_, again = await decisions(database, REGION)
    assert again.outcome is Outcome.ADJUDICATE_RECORD
    (case,) = await rows_of(database, adjudication_case)
    assert case.recording_id == second.recording_id
