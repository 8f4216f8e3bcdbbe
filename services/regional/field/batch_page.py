"""Officers' pages of batches and of stations' keys."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import TypeAdapter, ValidationError

from services.regional.field import words
from services.regional.field.batch_routes import EnrolledKey
from services.regional.field.batches import ItemOutcome
from services.regional.field.bringing import Bringing
from services.regional.field.forms import Fault
from services.regional.field.page import kept
from services.regional.field.refusals import StationDiffers
from shared.contracts.strict import Strict
from shared.doors.room import door
from shared.doors.session import Session
from shared.pages.language import Language
from shared.pages.render import Pages
from shared.pages.room import OwnForm, PageDoors, Speech, redirect, signed_in
from shared.refusals import refusal_by_code
from shared.roles import Role

BATCHES = "/office/field/batches"
BATCHES_SHOWN = 50
Desk = Annotated[Session, signed_in(Role.OFFICER, Role.HEAD_OF_OFFICE)]
Head = Annotated[Session, signed_in(Role.HEAD_OF_OFFICE)]


class PrintedKey(Strict):
    """One line as `tunggal field key` prints it."""

    key_id: UUID
    key: EnrolledKey


PRINTED = TypeAdapter(PrintedKey)


@dataclass(frozen=True)
class BatchPages(PageDoors):
    bringing: Bringing
    pages: Pages

    @door.get(BATCHES)
    async def batches_page(self, session: Desk, speech: Speech) -> Response:
        return await self._batches(session, speech)

    @door.post(BATCHES + "/stations")
    async def enrol_by_page(self, session: Head, speech: Speech, form: OwnForm) -> Response:
        typed = form.get("key", "").strip()
        try:
            one = PRINTED.validate_json(typed)
        except ValidationError:
            return await self._batches(session, speech, [("key", words.NO_KEY)], typed)
        try:
            await self.bringing.enrol(
                one.key_id, one.key.station, one.key.public_bytes(), session.caller.subject
            )
        except StationDiffers:
            return await self._batches(session, speech, [("key", words.OTHER_KEY)], typed)
        return redirect(kept(speech, BATCHES))

    @door.post(BATCHES + "/stations/{key_id}/end")
    async def end_station_by_page(
        self, key_id: UUID, session: Head, speech: Speech, form: OwnForm
    ) -> Response:
        await self.bringing.end(key_id, session.caller.subject)
        return redirect(kept(speech, BATCHES))

    @door.get(BATCHES + "/{batch_id}")
    async def batch_page(self, batch_id: UUID, session: Desk, speech: Speech) -> Response:
        report = await self.bringing.report(batch_id)
        refused = [one for one in report.items if one.outcome is ItemOutcome.REFUSED]
        return self._answer(
            "batch.html",
            session,
            speech,
            report=report,
            counts={outcome: report.count(outcome) for outcome in ItemOutcome},
            refused=refused,
            advice={one.code: _advice(one.code, speech) for one in refused if one.code},
            flagged=[one for one in report.items if one.flags],
            flags=Counter(flag for one in report.items for flag in one.flags),
        )

    async def _batches(
        self, session: Session, speech: Language, faults: list[Fault] | None = None, typed: str = ""
    ) -> Response:
        return self._answer(
            "batches.html",
            session,
            speech,
            status=422 if faults else 200,
            faults=faults or [],
            typed=typed,
            batches=await self.bringing.newest(BATCHES_SHOWN),
            stations=await self.bringing.stations(),
            is_head=Role.HEAD_OF_OFFICE in session.caller.roles,
        )

    def _answer(self, template: str, session: Session, speech: Language, **values: Any) -> Response:
        return self.pages.answer(
            template, language=speech, session=session, words=words, form={}, wrong=[], **values
        )


def _advice(code: str, speech: Language) -> str:
    """What an officer does about a refused recording, in the page's language."""
    refusal = refusal_by_code(code)
    if refusal is None:
        told = words.ODD_RECORDING
        return told[1] if speech is Language.ENGLISH else told[0]
    return refusal.next_action if speech is Language.ENGLISH else refusal.next_action_id
