"""Who may judge a case, when a verdict stands, and when a case is late. Pure.

Two officers must agree, whichever way: a wrong "same" refuses a citizen a card, a wrong "different"
gives one person two. While they differ, a further officer judges, until two agree.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.central.adjudication.refusals import (
    CaseChanged,
    CaseClaimed,
    CaseSettled,
    NotACandidate,
    OwnRecording,
    ReasonMismatch,
    VotedBefore,
)
from shared.refusals import Refusal

AGREEING_OFFICERS = 2
WORDS_CHARACTERS_MIN = 10
WORDS_CHARACTERS_MAX = 600


class Verdict(StrEnum):
    DIFFERENT_PEOPLE = "different_people"
    SAME_PERSON = "same_person"


class Reason(StrEnum):
    FACES_DIFFER = "faces_differ"
    TWINS = "twins"
    CONTACT_LENS = "contact_lens"
    LIVES_DIFFER = "lives_differ"
    NO_LIKENESS_FOUND = "no_likeness_found"
    FACES_AGREE = "faces_agree"
    LIVES_AGREE = "lives_agree"
    RECORDED_TWICE = "recorded_twice"
    WRONG_NIK = "wrong_nik"
    OTHER = "other"


REASONS: Mapping[Verdict, tuple[Reason, ...]] = {
    Verdict.DIFFERENT_PEOPLE: (
        Reason.FACES_DIFFER,
        Reason.TWINS,
        Reason.CONTACT_LENS,
        Reason.LIVES_DIFFER,
        Reason.NO_LIKENESS_FOUND,
        Reason.OTHER,
    ),
    Verdict.SAME_PERSON: (
        Reason.FACES_AGREE,
        Reason.LIVES_AGREE,
        Reason.RECORDED_TWICE,
        Reason.WRONG_NIK,
        Reason.OTHER,
    ),
}


class State(StrEnum):
    """Whom an open case waits for, or that it is settled."""

    UNSEEN = "unseen"  # no vote that counts
    SECOND = "second"  # one vote
    DISPUTED = "disputed"  # two or more that differ
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"  # nothing was left to be judged


@dataclass(frozen=True, slots=True)
class Claim:
    """One officer looks at a case; others know until when."""

    officer: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """verdict: None for a case that was withdrawn."""

    verdict: Verdict | None
    rival: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """edition: 1, and one more each time that candidates joined; a vote counts in its own."""

    region: str
    case_id: UUID
    recording_id: UUID
    seq: int
    reason: str
    edition: int
    opened_at: datetime
    claim: Claim | None
    settled: Settled | None


@dataclass(frozen=True, slots=True)
class Ballot:
    """What an officer says. rival: the candidate who is the same person; None for nobody."""

    edition: int
    verdict: Verdict
    rival: UUID | None
    reason: Reason
    words: str


@dataclass(frozen=True, slots=True)
class Vote:
    officer: str
    ballot: Ballot
    voted_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case when somebody acts on it.

    recorders: officers who recorded the person or a candidate.
    """

    case: Case
    votes: Sequence[Vote]
    candidates: Collection[UUID]
    recorders: Collection[str]

    @property
    def counted(self) -> list[Vote]:
        """Votes about all the candidates there are."""
        return [one for one in self.votes if one.ballot.edition == self.case.edition]

    def has_voted(self, officer: str) -> bool:
        return any(one.officer == officer for one in self.counted)


def state_of(case: Case, counted: Sequence[Vote]) -> State:
    return state_after(case, len(counted))


def state_after(case: Case, votes: int) -> State:
    """votes: how many count. Two that agree settle it, so two in an open case differ."""
    if case.settled is not None:
        return State.SETTLED if case.settled.verdict else State.WITHDRAWN
    if votes == 0:
        return State.UNSEEN
    return State.SECOND if votes == 1 else State.DISPUTED


def agreed(counted: Sequence[Vote]) -> tuple[Verdict, UUID | None] | None:
    """The verdict on which two officers agree, the same candidate included; None as yet."""
    tally: dict[tuple[Verdict, UUID | None], set[str]] = {}
    for one in counted:
        said = (one.ballot.verdict, one.ballot.rival)
        tally.setdefault(said, set()).add(one.officer)
    for said, officers in tally.items():
        if len(officers) >= AGREEING_OFFICERS:
            return said
    return None


def claimed(facts: Facts, officer: str, now: datetime, lease: timedelta) -> Claim:
    """The claim this officer gets. Refuses: CaseSettled, OwnRecording, VotedBefore, CaseClaimed."""
    _check_officer(facts, officer, now)
    return Claim(officer, now + lease)


def cast(facts: Facts, officer: str, ballot: Ballot, now: datetime) -> Vote:
    """The vote, if it may be given.

    Refuses: CaseSettled, OwnRecording, CaseChanged, VotedBefore, CaseClaimed, NotACandidate,
    ReasonMismatch.
    """
    if facts.case.settled is None and ballot.edition != facts.case.edition:
        raise CaseChanged
    _check_officer(facts, officer, now)
    if ballot.verdict is Verdict.SAME_PERSON:
        if ballot.rival not in facts.candidates:
            raise NotACandidate
    elif ballot.rival is not None:
        raise NotACandidate
    if ballot.reason not in REASONS[ballot.verdict]:
        raise ReasonMismatch
    return Vote(officer, ballot, now)


def why_not(facts: Facts, officer: str, now: datetime) -> Refusal | None:
    """Why this officer may not judge this case now; None: they may."""
    if facts.case.settled is not None:
        return CaseSettled()
    if officer in facts.recorders:
        return OwnRecording()
    if facts.has_voted(officer):
        return VotedBefore()
    claim = live_claim(facts.case, now)
    if claim is not None and claim.officer != officer:
        return CaseClaimed(extra={"until": claim.until.isoformat()})
    return None


def _check_officer(facts: Facts, officer: str, now: datetime) -> None:
    refusal = why_not(facts, officer, now)
    if refusal is not None:
        raise refusal


def after_vote(facts: Facts, vote: Vote) -> Case:
    """The case with one vote more: free for the next officer, or settled."""
    case = replace(facts.case, claim=None)
    said = agreed([*facts.counted, vote])
    if said is None:
        return case
    return replace(case, settled=Settled(*said, vote.voted_at))


def live_claim(case: Case, now: datetime) -> Claim | None:
    return case.claim if case.claim is not None and now < case.claim.until else None


def may_see_votes(facts: Facts, officer: str) -> bool:
    """The second officer judges without knowing what the first one said; the third reads both."""
    state = state_of(facts.case, facts.counted)
    return state in (State.SETTLED, State.DISPUTED) or facts.has_voted(officer)


def due_at(opened_at: datetime, days_max: int) -> datetime:
    return opened_at + timedelta(days=days_max)


def days_waited(opened_at: datetime, now: datetime) -> int:
    return max(0, (now - opened_at).days)
