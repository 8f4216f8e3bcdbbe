"""The register's doors: record, tell, close, and the letters to be sent."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import Table

from shared.audit.entries import Purpose, about
from shared.audit.writing import Write
from shared.breaches import store
from shared.breaches.rules import Breach, DataKind, Standing, Whom, letter
from shared.breaches.steps import (
    BreachClockRuns,
    BreachClosed,
    BreachNotTold,
    SameOfficerCloses,
    close,
    record,
    tell,
)
from shared.clock import Clock
from shared.contracts.strict import Moment, Strict
from shared.database.engine import Database, Transaction
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, UnsupportedMediaType, problem_responses
from shared.roles import Caller, Role, needs

Officers = Annotated[Caller, needs(Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
BreachPath = Annotated[UUID, Path(description="The incident's id, made by whoever records it")]
WhomPath = Annotated[Whom, Path(description="To whom", examples=["authority"])]
Words = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{10,2000}$")]
PEOPLE_MAX = 1_000_000_000


class Known(Strict):
    """What is known of an incident. No name and no NIK: the letters are for that."""

    found_at: Moment
    began_at: Moment | None
    ended_at: Moment | None
    what: Words = Field(description="What happened and how; no names")
    kinds: Annotated[list[DataKind], Field(min_length=1, max_length=len(DataKind))]
    people: int | None = Field(
        ge=0, le=PEOPLE_MAX, description="How many are concerned; null: not known yet"
    )
    measures: Words = Field(description="What was and will be done about it")


class BreachView(BaseModel):
    """One incident with its clock."""

    breach_id: UUID
    found_at: datetime
    tell_until: datetime = Field(description="72 hours after it was found")
    standing: Standing
    began_at: datetime | None
    ended_at: datetime | None
    what: str
    kinds: list[DataKind]
    people: int | None
    measures: str
    officer: str
    recorded_at: datetime
    authority_told_at: datetime | None
    authority_told_by: str | None
    subjects_told_at: datetime | None
    subjects_told_by: str | None
    closed_at: datetime | None
    closed_by: str | None


class BreachState(BaseModel):
    """How an incident stands; its words are in the register."""

    breach_id: UUID
    tell_until: datetime = Field(description="72 hours after it was found")
    standing: Standing
    authority_told_at: datetime | None
    subjects_told_at: datetime | None
    closed_at: datetime | None


class BreachList(BaseModel):
    items: list[BreachView]


_KNOWN = {
    "found_at": "2017-10-16T02:15:09Z",
    "began_at": "2017-10-14T22:00:00Z",
    "ended_at": None,
    "what": "A laptop with letters of one ward was stolen from a car.",
    "kinds": ["identity", "address"],
    "people": 40,
    "measures": "The disk is encrypted; the police were told; codes of the letters were ended.",
}
_VIEW: dict[str, Any] = {
    **_KNOWN,
    "breach_id": "01890a5d-c0de-7bbb-8bbb-6a1b0e3e2f12",
    "tell_until": "2017-10-19T02:15:09Z",
    "standing": "open",
    "officer": "kepala-1",
    "recorded_at": "2017-10-16T02:30:00Z",
    "authority_told_at": None,
    "authority_told_by": None,
    "subjects_told_at": None,
    "subjects_told_by": None,
    "closed_at": None,
    "closed_by": None,
}
_STATE = {name: _VIEW[name] for name in BreachState.model_fields}
KNOWN = JsonBody(Known, _KNOWN)


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


@dataclass(frozen=True)
class BreachDoors(Doors):
    """Incidents with personal data, and whether those concerned were told in time."""

    database: Database
    clock: Clock
    table: Table
    sender: str
    write: Write

    @door.get(
        "/breaches",
        responses=_shown({"items": [_VIEW]}, "Newest first; at most 500."),
        summary="See the register of incidents",
    )
    async def list_breaches(self, caller: Officers) -> BreachList:
        """Each with its clock: until when the people concerned and the authority are to be told."""
        async with self.database.begin() as transaction:
            found = await store.newest(transaction, self.table)
        return BreachList(items=[self._view(one) for one in found])

    @door.put(
        "/breaches/{breach_id}",
        openapi_extra=KNOWN.openapi,
        responses={
            **_shown(_STATE, "Written; the clock runs from when it was found."),
            **problem_responses(BreachClosed, BreachClockRuns, InvalidInput, UnsupportedMediaType),
        },
        summary="Record an incident, or what is known of it by now",
    )
    async def record_breach(
        self, breach_id: BreachPath, request: Request, caller: Officers
    ) -> BreachState:
        """As often as more comes to be known, until it is closed. Each time stands in the audit."""
        known = await KNOWN.read(request)
        now = self.clock.now()
        said = Breach(
            breach_id=breach_id,
            officer=caller.subject,
            recorded_at=now,
            **known.model_dump(exclude={"kinds"}),
            kinds=[kind.value for kind in known.kinds],
        )
        async with self.database.begin() as transaction:
            one = await record(transaction, self.table, said)
            await self._note(transaction, caller, "breach-recorded", one, now)
        return self._state(one)

    @door.post(
        "/breaches/{breach_id}/told/{whom}",
        responses={
            **_shown(_STATE, "Noted; the first time counts."),
            **problem_responses(NotFound, BreachClosed, InvalidInput),
        },
        summary="Note that a letter on an incident was sent",
    )
    async def note_told(
        self, breach_id: BreachPath, whom: WhomPath, caller: Officers
    ) -> BreachState:
        """After the letter went out, to the authority or to all people concerned."""
        now = self.clock.now()
        async with self.database.begin() as transaction:
            one = await tell(transaction, self.table, breach_id, whom, caller.subject, now)
            await self._note(transaction, caller, f"breach-told-{whom}", one, now)
        return self._state(one)

    @door.post(
        "/breaches/{breach_id}/close",
        responses={
            **_shown(_STATE, "Closed; nothing of it is changed any more."),
            **problem_responses(NotFound, BreachNotTold, SameOfficerCloses, InvalidInput),
        },
        summary="Close an incident",
    )
    async def close_breach(self, breach_id: BreachPath, caller: Officers) -> BreachState:
        """By another officer than the one who recorded it, once both letters went out."""
        now = self.clock.now()
        async with self.database.begin() as transaction:
            one = await close(transaction, self.table, breach_id, caller.subject, now)
            await self._note(transaction, caller, "breach-closed", one, now)
        return self._state(one)

    @door.get(
        "/breaches/{breach_id}/letters/{whom}",
        response_class=Response,
        responses={
            200: {
                "description": "The letter in Indonesian, filled in; dots are for the officer.",
                "content": {
                    "text/plain": {
                        "schema": {"type": "string"},
                        "example": "Hal       : Pemberitahuan kegagalan pelindungan data pribadi",
                    }
                },
            },
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Get the letter on an incident",
    )
    async def get_breach_letter(
        self, breach_id: BreachPath, whom: WhomPath, caller: Officers
    ) -> Response:
        """What art 46 of UU 27/2022 asks: which data, when and how, what is done about it."""
        async with self.database.begin() as transaction:
            one = await store.locked(transaction, self.table, breach_id)
        if one is None:
            raise NotFound("No incident has this id here.")
        text = letter(one, whom, self.sender, self.clock.now())
        return Response(text, media_type="text/plain", headers={"cache-control": "no-store"})

    def _view(self, one: Breach) -> BreachView:
        return BreachView(
            **asdict(one), tell_until=one.tell_until, standing=one.standing(self.clock.now())
        )

    def _state(self, one: Breach) -> BreachState:
        return BreachState(
            breach_id=one.breach_id,
            tell_until=one.tell_until,
            standing=one.standing(self.clock.now()),
            authority_told_at=one.authority_told_at,
            subjects_told_at=one.subjects_told_at,
            closed_at=one.closed_at,
        )

    async def _note(
        self, transaction: Transaction, caller: Caller, act: str, one: Breach, now: datetime
    ) -> None:
        whom = [about("breach", one.breach_id)]
        await self.write(transaction, caller, act, Purpose.SECURITY, whom, now)
