"""The officer's doors: who is unrecorded, each day's letters, what was heard."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Path, Query, Request, Response
from pydantic import BeforeValidator

from services.regional.outreach import compose, letter_store, steps, store, views
from services.regional.outreach.letter_store import Addressed, Delivery
from services.regional.outreach.refusals import (
    AlreadyRecorded,
    HeardOnADayToCome,
    NobodyToWriteTo,
    NoteDiffers,
    NotTheDayForLetters,
    SearchClosed,
    SearchNotClosed,
)
from services.regional.outreach.rules import Source
from services.regional.outreach.steps import Limits, Noting
from services.regional.outreach.store import Event
from services.regional.papers import Office
from shared.clock import Clock
from shared.database.engine import Database, Transaction
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, Refusal, problem_responses
from shared.roles import Caller, Role, needs

OFFSET_MAX = 100_000
PDF = "application/pdf"
CSV = "text/csv"
DAY = JsonBody(views.WantedDay, {"wards": [views.WARD]})
FINDING = JsonBody(
    views.Finding,
    {
        "nik": views.NIK,
        "whereabouts": "away",
        "source": "family",
        "heard_on": "2017-10-18",
        "forward_to": "Jalan Jauh 7, Pontianak",
        "closes": False,
    },
)
CLOSING = JsonBody(
    views.Closing,
    {
        "nik": views.NIK,
        "reason": "recorded_elsewhere",
        "source": "visit",
        "heard_on": "2017-10-18",
    },
)
REOPENING = JsonBody(
    views.Reopening, {"nik": views.NIK, "remark": "Ternyata masih tinggal di sini."}
)
WHOSE = JsonBody(views.WhoseHistory, {"nik": views.NIK})
Desk = Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE)]
Watch = Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE, Role.OPERATIONS)]


def _iso_day(value: object) -> object:
    """A day in full: a number would be taken for seconds since 1970."""
    if not (isinstance(value, str) and len(value) == len("2017-10-16")):
        raise ValueError("YYYY-MM-DD")
    return value


DayPath = Annotated[
    date,
    BeforeValidator(_iso_day),
    Path(description="The day letters are carried", examples=["2017-10-16"]),
]
EventPath = Annotated[UUID, Path(description="Made at the desk, once", examples=[views.EVENT])]
DeliveryPath = Annotated[
    UUID, Path(description="Of one ward's letters of a day", examples=[views.DELIVERY])
]
PlaceQuery = Annotated[
    str,
    Query(
        pattern=r"^[0-9]{2}\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?$",
        description="A region, district or ward: the next level in it is counted",
        examples=["61.72.02"],
    ),
]


def shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


def as_file(kind: str, description: str) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string"} | ({"format": "binary"} if kind == PDF else {})
    content = {"schema": schema, "example": views.FILE_EXAMPLES[kind]}
    return {200: {"description": description, "content": {kind: content}}}


def _noted(*refusals: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    return {
        **shown(views.NOTE_EXAMPLE, "Noted; the same again gets the same answer."),
        **problem_responses(NotFound, NoteDiffers, AlreadyRecorded, InvalidInput, *refusals),
    }


@dataclass(frozen=True)
class Outreach:
    """What pages and operations share: a room's means, and its transactions."""

    database: Database
    region: str
    zone: ZoneInfo
    clock: Clock
    limits: Limits
    office: Office
    public_address: str

    def noting(self, officer: str | None) -> Noting:
        now = self.clock.now()
        return Noting(officer, now.astimezone(self.zone).date(), now)

    async def make_day(
        self, day: date, wards: Sequence[str] | None, officer: str
    ) -> list[Delivery]:
        return await self.database.repeat(
            lambda transaction: steps.make_day(
                transaction, day, wards, self.limits, self.noting(officer)
            )
        )

    async def note(self, work: Callable[[Transaction], Awaitable[tuple[Event, bool]]]) -> Event:
        one, _ = await self.database.repeat(work)
        return one

    async def delivery(self, delivery_id: UUID) -> tuple[Delivery, list[Addressed]]:
        """Refuses: NotFound, NobodyToWriteTo when everybody was recorded or closed since."""
        async with self.database.begin() as transaction:
            found = await letter_store.delivery(transaction, delivery_id)
            people = await letter_store.addressed(transaction, delivery_id)
        if found is None:
            raise NotFound("No letters were made under this id.")
        if not people:
            raise NobodyToWriteTo
        return found, people

    async def letters(self, delivery_id: UUID) -> Response:
        found, people = await self.delivery(delivery_id)
        letters = compose.letters_of(found, people, self.public_address)
        pdf = await asyncio.to_thread(compose.print_letters, self.office, found, letters)
        return _file(pdf, PDF, found, "surat.pdf")

    async def delivery_list(self, delivery_id: UUID) -> Response:
        found, people = await self.delivery(delivery_id)
        letters = compose.letters_of(found, people, self.public_address)
        pdf = await asyncio.to_thread(compose.print_list, self.office, found, letters)
        return _file(pdf, PDF, found, "daftar.pdf")

    async def delivery_table(self, delivery_id: UUID) -> Response:
        found, people = await self.delivery(delivery_id)
        return _file(compose.list_as_csv(found, people), CSV, found, "daftar.csv")


