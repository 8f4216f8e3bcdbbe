"""Coverage for everybody, with small cells hidden, and for officers, with any day and all cells."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import Query, Response

from services.regional.coverage import charts, rules, steps, store
from services.regional.coverage.routes import check_day
from services.regional.coverage.rules import Coverage, OfWhom, Unknown
from services.regional.coverage.showing import EVERYTHING, Shown, shown_csv, shown_of
from services.regional.coverage.steps import Office
from services.regional.coverage.views import cells_csv, figure_of, snapshot_of
from shared.clock import Clock
from shared.database.engine import Database
from shared.doors.room import door
from shared.doors.session import Session
from shared.pages.language import N_, Language
from shared.pages.render import Pages
from shared.pages.room import (
    OwnForm,
    PageDoors,
    Speech,
    redirect,
    signed_in,
    signed_in_for_whole_region,
)
from shared.refusals import InvalidInput, NotFound
from shared.roles import Role

PUBLIC = "/coverage"
OFFICE = "/office/coverage"
# A count of a whole city takes a second of the database: the public gets one in ten minutes.
KEPT_FOR = timedelta(minutes=10)
Watch = Annotated[Session, signed_in(Role.OFFICER, Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
Keep = Annotated[Session, signed_in_for_whole_region(Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
Chosen = Annotated[str, Query()]
NAMES = {
    "male": N_("Laki-laki"),
    "female": N_("Perempuan"),
    "office": N_("Kantor Disdukcapil"),
    "district_office": N_("Kantor kecamatan"),
    "school": N_("Sekolah"),
    "field": N_("Pelayanan keliling"),
    "home": N_("Rumah"),
}
OF_WHOM = {
    OfWhom.OBLIGED: N_("Penduduk yang wajib KTP"),
    OfWhom.NOT_OBLIGED: N_("Penduduk yang belum wajib KTP, misalnya berumur 16 tahun"),
    OfWhom.GONE: N_("Sudah meninggal atau pindah"),
    OfWhom.UNLISTED: N_("Beralamat di sini, tetapi tidak ada di daftar penduduk"),
    OfWhom.ELSEWHERE: N_("Penduduk daerah lain yang direkam di sini"),
}
UNKNOWNS = {
    Unknown.NO_LIST: N_("Daftar penduduk belum ada, jadi belum ada yang dapat dihitung."),
    Unknown.BEFORE_LIST: N_(
        "Hari ini sebelum daftar penduduk yang terakhir: yang pergi sebelum daftar pertama, "
        "dan tanggal yang tidak dicatat, tidak diketahui."
    ),
    Unknown.AFTER_LIST: N_(
        "Sejak daftar penduduk yang terakhir, yang datang, pindah, dan meninggal "
        "belum diketahui; yang berumur 17 tahun sejak itu sudah dihitung."
    ),
    Unknown.MARRIED_WHEN: N_(
        "Sebagian wajib KTP karena kawin sebelum 17 tahun; sejak kapan tidak diketahui."
    ),
    Unknown.ELSEWHERE: N_("Penduduk yang direkam di daerah lain tidak diketahui di sini."),
    Unknown.TAKEN_OUT: N_("Perekaman yang sejak itu dihapus tidak dihitung lagi."),
}
NO_DAY = N_("Isi tanggal dari 1 Januari 1990 sampai hari ini.")


@dataclass
class PublicFigures:
    """Today's figures for everybody, counted anew at most every ten minutes."""

    database: Database
    office: Office
    clock: Clock
    cell_min: int
    _shown: Shown | None = None
    _counted_at: datetime | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def today(self) -> Shown:
        async with self._turn:
            now = self.clock.now()
            day = self.office.today(now)
            is_old = self._counted_at is None or now - self._counted_at > KEPT_FOR
            if self._shown is None or is_old or self._shown.at != day:
                async with self.database.begin() as transaction:
                    coverage = await steps.count(transaction, self.office, day)
                self._shown = shown_of(coverage, self.office.region, self.cell_min, day)
                self._counted_at = now
            return self._shown

    async def frozen(self, as_of: date) -> Shown:
        """Refuses: NotFound."""
        async with self.database.begin() as transaction:
            found = await steps.frozen(transaction, as_of)
        if found is None:
            raise NotFound
        today = self.office.today(self.clock.now())
        return shown_of(found, self.office.region, self.cell_min, today)


