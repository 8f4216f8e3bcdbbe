"""Open cases, let officers look, claim and vote, and decide again once two agree."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.central.adjudication import rules, store
from services.central.adjudication.rules import Ballot, Case, Facts
from services.central.adjudication.store import CandidateEvidence, NewCase, Thresholds
from shared.contracts.recording import Recording
from shared.database.engine import Transaction
from shared.ids import new_id
from shared.refusals import NotFound

__all__ = ["CandidateEvidence", "DecideAgain", "NewCase", "open_cases", "withdraw"]

# (transaction, region, recording_id, basis, rival_recording_id, now); the basis is the verdict.
DecideAgain = Callable[[Transaction, str, UUID, str, UUID | None, datetime], Awaitable[None]]

CANDIDATES_MAX = 20
CASE_VIEWED = "case"
FACE_VIEWED = "face"


@dataclass(frozen=True, slots=True)
class Shown:
    """All there is to be seen of a case. recordings: by id, those that are here and readable."""

    facts: Facts
    thresholds: Thresholds
    candidates: list[CandidateEvidence]
    recordings: dict[UUID, Recording]


async def open_cases(transaction: Transaction, cases: Sequence[NewCase], now: datetime) -> int:
    """Open a case for each recording, or let its candidates join the open one; gives how many.

    Of each case the first CANDIDATES_MAX candidates count: the best, as a matcher orders them.
    Saying the same again changes nothing; a new candidate takes the earlier votes out of count.
    """
    if not cases:
        return 0
    made = await store.insert_cases(transaction, [(new_id(), one) for one in cases], now)
    found = await store.lock_open(transaction, {(one.region, one.recording_id) for one in cases})
    joining = []
    for one in cases:
        case_id, edition = found[one.region, one.recording_id]
        joined_in = edition if case_id in made else edition + 1
        joining += [
            (one.region, case_id, joined_in, candidate)
            for candidate in one.candidates[:CANDIDATES_MAX]
        ]
    if joining:
        added = await store.insert_candidates(transaction, joining, now) - made
        changed = {(region, case_id) for region, case_id, _, _ in joining if case_id in added}
        if changed:
            await store.raise_edition(transaction, changed)
    return len(made)


async def withdraw(
    transaction: Transaction, recordings: Collection[tuple[str, UUID]], now: datetime
) -> int:
    """Close the open cases of recordings that wait for people no more; gives how many."""
    found = await store.lock_open(transaction, recordings) if recordings else {}
    cases = {(region, case_id) for (region, _), (case_id, _) in found.items()}
    if cases:
        await store.close(transaction, cases, now)
    return len(cases)


async def show(
    transaction: Transaction, region: str, case_id: UUID, officer: str, what: str, now: datetime
) -> Shown:
    """What a case is about. The look is written down first. Refuses: NotFound."""
    found = await store.case_of(transaction, region, case_id)
    if found is None:
        raise NotFound("There is no such case.")
    await store.save_view(transaction, found[0], new_id(), officer, what, now)
    return await _all_of(transaction, *found)


async def claim(
    transaction: Transaction,
    region: str,
    case_id: UUID,
    officer: str,
    lease: timedelta,
    now: datetime,
) -> Case:
    """Take a case up, or hold it longer.

    Refuses: NotFound, CaseSettled, CaseClaimed, VotedBefore, OwnRecording.
    """
    facts = await _locked(transaction, region, case_id)
    case = replace(facts.case, claim=rules.claimed(facts, officer, now, lease))
    await store.save_case(transaction, case)
    return case


async def release(transaction: Transaction, region: str, case_id: UUID, officer: str) -> Case:
    """Lay a case down unjudged. Doing so twice, or without holding it, changes nothing.

    Refuses: NotFound.
    """
    facts = await _locked(transaction, region, case_id)
    case = facts.case
    if case.claim is not None and case.claim.officer == officer:
        case = replace(case, claim=None)
        await store.save_case(transaction, case)
    return case


async def vote(
    transaction: Transaction,
    region: str,
    case_id: UUID,
    officer: str,
    ballot: Ballot,
    decide_again: DecideAgain,
    now: datetime,
) -> tuple[Case, Facts]:
    """Keep one vote; when it is the second of its kind, the recording is decided with it.

    Gives the case after it, and what was known before.
    Refuses: NotFound, and what `rules.cast` refuses.
    """
    facts = await _locked(transaction, region, case_id)
    given = rules.cast(facts, officer, ballot, now)
    case = rules.after_vote(facts, given)
    await store.save_vote(transaction, case, given)
    await store.save_case(transaction, case)
    if (end := case.settled) is not None and end.verdict is not None:
        basis, rival = end.verdict.value, end.rival
        await decide_again(transaction, region, case.recording_id, basis, rival, now)
    return case, facts


async def _locked(transaction: Transaction, region: str, case_id: UUID) -> Facts:
    found = await store.case_of(transaction, region, case_id, is_locked=True)
    if found is None:
        raise NotFound("There is no such case.")
    return (await _all_of(transaction, *found)).facts


async def _all_of(transaction: Transaction, case: Case, thresholds: Thresholds) -> Shown:
    candidates = await store.candidates_of(transaction, case.region, case.case_id)
    votes = await store.votes_of(transaction, [(case.region, case.case_id)])
    sides = {(case.region, case.recording_id)}
    sides |= {(one.region, one.recording_id) for one in candidates}
    recordings = await store.recordings(transaction, sides)
    facts = Facts(
        case,
        votes[case.case_id],
        frozenset(one.recording_id for one in candidates),
        frozenset(one.captured_by for one in recordings.values()),
    )
    return Shown(facts, thresholds, candidates, recordings)