def _file(content: bytes | str, kind: str, one: Delivery, end: str) -> Response:
    name = f"{one.ward}-{one.deliver_on}-{end}"
    return Response(
        content,
        media_type=kind,
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",  # names and addresses stay in no browser's cache
        },
    )


@dataclass(frozen=True)
class OutreachDoors(Doors):
    """Lists of the unrecorded, letters to them, and what became of them."""

    outreach: Outreach

    @door.get(
        "/unrecorded/places",
        responses={
            **shown(views.PLACES_EXAMPLE, "By code; RW and RT inside a ward."),
            **problem_responses(InvalidInput),
        },
        summary="Count the unrecorded by place",
    )
    async def count_unrecorded(self, caller: Watch, within: PlaceQuery) -> views.PlacesView:
        """Obliged, living here, and without a recording that stands; how far each place is."""
        async with self.outreach.database.begin() as transaction:
            found = await store.counts(transaction, within)
        return views.PlacesView(within=within, places=[views.PlaceNow.of(one) for one in found])

    @door.get(
        "/unrecorded",
        responses={
            **shown({"items": [views.PERSON_EXAMPLE], "next_cursor": None}, "A page of the list."),
            **problem_responses(InvalidInput),
        },
        summary="List the unrecorded of a ward",
    )
    async def list_unrecorded(
        self,
        caller: Desk,
        ward: Annotated[
            str,
            Query(
                pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}$",
                description="The ward's code",
                examples=[views.WARD],
            ),
        ],
        rw: Annotated[
            str | None, Query(max_length=3, pattern=r"^[0-9]+$", description="Only this RW")
        ] = None,
        rt: Annotated[
            str | None, Query(max_length=3, pattern=r"^[0-9]+$", description="Only this RT")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=500, description="People a page")] = 50,
        cursor: Annotated[
            int, Query(ge=0, le=OFFSET_MAX, description="`next_cursor` of a page")
        ] = 0,
    ) -> views.PeopleView:
        """In the order letters are carried: by RW, RT, street and family, with what is next."""
        async with self.outreach.database.begin() as transaction:
            found = await store.people_of(transaction, ward, rw, rt, cursor, limit)
        today = self.outreach.noting(caller.subject).today
        again = self.outreach.limits.again_days
        return views.PeopleView(
            items=[views.PersonView.of(one, today, again) for one in found],
            next_cursor=cursor + limit if len(found) == limit else None,
        )

    @door.put(
        "/letter-days/{day}",
        openapi_extra=DAY.openapi,
        responses={
            **shown(views.DAY_EXAMPLE, "The day's letters in these wards, old and new."),
            **problem_responses(NotTheDayForLetters, NobodyToWriteTo, InvalidInput),
        },
        summary="Make a day's letters",
    )
    async def make_letter_day(self, day: DayPath, request: Request, caller: Desk) -> views.DayView:
        """Ward by ward, at most a day's limit each; a ward that has its letters keeps them."""
        wanted = await DAY.read(request)
        return _day(day, await self.outreach.make_day(day, wanted.wards, caller.subject))

    @door.get(
        "/letter-days/{day}",
        responses={
            **shown(views.DAY_EXAMPLE, "By ward; none when no letters were made."),
            **problem_responses(InvalidInput),
        },
        summary="See a day's letters",
    )
    async def get_letter_day(self, day: DayPath, caller: Watch) -> views.DayView:
        """Which wards carry how many letters that day."""
        async with self.outreach.database.begin() as transaction:
            return _day(day, await letter_store.of_day(transaction, day))

    @door.get(
        "/deliveries/{delivery_id}/letters",
        response_class=Response,
        responses={
            **as_file(PDF, "PDF/UA-1, a page a letter."),
            **problem_responses(NotFound, NobodyToWriteTo, InvalidInput),
        },
        summary="Print a ward's letters of a day",
    )
    async def print_delivery(self, delivery_id: DeliveryPath, caller: Desk) -> Response:
        """Sorted by RW, RT and street. Whoever was recorded or closed meanwhile is left out."""
        return await self.outreach.letters(delivery_id)

    @door.get(
        "/deliveries/{delivery_id}/list",
        response_class=Response,
        responses={
            **as_file(PDF, "PDF/UA-1, by RW and RT, with room to sign."),
            **problem_responses(NotFound, NobodyToWriteTo, InvalidInput),
        },
        summary="Print the delivery list of a ward's letters",
    )
    async def print_delivery_list(self, delivery_id: DeliveryPath, caller: Desk) -> Response:
        """For the heads of ward and neighbourhoods: who gets a letter, and who signed for it."""
        return await self.outreach.delivery_list(delivery_id)

    @door.get(
        "/deliveries/{delivery_id}/list.csv",
        response_class=Response,
        responses={
            **as_file(CSV, "The same list for a spreadsheet; the last column is to sign."),
            **problem_responses(NotFound, NobodyToWriteTo, InvalidInput),
        },
        summary="Get the delivery list as a table",
    )
    async def table_delivery_list(self, delivery_id: DeliveryPath, caller: Desk) -> Response:
        """UTF-8 with a header line."""
        return await self.outreach.delivery_table(delivery_id)

    @door.put(
        "/findings/{event_id}",
        openapi_extra=FINDING.openapi,
        responses=_noted(SearchClosed, HeardOnADayToCome),
        summary="Note where an unrecorded person is",
    )
    async def note_finding(
        self, event_id: EventPath, request: Request, caller: Desk
    ) -> views.NoteView:
        """In town, away, ill, abroad, dead, moved, recorded elsewhere, unknown: who said it, when.

        The same again gets the same answer.
        """
        given = await FINDING.read(request)
        heard = steps.heard_of(given.whereabouts, given.source, given.heard_on, given.forward_to)
        noting = self.outreach.noting(caller.subject)
        return views.NoteView.of(
            await self.outreach.note(
                lambda transaction: steps.hear(
                    transaction, event_id, int(given.nik), heard, noting, closes=given.closes
                )
            )
        )

    @door.put(
        "/closings/{event_id}",
        openapi_extra=CLOSING.openapi,
        responses=_noted(SearchClosed, HeardOnADayToCome),
        summary="Close the search for an unrecorded person",
    )
    async def close_search(
        self, event_id: EventPath, request: Request, caller: Desk
    ) -> views.NoteView:
        """With a reason and who said so; no letter goes there any more. It can be opened again."""
        given = await CLOSING.read(request)
        noting = self.outreach.noting(caller.subject)
        return views.NoteView.of(
            await self.outreach.note(
                lambda transaction: steps.close(
                    transaction,
                    event_id,
                    int(given.nik),
                    given.reason,
                    Source(given.source),
                    given.heard_on,
                    noting,
                )
            )
        )

    @door.put(
        "/reopenings/{event_id}",
        openapi_extra=REOPENING.openapi,
        responses=_noted(SearchNotClosed),
        summary="Open a closed search again",
    )
    async def reopen_search(
        self, event_id: EventPath, request: Request, caller: Desk
    ) -> views.NoteView:
        """Saying why. What was noted before stays in the history."""
        given = await REOPENING.read(request)
        noting = self.outreach.noting(caller.subject)
        return views.NoteView.of(
            await self.outreach.note(
                lambda transaction: steps.reopen(
                    transaction, event_id, int(given.nik), given.remark, noting
                )
            )
        )

    @door.post(
        "/unrecorded/history",
        openapi_extra=WHOSE.openapi,
        responses={
            **shown({"items": [views.NOTE_EXAMPLE]}, "Nothing is ever taken out."),
            **problem_responses(InvalidInput),
        },
        summary="See what was heard of a person",
    )
    async def get_search_history(self, request: Request, caller: Desk) -> views.HeardView:
        """Every finding, closing and opening, with source, officer and day."""
        given = await WHOSE.read(request)
        async with self.outreach.database.begin() as transaction:
            found = await store.history(transaction, int(given.nik))
        return views.HeardView(items=[views.NoteView.of(one) for one in found])


def _day(day: date, deliveries: Sequence[Delivery]) -> views.DayView:
    return views.DayView(
        day=day,
        letters=sum(one.letters for one in deliveries),
        deliveries=[views.LettersView.of(one) for one in deliveries],
    )
