"""The report as a page to print and to hand over."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Response

from services.regional.access import words
from services.regional.access.steps import ROWS_MAX, Access, Reports
from shared.clock import Clock
from shared.doors.room import door
from shared.doors.session import Session
from shared.nik import Nik
from shared.pages.language import Language
from shared.pages.render import Pages
from shared.pages.room import OwnForm, PageDoors, Speech, signed_in
from shared.roles import Role

HOME = "/office/access"
TEMPLATES = Path(__file__).parent / "templates"
Head = Annotated[Session, signed_in(Role.HEAD_OF_OFFICE)]


@dataclass(frozen=True)
class AccessPages(PageDoors):
    reports: Reports
    clock: Clock
    pages: Pages

    @door.get(HOME)
    async def access_form(self, session: Head, language: Speech) -> Response:
        return self._page(session, language)

    @door.post(HOME)
    async def access_report_page(self, session: Head, language: Speech, form: OwnForm) -> Response:
        try:
            nik = Nik.parse("".join(form.get("nik", "").split()))
        except ValueError:
            return self._page(session, language, faults=[("nik", words.NIK)])
        found = await self.reports.of(nik.number)
        return self._page(session, language, found=found, tail=str(nik)[-4:])

    def _page(
        self,
        session: Session,
        language: Language,
        *,
        found: list[Access] | None = None,
        faults: list[tuple[str, str]] | None = None,
        tail: str = "",
    ) -> Response:
        return self.pages.answer(
            "access.html",
            language=language,
            session=session,
            status=422 if faults else 200,
            area=HOME,
            home=HOME,
            found=found,
            faults=faults or [],
            tail=tail,
            now=self.clock.now(),
            rows_max=ROWS_MAX,
            words=words,
        )
