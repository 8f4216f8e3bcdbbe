"""Pages of citizens, the receipt officers print, and fairness for everybody and for the office."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from markupsafe import Markup

from services.regional.citizen import charts
from services.regional.citizen.refusals import NothingKnown, ReceiptNotKnown, TooManyQuestions
from services.regional.citizen.routes import Citizens, csv_of, wants_plain
from shared.doors.room import door
from shared.doors.session import Session
from shared.pages.language import N_, Language
from shared.pages.render import Pages
from shared.pages.room import OpenForm, OwnForm, PageDoors, Speech, redirect, signed_in
from shared.refusals import Refusal, TooBusy
from shared.roles import Role

STATUS = "/status"
FAIRNESS = "/fairness"
OFFICE_FAIRNESS = "/office/fairness"
Fault = tuple[str, str]  # id of the field, what is wrong
Desk = Annotated[Session, signed_in(Role.OFFICER, Role.PRINTER, Role.HEAD_OF_OFFICE)]
Watch = Annotated[Session, signed_in(Role.OFFICER, Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
_FORGET = {"x-robots-tag": "noindex"}
_NIK = N_("NIK terdiri dari 16 angka.")
_DAY = N_("Isi tanggal lahir dengan hari, bulan, dan tahun, misalnya 12 7 1990.")
_NOTHING = N_(
    "Tidak ada yang diketahui di kantor ini untuk NIK dan tanggal lahir itu. "
    "Periksa keduanya menurut Kartu Keluarga, atau tanyakan ke kantor."
)
_OFTEN = N_("Terlalu sering ditanyakan. Tunggu beberapa menit lalu coba lagi.")
_RECEIPT = N_("Tanda terima ini tidak dikenal atau tidak berlaku lagi. Isi data di bawah ini.")
_GAPS = re.compile(r"[\s.\-]+")


def read_question(form: Mapping[str, str]) -> tuple[int, date] | list[Fault]:
    """NIK and birth date of a form, spaces forgiven; or what is to be corrected."""
    faults: list[Fault] = []
    nik = _GAPS.sub("", form.get("nik", ""))
    if not (len(nik) == 16 and nik.isascii() and nik.isdigit()):
        faults.append(("nik", _NIK))
    parts = [form.get(name, "").strip() for name in ("year", "month", "day")]
    birth_date = None
    if all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        try:
            birth_date = date(*(int(part) for part in parts))
        except ValueError:
            birth_date = None
    if birth_date is None:
        faults.append(("day", _DAY))
    return faults if birth_date is None or faults else (int(nik), birth_date)


@dataclass(frozen=True)
class CitizenPages(PageDoors):
    """Neither script nor session on a citizen's page."""

    citizens: Citizens
    pages: Pages

    @door.get(STATUS)
    async def status_form(self, language: Speech) -> Response:
        return self._form(language)

    @door.post(STATUS)
    async def status_by_nik(self, request: Request, form: OpenForm, language: Speech) -> Response:
        """Goes on to an address that holds neither NIK nor birth date, so that it can be kept."""
        asked = read_question(form)
        if isinstance(asked, list):
            return self._form(language, asked, form, 422)
        try:
            who = await self.citizens.by_nik(request, *asked)
        except NothingKnown as refusal:
            return self._form(language, [("nik", _NOTHING)], form, refusal.status)
        except TooManyQuestions as refusal:
            return self._refused(language, refusal, form)
        if not isinstance(who, UUID):
            status = await self.citizens.status(who, language)
            return self.pages.answer(
                "status.html", language=language, it=status, area=STATUS, headers=_FORGET
            )
        path = f"{STATUS}/{await self.citizens.token(who)}"
        return redirect(f"{path}?lang=en" if language is Language.ENGLISH else path)

    @door.get(STATUS + "/{token}")
    async def status_by_receipt(self, request: Request, token: str, language: Speech) -> Response:
        """What a receipt's code opens: a page, or the short message for whoever asks for plain."""
        try:
            who = await self.citizens.by_token(request, token)
        except ReceiptNotKnown as refusal:
            if wants_plain(request):
                return PlainTextResponse(refusal.next_action_id, status_code=refusal.status)
            return self._form(language, [("nik", _RECEIPT)], {}, refusal.status)
        except TooManyQuestions as refusal:
            return self._refused(language, refusal, {})
        status = await self.citizens.status(who, language)
        if wants_plain(request):
            return PlainTextResponse(status.short_message)
        return self.pages.answer(
            "status.html", language=language, it=status, area=STATUS, headers=_FORGET
        )

    def _refused(self, language: Language, refusal: Refusal, form: Mapping[str, str]) -> Response:
        answer = self._form(language, [("nik", _OFTEN)], form, refusal.status)
        answer.headers.update(refusal.headers)
        return answer

    def _form(
        self,
        language: Language,
        faults: list[Fault] | None = None,
        form: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        """What was typed stands there again: only its sender sees it, and nobody keeps it."""
        return self.pages.answer(
            "status_form.html",
            language=language,
            status=status,
            faults=faults or [],
            wrong={field for field, _ in faults or []},
            form=form or {},
            area=STATUS,
        )

    @door.get(FAIRNESS)
    async def fairness_page(self, language: Speech) -> Response:
        try:
            report = self.citizens.fairness(language)
        except TooBusy:
            report = None
        return self.pages.answer(
            "fairness.html", language=language, area=FAIRNESS, report=report, charts=_CHARTS
        )

    @door.get(FAIRNESS + ".csv")
    async def fairness_table(self, language: Speech) -> Response:
        return Response(csv_of(self.citizens.fairness(language)), media_type="text/csv")


@dataclass(frozen=True)
class OfficePages(PageDoors):
    """For officers: the receipt to print, and fairness with ids and names of officers."""

    citizens: Citizens
    pages: Pages

    @door.get("/office/receipts/{recording_id}")
    async def receipt_page(
        self, request: Request, recording_id: UUID, session: Desk, language: Speech
    ) -> Response:
        receipt = await self.citizens.receipt(recording_id, language)
        status = await self.citizens.status(recording_id, language)
        return self.pages.answer(
            "receipt.html",
            language=language,
            session=session,
            receipt=receipt,
            it=status,
            code=Markup(receipt.code_svg),  # noqa: S704 - drawn by us, from an address of ours
            recording_id=recording_id,
            is_revoked=request.query_params.get("revoked") == "1",
        )

    @door.post("/office/receipts/{recording_id}/revocation")
    async def revoke_from_page(self, recording_id: UUID, session: Desk, form: OwnForm) -> Response:
        await self.citizens.revoke(recording_id, session.caller.subject)
        return redirect(f"/office/receipts/{recording_id}?revoked=1")

    @door.get(OFFICE_FAIRNESS)
    async def office_fairness_page(self, session: Watch, language: Speech) -> Response:
        try:
            details = self.citizens.details(language)
        except TooBusy:
            details = None
        return self.pages.answer(
            "office_fairness.html",
            language=language,
            session=session,
            area=OFFICE_FAIRNESS,
            report=details.report if details else None,
            details=details,
            charts=_CHARTS,
        )


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=max(60.0, seconds))


_CHARTS = {
    "bars_of": charts.bars_of,
    "ranges_of": charts.ranges_of,
    "ticks": charts.ticks(),
    "seconds": _seconds,
}
