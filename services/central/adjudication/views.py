"""What the doors of adjudication say and take."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue, StringConstraints

from services.central.adjudication import comparison, rules
from services.central.adjudication.comparison import Likeness
from services.central.adjudication.rules import (
    WORDS_CHARACTERS_MAX,
    WORDS_CHARACTERS_MIN,
    Ballot,
    Case,
    Reason,
    State,
    Verdict,
    Vote,
)
from services.central.adjudication.steps import Shown
from services.central.adjudication.store import CandidateEvidence, Listed
from shared.contracts.strict import Strict

# A reason may be of several lines; other control characters have no place in it.
Words = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=WORDS_CHARACTERS_MIN,
        max_length=WORDS_CHARACTERS_MAX,
        pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$",
    ),
]
Edition = Annotated[int, Field(ge=1, le=1_000_000)]


class GivenVote(Strict):
    """An officer's judgement of one case, of all its candidates."""

    edition: Edition = Field(description="The case's edition that was looked at")
    verdict: Verdict
    rival_recording_id: UUID | None = Field(
        description="For same_person: which candidate; otherwise null"
    )
    reason: Reason
    words: Words = Field(description="Kept for ever; write no names or numbers of citizens")

    def ballot(self) -> Ballot:
        return Ballot(self.edition, self.verdict, self.rival_recording_id, self.reason, self.words)


class CaseSummary(BaseModel):
    """A case without anything of the persons it is about."""

    region: str
    case_id: UUID
    recording_id: UUID
    reason: str = Field(description="A stable code: what penunggalan stumbled over")
    edition: int
    state: State = Field(
        description="unseen: two votes are needed; second: one more; disputed: a further officer; "
        "withdrawn: nothing is left to be judged"
    )
    candidates: int
    opened_at: datetime
    due_at: datetime
    is_overdue: bool
    claimed_by: str | None = Field(description="The officer who holds it now; null for nobody")
    claimed_until: datetime | None
    verdict: Verdict | None
    settled_at: datetime | None


class CaseList(BaseModel):
    open: int = Field(description="All open cases, listed or not")
    overdue: int
    disputed: int = Field(description="Two officers differ: a further one decides")
    days_max: int = Field(description="A case is due after so many days")
    items: list[CaseSummary]


class FieldLikeness(BaseModel):
    field: str
    this: str | None = Field(description="As the recording under judgement says")
    that: str | None = Field(description="As the candidate's recording says")
    likeness: Likeness


class CandidateView(BaseModel):
    recording_id: UUID
    region: str
    captured_at: datetime
    left_distance: float | None = Field(description="0 alike, 0.5 strangers; null: not compared")
    right_distance: float | None
    demographic: dict[str, JsonValue] | None = Field(description="Score and weights by field")
    fields: list[FieldLikeness]


class VoteView(BaseModel):
    officer: str
    edition: int
    verdict: Verdict
    rival_recording_id: UUID | None
    reason: Reason
    words: str
    voted_at: datetime

    @classmethod
    def of(cls, vote: Vote) -> "VoteView":
        said = vote.ballot
        return cls(
            officer=vote.officer,
            edition=said.edition,
            verdict=said.verdict,
            rival_recording_id=said.rival,
            reason=said.reason,
            words=said.words,
            voted_at=vote.voted_at,
        )


class CaseView(CaseSummary):
    one_eye_max: float | None = Field(description="The search's threshold for one eye")
    two_eyes_mean_max: float | None = Field(description="The same for the mean of both")
    may_vote: bool = Field(description="Whether the caller may judge this case now")
    evidence: list[CandidateView] = Field(description="The most alike first")
    votes: list[VoteView] | None = Field(
        description="null while the caller is to judge without knowing them"
    )


class Held(BaseModel):
    """Who holds a case now."""

    region: str
    case_id: UUID
    claimed_by: str | None
    claimed_until: datetime | None


class VoteReceipt(BaseModel):
    region: str
    case_id: UUID
    state: State = Field(description="After this vote")
    verdict: Verdict | None = Field(description="The verdict, once two officers agree")