@dataclass(frozen=True)
class PublicPages(PageDoors):
    """No session, no script; a day that was frozen, or today."""

    figures: PublicFigures
    pages: Pages

    @door.get(PUBLIC)
    async def coverage_page(self, language: Speech, on: Chosen = "") -> Response:
        shown = await self._shown(on)
        async with self.figures.database.begin() as transaction:
            frozen = [
                snapshot_of(row)
                for row in await store.snapshots(transaction)
                if not rules.is_small(figure_of(row), self.figures.cell_min)
            ]
        return self.pages.answer(
            "coverage.html",
            language=language,
            query=f"?on={on}" if on else "",
            frozen=frozen,
            is_frozen=bool(on),
            **_drawn(shown),
        )

    @door.get(PUBLIC + ".csv")
    async def coverage_csv(self, on: Chosen = "") -> Response:
        return file_of("coverage.csv", "text/csv", shown_csv(await self._shown(on)))

    @door.get(PUBLIC + ".json")
    async def coverage_json(self, on: Chosen = "") -> Response:
        shown = await self._shown(on)
        return file_of("coverage.json", "application/json", shown.model_dump_json())

    async def _shown(self, on: str) -> Shown:
        if not on:
            return await self.figures.today()
        as_of = _day_of(on)
        if as_of is None:
            raise NotFound
        return await self.figures.frozen(as_of)


@dataclass(frozen=True)
class OfficePages(PageDoors):
    """Any day, or a frozen one; nothing is hidden."""

    database: Database
    office: Office
    clock: Clock
    pages: Pages

    @door.get(OFFICE)
    async def office_coverage_page(
        self, session: Watch, language: Speech, at: Chosen = "", on: Chosen = ""
    ) -> Response:
        today = self.office.today(self.clock.now())
        faults = []
        try:
            coverage = await self._coverage(at, on)
        except InvalidInput:
            faults = [("tanggal", NO_DAY)]
            coverage = await self._coverage("", "")
        async with self.database.begin() as transaction:
            months = await store.recordings_by_month(
                transaction, self.office.zone.key, self.office.end_of(coverage.at)
            )
            frozen = [snapshot_of(row) for row in await store.snapshots(transaction)]
        due = rules.last_semester_end(today)
        can_freeze = bool(session.caller.roles & {Role.HEAD_OF_OFFICE, Role.OPERATIONS})
        return self.pages.answer(
            "office_coverage.html",
            session=session,
            language=language,
            status=422 if faults else 200,
            faults=faults,
            query=f"?on={on}" if on else f"?at={coverage.at.isoformat()}",
            asked=at if faults else coverage.at.isoformat(),
            today=today,
            frozen=frozen,
            is_frozen=bool(on),
            due=due if can_freeze and due not in {one.as_of for one in frozen} else None,
            curve=charts.curve_of(months, coverage.total.obliged),
            **_drawn(shown_of(coverage, self.office.region, EVERYTHING, today)),
        )

    @door.get(OFFICE + ".csv")
    async def office_coverage_csv(
        self, session: Watch, at: Chosen = "", on: Chosen = ""
    ) -> Response:
        text = cells_csv(await self._coverage(at, on))
        return file_of("coverage-cells.csv", "text/csv", text)

    @door.get(OFFICE + ".json")
    async def office_coverage_json(
        self, session: Watch, at: Chosen = "", on: Chosen = ""
    ) -> Response:
        today = self.office.today(self.clock.now())
        coverage = await self._coverage(at, on)
        shown = shown_of(coverage, self.office.region, EVERYTHING, today)
        return file_of("coverage.json", "application/json", shown.model_dump_json())

    @door.post(OFFICE + "/freeze")
    async def freeze_semester(self, session: Keep, language: Speech, form: OwnForm) -> Response:
        as_of = _day_of(form.get("as_of", ""))
        if as_of is None:
            raise NotFound
        async with self.database.begin() as transaction:
            if await steps.freeze(transaction, self.office, as_of, self.clock.now()) is None:
                raise NotFound
        kept = "&lang=en" if language is Language.ENGLISH else ""
        return redirect(f"{OFFICE}?on={as_of.isoformat()}{kept}")

    async def _coverage(self, at: str, on: str) -> Coverage:
        """Refuses: InvalidInput for a day nobody can know of, NotFound for one not frozen."""
        today = self.office.today(self.clock.now())
        day = _day_of(on or at) if on or at else today
        if day is None:
            raise InvalidInput
        async with self.database.begin() as transaction:
            if on:
                found = await steps.frozen(transaction, day)
                if found is None:
                    raise NotFound
                return found
            check_day(day, today)
            return await steps.count(transaction, self.office, day)


def file_of(name: str, kind: str, text: str) -> Response:
    named = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=kind, headers=named)


def _day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _drawn(shown: Shown) -> Mapping[str, Any]:
    """What both pages show of figures."""
    return {
        "shown": shown,
        "names": NAMES,
        "whose": OF_WHOM,
        "unknowns": [UNKNOWNS[one] for one in shown.unknowns],
        "district_bars": charts.bars_of(shown.districts),
        "age_bars": charts.bars_of(row for row in shown.age_groups if row.is_hidden or row.obliged),
    }
