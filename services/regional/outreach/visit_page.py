"""Officers' pages of visits: what was heard of whom, line by line or person by person."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import Query, Response

from services.regional.outreach import forms, letter_store, rules, steps, store, words
from services.regional.outreach.forms import Fault
from services.regional.outreach.routes import Outreach
from services.regional.outreach.rules import CLOSING, Heard, Reason, Source, Whereabouts
from services.regional.outreach.store import Event
from services.regional.outreach.views import NoteView
from shared.database.engine import Transaction
from shared.doors.room import door
from shared.doors.session import Session
from shared.ids import new_id
from shared.nik import Nik
from shared.pages.render import Pages
from shared.pages.room import OwnForm, PageDoors, Speech, redirect, signed_in
from shared.refusals import NotFound, Refusal
from shared.roles import Role
from shared.wilayah import Wilayah

VISITS = "/office/visits"
ROWS_PER_PAGE = 15  # two fields a row: a form has 40 at most
WAITING_SHOWN = 50
_WILAYAH = Wilayah.builtin()
Desk = Annotated[Session, signed_in(Role.OFFICER, Role.HEAD_OF_OFFICE)]


@dataclass(frozen=True)
class VisitPages(PageDoors):
    """Whoever comes back from a neighbourhood writes down here what they heard."""

    outreach: Outreach
    pages: Pages

    @door.get(VISITS)
    async def visits_page(self, session: Desk, language: Speech) -> Response:
        return await self._start(session, language, [])

    @door.post(VISITS + "/find")
    async def find_person(self, session: Desk, language: Speech, form: OwnForm) -> Response:
        """From a NIK to a page whose address holds none."""
        faults: list[Fault] = []
        nik = forms.read_nik(form, faults)
        if nik is not None:
            async with self.outreach.database.begin() as transaction:
                found = await store.lock(transaction, nik)
            if found is not None:
                return redirect(f"{VISITS}/people/{found.person_id}")
            faults.append(("nik", words.NOBODY))
        return await self._start(session, language, faults)

    @door.get(VISITS + "/deliveries/{delivery_id}")
    async def delivery_page(
        self,
        session: Desk,
        language: Speech,
        delivery_id: UUID,
        after: Annotated[int, Query(ge=0, le=32_000)] = 0,
        saved: Annotated[int, Query(ge=0, le=ROWS_PER_PAGE)] = 0,
    ) -> Response:
        return await self._delivery(session, language, delivery_id, after, [], {}, saved=saved)

    @door.post(VISITS + "/deliveries/{delivery_id}")
    async def note_delivery(
        self,
        session: Desk,
        language: Speech,
        delivery_id: UUID,
        form: OwnForm,
        after: Annotated[int, Query(ge=0, le=32_000)] = 0,
    ) -> Response:
        """Everything chosen on the page at once; a row left alone is nothing heard."""
        _, people = await self.outreach.delivery(delivery_id)
        heard, faults = _rows(form, {one.place for one in people})
        if faults:
            return await self._delivery(session, language, delivery_id, after, faults, form)
        niks = {one.place: one.nik for one in people}
        note, noting = forms.read_note_id(form), self.outreach.noting(session.caller.subject)
        closes = form.get("closes") == "yes"

        async def note_all(transaction: Transaction) -> None:
            # Places in their order: two officers with one list then wait for each other.
            for place, one in sorted(heard.items()):
                event_id = uuid5(note, str(place))
                await steps.hear(transaction, event_id, niks[place], one, noting, closes=closes)

        try:
            await self.outreach.database.repeat(note_all)
        except Refusal as refusal:
            fault = ("heard_on", forms.said(refusal, language))
            return await self._delivery(
                session, language, delivery_id, after, [fault], form, status=refusal.status
            )
        path = f"{VISITS}/deliveries/{delivery_id}?after={after}&saved={len(heard)}"
        return redirect(path)

    @door.get(VISITS + "/people/{person_id}")
    async def person_page(self, session: Desk, language: Speech, person_id: UUID) -> Response:
        return await self._person(session, language, person_id, [], {})

    @door.post(VISITS + "/people/{person_id}/heard")
    async def note_heard(
        self, session: Desk, language: Speech, person_id: UUID, form: OwnForm
    ) -> Response:
        heard, faults = forms.read_heard(form)
        if heard is None:
            return await self._person(session, language, person_id, faults, form)
        noting, note = self.outreach.noting(session.caller.subject), forms.read_note_id(form)
        return await self._noted(
            session,
            language,
            person_id,
            form,
            lambda transaction, nik: steps.hear(transaction, note, nik, heard, noting),
        )

    @door.post(VISITS + "/people/{person_id}/closed")
    async def note_closed(
        self, session: Desk, language: Speech, person_id: UUID, form: OwnForm
    ) -> Response:
        faults: list[Fault] = []
        reason = forms.read_code(Reason, form, "reason", words.NO_REASON, faults)
        source = forms.read_code(Source, form, "closing_source", words.NO_SOURCE, faults)
        on = forms.read_day(form, "closing_on", faults)
        if reason is None or source is None or on is None:
            return await self._person(session, language, person_id, faults, form)
        noting, note = self.outreach.noting(session.caller.subject), forms.read_note_id(form)
        return await self._noted(
            session,
            language,
            person_id,
            form,
            lambda transaction, nik: steps.close(
                transaction, note, nik, reason, source, on, noting
            ),
        )

    @door.post(VISITS + "/people/{person_id}/reopened")
    async def note_reopened(
        self, session: Desk, language: Speech, person_id: UUID, form: OwnForm
    ) -> Response:
        faults: list[Fault] = []
        remark = forms.read_line(form, "remark", words.NO_REMARK, faults)
        if faults:
            return await self._person(session, language, person_id, faults, form)
        noting, note = self.outreach.noting(session.caller.subject), forms.read_note_id(form)
        return await self._noted(
            session,
            language,
            person_id,
            form,
            lambda transaction, nik: steps.reopen(transaction, note, nik, remark, noting),
        )

    async def _noted(
        self,
        session: Session,
        language: Speech,
        person_id: UUID,
        form: Mapping[str, str],
        act: Callable[[Transaction, int], Awaitable[tuple[Event, bool]]],
    ) -> Response:
        async def work(transaction: Transaction) -> None:
            nik = await store.nik_of(transaction, person_id)
            if nik is None:
                raise NotFound("Nobody here has that id.")
            await act(transaction, nik)

        try:
            await self.outreach.database.repeat(work)
        except Refusal as refusal:
            if isinstance(refusal, NotFound):
                raise
            fault = ("orang", forms.said(refusal, language))
            return await self._person(
                session, language, person_id, [fault], form, status=refusal.status
            )
        return redirect(f"{VISITS}/people/{person_id}")

    async def _start(self, session: Session, language: Speech, faults: list[Fault]) -> Response:
        async with self.outreach.database.begin() as transaction:
            to_check = await store.to_visit(transaction, [*CLOSING], WAITING_SHOWN)
            ill = await store.to_visit(transaction, [Whereabouts.ILL], WAITING_SHOWN)
            unknown = await store.to_visit(transaction, [Whereabouts.UNKNOWN], WAITING_SHOWN)
            days = await letter_store.newest_days(transaction, WAITING_SHOWN // 5)
        return self.pages.answer(
            "visits.html",
            language=language,
            session=session,
            status=422 if faults else 200,
            area=VISITS,
            faults=faults,
            lists=[
                (words.TO_CHECK, to_check),
                (words.HOME_VISITS, ill),
                (words.NOT_KNOWN, unknown),
            ],
            days=days,
            shown_max=WAITING_SHOWN,
            ward_name=_WILAYAH.name,
            words=words,
        )

    async def _delivery(
        self,
        session: Session,
        language: Speech,
        delivery_id: UUID,
        after: int,
        faults: list[Fault],
        form: Mapping[str, str],
        *,
        saved: int = 0,
        status: int = 422,
    ) -> Response:
        found, people = await self.outreach.delivery(delivery_id)
        rows = [one for one in people if one.place > after]
        return self.pages.answer(
            "visit_rows.html",
            language=language,
            session=session,
            status=status if faults else 200,
            area=VISITS,
            faults=faults,
            wrong={field for field, _ in faults},
            form=form,
            note=form.get("note") or new_id(),
            delivery=found,
            ward_name=_WILAYAH.name(found.ward),
            rows=rows[:ROWS_PER_PAGE],
            after=after,
            next_after=rows[ROWS_PER_PAGE - 1].place if len(rows) > ROWS_PER_PAGE else None,
            saved=saved,
            today=self._today(session),
            words=words,
        )

    async def _person(
        self,
        session: Session,
        language: Speech,
        person_id: UUID,
        faults: list[Fault],
        form: Mapping[str, str],
        *,
        status: int = 422,
    ) -> Response:
        async with self.outreach.database.begin() as transaction:
            nik = await store.nik_of(transaction, person_id)
            looked = await store.lock(transaction, nik) if nik is not None else None
            person = await store.person(transaction, nik) if nik is not None else None
            history = await store.history(transaction, nik) if nik is not None else []
        if looked is None or nik is None:
            raise NotFound("Nobody here has that id.")
        today = self._today(session)
        return self.pages.answer(
            "visit_person.html",
            language=language,
            session=session,
            status=status if faults else 200,
            area=VISITS,
            faults=faults,
            wrong={field for field, _ in faults},
            form=form,
            note=form.get("note") or new_id(),
            person_id=person_id,
            person=person,
            nik=str(Nik(nik)),
            ward_name=_WILAYAH.name(person.ward) if person else "",
            looked=looked,
            step=rules.next_step(looked.standing, today, self.outreach.limits.again_days),
            history=[NoteView.of(one) for one in history],
            today=today,
            words=words,
        )

    def _today(self, session: Session) -> date:
        return self.outreach.noting(session.caller.subject).today


def _rows(form: Mapping[str, str], places: set[int]) -> tuple[dict[int, Heard], list[Fault]]:
    """What a delivery's form says by place; source and day are the page's own."""
    faults: list[Fault] = []
    source = forms.read_code(Source, form, "source", words.NO_SOURCE, faults)
    on = forms.read_day(form, "heard_on", faults)
    found: dict[int, Heard] = {}
    for place in sorted(places):
        if not form.get(f"w{place}"):
            continue
        whereabouts = forms.read_code(Whereabouts, form, f"w{place}", words.NO_WHEREABOUTS, faults)
        forward_to = None
        if whereabouts is Whereabouts.AWAY and form.get(f"f{place}", "").strip():
            forward_to = forms.read_line(form, f"f{place}", words.NO_ADDRESS, faults)
        if whereabouts is not None and source is not None and on is not None:
            found[place] = Heard(whereabouts, source, on, forward_to)
    if not found and not faults:
        faults.append(("source", words.NOTHING_CHOSEN))
    return found, faults
