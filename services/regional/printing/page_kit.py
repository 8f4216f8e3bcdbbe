"""What the desk's pages share: who acts, when, faults in the page's language, where one goes on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import Response
from pydantic import TypeAdapter

from services.regional.printing import desk, turns, words
from services.regional.printing.routes import PrintingDoors
from shared.contracts.recording import ShortCode
from shared.doors.session import Session
from shared.pages.language import Language
from shared.pages.render import Pages
from shared.pages.room import PageDoors, redirect, signed_in
from shared.refusals import Refusal
from shared.roles import Role

HOME = "/office/printing"
CARD = HOME + "/cards/{blank_serial}"
PERMISSION = HOME + "/permissions/{authorization_id}"
TEMPLATES = Path(__file__).parent / "templates"
ROWS_MAX = 50
SERIAL: TypeAdapter[str] = TypeAdapter(ShortCode)
_GAPS = re.compile(r"[\s.\-]+")
Fault = tuple[str, str]  # id of the field, what is wrong
Watch = Annotated[Session, signed_in(Role.OFFICER, Role.PRINTER, Role.HEAD_OF_OFFICE)]
Printer = Annotated[Session, signed_in(Role.PRINTER)]
Head = Annotated[Session, signed_in(Role.OFFICER, Role.HEAD_OF_OFFICE)]
Counter = Annotated[Session, signed_in(Role.OFFICER, Role.PRINTER)]


def told(refusal: Refusal, language: Language) -> str:
    """A refusal in the page's language, as what to do next."""
    if language is Language.INDONESIAN:
        return refusal.next_action_id
    return f"{refusal.title}. {refusal.next_action}"


def onward(path: str, language: Language, saved: str = "") -> Response:
    asked = [f"saved={saved}"] if saved else []
    asked += ["lang=en"] if language is Language.ENGLISH else []
    return redirect(f"{path}?{'&'.join(asked)}" if asked else path)


def read_digits(form: Mapping[str, str], name: str) -> int | None:
    """Sixteen digits, spaces forgiven."""
    text = _GAPS.sub("", form.get(name, ""))
    return int(text) if len(text) == 16 and text.isascii() and text.isdigit() else None


@dataclass(frozen=True)
class DeskPages(PageDoors):
    """Acts by the same steps as the operations."""

    doors: PrintingDoors
    pages: Pages

    def when(self) -> turns.Moment:
        now = self.doors.clock.now()
        return turns.Moment(now, now.astimezone(self.doors.zone).date())

    def who(self, session: Session) -> desk.Desk:
        return desk.Desk(self.doors.region, session.caller.subject, self.doors.clock.now())

    def page(
        self,
        template: str,
        language: Language,
        session: Session,
        faults: list[Fault] | None = None,
        status: int = 422,
        **values: Any,
    ) -> Response:
        return self.pages.answer(
            template,
            language=language,
            session=session,
            status=status if faults else 200,
            area=HOME,
            home=HOME,
            words=words,
            roles=session.caller.roles,
            faults=faults or [],
            wrong={field for field, _ in faults or []},
            **values,
        )
