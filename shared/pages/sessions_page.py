"""Who is signed in at this server, for whoever leads; ending it with a button."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Response

from shared.doors.room import door
from shared.doors.session import Session, Sessions
from shared.doors.session_store import WhichSessions
from shared.pages.render import Pages
from shared.pages.room import OwnForm, PageDoors, redirect, signed_in
from shared.refusals import NotFound
from shared.roles import SUBJECT_CHARACTERS_MAX, Role

SIGNED_IN = "/signed-in"
Leader = Annotated[Session, signed_in(Role.HEAD_OF_OFFICE, Role.OPERATIONS)]


@dataclass(frozen=True)
class SessionPages(PageDoors):
    sessions: Sessions
    pages: Pages
    home: str

    @door.get(SIGNED_IN)
    async def signed_in_page(self, session: Leader) -> Response:
        """Of one office's head: that office's officers."""
        found = await self.sessions.living(WhichSessions(office=session.caller.office))
        return self.pages.answer("sessions.html", session=session, found=found, home=self.home)

    @door.post(SIGNED_IN)
    async def end_from_page(self, session: Leader, form: OwnForm) -> Response:
        officer = form.get("officer", "")
        if not 0 < len(officer) <= SUBJECT_CHARACTERS_MAX or not officer.isprintable():
            raise NotFound
        which = WhichSessions(officer=officer, office=session.caller.office)
        await self.sessions.end_all(which, session.caller)
        return redirect(SIGNED_IN)
