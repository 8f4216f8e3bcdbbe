"""Officers' doors of the schedule and of home visits."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from fastapi import Path, Query, Request
from pydantic import AfterValidator

from services.regional.field import steps, store, views
from services.regional.field.checks import Finding
from services.regional.field.refusals import (
    NotAVisitingDay,
    RecordingOfSomebodyElse,
    SessionEnded,
    VisitDiffers,
    VisitEnded,
    VisitStandsInWay,
)
from services.regional.field.rules import Noted, Plan, SessionState, VisitState
from services.regional.field.steps import Follow, Noting, Wish
from services.regional.field.store import VisitRow
from shared.clock import Clock
from shared.contracts.strict import Day
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, Refusal, problem_responses
from shared.roles import Caller, Role, needs

DAYS_MAX = 92
log = structlog.get_logger()
PLAN = JsonBody(views.PlannedSession, views.SESSION_BODY)
END = JsonBody(views.EndedSession, {"state": "done"})
WHO = JsonBody(views.WhoIsVisited, {"nik": views.NIK})
WISH = JsonBody(views.AskedVisit, views.VISIT_BODY)
DAY = JsonBody(views.VisitPlan, {"visit_on": "2017-10-17", "team": "tim-1"})
OUTCOME = JsonBody(views.VisitOutcome, {"not_today": "not_at_home", "again_on": "2017-10-18"})
Desk = Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE)]
SessionPath = Annotated[
    UUID, Path(description="Made by the client, once", examples=[views.SESSION])
]
VisitPath = Annotated[UUID, Path(description="Made by the client, once", examples=[views.VISIT])]


def _within_reach(day: date) -> date:
    """A moment beyond is none a database knows; nobody goes anywhere then."""
    return min(max(day, date(2000, 1, 1)), date(8000, 1, 1))


AskedDay = Annotated[
    Day,
    AfterValidator(_within_reach),
    Query(description="The first day, by the office's calendar", examples=["2017-10-16"]),
]


def shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


def _visited(*refusals: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    return {
        **shown(views.VISIT_EXAMPLE, "As it stands now; the same again gets the same answer."),
        **problem_responses(NotFound, VisitEnded, NotAVisitingDay, InvalidInput, *refusals),
    }


@dataclass(frozen=True)
class Field:
    """What pages and operations share: the room's means, and its transactions."""

    database: Database
    zone: ZoneInfo
    clock: Clock
    follow: Follow

    def noting(self, officer: str) -> Noting:
        now = self.clock.now()
        return Noting(officer, now.astimezone(self.zone).date(), now)

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    async def plan_session(self, session_id: UUID, plan: Plan, officer: str) -> store.Session:
        noting = self.noting(officer)
        return await self.database.repeat(
            lambda transaction: steps.plan_session(transaction, session_id, plan, noting)
        )

    async def end_session(
        self, session_id: UUID, state: SessionState, officer: str
    ) -> store.Session:
        async with self.database.begin() as transaction:
            return await steps.end_session(transaction, session_id, state, self.noting(officer))

    async def sessions(
        self, since: date, days: int, *, only_planned: bool = False
    ) -> list[store.Session]:
        """From the office's midnight on. Of today's, those that have ended are among them."""
        first = self.midnight(since)
        async with self.database.begin() as transaction:
            return await store.sessions_between(
                transaction, first, first + timedelta(days=days), only_planned=only_planned
            )

    async def check(self, nik: int, officer: str) -> list[Finding]:
        """Who looked somebody up is in the log, whom they looked up is not."""
        today = self.noting(officer).today
        async with self.database.begin() as transaction:
            found = await steps.look_into(transaction, self.follow, nik, today)
        log.info("field.looked_up", officer=officer, found=[one.found.value for one in found])
        return found

    async def ask(self, visit_id: UUID, wish: Wish, officer: str) -> tuple[VisitRow, list[Finding]]:
        noting = self.noting(officer)
        return await self.database.repeat(
            lambda transaction: steps.ask_visit(transaction, self.follow, visit_id, wish, noting)
        )

    async def note(self, visit_id: UUID, noted: Noted, officer: str) -> VisitRow:
        async with self.database.begin() as transaction:
            return await steps.note_visit(transaction, visit_id, noted, self.noting(officer))

    async def history(self, visit_id: UUID) -> tuple[VisitRow, list[store.VisitEvent]]:
        """Refuses: NotFound."""
        async with self.database.begin() as transaction:
            one = await store.visit_of(transaction, visit_id)
            events = await store.events_of(transaction, visit_id)
        if one is None:
            raise NotFound("No home visit was asked for under this id.")
        return one, events


