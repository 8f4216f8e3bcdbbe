"""The officer's pages: today, the line, search, one recording, the desk, and help with keys."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.exc import SQLAlchemyError

from services.regional.console import picture, rules, steps, store, words
from services.regional.console.history import Seen
from services.regional.console.routes import ConsoleDoors
from services.regional.console.sources import Followed
from shared.doors.room import door
from shared.doors.serve import Draining
from shared.doors.session import Session
from shared.nik import Nik
from shared.pages.language import N_, Language
from shared.pages.render import Pages
from shared.pages.room import OwnForm, PageDoors, Speech, redirect, signed_in
from shared.roles import Role
from shared.wilayah import Wilayah

TEMPLATES = Path(__file__).parent / "templates"
HOME = "/office"
LIVE_SECONDS = 2.0
# Then the browser asks again, with whoever is signed in by then.
LIVE_SECONDS_MAX = 600.0
LISTENERS_MAX = 50
RETRY_MILLISECONDS = 5_000
OUTAGES_SHOWN_MAX = 20
LINE_DAYS = (1, 3, 7, 14)

Worker = Annotated[
    Session, signed_in(Role.OFFICER, Role.HEAD_OF_OFFICE, Role.PRINTER, Role.OPERATIONS)
]
Reader = Annotated[Session, signed_in(Role.OFFICER, Role.HEAD_OF_OFFICE, Role.PRINTER)]
Desk = Annotated[Session, signed_in(Role.OFFICER, Role.HEAD_OF_OFFICE)]
DESK_ROLES = frozenset({Role.OFFICER, Role.HEAD_OF_OFFICE})
Fault = tuple[str, str]  # id of the field, what is wrong
NIK_FAULT = N_("NIK terdiri atas 16 angka.")
SEARCH_FAULT = N_("Tulis NIK 16 angka, atau nomor perekaman dari tanda terima.")

log = structlog.get_logger()


@dataclass(slots=True)
class Listeners:
    """How many pages listen now."""

    count: int = 0


@dataclass(frozen=True)
class ConsolePages(PageDoors):
    """What an officer sees in a browser; asks by the same steps as the doors for programs."""

    doors: ConsoleDoors
    pages: Pages
    draining: Draining
    wilayah: Wilayah = field(default_factory=Wilayah.builtin)
    listeners: Listeners = field(default_factory=Listeners)

    @door.get(HOME)
    async def today_page(self, session: Worker, speech: Speech) -> Response:
        work = await self.doors.board.work()
        story = await self.doors.line_story(1)
        return self._answer(
            "today.html",
            session,
            speech,
            is_live=True,
            work=work,
            picture=self._picture(story),
            story=story,
        )

    @door.get(HOME + "/line")
    async def line_page(
        self, session: Worker, speech: Speech, days: Annotated[int, Query()] = 3
    ) -> Response:
        chosen = days if days in LINE_DAYS else LINE_DAYS[1]
        story = await self.doors.line_story(chosen)
        outages = [one for one in story.spells if one.seen is Seen.DOWN]
        return self._answer(
            "line.html",
            session,
            speech,
            is_live=True,
            work=await self.doors.board.work(),
            story=story,
            picture=self._picture(story),
            days=chosen,
            choices=LINE_DAYS,
            outages=outages[::-1][:OUTAGES_SHOWN_MAX],
        )

    @door.get(HOME + "/record")
    async def desk_page(self, session: Desk, speech: Speech) -> Response:
        return self._desk(session, speech)

    @door.post(HOME + "/record")
    async def check_by_page(self, session: Desk, speech: Speech, form: OwnForm) -> Response:
        typed = "".join(form.get("nik", "").split())
        try:
            nik = Nik.parse(typed)
        except ValueError:
            return self._desk(session, speech, faults=[("nik", NIK_FAULT)], typed=typed)
        found = await self.doors.at_the_desk(nik, session.caller.subject)
        return self._desk(session, speech, found=found, tail=typed[-4:])

    @door.get(HOME + "/search")
    async def search_page(self, session: Desk, speech: Speech) -> Response:
        return self._search(session, speech)

    @door.post(HOME + "/search")
    async def search_by_page(self, session: Desk, speech: Speech, form: OwnForm) -> Response:
        """By NIK, or by a recording's id as receipts show it; both travel in the body."""
        typed = "".join(form.get("wanted", "").split())
        try:
            return self._to_recording(UUID(typed), speech)
        except ValueError:
            pass
        try:
            nik = Nik.parse(typed)
        except ValueError:
            return self._search(session, speech, faults=[("wanted", SEARCH_FAULT)], typed=typed)
        at = await self.doors.at_the_desk(nik, session.caller.subject)
        ids = [*([at.live.recording_id] if at.live else []), *at.earlier]
        if len(ids) == 1:
            return self._to_recording(ids[0], speech)
        return self._search(session, speech, found=await self._followed(ids), tail=typed[-4:])

    @door.get(HOME + "/recordings/{recording_id}")
    async def recording_page(self, session: Reader, speech: Speech, recording_id: UUID) -> Response:
        whole = await self.doors.whole(recording_id)
        return self._answer(
            "recording.html",
            session,
            speech,
            it=whole.followed,
            dossier=whole.dossier,
            now=self.doors.clock.now(),
        )

    @door.get(HOME + "/help")
    async def help_page(self, session: Worker, speech: Speech) -> Response:
        return self._answer("help.html", session, speech)

    @door.get(HOME + "/live", response_class=EventSourceResponse)
    async def live(self, session: Worker) -> AsyncIterator[ServerSentEvent]:
        """Says `changed` whenever something did; holds no connection to the database meanwhile."""
        _ = session
        if self.listeners.count >= LISTENERS_MAX:
            yield ServerSentEvent(comment="full", retry=60_000)
            return
        self.listeners.count += 1
        try:
            yield ServerSentEvent(comment="here", retry=RETRY_MILLISECONDS)
            async for _ in self._changes():
                yield ServerSentEvent(event="changed", raw_data="1")
        finally:
            self.listeners.count -= 1

    async def _changes(self) -> AsyncIterator[None]:
        now = asyncio.get_running_loop().time
        until = now() + LIVE_SECONDS_MAX
        told = await self._pulse()
        told_at = now()
        while now() < until and not self.draining.is_set():
            await asyncio.sleep(LIVE_SECONDS)
            if (found := await self._pulse()) is None:
                continue
            # What a page fetched since may have been counted before the change it was told of.
            is_news = found != told or self.doors.board.is_behind(found)
            if is_news and now() - told_at >= self.doors.board.pause_seconds:
                told, told_at = found, now()
                yield

    async def _pulse(self) -> store.Pulse | None:
        """None while the database does not answer: the page stays as it is."""
        try:
            return await self.doors.pulse()
        except (SQLAlchemyError, OSError) as trouble:
            log.warning("console.no_pulse", trouble=type(trouble).__name__)
            return None

    async def _followed(self, ids: Sequence[UUID]) -> list[Followed]:
        async with self.doors.database.begin() as transaction:
            return [
                await self.doors.sources.follow(transaction, one, self.doors.today()) for one in ids
            ]

    def _picture(self, story: steps.LineStory) -> picture.Picture:
        return picture.drawn(story.spells, story.columns, story.since, story.until, self.doors.zone)

    def _to_recording(self, recording_id: UUID, speech: Language) -> Response:
        lang = "?lang=en" if speech is Language.ENGLISH else ""
        return redirect(f"{HOME}/recordings/{recording_id}{lang}")

    def _desk(
        self,
        session: Session,
        speech: Language,
        *,
        faults: Sequence[Fault] = (),
        typed: str = "",
        found: steps.AtTheDesk | None = None,
        tail: str = "",
    ) -> Response:
        return self._answer(
            "desk.html",
            session,
            speech,
            status=422 if faults else 200,
            faults=faults,
            typed=typed,
            found=found,
            tail=tail,
            may_record=rules.MAY_RECORD,
        )

    def _search(
        self,
        session: Session,
        speech: Language,
        *,
        faults: Sequence[Fault] = (),
        typed: str = "",
        found: Sequence[Followed] | None = None,
        tail: str = "",
    ) -> Response:
        return self._answer(
            "search.html",
            session,
            speech,
            status=422 if faults else 200,
            faults=faults,
            typed=typed,
            found=found,
            tail=tail,
        )

    def _answer(self, template: str, session: Session, speech: Language, **values: Any) -> Response:
        return self.pages.answer(
            template,
            language=speech,
            session=session,
            words=words,
            ward_name=self.wilayah.name,
            has_desk=bool(session.caller.roles & DESK_ROLES),
            **values,
        )
