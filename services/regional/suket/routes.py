"""The doors of sukets: give, withdraw, print, list; and anybody's check of one."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Path, Query, Request, Response
from pydantic import StringConstraints

from services.regional.papers import Office
from services.regional.suket import rules, steps, store, views
from services.regional.suket.paper import suket_pdf
from services.regional.suket.rules import Period
from services.regional.suket.steps import (
    Desk,
    FindStanding,
    SuketDiffers,
    SuketHasCard,
    SuketNotAllowed,
    SuketNotRecorded,
    SuketStillValid,
    SuketUnder17,
)
from services.regional.suket.store import Suket
from services.regional.suket.views import SuketCheck, SuketGiven, SuketList, SuketView
from shared.clock import Clock
from shared.database.engine import Database, Transaction
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import (
    DatabaseUnavailable,
    InvalidInput,
    NotFound,
    TooBusy,
    problem_responses,
)
from shared.roles import Caller, Role, needs

GIVE = JsonBody(SuketGiven, {"nik": "6172025207900003"})
Clerk = Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE)]
SuketPath = Annotated[UUID, Path(description="Made by the office, once", examples=[views.SUKET_ID])]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
PDF = "application/pdf"


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


@dataclass(frozen=True)
class Sukets:
    """What both the operations and the pages of this room do. public_address: in the code."""

    database: Database
    region: str
    zone: ZoneInfo
    clock: Clock
    periods: tuple[Period, ...]
    find_standing: FindStanding
    office: Office
    public_address: str

    def desk(self, officer: str) -> Desk:
        now = self.clock.now()
        today = now.astimezone(self.zone).date()
        return Desk(self.region, officer, now, today, self.periods, self.find_standing)

    @property
    def is_allowed(self) -> bool:
        return rules.is_allowed(self.periods, self.desk("").today)

    async def give(self, officer: str, suket_id: UUID, nik: int) -> Suket:
        desk = self.desk(officer)
        return await self.database.repeat(
            lambda transaction: steps.give(transaction, desk, suket_id, nik)
        )

    async def withdraw(self, officer: str, suket_id: UUID) -> Suket:
        async with self.database.begin() as transaction:
            return await steps.withdraw(transaction, self.desk(officer), suket_id)

    async def expiring(self, transaction: Transaction, limit: int) -> list[Suket]:
        return await store.expiring(transaction, limit)

    async def pdf(self, suket_id: UUID) -> bytes:
        """Refuses: NotFound."""
        async with self.database.begin() as transaction:
            one = await steps.look_up(transaction, suket_id)
            card = await steps.card_of(transaction, one.recording_id)
        address = f"{self.public_address}/suket/{one.token}"
        return await asyncio.to_thread(suket_pdf, self.office, one, card, address)

    async def check(self, token: str) -> SuketCheck:
        async with self.database.begin() as transaction:
            one = await store.by_token(transaction, token)
        return views.check_of(one, self.desk("").today)


@dataclass(frozen=True)
class SuketDoors(Doors):
    """Temporary certificates at the desk."""

    sukets: Sukets

    @door.put(
        "/sukets/{suket_id}",
        openapi_extra=GIVE.openapi,
        responses={
            **_shown(views.SHOWN, "Given; print its paper."),
            **problem_responses(
                SuketNotAllowed,
                SuketNotRecorded,
                SuketHasCard,
                SuketUnder17,
                SuketStillValid,
                SuketDiffers,
                InvalidInput,
            ),
        },
        summary="Give a suket, or renew it",
    )
    async def give_suket(self, suket_id: SuketPath, request: Request, caller: Clerk) -> SuketView:
        """For six months, to somebody who is recorded here and has no card.

        In the last 30 days, and afterwards, another follows the one before; all are kept. Only in
        the periods of `TUNGGAL_REGIONAL_SUKET_PERIODS`.
        """
        given = await GIVE.read(request)
        one = await self.sukets.give(caller.subject, suket_id, int(given.nik))
        return SuketView.of(one, self.sukets.desk("").today)

    @door.get(
        "/sukets",
        responses={
            **_shown({"is_allowed": True, "items": [views.SHOWN]}, "The next to end first."),
            **problem_responses(InvalidInput),
        },
        summary="See which sukets end next",
    )
    async def list_sukets(
        self,
        caller: Clerk,
        limit: Annotated[int, Query(ge=1, le=500, description="Sukets a page")] = 50,
    ) -> SuketList:
        """Of people still without a card: those whose suket ended are first."""
        async with self.sukets.database.begin() as transaction:
            found = await self.sukets.expiring(transaction, limit)
        today = self.sukets.desk("").today
        return SuketList(
            is_allowed=self.sukets.is_allowed,
            items=[SuketView.of(one, today) for one in found],
        )

    @door.get(
        "/sukets/{suket_id}",
        responses={
            **_shown(views.SHOWN, "The suket as it stands."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Look up a suket",
    )
    async def get_suket(self, suket_id: SuketPath, caller: Clerk) -> SuketView:
        """Whether it counts, and what ended it."""
        async with self.sukets.database.begin() as transaction:
            one = await steps.look_up(transaction, suket_id)
        return SuketView.of(one, self.sukets.desk("").today)

    @door.get(
        "/sukets/{suket_id}/paper",
        response_class=Response,
        responses={
            200: {
                "description": "The paper, PDF/UA-1, with a code that opens its check.",
                "content": {
                    PDF: {
                        "schema": {"type": "string", "format": "binary"},
                        "example": "%PDF-1.7 and so on",
                    },
                },
            },
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Print a suket's paper",
    )
    async def print_suket(self, suket_id: SuketPath, caller: Clerk) -> Response:
        """As often as needed: the same suket gives the same paper."""
        return Response(await self.sukets.pdf(suket_id), media_type=PDF)

    @door.post(
        "/sukets/{suket_id}/withdrawal",
        responses={
            **_shown({**views.SHOWN, "ended": "withdrawn"}, "It does not count any more."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Withdraw a suket",
    )
    async def withdraw_suket(self, suket_id: SuketPath, caller: Clerk) -> SuketView:
        """Given by mistake, or lost. A suket ends by itself once the card is handed over."""
        one = await self.sukets.withdraw(caller.subject, suket_id)
        return SuketView.of(one, self.sukets.desk("").today)


@dataclass(frozen=True)
class CheckDoors(Doors):
    """For whoever is shown a paper."""

    sukets: Sukets

    @door.get(
        "/suket-checks/{token}",
        openapi_extra={"security": []},
        responses={
            **_shown(views.CHECKED, "Valid, ended or unknown; never whose it is."),
            **problem_responses(InvalidInput, TooBusy, DatabaseUnavailable),
        },
        summary="Check a suket that was shown to you",
    )
    async def check_suket(
        self,
        token: Annotated[Token, Path(description="From the code", examples=[views.TOKEN])],
    ) -> SuketCheck:
        """Compare the number with the paper: a code can be copied onto another."""
        return await self.sukets.check(token)