@dataclass(frozen=True)
class FieldDoors(Doors):
    """Where teams go, and who is visited at home."""

    field: Field

    @door.put(
        "/field-sessions/{session_id}",
        openapi_extra=PLAN.openapi,
        responses={
            **shown(views.SESSION_NOTE, "Planned; the same again gets the same answer."),
            **problem_responses(SessionEnded, InvalidInput),
        },
        summary="Plan a team's stay at a place",
    )
    async def plan_field_session(
        self, session_id: SessionPath, request: Request, caller: Desk
    ) -> views.SessionNote:
        """A school, a village, a prison, a market: everybody sees it on `/field`.

        While it is planned it may be planned anew; done or cancelled it stays as it was.
        """
        wanted = await PLAN.read(request)
        return views.SessionNote.of(
            await self.field.plan_session(session_id, wanted.plan(), caller.subject)
        )

    @door.post(
        "/field-sessions/{session_id}/end",
        openapi_extra=END.openapi,
        responses={
            **shown({**views.SESSION_NOTE, "state": "done"}, "As it stands now."),
            **problem_responses(NotFound, SessionEnded, InvalidInput),
        },
        summary="Say that a stay was done, or cancel it",
    )
    async def end_field_session(
        self, session_id: SessionPath, request: Request, caller: Desk
    ) -> views.SessionNote:
        """It stays on the officers' list; a cancelled one is no longer shown to everybody."""
        wanted = await END.read(request)
        state = SessionState(wanted.state)
        return views.SessionNote.of(await self.field.end_session(session_id, state, caller.subject))

    @door.get(
        "/field-sessions",
        responses={
            **shown({"items": [views.SESSION_EXAMPLE]}, f"At most {store.ROWS_MAX}."),
            **problem_responses(InvalidInput),
        },
        summary="See where teams go",
    )
    async def list_field_sessions(
        self,
        caller: Desk,
        since: AskedDay,
        days: Annotated[int, Query(ge=1, le=DAYS_MAX, description="How many days")] = 28,
    ) -> views.SessionList:
        """Planned, done and cancelled ones, with how many people are expected."""
        found = await self.field.sessions(since, days)
        return views.SessionList(items=[views.SessionView.of(one) for one in found])

    @door.post(
        "/home-visit-checks",
        openapi_extra=WHO.openapi,
        responses={
            **shown(
                {"may_be_visited": True, "findings": [views.FINDING_EXAMPLE]},
                "What is known here; nothing is written.",
            ),
            **problem_responses(InvalidInput),
        },
        summary="Check who is to be visited at home",
    )
    async def check_home_visit(self, request: Request, caller: Desk) -> views.CheckedView:
        """Recorded, a remedy or a change open, blocked, listed as dead or moved, too young.

        A blocked person is still recordable: recording re-activates.
        """
        who = await WHO.read(request)
        return views.CheckedView.of(await self.field.check(int(who.nik), caller.subject))

    @door.put(
        "/home-visits/{visit_id}",
        openapi_extra=WISH.openapi,
        responses={
            **shown(
                {**views.VISIT_EXAMPLE, "state": "asked", "visit_on": None, "team": None}
                | {"findings": [views.FINDING_EXAMPLE]},
                "Noted; an officer gives it a day and a team.",
            ),
            **problem_responses(VisitDiffers, VisitStandsInWay, InvalidInput),
        },
        summary="Ask for a home visit",
    )
    async def ask_home_visit(
        self, visit_id: VisitPath, request: Request, caller: Desk
    ) -> views.AskedVisitView:
        """For somebody who cannot come: ill, elderly, disabled. Checked first.

        What stands in the way is told in `findings` of the refusal, with its remedy.
        """
        given = await WISH.read(request)
        wish = Wish(int(given.nik), given.condition, given.asked_by, given.asked_on)
        one, found = await self.field.ask(visit_id, wish, caller.subject)
        told = [views.FindingView.of(it) for it in found]
        return views.AskedVisitView(**views.VisitView.of(one).model_dump(), findings=told)

    @door.put(
        "/home-visits/{visit_id}/plan",
        openapi_extra=DAY.openapi,
        responses=_visited(),
        summary="Approve a home visit with a day and a team",
    )
    async def plan_home_visit(
        self, visit_id: VisitPath, request: Request, caller: Desk
    ) -> views.VisitView:
        """Again with another day to put it off."""
        wanted = await DAY.read(request)
        return views.VisitView.of(await self.field.note(visit_id, wanted.noted(), caller.subject))

    @door.put(
        "/home-visits/{visit_id}/outcome",
        openapi_extra=OUTCOME.openapi,
        responses=_visited(RecordingOfSomebodyElse),
        summary="Note what came of a home visit",
    )
    async def note_home_visit(
        self, visit_id: VisitPath, request: Request, caller: Desk
    ) -> views.VisitView:
        """Recorded, naming the recording; not possible today, and when again; or closed."""
        noted = (await OUTCOME.read(request)).noted()
        if noted is None:
            raise InvalidInput("Say exactly one of recorded, not_today and closed.")
        return views.VisitView.of(await self.field.note(visit_id, noted, caller.subject))

    @door.get(
        "/home-visits",
        responses={
            **shown({"items": [views.VISIT_EXAMPLE]}, f"At most {store.ROWS_MAX}."),
            **problem_responses(InvalidInput),
        },
        summary="See home visits",
    )
    async def list_home_visits(
        self,
        caller: Desk,
        state: Annotated[VisitState, Query(description="How they stand", examples=["planned"])],
    ) -> views.VisitList:
        """Without names: those stand on the officers' page."""
        async with self.field.database.begin() as transaction:
            found = await store.visits_in(transaction, state)
        return views.VisitList(items=[views.VisitView.of(one) for one in found])

    @door.get(
        "/home-visits/{visit_id}/history",
        responses={
            **shown({"items": [views.EVENT_EXAMPLE]}, "Everything that was written down."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="See what happened to a home visit",
    )
    async def see_home_visit_history(self, visit_id: VisitPath, caller: Desk) -> views.VisitHistory:
        """Asked, planned, put off, recorded or closed: by whom and when."""
        _, events = await self.field.history(visit_id)
        return views.VisitHistory(items=[views.VisitEventView.of(one) for one in events])

    @door.get(
        "/home-visit-wishes",
        responses=shown({"items": [views.WISH_EXAMPLE]}, f"At most {store.ROWS_MAX}."),
        summary="See who may need a home visit",
    )
    async def list_home_visit_wishes(self, caller: Desk) -> views.WishList:
        """Unrecorded people of whom was heard, by a letter or at a visit, that they are ill."""
        async with self.field.database.begin() as transaction:
            found = await store.wishes(transaction, store.ROWS_MAX)
        return views.WishList(items=[views.WishView.of(one) for one in found])
