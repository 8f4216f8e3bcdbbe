"""Pages of field work: the public schedule, the office's own, and home visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response

from services.regional.field import forms, store, words
from services.regional.field.checks import Finding
from services.regional.field.forms import Fault, Form
from services.regional.field.refusals import NotAVisitingDay, VisitStandsInWay
from services.regional.field.routes import Field
from services.regional.field.rules import Act, Noted, SessionState, VisitState
from services.regional.field.store import VisitRow
from shared.doors.room import door
from shared.doors.session import Session
from shared.ids import new_id
from shared.pages.language import Language
from shared.pages.render import Pages
from shared.pages.room import OwnForm, PageDoors, Speech, redirect, signed_in
from shared.refusals import MalformedRequest, NotFound, Refusal
from shared.roles import Role
from shared.wilayah import Wilayah

TEMPLATES = Path(__file__).parent / "templates"
PUBLIC = "/field"
OFFICE = "/office/field"
VISITS = "/office/field/visits"
DAYS_SHOWN = 28
DAYS_PAST = 7  # what was not said to be done yet is still there to be said so
ENDED_SHOWN = 20
WISHES_SHOWN = 100
Desk = Annotated[Session, signed_in(Role.OFFICER, Role.HEAD_OF_OFFICE)]
WILAYAH = Wilayah.builtin()


@dataclass(frozen=True)
class FieldPages(PageDoors):
    """The public page has neither script nor session."""

    field: Field
    region: str
    pages: Pages

    @door.get(PUBLIC)
    async def public_schedule(self, speech: Speech) -> Response:
        now = self.field.clock.now()
        today = self.field.noting("").today
        found = await self.field.sessions(today, DAYS_SHOWN, only_planned=True)
        return self.pages.answer(
            "field.html",
            language=speech,
            days=self._by_day([one for one in found if one.plan.ends_at > now]),
            words=words,
            ward_name=WILAYAH.name,
            weeks=DAYS_SHOWN // 7,
        )

    @door.get(OFFICE)
    async def office_schedule(self, session: Desk, speech: Speech) -> Response:
        return await self._schedule(session, speech)

    @door.post(OFFICE)
    async def plan_by_page(self, session: Desk, speech: Speech, form: OwnForm) -> Response:
        session_id = forms.id_of(form, "session_id")
        plan = forms.plan_of(form, self.field.zone)
        if isinstance(plan, list):
            return await self._schedule(session, speech, plan, form)
        await self.field.plan_session(session_id, plan, session.caller.subject)
        return redirect(kept(speech, OFFICE))

    @door.post(OFFICE + "/sessions/{session_id}")
    async def end_by_page(
        self, session_id: UUID, session: Desk, speech: Speech, form: OwnForm
    ) -> Response:
        if form.get("state") not in (SessionState.DONE, SessionState.CANCELLED):
            raise MalformedRequest
        state = SessionState(form["state"])
        await self.field.end_session(session_id, state, session.caller.subject)
        return redirect(kept(speech, OFFICE))

    @door.get(VISITS)
    async def visits_page(self, session: Desk, speech: Speech) -> Response:
        return await self._visits(session, speech)

    @door.post(VISITS)
    async def ask_by_page(self, session: Desk, speech: Speech, form: OwnForm) -> Response:
        """Check only, or check and note the wish."""
        if form.get("act") == "check":
            nik = forms.nik_of(form)
            if isinstance(nik, list):
                return await self._visits(session, speech, faults=nik, form=form)
            found = await self.field.check(nik, session.caller.subject)
            return await self._visits(session, speech, form=form, found=found)
        return await self._ask(session, speech, form)

    @door.post(VISITS + "/wishes/{person_id}")
    async def ask_for_wish(
        self, person_id: UUID, session: Desk, speech: Speech, form: OwnForm
    ) -> Response:
        """What outreach heard of somebody becomes a wish for a visit."""
        async with self.field.database.begin() as transaction:
            wish = await store.wish_of(transaction, person_id)
        if wish is None:
            raise NotFound("Nobody is waiting for a home visit under this id.")
        asked_by = wish.source if wish.source in ("family", "neighbourhood") else "citizen"
        nik = f"{wish.nik:016d}"
        return await self._ask(
            session, speech, {**form, "nik": nik, "condition": "ill", "asked_by": asked_by}
        )

    @door.get(VISITS + "/{visit_id}")
    async def visit_page(self, visit_id: UUID, session: Desk, speech: Speech) -> Response:
        return await self._visit(visit_id, session, speech)

    @door.post(VISITS + "/{visit_id}/plan")
    async def plan_visit_by_page(
        self, visit_id: UUID, session: Desk, speech: Speech, form: OwnForm
    ) -> Response:
        noted = forms.visit_plan_of(form)
        return await self._note(visit_id, noted, session, speech, form)

    @door.post(VISITS + "/{visit_id}/outcome")
    async def outcome_by_page(
        self, visit_id: UUID, session: Desk, speech: Speech, form: OwnForm
    ) -> Response:
        noted = forms.outcome_of(form)
        return await self._note(visit_id, noted, session, speech, form)

    async def _ask(self, session: Session, speech: Language, form: Form) -> Response:
        visit_id = forms.id_of(form, "visit_id")
        wish = forms.wish_of(form, self.field.noting("").today)
        if isinstance(wish, list):
            return await self._visits(session, speech, faults=wish, form=form)
        try:
            await self.field.ask(visit_id, wish, session.caller.subject)
        except VisitStandsInWay:
            found = await self.field.check(wish.nik, session.caller.subject)
            return await self._visits(session, speech, form=form, found=found, status=409)
        return redirect(kept(speech, f"{VISITS}/{visit_id}"))

    async def _note(
        self,
        visit_id: UUID,
        noted: Noted | list[Fault],
        session: Session,
        speech: Language,
        form: Form,
    ) -> Response:
        if isinstance(noted, list):
            return await self._visit(visit_id, session, speech, noted, form)
        try:
            await self.field.note(visit_id, noted, session.caller.subject)
        except NotFound:
            raise
        except Refusal as refusal:
            told = refusal.next_action
            if speech is Language.INDONESIAN:
                told = refusal.next_action_id
            day = "visit_on" if noted.act is Act.PLANNED else "again_on"
            place = day if isinstance(refusal, NotAVisitingDay) else "recording"
            return await self._visit(visit_id, session, speech, [(place, told)], form)
        return redirect(kept(speech, f"{VISITS}/{visit_id}"))

    async def _schedule(
        self,
        session: Session,
        speech: Language,
        faults: Sequence[Fault] = (),
        form: Form | None = None,
    ) -> Response:
        today = self.field.noting("").today
        since = today - timedelta(days=DAYS_PAST)
        found = await self.field.sessions(since, DAYS_PAST + DAYS_SHOWN)
        return self._answer(
            "schedule.html",
            session,
            speech,
            status=422 if faults else 200,
            faults=faults,
            form=form or {},
            days=self._by_day(found),
            today=today,
            wards=self._wards(),
            session_id=new_id(),
        )

    async def _visits(
        self,
        session: Session,
        speech: Language,
        *,
        faults: Sequence[Fault] = (),
        form: Form | None = None,
        found: list[Finding] | None = None,
        status: int = 200,
    ) -> Response:
        async with self.field.database.begin() as transaction:
            lists: dict[VisitState, list[VisitRow]] = {
                state: await store.visits_in(transaction, state)
                for state in (VisitState.ASKED, VisitState.PLANNED)
            }
            ended = await store.newest_visits(transaction, ENDED_SHOWN)
            wishes = await store.wishes(transaction, WISHES_SHOWN)
        return self._answer(
            "visits.html",
            session,
            speech,
            status=422 if faults else status,
            faults=faults,
            form=form or {},
            found=found,
            lists=lists,
            ended=ended,
            wishes=wishes,
            visit_id=new_id(),
        )

    async def _visit(
        self,
        visit_id: UUID,
        session: Session,
        speech: Language,
        faults: Sequence[Fault] = (),
        form: Form | None = None,
    ) -> Response:
        one, events = await self.field.history(visit_id)
        return self._answer(
            "visit.html",
            session,
            speech,
            status=422 if faults else 200,
            faults=faults,
            form=form or {},
            one=one,
            events=events,
        )

    def _answer(self, template: str, session: Session, speech: Language, **values: Any) -> Response:
        return self.pages.answer(
            template,
            language=speech,
            session=session,
            words=words,
            ward_name=WILAYAH.name,
            new_id=new_id,
            wrong=[place for place, _ in values.get("faults", ())],
            **values,
        )

    def _by_day(self, found: Sequence[store.Session]) -> list[tuple[Any, list[store.Session]]]:
        """By the office's day; hours are told in its zone."""

        def day(one: store.Session) -> Any:
            return one.plan.starts_at.astimezone(self.field.zone).date()

        return [(key, list(group)) for key, group in groupby(found, key=day)]

    def _wards(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Districts by name, each with its wards."""
        return [
            (
                WILAYAH.name(district),
                [(ward, WILAYAH.name(ward)) for ward in WILAYAH.children(district)],
            )
            for district in WILAYAH.children(self.region)
        ]


def kept(language: Language, path: str) -> str:
    return f"{path}?lang=en" if language is Language.ENGLISH else path
