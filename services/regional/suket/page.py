"""Pages of sukets: the officer's desk, and what the code on a paper opens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.regional.suket import rules, steps, store, words
from services.regional.suket.routes import PDF, Sukets
from shared.doors.room import door
from shared.doors.session import Session
from shared.ids import new_id
from shared.pages.language import Language
from shared.pages.render import HEADERS, Pages
from shared.pages.room import OwnForm, PageDoors, Speech, redirect, signed_in
from shared.refusals import NotFound, Refusal
from shared.roles import Role

HOME = "/office/suket"
ONE = HOME + "/{suket_id}"
TEMPLATES = Path(__file__).parent / "templates"
ROWS_MAX = 50
_GAPS = re.compile(r"[\s.\-]+")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
Clerk = Annotated[Session, signed_in(Role.OFFICER, Role.HEAD_OF_OFFICE)]
Fault = tuple[str, str]


@dataclass(frozen=True)
class SuketPages(PageDoors):
    """Acts by the same steps as the operations."""

    sukets: Sukets
    pages: Pages

    @door.get(HOME)
    async def sukets_page(
        self, session: Clerk, language: Speech, saved: Annotated[str, Query()] = ""
    ) -> Response:
        return await self._list(
            session, language, saved=words.WITHDRAWN if saved == "withdrawn" else None
        )

    @door.post(HOME)
    async def give_by_page(self, session: Clerk, language: Speech, form: OwnForm) -> Response:
        """The NIK stays in the form; the address that follows holds the suket's id."""
        text = _GAPS.sub("", form.get("nik", ""))
        if not (len(text) == 16 and text.isascii() and text.isdigit()):
            return await self._list(session, language, form, [("nik", words.NIK)])
        try:
            one = await self.sukets.give(session.caller.subject, new_id(), int(text))
        except Refusal as refusal:
            said = refusal.next_action_id
            if language is Language.ENGLISH:
                said = f"{refusal.title}. {refusal.next_action}"
            return await self._list(session, language, form, [("nik", said)], refusal.status)
        return _onward(ONE.format(suket_id=one.suket_id), language, "given")

    @door.get(ONE)
    async def suket_page(
        self,
        suket_id: UUID,
        session: Clerk,
        language: Speech,
        saved: Annotated[str, Query()] = "",
    ) -> Response:
        desk = self.sukets.desk(session.caller.subject)
        async with self.sukets.database.begin() as transaction:
            one = await steps.look_up(transaction, suket_id)
            card = await steps.card_of(transaction, one.recording_id)
            history = await store.history_of(transaction, one.recording_id)
        return self._answer(
            "suket.html",
            language,
            session,
            it=one,
            end=rules.end_of(one.facts, desk.today),
            card=card,
            history=[(each, rules.end_of(each.facts, desk.today)) for each in history],
            saved=words.GIVEN if saved == "given" else None,
        )

    @door.get(ONE + "/paper.pdf")
    async def paper(self, suket_id: UUID, session: Clerk) -> Response:
        return Response(await self.sukets.pdf(suket_id), media_type=PDF, headers=HEADERS)

    @door.post(ONE + "/withdrawal")
    async def withdraw_by_page(
        self, suket_id: UUID, session: Clerk, language: Speech, form: OwnForm
    ) -> Response:
        if form.get("sure") == "yes":
            await self.sukets.withdraw(session.caller.subject, suket_id)
            return _onward(HOME, language, "withdrawn")
        return _onward(ONE.format(suket_id=suket_id), language)

    async def _list(
        self,
        session: Session,
        language: Language,
        form: Mapping[str, str] | None = None,
        faults: list[Fault] | None = None,
        status: int = 422,
        saved: str | None = None,
    ) -> Response:
        desk = self.sukets.desk(session.caller.subject)
        async with self.sukets.database.begin() as transaction:
            found = await self.sukets.expiring(transaction, ROWS_MAX)
            given, counting = await store.counts(transaction, desk.today)
            names = {
                one.recording_id: (await steps.card_of(transaction, one.recording_id)).name
                for one in found
            }
        return self._answer(
            "sukets.html",
            language,
            session,
            status=status if faults else 200,
            items=[(one, rules.end_of(one.facts, desk.today)) for one in found],
            names=names,
            given=given,
            counting=counting,
            today=desk.today,
            is_allowed=self.sukets.is_allowed,
            periods=self.sukets.periods,
            form=form or {},
            faults=faults or [],
            saved=saved,
        )

    def _answer(
        self,
        template: str,
        language: Language,
        session: Session,
        status: int = 200,
        **values: Any,
    ) -> Response:
        return self.pages.answer(
            template,
            language=language,
            session=session,
            status=status,
            area=HOME,
            home=HOME,
            words=words,
            **values,
        )


@dataclass(frozen=True)
class CheckPages(PageDoors):
    """Whoever scans the code of a paper sees whether it counts, and not whose it is."""

    sukets: Sukets
    pages: Pages

    @door.get("/suket/{token}")
    async def check_page(self, token: str, language: Speech) -> Response:
        if not _TOKEN.fullmatch(token):
            raise NotFound
        found = await self.sukets.check(token)
        return self.pages.answer(
            "check.html",
            language=language,
            status=404 if found.state == "unknown" else 200,
            headers={"x-robots-tag": "noindex"},
            it=found,
            why=words.ENDS.get(found.ended or ""),
        )


def _onward(path: str, language: Language, saved: str = "") -> Response:
    asked = [f"saved={saved}"] if saved else []
    asked += ["lang=en"] if language is Language.ENGLISH else []
    return redirect(f"{path}?{'&'.join(asked)}" if asked else path)