def summary(
    case: Case, counted: list[Vote], candidates: int, days_max: int, now: datetime
) -> CaseSummary:
    due_at = rules.due_at(case.opened_at, days_max)
    claim = rules.live_claim(case, now)
    return CaseSummary(
        region=case.region,
        case_id=case.case_id,
        recording_id=case.recording_id,
        reason=case.reason,
        edition=case.edition,
        state=rules.state_of(case, counted),
        candidates=candidates,
        opened_at=case.opened_at,
        due_at=due_at,
        is_overdue=case.settled is None and now > due_at,
        claimed_by=claim.officer if claim else None,
        claimed_until=claim.until if claim else None,
        verdict=case.settled.verdict if case.settled else None,
        settled_at=case.settled.at if case.settled else None,
    )


def listed(one: Listed, days_max: int, now: datetime) -> CaseSummary:
    return summary(one.case, one.counted, one.candidates, days_max, now)


def candidate_view(shown: Shown, one: CandidateEvidence) -> CandidateView:
    pairs = comparison.side_by_side(
        shown.recordings.get(shown.facts.case.recording_id),
        shown.recordings.get(one.recording_id),
    )
    return CandidateView(
        recording_id=one.recording_id,
        region=one.region,
        captured_at=one.captured_at,
        left_distance=one.left,
        right_distance=one.right,
        demographic=None if one.demographic is None else dict(one.demographic),
        fields=[
            FieldLikeness(field=it.field, this=it.this, that=it.that, likeness=it.likeness)
            for it in pairs
        ],
    )


def case_view(shown: Shown, officer: str, days_max: int, now: datetime) -> CaseView:
    facts = shown.facts
    brief = summary(facts.case, facts.counted, len(shown.candidates), days_max, now)
    return CaseView(
        **brief.model_dump(),
        one_eye_max=shown.thresholds.one_eye_max,
        two_eyes_mean_max=shown.thresholds.two_eyes_mean_max,
        may_vote=rules.why_not(facts, officer, now) is None,
        evidence=[candidate_view(shown, one) for one in shown.candidates],
        votes=(
            [VoteView.of(one) for one in facts.votes]
            if rules.may_see_votes(facts, officer)
            else None
        ),
    )


_CASE: dict[str, Any] = {
    "region": "61.72",
    "case_id": "01890a5d-c0de-7c5e-8a51-6a1b0e3e2f10",
    "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "reason": "one-eye-alike",
    "edition": 1,
    "state": "second",
    "candidates": 1,
    "opened_at": "2017-10-13T02:15:12Z",
    "due_at": "2017-10-16T02:15:12Z",
    "is_overdue": False,
    "claimed_by": "adjudicator-2",
    "claimed_until": "2017-10-13T04:20:00Z",
    "verdict": None,
    "settled_at": None,
}
LIST_EXAMPLE = {"open": 1, "overdue": 0, "disputed": 0, "days_max": 3, "items": [_CASE]}
CASE_EXAMPLE = {
    **_CASE,
    "one_eye_max": 0.28,
    "two_eyes_mean_max": 0.33,
    "may_vote": True,
    "evidence": [
        {
            "recording_id": "01890a5d-ac96-774b-bcce-b302099a8058",
            "region": "61.07",
            "captured_at": "2017-10-12T03:15:09Z",
            "left_distance": 0.141,
            "right_distance": 0.472,
            "demographic": {
                "score": 0.31,
                "weight": -1.3,
                "contradictions": [],
                "fields": [{"field": "birth_date", "level": "one_part_differs", "weight": 2.4}],
            },
            "fields": [
                {"field": "sex", "this": "female", "that": "female", "likeness": "equal"},
                {
                    "field": "birth_date",
                    "this": "1990-07-12",
                    "that": "1990-07-21",
                    "likeness": "near",
                },
            ],
        }
    ],
    "votes": None,
}
HELD_EXAMPLE = {key: _CASE[key] for key in ("region", "case_id", "claimed_by", "claimed_until")}
RECEIPT_EXAMPLE = {
    "region": "61.72",
    "case_id": "01890a5d-c0de-7c5e-8a51-6a1b0e3e2f10",
    "state": "settled",
    "verdict": "different_people",
}
VOTE_EXAMPLE = {
    "edition": 1,
    "verdict": "different_people",
    "rival_recording_id": None,
    "reason": "contact_lens",
    "words": "Both wear printed lenses of one maker; the faces are plainly two.",
}
