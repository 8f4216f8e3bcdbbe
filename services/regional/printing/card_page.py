"""A card in a browser: what became of its blank, and into whose hand it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Response
from pydantic import ValidationError

from services.regional.printing import desk, hands, people, steps, store, words
from services.regional.printing.page_kit import (
    CARD,
    HOME,
    ROWS_MAX,
    SERIAL,
    Counter,
    DeskPages,
    Fault,
    Printer,
    Watch,
    onward,
    read_digits,
    told,
)
from services.regional.printing.refusals import CollectorNotFamily
from services.regional.printing.rules import Collector, Relative
from shared.contracts.envelopes import CardResult
from shared.database.engine import Transaction
from shared.doors.room import door
from shared.doors.session import Session
from shared.pages.language import Language
from shared.pages.room import OwnForm, Speech
from shared.refusals import NotFound, Refusal
from shared.telemetry.metrics import PRINT_PERMISSIONS


@dataclass(frozen=True)
class CardPages(DeskPages):
    """Printed or spoiled, and handed over."""

    @door.get(CARD)
    async def card_page(self, blank_serial: str, session: Watch, language: Speech) -> Response:
        return await self._card(blank_serial, session, language)

    @door.post(CARD + "/result")
    async def report_by_page(
        self, blank_serial: str, session: Printer, language: Speech, form: OwnForm
    ) -> Response:
        result, cause = form.get("result", ""), form.get("cause", "")
        faults: list[Fault] = []
        if result not in ("printed", "spoiled"):
            faults.append(("result", words.RESULT))
        elif result == "spoiled" and cause not in words.SPOILED:
            faults.append(("cause", words.CAUSE))
        if faults:
            return await self._card(blank_serial, session, language, form, faults)
        try:
            async with self.doors.database.begin() as transaction:
                card = await steps.report(
                    transaction,
                    self.doors.region,
                    blank_serial,
                    CardResult(result),
                    cause if result == "spoiled" else None,
                    self.doors.clock.now(),
                )
        except NotFound:
            raise
        except Refusal as refusal:
            faults = [("result", told(refusal, language))]
            return await self._card(blank_serial, session, language, form, faults, refusal.status)
        PRINT_PERMISSIONS.labels(outcome=card.state.value).inc()
        if result == "spoiled":
            return onward(HOME, language, "spoiled")
        return onward(CARD.format(blank_serial=blank_serial), language)

    @door.post(CARD + "/hand-over")
    async def hand_over_by_page(
        self, blank_serial: str, session: Counter, language: Speech, form: OwnForm
    ) -> Response:
        taker, faults = read_collector(form)
        if taker is None:
            return await self._card(blank_serial, session, language, form, faults)
        who = self.who(session)
        try:
            async with self.doors.database.begin() as transaction:
                await desk.hand_over(transaction, who, blank_serial, taker)
        except NotFound:
            raise
        except CollectorNotFamily as refusal:
            faults = [("nik", words.WHY_NOT_FAMILY[refusal.extra["why"]])]
            return await self._card(blank_serial, session, language, form, faults, refusal.status)
        except Refusal as refusal:
            faults = [("collector", told(refusal, language))]
            return await self._card(blank_serial, session, language, form, faults, refusal.status)
        return onward(HOME + "/hand-over", language, "handed")

    async def _card(
        self,
        blank_serial: str,
        session: Session,
        language: Language,
        form: Mapping[str, str] | None = None,
        faults: list[Fault] | None = None,
        status: int = 422,
    ) -> Response:
        async with self.doors.database.begin() as transaction:
            card = await store.card_of(transaction, blank_serial)
            if card is None:
                raise NotFound("No card was begun on this blank here.")
            found = await people.people(transaction, [card.recording_id])
            handed = await hands.handed_over(transaction, blank_serial)
        return self.page(
            "card.html",
            language,
            session,
            faults,
            status,
            it=card,
            person=found.get(card.recording_id, people.NOBODY),
            handed=handed,
            form=form or {},
        )

    @door.get(HOME + "/hand-over")
    async def uncollected_page(
        self, session: Counter, language: Speech, saved: Annotated[str, Query()] = ""
    ) -> Response:
        return await self._uncollected(
            session, language, saved=words.HANDED if saved == "handed" else None
        )

    @door.post(HOME + "/hand-over")
    async def find_card_by_page(
        self, session: Counter, language: Speech, form: OwnForm
    ) -> Response:
        """A NIK is looked for in the form's body, and never comes into an address."""
        asked = form.get("asked", "").strip()
        nik = read_digits(form, "asked")
        async with self.doors.database.begin() as transaction:
            serial = await _waiting_serial(transaction, asked, nik)
        if serial is None:
            return await self._uncollected(session, language, [("asked", words.NOT_FOUND)])
        return onward(CARD.format(blank_serial=serial), language)

    async def _uncollected(
        self,
        session: Session,
        language: Language,
        faults: list[Fault] | None = None,
        saved: str | None = None,
    ) -> Response:
        async with self.doors.database.begin() as transaction:
            found = await hands.uncollected(transaction, ROWS_MAX)
            count = await hands.count_uncollected(transaction)
            names = await people.people(transaction, {one.recording_id for one in found})
        return self.page(
            "hand_over.html",
            language,
            session,
            faults,
            items=found,
            count=count,
            names=names,
            nobody=people.NOBODY,
            now=self.doors.clock.now(),
            saved=saved,
        )


async def _waiting_serial(transaction: Transaction, asked: str, nik: int | None) -> str | None:
    """The blank of a card that waits, by its serial or its holder's NIK."""
    if nik is not None:
        found = await hands.blanks_of_nik(transaction, nik)
        return found[0] if found else None
    try:
        serial = SERIAL.validate_python(asked)
    except ValidationError:
        return None
    return serial if await store.card_of(transaction, serial) else None


def read_collector(form: Mapping[str, str]) -> tuple[Collector | Relative | None, list[Fault]]:
    """Who takes the card, or what is to be corrected."""
    match form.get("collector", ""):
        case "self":
            return Collector.SELF, []
        case "family":
            nik, family_card = read_digits(form, "nik"), read_digits(form, "family_card")
            faults = [("nik", words.NIK)] if nik is None else []
            faults += [("family_card", words.FAMILY_CARD)] if family_card is None else []
            if nik is None or family_card is None:
                return None, faults
            return Relative(nik, family_card), []
        case _:
            return None, [("collector", words.COLLECTOR)]
