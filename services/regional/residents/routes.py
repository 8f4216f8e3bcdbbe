"""Hand a residents' list in, look at what it changes, apply it or let it be."""

from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.regional.residents import steps, store
from services.regional.residents.loop import ListReader
from services.regional.residents.refusals import (
    ChangeSetClosed,
    ChangeSetStale,
    ListBeingRead,
    NiksSeemRounded,
)
from services.regional.residents.rules import Missing, NotAResidentsList, SetState
from services.regional.residents.views import EXAMPLE, ChangeSetView, LeftOut, view_of
from shared.clock import Clock
from shared.contracts.strict import Day, Strict
from shared.database.engine import Database, Transaction
from shared.doors.bodies import JsonBody, expect_media_type
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, UnsupportedMediaType, problem_responses
from shared.roles import Caller, Role, needs_whole_region

# Streamed to a file and read by chunks: six million people, and memory for two thousand of them.
RESIDENTS_BYTES_MAX = 1024 * 1024 * 1024
FAULTS_SHOWN_MAX = 100
FAULTS_PAGE_MAX = 1_000
CSV = "text/csv"
LIST_EXAMPLE = (
    "nik,sex,birth_date,ward,obliged,name,street,rt,rw\n"
    "6172025207900003,female,1990-07-12,61.72.02.1001,yes,SITI,JALAN MELATI NO. 7,002,005\n"
)
_LIST_BODY = {
    "requestBody": {
        "required": True,
        "content": {CSV: {"schema": {"type": "string"}, "example": LIST_EXAMPLE}},
    }
}
Keeper = Annotated[Caller, needs_whole_region(Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
SetPath = Annotated[
    UUID, Path(description="Of a list handed in", examples=[EXAMPLE["change_set_id"]])
]
ListedOn = Annotated[
    Day | None,
    Query(description="The day the list is of; empty: today", examples=["2017-10-13"]),
]


class ImportReport(BaseModel):
    change_set_id: UUID
    residents: int
    left_out: int
    first_faults: list[LeftOut] = Field(
        description=f"At most {FAULTS_SHOWN_MAX}; lines are named, never shown"
    )


class ChangeSets(BaseModel):
    items: list[ChangeSetView] = Field(description=f"The latest {store.HISTORY_MAX}")


class Faults(BaseModel):
    by_cause: dict[str, int]
    items: list[LeftOut] = Field(
        description=f"In order of lines; the first {store.FAULTS_KEPT_MAX} of a list are kept"
    )


class Application(Strict):
    missing: Missing | None = Field(
        None, description="What becomes of people the list lacks; null: `missing_proposed`"
    )
    although_rounded: bool = Field(
        False, description="Apply although NIKs seem to have lost their last digits"
    )


APPLICATION = JsonBody(Application, {"missing": "keep", "although_rounded": False})
_FAULT_EXAMPLE = {
    "line": 17,
    "why": "nik-too-short",
    "next_action": "The NIK has fewer than 16 digits: leading zeros or other digits were lost.",
    "next_action_id": "NIK kurang dari 16 angka: nol di depan atau angka lain hilang.",
}


def _shown(example: Any, status: int = 200, said: str = "The change set.") -> dict[int | str, Any]:
    return {status: {"description": said, "content": {"application/json": {"example": example}}}}


@dataclass(frozen=True)
class ResidentsDoors(Doors):
    """The residents' list in, by change sets."""

    database: Database
    region: str
    zone: tzinfo
    clock: Clock
    reader: ListReader

    @door.put(
        "/residents",
        max_body_size=RESIDENTS_BYTES_MAX,
        openapi_extra=_LIST_BODY,
        responses={
            **_shown(
                {
                    "change_set_id": EXAMPLE["change_set_id"],
                    "residents": 262210,
                    "left_out": 1,
                    "first_faults": [_FAULT_EXAMPLE],
                },
                said="The list is applied; damaged lines are named.",
            ),
            **problem_responses(InvalidInput, UnsupportedMediaType, ListBeingRead, ChangeSetStale)
            | problem_responses(NiksSeemRounded),
        },
        summary="Import the residents' list",
    )
    async def import_residents(
        self, request: Request, caller: Keeper, listed_on: ListedOn = None
    ) -> ImportReport:
        """Hand a list in and apply it at once, with what is proposed for people it lacks.

        Columns: nik, sex (male/female), birth_date, ward, obliged (yes/no). They may be followed,
        in any order, by name, birth_place, street, rt, rw, marital_status, family_card, residency,
        arrived_on, left_on; others are let pass. Leading zeros are kept.
        """
        set_id = await self._take(request, caller, listed_on)
        await self.reader.read(set_id)
        async with self.database.begin() as transaction:
            one = await store.find_set(transaction, set_id)
            if one is not None and one.state == SetState.FAILED:
                raise InvalidInput(one.trouble)
            one = await steps.apply(
                transaction,
                self.region,
                set_id,
                None,
                although_rounded=False,
                officer=caller.subject,
                now=self.clock.now(),
            )
            faults = await store.faults_of(transaction, set_id, 0, FAULTS_SHOWN_MAX)
        return ImportReport(
            change_set_id=set_id,
            residents=one.residents,
            left_out=one.left_out,
            first_faults=[LeftOut.of(fault) for fault in faults],
        )

    @door.post(
        "/residents/change-sets",
        status_code=202,
        max_body_size=RESIDENTS_BYTES_MAX,
        openapi_extra=_LIST_BODY,
        responses={
            **_shown({**EXAMPLE, "state": "reading"}, 202, "It is being read; ask again."),
            **problem_responses(InvalidInput, UnsupportedMediaType, ListBeingRead),
        },
        summary="Hand a residents' list in for a preview",
    )
    async def open_change_set(
        self,
        request: Request,
        response: Response,
        caller: Keeper,
        listed_on: ListedOn = None,
    ) -> ChangeSetView:
        """Read and compare a list; nothing changes until it is applied.

        A list that waits to be applied makes way for the new one. Columns as in the import.
        """
        set_id = await self._take(request, caller, listed_on)
        response.headers["location"] = f"/v1/residents/change-sets/{set_id}"
        async with self.database.begin() as transaction:
            return await self._view(transaction, set_id)

    @door.get(
        "/residents/change-sets",
        responses=_shown({"items": [EXAMPLE]}, said="The latest first."),
        summary="See the residents' lists handed in",
    )
    async def list_change_sets(self, caller: Keeper) -> ChangeSets:
        """Each list with what it changed, whether it was applied or not."""
        async with self.database.begin() as transaction:
            return ChangeSets(
                items=[
                    view_of(one, await store.count_changes(transaction, one.change_set_id))
                    for one in await store.history(transaction)
                ]
            )

    @door.get(
        "/residents/change-sets/{change_set_id}",
        responses={**_shown(EXAMPLE), **problem_responses(NotFound)},
        summary="See what a residents' list changes",
    )
    async def get_change_set(self, change_set_id: SetPath, caller: Keeper) -> ChangeSetView:
        """How far it is read, and, once compared, whom it changes how."""
        async with self.database.begin() as transaction:
            return await self._view(transaction, change_set_id)

    @door.get(
        "/residents/change-sets/{change_set_id}/faults",
        responses={
            **_shown(
                {"by_cause": {"nik-too-short": 1}, "items": [_FAULT_EXAMPLE]},
                said="Lines left out, and why.",
            ),
            **problem_responses(NotFound),
        },
        summary="See the damaged lines of a residents' list",
    )
    async def list_faults(
        self,
        change_set_id: SetPath,
        caller: Keeper,
        after_line: Annotated[
            int, Query(ge=0, le=2**31 - 1, description="The last line of the page before")
        ] = 0,
        limit: Annotated[
            int, Query(ge=1, le=FAULTS_PAGE_MAX, description="How many lines at most")
        ] = FAULTS_SHOWN_MAX,
    ) -> Faults:
        """Line by line what is wrong and what to do; what stands in a line is not kept."""
        async with self.database.begin() as transaction:
            await self._view(transaction, change_set_id)
            return Faults(
                by_cause=await store.count_faults(transaction, change_set_id),
                items=[
                    LeftOut.of(fault)
                    for fault in await store.faults_of(
                        transaction, change_set_id, after_line, limit
                    )
                ],
            )

    @door.post(
        "/residents/change-sets/{change_set_id}/apply",
        openapi_extra=APPLICATION.openapi,
        responses={
            **_shown({**EXAMPLE, "state": "applied", "missing_choice": "keep"}),
            **problem_responses(NotFound, ChangeSetClosed, ChangeSetStale, NiksSeemRounded),
        },
        summary="Apply a residents' list",
    )
    async def apply_change_set(
        self, request: Request, change_set_id: SetPath, caller: Keeper
    ) -> ChangeSetView:
        """Change everybody at once, or nobody. Again, it answers what was done the first time.

        People the list lacks stay unless `missing` lets them go; nobody is ever deleted.
        """
        asked = await APPLICATION.read(request)
        async with self.database.begin() as transaction:
            await steps.apply(
                transaction,
                self.region,
                change_set_id,
                asked.missing,
                although_rounded=asked.although_rounded,
                officer=caller.subject,
                now=self.clock.now(),
            )
            return await self._view(transaction, change_set_id)

    @door.post(
        "/residents/change-sets/{change_set_id}/discard",
        responses={
            **_shown({**EXAMPLE, "state": "discarded"}),
            **problem_responses(NotFound, ChangeSetClosed),
        },
        summary="Let a residents' list be",
    )
    async def discard_change_set(self, change_set_id: SetPath, caller: Keeper) -> ChangeSetView:
        """The list's people are forgotten; that it came, and its damaged lines, stay."""
        async with self.database.begin() as transaction:
            await steps.discard(transaction, change_set_id, caller.subject, self.clock.now())
            return await self._view(transaction, change_set_id)

    async def _take(self, request: Request, caller: Caller, listed_on: date | None) -> UUID:
        expect_media_type(request, CSV)
        day = listed_on or self.clock.now().astimezone(self.zone).date()
        try:
            return await self.reader.take(request.stream(), caller.subject, day)
        except NotAResidentsList as unreadable:
            raise InvalidInput(str(unreadable)) from None

    async def _view(self, transaction: Transaction, set_id: UUID) -> ChangeSetView:
        one = await store.find_set(transaction, set_id)
        if one is None:
            raise NotFound
        return view_of(one, await store.count_changes(transaction, set_id))
