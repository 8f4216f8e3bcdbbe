"""Give one person's data out: as JSON, and as a page to print. Each time stands in the audit."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field, StringConstraints

from shared.audit.entries import Purpose, about
from shared.audit.writing import Write
from shared.clock import Clock
from shared.contracts.strict import RegionCode, Strict
from shared.database.engine import Database, Transaction
from shared.disclosure.page import page_of
from shared.disclosure.parts import Part, Person
from shared.disclosure.reading import Told, read
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, UnsupportedMediaType, problem_responses
from shared.roles import Caller, Role, needs

Head = Annotated[Caller, needs(Role.HEAD_OF_OFFICE)]
ACT, ENTRY_RECORDINGS_MAX = "data-disclosed", 500
# The page is printed or saved by whoever asked, and runs nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


class WhomAsked(Strict):
    """Who is asked about: by number, by one recording as its region numbered it, or by both."""

    nik: Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")] | None = None
    recording_id: UUID | None = None
    region: RegionCode | None = Field(None, description="Of the recording; empty: this one")


class DisclosedTable(BaseModel):
    """What one table holds of the person."""

    table: str
    label: str = Field(description="Indonesian")
    label_en: str
    rows: list[dict[str, Any]]
    is_cut: bool = Field(description="There are more rows than are shown")
    omitted: dict[str, str] = Field(description="Columns not told, and why")


class Disclosure(BaseModel):
    """Everything held here about one person."""

    made_at: datetime
    officer: str
    recordings: list[UUID]
    parts: list[DisclosedTable]


Find = Callable[[Transaction, WhomAsked], Awaitable[Person]]

ASKED = JsonBody(WhomAsked, {"nik": "6172021708900001", "recording_id": None, "region": None})
_EXAMPLE: dict[str, Any] = {
    "made_at": "2017-10-16T02:15:09Z",
    "officer": "kepala-1",
    "recordings": ["01890a5d-ac96-774b-bcce-b302099a8057"],
    "parts": [
        {
            "table": "recording",
            "label": "Perekaman",
            "label_en": "Recordings",
            "rows": [{"nik": "6172021708900001", "captured_at": "2017-10-13T02:15:09+00:00"}],
            "is_cut": False,
            "omitted": {},
        }
    ],
}


@dataclass(frozen=True)
class DisclosureDoors(Doors):
    """A person's right to a copy of their data."""

    database: Database
    clock: Clock
    parts: Sequence[Part]
    find: Find
    write: Write

    @door.post(
        "/disclosures",
        openapi_extra=ASKED.openapi,
        responses={
            200: {
                "description": "Table by table; what is not told says why.",
                "content": {"application/json": {"example": _EXAMPLE}},
            },
            **problem_responses(NotFound, InvalidInput, UnsupportedMediaType),
        },
        summary="Give a person everything held about them",
    )
    async def disclose(self, request: Request, caller: Head) -> Disclosure:
        """For the person themselves, who was identified at the desk; it stands in the audit."""
        person, told = await self._told(await ASKED.read(request), caller)
        return Disclosure(
            made_at=self.clock.now(),
            officer=caller.subject,
            recordings=person.recording_ids,
            parts=[
                DisclosedTable(
                    table=one.part.table.name,
                    label=one.part.label,
                    label_en=one.part.label_en,
                    rows=one.rows,
                    is_cut=one.is_cut,
                    omitted=dict(one.part.omitted),
                )
                for one in told
            ],
        )

    @door.post(
        "/disclosures/page",
        openapi_extra=ASKED.openapi,
        response_class=Response,
        responses={
            200: {
                "description": "The same as a page to print, Indonesian first.",
                "content": {
                    "text/html": {"schema": {"type": "string"}, "example": "<!doctype html>…"}
                },
            },
            **problem_responses(NotFound, InvalidInput, UnsupportedMediaType),
        },
        summary="Print everything held about a person",
    )
    async def disclose_as_page(self, request: Request, caller: Head) -> Response:
        """Long values such as templates are told by their length; the JSON has them whole."""
        _, told = await self._told(await ASKED.read(request), caller)
        return Response(
            page_of(told, self.clock.now(), caller.subject),
            media_type="text/html",
            headers={"content-security-policy": _POLICY, "cache-control": "no-store"},
        )

    async def _told(self, asked: WhomAsked, caller: Caller) -> tuple[Person, list[Told]]:
        """Refuses: NotFound."""
        async with self.database.begin() as transaction:
            person = await self.find(transaction, asked)
            told = await read(transaction, self.parts, person)
            if not told:
                raise NotFound("Nothing is held here about this person.")
            whom = [about("recording", one) for one in person.recording_ids]
            await self.write(
                transaction,
                caller,
                ACT,
                Purpose.OWN_REQUEST,
                whom[:ENTRY_RECORDINGS_MAX],
                self.clock.now(),
            )
        return person, told
