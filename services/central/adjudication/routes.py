"""Cases for a program: list, look, take up, lay down, vote."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

import structlog
from fastapi import Path, Query, Request

from services.central.adjudication import rules, steps, store, views
from services.central.adjudication.refusals import (
    CaseChanged,
    CaseClaimed,
    CaseSettled,
    NotACandidate,
    OwnRecording,
    ReasonMismatch,
    VotedBefore,
)
from services.central.adjudication.rules import Case
from services.central.adjudication.steps import DecideAgain
from services.central.adjudication.views import (
    CaseList,
    CaseView,
    GivenVote,
    Held,
    VoteReceipt,
)
from services.central.journey.refusals import CentreWaits, NotUndecided
from shared.clock import Clock
from shared.contracts.strict import RegionCode
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, UnsupportedMediaType, problem_responses
from shared.roles import Caller, Role, needs
from shared.telemetry.metrics import (
    ADJUDICATION_CASES,
    ADJUDICATION_OLDEST_SECONDS,
    ADJUDICATION_VERDICTS,
)

log = structlog.get_logger()

LIST_MAX = 200
LEASE = timedelta(minutes=20)
A_CASE = "/cases/{region}/{case_id}"
RegionPath = Annotated[RegionCode, Path(description="Region's code", examples=["61.72"])]
CasePath = Annotated[
    UUID,
    Path(description="Which case", examples=["01890a5d-c0de-7c5e-8a51-6a1b0e3e2f10"]),
]
Judge = Annotated[Caller, needs(Role.ADJUDICATOR)]
_VOTE = JsonBody(GivenVote, views.VOTE_EXAMPLE)
_HELD = {
    "description": "Who holds it now.",
    "content": {"application/json": {"example": views.HELD_EXAMPLE}},
}


@dataclass(frozen=True)
class AdjudicationDoors(Doors):
    """Cases two officers settle."""

    database: Database
    clock: Clock
    decide_again: DecideAgain
    days_max: int

    @door.get(
        "/cases",
        responses={
            200: {
                "description": "Open cases, the oldest first; or settled ones, the latest first.",
                "content": {"application/json": {"example": views.LIST_EXAMPLE}},
            }
        },
        summary="See which cases wait",
    )
    async def get_cases(
        self,
        caller: Judge,
        state: Annotated[Literal["open", "settled"], Query(description="Which cases")] = "open",
        limit: Annotated[int, Query(ge=1, le=LIST_MAX, description="How many")] = 50,
    ) -> CaseList:
        """Whom each case waits for, since when, and until when. Nothing in it says who they are."""
        now = self.clock.now()
        async with self.database.begin() as transaction:
            found = await store.listed(transaction, is_open=state == "open", items_max=limit)
            counts = await store.counts(transaction, now - timedelta(days=self.days_max))
        return CaseList(
            open=counts.open,
            overdue=counts.overdue,
            disputed=counts.disputed,
            days_max=self.days_max,
            items=[views.listed(one, self.days_max, now) for one in found],
        )

    @door.get(
        A_CASE,
        responses={
            200: {
                "description": "Both sides beside each other, with the evidence.",
                "content": {"application/json": {"example": views.CASE_EXAMPLE}},
            },
            **problem_responses(NotFound),
        },
        summary="Look at a case",
    )
    async def get_case(self, region: RegionPath, case_id: CasePath, caller: Judge) -> CaseView:
        """The look is written down, with the caller and the moment, before anything is shown.

        What others voted is shown once the caller has voted, once two differ, and once settled.
        """
        now = self.clock.now()
        async with self.database.begin() as transaction:
            shown = await steps.show(
                transaction, region, case_id, caller.subject, steps.CASE_VIEWED, now
            )
        return views.case_view(shown, caller.subject, self.days_max, now)

    @door.put(
        A_CASE + "/claim",
        responses={
            200: _HELD,
            **problem_responses(NotFound, CaseSettled, CaseClaimed, VotedBefore, OwnRecording),
        },
        summary="Take a case up",
    )
    async def claim_case(self, region: RegionPath, case_id: CasePath, caller: Judge) -> Held:
        """Hold a case for twenty minutes, so that no two officers judge it at once unknowingly.

        Doing so again holds it longer.
        """
        now = self.clock.now()
        case = await self.database.repeat(
            lambda transaction: steps.claim(
                transaction, region, case_id, caller.subject, LEASE, now
            )
        )
        return _held(case)

    @door.post(
        A_CASE + "/release",
        responses={200: _HELD, **problem_responses(NotFound)},
        summary="Lay a case down unjudged",
    )
    async def release_case(self, region: RegionPath, case_id: CasePath, caller: Judge) -> Held:
        """Another officer can take it up at once. Only one's own hold is let go."""
        case = await self.database.repeat(
            lambda transaction: steps.release(transaction, region, case_id, caller.subject)
        )
        return _held(case)

    @door.post(
        A_CASE + "/votes",
        openapi_extra=_VOTE.openapi,
        responses={
            200: {
                "description": "Kept; once two officers agree, the recording is decided with it.",
                "content": {"application/json": {"example": views.RECEIPT_EXAMPLE}},
            },
            **problem_responses(
                NotFound,
                CaseSettled,
                CaseClaimed,
                CaseChanged,
                VotedBefore,
                OwnRecording,
                NotACandidate,
                ReasonMismatch,
                NotUndecided,
                CentreWaits,
                InvalidInput,
                UnsupportedMediaType,
            ),
        },
        summary="Vote on a case",
    )
    async def give_vote(
        self, request: Request, region: RegionPath, case_id: CasePath, caller: Judge
    ) -> VoteReceipt:
        """One officer's judgement, with a reason. A verdict needs two officers who agree.

        While they differ, a further officer judges. Votes are never changed.
        """
        given = await _VOTE.read(request)
        return await self.vote(region, case_id, caller.subject, given)

    async def vote(self, region: str, case_id: UUID, officer: str, given: GivenVote) -> VoteReceipt:
        now = self.clock.now()
        case, facts = await self.database.repeat(
            lambda transaction: steps.vote(
                transaction, region, case_id, officer, given.ballot(), self.decide_again, now
            )
        )
        verdict = case.settled.verdict if case.settled else None
        log.info("adjudication.voted", case=str(case_id), by=officer, is_settled=bool(verdict))
        if verdict is not None:
            ADJUDICATION_VERDICTS.labels(verdict.value).inc()
        state = rules.state_after(case, len(facts.counted) + 1)
        return VoteReceipt(region=region, case_id=case_id, state=state, verdict=verdict)


def _held(case: Case) -> Held:
    return Held(
        region=case.region,
        case_id=case.case_id,
        claimed_by=case.claim.officer if case.claim else None,
        claimed_until=case.claim.until if case.claim else None,
    )


async def measure(database: Database, clock: Clock, days_max: int) -> None:
    """Set the gauges of cases that wait for people."""
    now = clock.now()
    async with database.begin() as transaction:
        counts = await store.counts(transaction, now - timedelta(days=days_max))
    for state, count in (
        ("open", counts.open),
        ("overdue", counts.overdue),
        ("disputed", counts.disputed),
    ):
        ADJUDICATION_CASES.labels(state).set(count)
    age = (now - counts.oldest_at).total_seconds() if counts.oldest_at else 0.0
    ADJUDICATION_OLDEST_SECONDS.set(max(0.0, age))
