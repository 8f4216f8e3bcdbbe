"""The printing desk in a browser: the queue by age, one question a page, keyboard first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import TypeAdapter, ValidationError

from services.regional.printing import desk, endings, hands, people, steps, store, turns, words
from services.regional.printing.office import ExceptionWords
from services.regional.printing.page_kit import (
    HOME,
    PERMISSION,
    ROWS_MAX,
    SERIAL,
    DeskPages,
    Fault,
    Head,
    Printer,
    Watch,
    onward,
    told,
)
from services.regional.printing.refusals import PrintOutOfTurn
from services.regional.printing.rules import Ground
from shared.doors.room import door
from shared.doors.session import Session
from shared.pages.language import Language
from shared.pages.room import OwnForm, Speech
from shared.refusals import NotFound, Refusal
from shared.roles import Role
from shared.telemetry.metrics import PRINT_PERMISSIONS

_WORDS: TypeAdapter[str] = TypeAdapter(ExceptionWords)


@dataclass(frozen=True)
class PrintingPages(DeskPages):
    """From the queue to the blank; acts by the same steps as the operations."""

    @door.get(HOME)
    async def queue_page(
        self, session: Watch, language: Speech, saved: Annotated[str, Query()] = ""
    ) -> Response:
        when = self.when()
        async with self.doors.database.begin() as transaction:
            await steps.learn_days(transaction)
            queue = await turns.oldest(transaction, when, ROWS_MAX)
            before = await turns.let_before(transaction, when, ROWS_MAX)
            counts = {
                "printable": await turns.count_printable(transaction, when),
                "held": await turns.count_held(transaction, when.today),
                "uncollected": await hands.count_uncollected(transaction),
                "withdraw": await endings.count_to_withdraw(transaction),
            }
            names = await people.people(
                transaction, {one.held.recording_id for one in (*queue, *before)}
            )
        return self.page(
            "queue.html",
            language,
            session,
            queue=queue,
            before=before,
            counts=counts,
            names=names,
            nobody=people.NOBODY,
            now=when.now,
            window=self.doors.window,
            rows_max=ROWS_MAX,
            saved={"spoiled": words.SPOILED_KEPT, "handed": words.HANDED}.get(saved),
        )

    @door.get(HOME + "/held")
    async def held_page(self, session: Watch, language: Speech) -> Response:
        when = self.when()
        async with self.doors.database.begin() as transaction:
            await steps.learn_days(transaction)
            found = await turns.held_for_age(transaction, when.today, endings.SHOWN_MAX)
            names = await people.people(transaction, {one.held.recording_id for one in found})
        return self.page(
            "held.html",
            language,
            session,
            items=found,
            names=names,
            nobody=people.NOBODY,
            today=when.today,
        )

    @door.get(HOME + "/exceptions")
    async def exceptions_page(self, session: Watch, language: Speech) -> Response:
        async with self.doors.database.begin() as transaction:
            found = await turns.exceptions(transaction, endings.SHOWN_MAX)
        return self.page("exceptions.html", language, session, items=found)

    @door.get(PERMISSION)
    async def permission_page(
        self,
        authorization_id: UUID,
        session: Printer,
        language: Speech,
        saved: Annotated[str, Query()] = "",
    ) -> Response:
        return await self._permission(
            authorization_id, session, language, saved=words.EXCEPTION_KEPT if saved else None
        )

    @door.post(PERMISSION)
    async def spend_by_page(
        self, authorization_id: UUID, session: Printer, language: Speech, form: OwnForm
    ) -> Response:
        """Answers with the card's data itself: they are given once, so a reload must not."""
        try:
            serial = SERIAL.validate_python(form.get("serial", "").strip())
        except ValidationError:
            faults = [("serial", words.SERIAL)]
            return await self._permission(authorization_id, session, language, form, faults)
        office = await self.doors.office()
        now = self.doors.clock.now()
        try:
            async with self.doors.database.begin() as transaction:
                given = await steps.spend(
                    transaction, office, authorization_id, serial, session.caller.subject, now
                )
        except NotFound:
            raise
        except Refusal as refusal:
            faults = [("serial", told(refusal, language))]
            return await self._permission(
                authorization_id, session, language, form, faults, refusal
            )
        PRINT_PERMISSIONS.labels(outcome="spent").inc()
        return self.page("spent.html", language, session, it=given)

    async def _permission(
        self,
        authorization_id: UUID,
        session: Session,
        language: Language,
        form: Mapping[str, str] | None = None,
        faults: list[Fault] | None = None,
        refusal: Refusal | None = None,
        saved: str | None = None,
    ) -> Response:
        async with self.doors.database.begin() as transaction:
            held = await store.permission(transaction, authorization_id)
            if held is None:
                raise NotFound("No such permission at this office.")
            found = await people.people(transaction, [held.recording_id])
        return self.page(
            "permission.html",
            language,
            session,
            faults,
            refusal.status if refusal else 422,
            it=held,
            person=found.get(held.recording_id, people.NOBODY),
            now=self.doors.clock.now(),
            form=form or {},
            is_early=isinstance(refusal, PrintOutOfTurn),
            saved=saved,
        )

    @door.get(PERMISSION + "/exception")
    async def exception_form(
        self, authorization_id: UUID, session: Head, language: Speech
    ) -> Response:
        return await self._exception(authorization_id, session, language, {}, [])

    @door.post(PERMISSION + "/exception")
    async def let_before_by_page(
        self, authorization_id: UUID, session: Head, language: Speech, form: OwnForm
    ) -> Response:
        faults: list[Fault] = []
        ground = form.get("reason", "")
        if ground not in words.GROUNDS:
            faults.append(("reason", words.GROUND))
        said = form.get("words", "").replace("\r\n", "\n")
        try:
            said = _WORDS.validate_python(said)
        except ValidationError:
            faults.append(("words", words.WORDS))
        if faults:
            return await self._exception(authorization_id, session, language, form, faults)
        who = self.who(session)
        try:
            await self.doors.database.repeat(
                lambda transaction: desk.let_before(
                    transaction, who, authorization_id, Ground(ground), said
                )
            )
        except NotFound:
            raise
        except Refusal as refusal:
            faults = [("reason", told(refusal, language))]
            return await self._exception(
                authorization_id, session, language, form, faults, refusal.status
            )
        if Role.PRINTER in session.caller.roles:
            return onward(PERMISSION.format(authorization_id=authorization_id), language, "let")
        return onward(HOME + "/exceptions", language)

    async def _exception(
        self,
        authorization_id: UUID,
        session: Session,
        language: Language,
        form: Mapping[str, str],
        faults: list[Fault],
        status: int = 422,
    ) -> Response:
        async with self.doors.database.begin() as transaction:
            held = await store.permission(transaction, authorization_id)
            if held is None:
                raise NotFound("No such permission at this office.")
            found = await people.people(transaction, [held.recording_id])
        return self.page(
            "exception.html",
            language,
            session,
            faults,
            status,
            it=held,
            person=found.get(held.recording_id, people.NOBODY),
            form=form,
        )
