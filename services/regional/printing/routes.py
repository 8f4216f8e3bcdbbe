"""The printer's doors: what may be printed, spend, report, hand over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Path, Query, Request
from pydantic import BaseModel, Field, RootModel

from services.regional.central_client.client import CentreKeys
from services.regional.printing import desk, rules, steps, store
from services.regional.printing.refusals import (
    BlankNotReceived,
    BlankSpoiledBefore,
    CollectorNotFamily,
    HolderMovedAway,
    PrintOutOfTurn,
)
from services.regional.printing.rules import BlankRule, Collector, Relative
from services.regional.printing.steps import (
    AmendmentWaits,
    CardStepNotAllowed,
    CardToWithdraw,
    HolderUnder17,
    Office,
    PermissionContested,
    PermissionExpired,
    PermissionNotValid,
    PermissionReplaced,
    PermissionRevoked,
    PermissionSpent,
    ServerFenced,
)
from shared.clock import Clock
from shared.contracts.envelopes import CardResult
from shared.contracts.recording import CardData, ShortCode
from shared.contracts.strict import Strict
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.nik import NikText
from shared.refusals import InvalidInput, NotFound, problem_responses
from shared.roles import Caller, Role, needs
from shared.telemetry.metrics import PRINT_PERMISSIONS

_AUTHORIZATION = "01890a5d-b096-7c5e-8a51-6a1b0e3e2f10"
_RECORDING = "01890a5d-ac96-774b-bcce-b302099a8057"
BlankSerial = Annotated[
    ShortCode, Path(description="Serial of the blank card", examples=["BLK-000123"])
]


class PermissionToPrint(BaseModel):
    authorization_id: UUID
    recording_id: UUID
    issued_at: datetime
    expires_at: datetime


class PermissionPage(BaseModel):
    items: list[PermissionToPrint] = Field(description="Unspent permissions, oldest first")
    next_cursor: int | None = Field(description="Pass as `cursor` for the next page")


class SpendRequest(Strict):
    blank_serial: ShortCode = Field(description="Serial of the blank card put into the printer")


class ResultReport(Strict):
    result: Literal["printed", "spoiled"]
    cause: ShortCode | None = Field(None, description="Why it was spoiled, as a short code")


class ToHolder(Strict):
    collector: Literal["self"]


class ToRelative(Strict):
    collector: Literal["family"]
    nik: NikText = Field(description="Of the relative who collects")
    family_card: NikText = Field(description="Number of the family card (KK) that was shown")


class HandOver(RootModel[Annotated[ToHolder | ToRelative, Field(discriminator="collector")]]):
    """Who takes the card."""

    def who(self) -> Collector | Relative:
        match self.root:
            case ToRelative(nik=nik, family_card=family_card):
                return Relative(int(nik), int(family_card))
            case _:
                return Collector.SELF


class CardToPrint(BaseModel):
    authorization_id: UUID
    blank_serial: str
    card: CardData


class CardView(BaseModel):
    authorization_id: UUID
    recording_id: UUID
    blank_serial: str
    state: str = Field(description="printing, printed, spoiled or issued")


_CARD_DATA = {
    "nik": "6172025207900003",
    "name": "CONTOH SINTETIS",
    "birth_place": "SINGKAWANG",
    "birth_date": "1990-07-12",
    "sex": "female",
    "blood_group": "unknown",
    "address": {"street": "JALAN CONTOH 7", "rt": "003", "rw": "001", "ward": "61.72.02.1001"},
    "religion": "buddhist",
    "marital_status": "never_married",
    "occupation": "PEDAGANG",
    "citizenship": "indonesian",
}
CARD_EXAMPLE = {
    "authorization_id": _AUTHORIZATION,
    "recording_id": _RECORDING,
    "blank_serial": "BLK-000123",
    "state": "printed",
}
SPEND = JsonBody(SpendRequest, {"blank_serial": "BLK-000123"})
REPORT = JsonBody(ResultReport, {"result": "printed", "cause": None})
HAND_OVER = JsonBody(HandOver, {"collector": "self"})


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {
            "description": description,
            "content": {"application/json": {"example": example}},
        }
    }


def view_of(card: store.Card) -> CardView:
    return CardView(
        authorization_id=card.authorization_id,
        recording_id=card.recording_id,
        blank_serial=card.blank_serial,
        state=card.state.value,
    )


@dataclass(frozen=True)
class PrintingDoors(Doors):
    """What may be printed, what was, and who has it."""

    database: Database
    region: str
    zone: ZoneInfo
    centre: CentreKeys
    clock: Clock
    window: int = rules.TURN_WINDOW
    blanks: BlankRule | None = None

    async def office(self) -> Office:
        return Office(self.region, self.zone, await self.centre.keys(), self.window, self.blanks)

    @door.get(
        "/print-authorizations",
        responses={
            **_shown(
                {
                    "items": [
                        {
                            "authorization_id": _AUTHORIZATION,
                            "recording_id": _RECORDING,
                            "issued_at": "2017-10-13T02:15:12Z",
                            "expires_at": "2019-10-13T02:15:12Z",
                        }
                    ],
                    "next_cursor": None,
                },
                "Unspent permissions, oldest first.",
            ),
            **problem_responses(InvalidInput),
        },
        summary="List cards that may be printed",
    )
    async def list_print_authorizations(
        self,
        caller: Annotated[Caller, needs(Role.PRINTER, Role.HEAD_OF_OFFICE)],
        limit: Annotated[int, Query(ge=1, le=500, description="Permissions a page")] = 50,
        cursor: Annotated[int, Query(ge=0, le=2**62, description="`next_cursor` of a page")] = 0,
    ) -> PermissionPage:
        """Permissions nobody has spent yet, the oldest first: print in this order."""
        async with self.database.begin() as transaction:
            found = await store.unspent(transaction, cursor, limit)
        return PermissionPage(
            items=[
                PermissionToPrint(
                    authorization_id=held.authorization_id,
                    recording_id=held.recording_id,
                    issued_at=held.issued_at,
                    expires_at=held.expires_at,
                )
                for _, held in found
            ],
            next_cursor=found[-1][0] if len(found) == limit else None,
        )

    @door.post(
        "/print-authorizations/{authorization_id}/spend",
        openapi_extra=SPEND.openapi,
        responses={
            **_shown(
                {
                    "authorization_id": _AUTHORIZATION,
                    "blank_serial": "BLK-000123",
                    "card": _CARD_DATA,
                },
                "The intent is on disk: print now, then report the result.",
            ),
            **problem_responses(
                NotFound,
                PermissionSpent,
                PermissionRevoked,
                HolderMovedAway,
                PermissionReplaced,
                PermissionContested,
                ServerFenced,
                PermissionNotValid,
                PermissionExpired,
                AmendmentWaits,
                HolderUnder17,
                PrintOutOfTurn,
                BlankNotReceived,
                BlankSpoiledBefore,
                InvalidInput,
            ),
        },
        summary="Spend a permission on a blank card",
    )
    async def spend_print_authorization(
        self,
        authorization_id: Annotated[
            UUID, Path(description="From the list of permissions", examples=[_AUTHORIZATION])
        ],
        request: Request,
        caller: Annotated[Caller, needs(Role.PRINTER)],
    ) -> CardToPrint:
        """Verify the centre's signature without asking the centre, and use the permission up.

        The answer holds what to print. It is given once: after a crash, report the blank as spoiled
        and the centre sends a fresh permission.
        """
        wanted = await SPEND.read(request)
        office = await self.office()
        async with self.database.begin() as transaction:
            to_print = await steps.spend(
                transaction,
                office,
                authorization_id,
                wanted.blank_serial,
                caller.subject,
                self.clock.now(),
            )
        PRINT_PERMISSIONS.labels(outcome="spent").inc()
        return CardToPrint(
            authorization_id=to_print.authorization_id,
            blank_serial=to_print.blank_serial,
            card=to_print.card,
        )

    @door.post(
        "/cards/{blank_serial}/result",
        openapi_extra=REPORT.openapi,
        responses={
            **_shown(CARD_EXAMPLE, "The card's state; the centre will be told."),
            **problem_responses(NotFound, CardStepNotAllowed, InvalidInput),
        },
        summary="Report what became of a blank card",
    )
    async def report_card_result(
        self,
        blank_serial: BlankSerial,
        request: Request,
        caller: Annotated[Caller, needs(Role.PRINTER)],
    ) -> CardView:
        """Printed or spoiled: a spoiled blank voids its permission; the centre sends another."""
        report = await REPORT.read(request)
        async with self.database.begin() as transaction:
            card = await steps.report(
                transaction,
                self.region,
                blank_serial,
                CardResult(report.result),
                report.cause,
                self.clock.now(),
            )
        PRINT_PERMISSIONS.labels(outcome=card.state.value).inc()
        return view_of(card)

    @door.post(
        "/cards/{blank_serial}/issue",
        responses={
            **_shown({**CARD_EXAMPLE, "state": "issued"}, "Handed over; the centre will be told."),
            **problem_responses(NotFound, CardStepNotAllowed, CardToWithdraw),
        },
        summary="Record that a card was handed over",
    )
    async def issue_card(
        self,
        blank_serial: BlankSerial,
        caller: Annotated[Caller, needs(Role.OFFICER, Role.PRINTER)],
    ) -> CardView:
        """The holder, or somebody of the same family card, has the card in hand.

        For programs that do not ask who it was; others tell it by `hand-over`.
        """
        return await self.hand(caller.subject, blank_serial, Collector.NOT_TOLD)

    @door.post(
        "/cards/{blank_serial}/hand-over",
        openapi_extra=HAND_OVER.openapi,
        responses={
            **_shown({**CARD_EXAMPLE, "state": "issued"}, "Handed over; the centre will be told."),
            **problem_responses(
                NotFound, CollectorNotFamily, CardStepNotAllowed, CardToWithdraw, InvalidInput
            ),
        },
        summary="Hand a card to its holder, or within one family card",
    )
    async def hand_over_card(
        self,
        blank_serial: BlankSerial,
        request: Request,
        caller: Annotated[Caller, needs(Role.OFFICER, Role.PRINTER)],
    ) -> CardView:
        """To the holder, or to somebody whose NIK is on the same family card (KK).

        Who handed it over is kept, and to whom. A recording is never taken by proxy; a card may be
        collected so.
        """
        told = await HAND_OVER.read(request)
        return await self.hand(caller.subject, blank_serial, told.who())

    async def hand(
        self, officer: str, blank_serial: str, collector: Collector | Relative
    ) -> CardView:
        who = desk.Desk(self.region, officer, self.clock.now())
        async with self.database.begin() as transaction:
            card = await desk.hand_over(transaction, who, blank_serial, collector)
        return view_of(card)

    @door.get(
        "/cards/{blank_serial}",
        responses={**_shown(CARD_EXAMPLE, "The card's state."), **problem_responses(NotFound)},
        summary="Look up a card by its blank",
    )
    async def get_card(
        self,
        blank_serial: BlankSerial,
        caller: Annotated[Caller, needs(Role.OFFICER, Role.PRINTER, Role.HEAD_OF_OFFICE)],
    ) -> CardView:
        """Which permission and recording a blank card was used for, and how it stands."""
        async with self.database.begin() as transaction:
            card = await store.card_of(transaction, blank_serial)
        if card is None:
            raise NotFound("No card was begun on this blank here.")
        return view_of(card)
