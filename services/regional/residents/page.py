"""Officers' pages of the residents' list: hand in, preview, apply, look back."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import FormData, UploadFile

from services.regional.residents import steps, store
from services.regional.residents.faults import FAULTS
from services.regional.residents.loop import ListReader
from services.regional.residents.routes import FAULTS_SHOWN_MAX, RESIDENTS_BYTES_MAX
from services.regional.residents.rules import Change, Missing, NotAResidentsList, SetState
from services.regional.residents.views import ChangeSetView, view_of
from shared.clock import Clock
from shared.database.engine import Database, Transaction
from shared.doors.bodies import expect_media_type
from shared.doors.room import door
from shared.doors.session import FORM_KEY, Session, check_form, check_origin
from shared.pages.language import N_, Language
from shared.pages.render import Pages
from shared.pages.room import OwnForm, PageDoors, Speech, redirect, signed_in_for_whole_region
from shared.refusals import MalformedRequest, NotFound, Refusal
from shared.roles import Role
from shared.wilayah import Wilayah

HOME = "/office/residents"
PART_BYTES = 256 * 1024
TELL_SECONDS, TELLINGS_MAX = 1.0, 3_600
WILAYAH = Wilayah.builtin()
Keeper = Annotated[Session, signed_in_for_whole_region(Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
STATES = {
    SetState.READING: (N_("Sedang dibaca"), "calm"),
    SetState.READ: (N_("Menunggu diterapkan"), "warn"),
    SetState.APPLIED: (N_("Diterapkan"), "good"),
    SetState.DISCARDED: (N_("Dibuang"), "calm"),
    SetState.FAILED: (N_("Tidak dapat dibaca"), "bad"),
}
CHANGES = {
    Change.ARRIVED: (N_("Datang"), N_("Baru, atau kembali, di daftar ini.")),
    Change.WARD: (N_("Pindah kelurahan"), N_("Tinggal di kelurahan lain di daerah ini.")),
    Change.CHANGED: (N_("Data berubah"), N_("Nama, alamat, atau data lain ditulis berbeda.")),
    Change.DIED: (N_("Meninggal"), N_("Daftar ini menyebutnya meninggal.")),
    Change.LEFT: (N_("Pindah keluar"), N_("Daftar ini menyebutnya pindah.")),
    Change.MISSING: (N_("Tidak ada lagi"), N_("Ada di daftar sebelumnya, tidak di daftar ini.")),
}
CHOICES = {
    Missing.KEEP: N_("Tetap tercatat sebagai penduduk"),
    Missing.LEAVE_UNRECORDED: N_("Dianggap pindah, kecuali yang sudah direkam di sini"),
    Missing.LEAVE_ALL: N_("Dianggap pindah, juga yang sudah direkam di sini"),
}
TROUBLES = {
    steps.INTERRUPTED: N_("Peladen berhenti saat membaca. Kirim daftar itu lagi."),
    "could-not-store": N_("Basis data tidak menjawab saat membaca. Kirim daftar itu lagi."),
}
NO_FILE = N_("Pilih berkas CSV dari komputer Anda.")
NO_DAY = N_("Isi tanggal daftar, misalnya 13-10-2017.")
NOT_A_LIST = N_("Berkas ini bukan daftar penduduk: baris pertamanya tidak memuat kolom wajib.")


@dataclass(frozen=True)
class ResidentsPages(PageDoors):
    database: Database
    region: str
    zone: tzinfo
    clock: Clock
    reader: ListReader
    pages: Pages

    @door.get(HOME)
    async def residents_page(self, session: Keeper, language: Speech) -> Response:
        return await self._home(session, language)

    @door.post(HOME, max_body_size=RESIDENTS_BYTES_MAX)
    async def hand_in_residents(
        self, request: Request, session: Keeper, language: Speech
    ) -> Response:
        """The file comes in parts of a form, and is on the disk before anything is read of it."""
        check_origin(request)
        expect_media_type(request, "multipart/form-data")
        async with request.form(max_files=1, max_fields=5) as form:
            check_form(request, session, str(form.get(FORM_KEY, "")))
            file, day, faults = _asked(form)
            if file is None or day is None:
                return await self._home(session, language, faults, str(form.get("listed_on", "")))
            try:
                set_id = await self.reader.take(_parts(file), session.caller.subject, day)
            except NotAResidentsList:
                faults = [("berkas", NOT_A_LIST)]
                return await self._home(session, language, faults, day.isoformat())
        return redirect(_kept(language, f"{HOME}/{set_id}"))

    @door.get(HOME + "/{change_set_id}")
    async def change_set_page(
        self, change_set_id: UUID, session: Keeper, language: Speech
    ) -> Response:
        return await self._one(change_set_id, session, language)

    @door.get(HOME + "/{change_set_id}/events")
    async def change_set_events(
        self, request: Request, change_set_id: UUID, session: Keeper
    ) -> Response:
        """Says `changed` each second while the list is read, and once when it is."""
        if "last-event-id" in request.headers and not self.reader.is_reading(change_set_id):
            return Response(status_code=204)  # a browser then asks no more
        return StreamingResponse(self._events(change_set_id), media_type="text/event-stream")

    @door.get(HOME + "/{change_set_id}/faults.csv")
    async def faults_file(self, change_set_id: UUID, session: Keeper, language: Speech) -> Response:
        async with self.database.begin() as transaction:
            await self._view(transaction, change_set_id)
            faults = await store.faults_of(transaction, change_set_id, 0, store.FAULTS_KEPT_MAX)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("line", "why", "wrong", "do"))
        writer.writerows((one.line, one.why, *_advice(one.why, language)) for one in faults)
        named = {"content-disposition": 'attachment; filename="faults.csv"'}
        return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=named)

    @door.post(HOME + "/{change_set_id}/apply")
    async def apply_residents(
        self, change_set_id: UUID, session: Keeper, language: Speech, form: OwnForm
    ) -> Response:
        choice = Missing(form["missing"]) if form.get("missing") in [*Missing] else None
        try:
            async with self.database.begin() as transaction:
                await steps.apply(
                    transaction,
                    self.region,
                    change_set_id,
                    choice,
                    although_rounded=form.get("although_rounded") == "yes",
                    officer=session.caller.subject,
                    now=self.clock.now(),
                )
        except NotFound:
            raise
        except Refusal as refusal:
            return await self._one(change_set_id, session, language, refusal)
        return redirect(_kept(language, f"{HOME}/{change_set_id}"))

    @door.post(HOME + "/{change_set_id}/discard")
    async def discard_residents(
        self, change_set_id: UUID, session: Keeper, language: Speech, form: OwnForm
    ) -> Response:
        async with self.database.begin() as transaction:
            await steps.discard(
                transaction, change_set_id, session.caller.subject, self.clock.now()
            )
        return redirect(_kept(language, f"{HOME}/{change_set_id}"))

    async def _home(
        self,
        session: Session,
        language: Language,
        faults: list[tuple[str, str]] | None = None,
        day: str | None = None,
    ) -> Response:
        async with self.database.begin() as transaction:
            living = await store.count_living(transaction)
            sets = [
                view_of(one, await store.count_changes(transaction, one.change_set_id))
                for one in await store.history(transaction)
            ]
        today = self.clock.now().astimezone(self.zone).date()
        return self.pages.answer(
            "residents.html",
            session=session,
            language=language,
            status=422 if faults else 200,
            faults=faults or [],
            living=living,
            sets=sets,
            states=STATES,
            day=today.isoformat() if day is None else day,
            mib_max=RESIDENTS_BYTES_MAX // 2**20,
        )

    async def _one(
        self, set_id: UUID, session: Session, language: Language, refusal: Refusal | None = None
    ) -> Response:
        async with self.database.begin() as transaction:
            one = await self._view(transaction, set_id)
            by_ward = await store.count_changes_by_ward(transaction, set_id)
            causes = await store.count_faults(transaction, set_id)
            faults = await store.faults_of(transaction, set_id, 0, FAULTS_SHOWN_MAX)
        return self.pages.answer(
            "change_set.html",
            session=session,
            language=language,
            status=refusal.status if refusal else 200,
            is_live=one.state == SetState.READING,
            refusal=refusal,
            one=one,
            wards=_wards(by_ward),
            causes=[(number, *_advice(why, language)) for why, number in causes.items()],
            faults=[(fault.line, *_advice(fault.why, language)) for fault in faults],
            states=STATES,
            changes=CHANGES,
            choices=CHOICES,
            troubles=TROUBLES,
        )

    async def _view(self, transaction: Transaction, set_id: UUID) -> ChangeSetView:
        one = await store.find_set(transaction, set_id)
        if one is None:
            raise NotFound
        return view_of(one, await store.count_changes(transaction, set_id))

    async def _events(self, set_id: UUID) -> AsyncIterator[str]:
        for _ in range(TELLINGS_MAX):
            is_read = await self.reader.read(set_id, TELL_SECONDS)
            yield "id: 1\nevent: changed\ndata: 1\n\n"
            if is_read:
                return


def _asked(form: FormData) -> tuple[UploadFile | None, date | None, list[tuple[str, str]]]:
    """The file and the day of an upload, or (field, what is wrong) of each that lacks."""
    faults = []
    file, told = form.get("list"), form.get("listed_on")
    if not isinstance(told, str):
        raise MalformedRequest
    if not isinstance(file, UploadFile) or not file.size:
        file = None
        faults.append(("berkas", NO_FILE))
    try:
        day = date.fromisoformat(told)
    except ValueError:
        day = None
        faults.append(("tanggal", NO_DAY))
    return file, day, faults


async def _parts(file: UploadFile) -> AsyncIterator[bytes]:
    while part := await file.read(PART_BYTES):
        yield part


def _advice(why: str, language: Language) -> tuple[str, str]:
    """What is wrong and what to do, in the page's language."""
    advice = FAULTS[why]
    if language is Language.ENGLISH:
        return advice.wrong, advice.do
    return advice.wrong_id, advice.do_id


def _wards(found: list[tuple[str, Change, int]]) -> list[tuple[str, dict[Change, int]]]:
    """Each ward by name with its changes by kind."""
    wards: dict[str, dict[Change, int]] = {}
    for ward, kind, number in found:
        wards.setdefault(ward, {})[kind] = number
    return [(WILAYAH.name(code), kinds) for code, kinds in wards.items()]


def _kept(language: Language, path: str) -> str:
    return f"{path}?lang=en" if language is Language.ENGLISH else path
