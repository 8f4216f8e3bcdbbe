"""Officers' pages of letters: the unrecorded by place, a day's letters, what to print."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.regional.outreach import forms, letter_store, rules, store, words
from services.regional.outreach.forms import Fault
from services.regional.outreach.routes import Outreach
from services.regional.outreach.views import LettersView, PersonView, PlaceNow
from shared.doors.room import door
from shared.doors.session import Session
from shared.pages.render import Pages
from shared.pages.room import OwnForm, PageDoors, Speech, redirect, signed_in
from shared.refusals import NotFound, Refusal
from shared.roles import Role
from shared.wilayah import Wilayah

LETTERS = "/office/letters"
DAYS_SHOWN = 10
PEOPLE_PER_PAGE = 50
_WILAYAH = Wilayah.builtin()
Desk = Annotated[Session, signed_in(Role.OFFICER, Role.HEAD_OF_OFFICE)]


@dataclass(frozen=True)
class LetterPages(PageDoors):
    """Who is unrecorded where, and the letters that go there."""

    outreach: Outreach
    pages: Pages

    @door.get(LETTERS)
    async def letters_page(
        self,
        session: Desk,
        language: Speech,
        within: Annotated[
            str | None, Query(pattern=r"^[0-9]{2}\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?$")
        ] = None,
    ) -> Response:
        return await self._page(session, language, within or self.outreach.region)

    @door.post(LETTERS)
    async def make_letters(self, session: Desk, language: Speech, form: OwnForm) -> Response:
        faults: list[Fault] = []
        within = form.get("within", "")
        if not within.startswith(self.outreach.region):
            raise NotFound("That place is not of this region.")
        day = forms.read_day(form, "day", faults)
        if day is None:
            return await self._page(session, language, within, faults, form)
        wards = [within] if within.count(".") == 3 else None
        if wards is None and within.count(".") == 2:
            async with self.outreach.database.begin() as transaction:
                wards = [
                    one for one in await store.wards(transaction) if one.startswith(within + ".")
                ]
        try:
            await self.outreach.make_day(day, wards, session.caller.subject)
        except Refusal as refusal:
            faults = [("day", forms.said(refusal, language))]
            return await self._page(session, language, within, faults, form, refusal.status)
        return redirect(f"{LETTERS}/days/{day}")

    @door.get(LETTERS + "/days/{day}")
    async def day_page(self, session: Desk, language: Speech, day: date) -> Response:
        async with self.outreach.database.begin() as transaction:
            found = await letter_store.of_day(transaction, day)
        if not found:
            raise NotFound("No letters were made for that day.")
        return self.pages.answer(
            "letter_day.html",
            language=language,
            session=session,
            area=LETTERS,
            day=day,
            deliveries=[LettersView.of(one) for one in found],
            total=sum(one.letters for one in found),
        )

    @door.get(LETTERS + "/people")
    async def people_page(
        self,
        session: Desk,
        language: Speech,
        ward: Annotated[str, Query(pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$")],
        rw: Annotated[str | None, Query(max_length=3, pattern=r"^[0-9]+$")] = None,
        rt: Annotated[str | None, Query(max_length=3, pattern=r"^[0-9]+$")] = None,
        page: Annotated[int, Query(ge=1, le=2_000)] = 1,
    ) -> Response:
        async with self.outreach.database.begin() as transaction:
            found = await store.people_of(
                transaction, ward, rw, rt, (page - 1) * PEOPLE_PER_PAGE, PEOPLE_PER_PAGE + 1
            )
        today = self.outreach.noting(session.caller.subject).today
        again = self.outreach.limits.again_days
        return self.pages.answer(
            "unrecorded.html",
            language=language,
            session=session,
            area=LETTERS,
            people=[PersonView.of(one, today, again) for one in found[:PEOPLE_PER_PAGE]],
            ward=ward,
            ward_name=_WILAYAH.name(ward),
            rw=rw,
            rt=rt,
            page=page,
            has_more=len(found) > PEOPLE_PER_PAGE,
            words=words,
        )

    @door.get(LETTERS + "/files/{delivery_id}/letters.pdf")
    async def letters_file(self, session: Desk, delivery_id: UUID) -> Response:
        return await self.outreach.letters(delivery_id)

    @door.get(LETTERS + "/files/{delivery_id}/list.pdf")
    async def list_file(self, session: Desk, delivery_id: UUID) -> Response:
        return await self.outreach.delivery_list(delivery_id)

    @door.get(LETTERS + "/files/{delivery_id}/list.csv")
    async def table_file(self, session: Desk, delivery_id: UUID) -> Response:
        return await self.outreach.delivery_table(delivery_id)

    async def _page(
        self,
        session: Session,
        language: Speech,
        within: str,
        faults: list[Fault] | None = None,
        form: Mapping[str, str] | None = None,
        status: int = 422,
    ) -> Response:
        if not within.startswith(self.outreach.region):
            raise NotFound("That place is not of this region.")
        async with self.outreach.database.begin() as transaction:
            counted = await store.counts(transaction, within)
            days = await letter_store.newest_days(transaction, DAYS_SHOWN)
        today = self.outreach.noting(session.caller.subject).today
        return self.pages.answer(
            "letters.html",
            language=language,
            session=session,
            status=status if faults else 200,
            area=LETTERS,
            faults=faults or [],
            form=form or {},
            within=within,
            way=_way(within, self.outreach.region),
            places=[PlaceNow.of(one) for one in counted],
            total=_total(within, counted),
            days=days,
            per_day=self.outreach.limits.ward_day_max,
            workdays_left=_workdays_left(counted, within, self.outreach.limits.ward_day_max),
            next_workday=next(rules.workdays(today + timedelta(days=1))),
            is_ward=within.count(".") == 3,
        )


def _way(within: str, region: str) -> list[tuple[str, str]]:
    """From the region down to the place, each with its name."""
    parts = within.split(".")
    codes = [".".join(parts[:count]) for count in range(2, len(parts) + 1)]
    return [(code, _WILAYAH.name(code)) for code in codes if code.startswith(region)]


def _total(within: str, counted: list[store.PlaceCount]) -> PlaceNow:
    return PlaceNow(
        code=within,
        name=_WILAYAH.name(within),
        unrecorded=sum(one.unrecorded for one in counted),
        lettered=sum(one.lettered for one in counted),
        answered=sum(one.answered for one in counted),
        home_visits=sum(one.home_visits for one in counted),
        to_check=sum(one.to_check for one in counted),
        closed=sum(one.closed for one in counted),
    )


def _workdays_left(counted: list[store.PlaceCount], within: str, per_day: int) -> int:
    """Until everybody had a first letter: the largest ward of a district is the last."""
    left = [one.unrecorded - one.lettered - one.closed for one in counted]
    if within.count(".") == 3:
        return ceil(max(0, sum(left)) / per_day)
    return ceil(max(0, *left, 0) / per_day)
