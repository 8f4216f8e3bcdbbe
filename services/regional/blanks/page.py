"""The store of blanks in a browser: stock, deliveries, what was put aside, minutes of burnings."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import TypeAdapter, ValidationError

from services.regional.blanks import rules, steps, store, words
from services.regional.blanks.paper import minutes_pdf, number_of
from services.regional.blanks.routes import BlankDoors
from services.regional.blanks.rules import BlankFault
from services.regional.blanks.steps import NotToBurn
from services.regional.blanks.views import BURNT_MAX
from services.regional.papers import Office
from shared.contracts.recording import Line, ShortCode
from shared.doors.room import door
from shared.doors.session import Session
from shared.ids import new_id
from shared.pages.language import Language
from shared.pages.render import HEADERS, Pages
from shared.pages.room import OwnForm, PageDoors, Speech, redirect, signed_in
from shared.refusals import NotFound, Refusal
from shared.roles import Role

HOME = "/office/blanks"
BURNING = HOME + "/burnings/{burning_id}"
TEMPLATES = Path(__file__).parent / "templates"
ROWS_MAX = 50
LOW_DAYS = 14
_SERIAL: TypeAdapter[str] = TypeAdapter(ShortCode)
_LINE: TypeAdapter[str] = TypeAdapter(Line)
Storekeeper = Annotated[Session, signed_in(Role.OFFICER, Role.PRINTER, Role.HEAD_OF_OFFICE)]
Fault = tuple[str, str]


def told(refusal: Refusal, language: Language) -> str:
    if language is Language.INDONESIAN:
        return refusal.next_action_id
    return f"{refusal.title}. {refusal.next_action}"


def fits(kind: TypeAdapter[str], text: str) -> str | None:
    try:
        return kind.validate_python(text.strip())
    except ValidationError:
        return None


def id_of(form: Mapping[str, str]) -> UUID:
    """Drawn with the form, so that what is sent twice is done once."""
    try:
        return UUID(form.get("id", ""))
    except ValueError:
        return new_id()


def onward(path: str, language: Language, saved: str) -> Response:
    tongue = "&lang=en" if language is Language.ENGLISH else ""
    return redirect(f"{path}?saved={saved}{tongue}")


def read_delivery(form: Mapping[str, str]) -> tuple[steps.Brought | None, list[Fault]]:
    """What a form says came. Refuses: SerialsNotInARow."""
    faults: list[Fault] = []
    try:
        received_on = date.fromisoformat(form.get("received_on", ""))
    except ValueError:
        received_on = date.min
        faults.append(("received_on", words.DAY))
    source = fits(_LINE, form.get("source", ""))
    reference = fits(_LINE, form.get("reference", ""))
    first, last = fits(_SERIAL, form.get("first", "")), fits(_SERIAL, form.get("last", ""))
    faults += [
        (name, fault)
        for name, value, fault in (
            ("source", source, words.SOURCE),
            ("reference", reference, words.REFERENCE),
            ("first", first, words.FIRST),
            ("last", last, words.LAST),
        )
        if value is None
    ]
    if faults or source is None or reference is None or first is None or last is None:
        return None, faults
    return steps.Brought(received_on, source, reference, steps.row_of(first, last)), []


@dataclass(frozen=True)
class BlankPages(PageDoors):
    """Acts by the same steps as the operations."""

    doors: BlankDoors
    pages: Pages
    office: Office

    def _answer(
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
            faults=faults or [],
            wrong={field for field, _ in faults or []},
            **values,
        )

    @door.get(HOME)
    async def stock_page(
        self, session: Storekeeper, language: Speech, saved: Annotated[str, Query()] = ""
    ) -> Response:
        now = self.doors.clock.now()
        async with self.doors.database.begin() as transaction:
            stock, lasting = await steps.stock(transaction, self.doors.zone, now)
            deliveries = await store.deliveries(transaction, ROWS_MAX)
            burnings = await store.burnings(transaction, ROWS_MAX)
        return self._answer(
            "stock.html",
            language,
            session,
            stock=stock,
            lasting=lasting,
            is_low=rules.is_low(stock, lasting, LOW_DAYS),
            deliveries=deliveries,
            burnings=[(one, number_of(one)) for one in burnings],
            saved=words.SAVED.get(saved),
        )

    @door.get(HOME + "/deliveries/new")
    async def delivery_form(self, session: Storekeeper, language: Speech) -> Response:
        today = self.doors.clerk(session.caller.subject).today
        return self._answer(
            "delivery.html",
            language,
            session,
            form={"received_on": today.isoformat(), "id": str(new_id())},
        )

    @door.post(HOME + "/deliveries/new")
    async def receive_by_page(
        self, session: Storekeeper, language: Speech, form: OwnForm
    ) -> Response:
        clerk = self.doors.clerk(session.caller.subject)
        try:
            brought, faults = read_delivery(form)
            if brought is not None:
                one = brought
                await self.doors.database.repeat(
                    lambda transaction: steps.receive(transaction, clerk, id_of(form), one)
                )
        except Refusal as refusal:
            faults = [("first", told(refusal, language))]
        if faults:
            return self._answer("delivery.html", language, session, faults, form=form)
        return onward(HOME, language, "received")

    @door.get(HOME + "/spoiled")
    async def spoiled_form(self, session: Storekeeper, language: Speech) -> Response:
        return self._answer("spoiled.html", language, session, form={})

    @door.post(HOME + "/spoiled")
    async def put_aside_by_page(
        self, session: Storekeeper, language: Speech, form: OwnForm
    ) -> Response:
        faults: list[Fault] = []
        serial = fits(_SERIAL, form.get("serial", ""))
        if serial is None:
            faults.append(("serial", words.SERIAL))
        if form.get("cause") not in words.FAULTS:
            faults.append(("cause", words.CAUSE))
        if not faults and serial is not None:
            clerk, fault = self.doors.clerk(session.caller.subject), BlankFault(form["cause"])
            try:
                async with self.doors.database.begin() as transaction:
                    await steps.put_aside(transaction, clerk, serial, fault)
            except NotFound:
                faults.append(("serial", words.UNKNOWN))
            except Refusal as refusal:
                faults.append(("serial", told(refusal, language)))
        if faults:
            return self._answer("spoiled.html", language, session, faults, form=form)
        return onward(HOME, language, "aside")

    @door.get(HOME + "/burnings/new")
    async def burning_form(self, session: Storekeeper, language: Speech) -> Response:
        async with self.doors.database.begin() as transaction:
            found = await store.to_burn(transaction, BURNT_MAX)
        form = {"id": str(new_id()), "serials": "\n".join(one.serial for one in found)}
        return self._answer("burning_form.html", language, session, form=form)

    @door.post(HOME + "/burnings/new")
    async def write_by_page(
        self, session: Storekeeper, language: Speech, form: OwnForm
    ) -> Response:
        place = fits(_LINE, form.get("place", ""))
        serials = form.get("serials", "").split()
        faults: list[Fault] = [] if place else [("place", words.PLACE)]
        if not 1 <= len(serials) == len(set(serials)) <= BURNT_MAX or any(
            fits(_SERIAL, one) is None for one in serials
        ):
            faults.append(("serials", words.SERIALS))
        burning_id, clerk = id_of(form), self.doors.clerk(session.caller.subject)
        if not faults and place is not None:
            try:
                await self.doors.database.repeat(
                    lambda transaction: steps.write_minutes(
                        transaction, clerk, burning_id, place, serials
                    )
                )
            except NotToBurn as refusal:
                wrong = [serials[int(one["pointer"].split("/")[-1])] for one in refusal.errors]
                faults.append(("serials", f"{told(refusal, language)} ({', '.join(wrong)})"))
            except Refusal as refusal:
                faults.append(("serials", told(refusal, language)))
        if faults:
            return self._answer("burning_form.html", language, session, faults, form=form)
        return onward(BURNING.format(burning_id=burning_id), language, "written")

    @door.get(BURNING)
    async def burning_page(
        self,
        burning_id: UUID,
        session: Storekeeper,
        language: Speech,
        saved: Annotated[str, Query()] = "",
    ) -> Response:
        return await self._burning(burning_id, session, language, saved=words.SAVED.get(saved))

    @door.post(BURNING + "/witness")
    async def witness_by_page(
        self,
        burning_id: UUID,
        session: Storekeeper,
        language: Speech,
        form: OwnForm,
    ) -> Response:
        clerk = self.doors.clerk(session.caller.subject)
        try:
            async with self.doors.database.begin() as transaction:
                await steps.bear_witness(transaction, clerk, burning_id)
        except NotFound:
            raise
        except Refusal as refusal:
            faults = [("witness", told(refusal, language))]
            return await self._burning(burning_id, session, language, faults, refusal.status)
        return onward(BURNING.format(burning_id=burning_id), language, "burnt")

    @door.get(BURNING + "/minutes.pdf")
    async def minutes(self, burning_id: UUID, session: Storekeeper) -> Response:
        one, lines = await self._read(burning_id)
        pdf = await asyncio.to_thread(minutes_pdf, self.office, one, lines, self.doors.zone)
        return Response(pdf, media_type="application/pdf", headers=HEADERS)

    async def _read(self, burning_id: UUID) -> tuple[store.Burning, list[store.Burnt]]:
        async with self.doors.database.begin() as transaction:
            one = await store.burning(transaction, burning_id)
            lines = await store.burnt(transaction, burning_id)
        if one is None:
            raise NotFound("No such minutes were written here.")
        return one, lines

    async def _burning(
        self,
        burning_id: UUID,
        session: Session,
        language: Language,
        faults: list[Fault] | None = None,
        status: int = 422,
        saved: str | None = None,
    ) -> Response:
        one, lines = await self._read(burning_id)
        return self._answer(
            "burning.html",
            language,
            session,
            faults,
            status,
            it=one,
            number=number_of(one),
            lines=lines,
            is_writer=session.caller.subject == one.officer,
            saved=saved,
        )
