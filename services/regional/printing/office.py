"""What the office watches: permissions near their end, cards to be taken back, whose turn it is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Path, Query, Request
from pydantic import BaseModel, Field, StringConstraints

from services.regional.printing import desk, endings, steps, turns
from services.regional.printing.refusals import ExceptionStands
from services.regional.printing.rules import Ground
from services.regional.printing.steps import (
    AmendmentWaits,
    PermissionContested,
    PermissionExpired,
    PermissionReplaced,
    PermissionRevoked,
    PermissionSpent,
    ServerFenced,
)
from shared.clock import Clock
from shared.contracts.strict import Strict
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, problem_responses
from shared.roles import Caller, Role, needs

EXPIRING_DAYS = 60
_AUTHORIZATION = "01890a5d-b096-7c5e-8a51-6a1b0e3e2f10"
_RECORDING = "01890a5d-ac96-774b-bcce-b302099a8057"
Watch = Annotated[Caller, needs(Role.PRINTER, Role.OFFICER, Role.HEAD_OF_OFFICE)]


class ExpiringPermission(BaseModel):
    authorization_id: UUID
    recording_id: UUID
    expires_at: datetime
    asked_at: datetime | None = Field(
        description="When it was given up and a fresh one asked; null: it can still be spent"
    )


class ExpiringList(BaseModel):
    items: list[ExpiringPermission] = Field(description="The next to end first")


class CardToTakeBack(BaseModel):
    blank_serial: str
    recording_id: UUID
    authorization_id: UUID
    state: str = Field(description="printing, printed or issued: where the card is")
    reason: str = Field(description="The centre's code for its grounds")
    revoked_at: datetime
    replaced_by: UUID | None = Field(description="The permission that follows, or null")


class Withdrawals(BaseModel):
    items: list[CardToTakeBack] = Field(description="Longest outstanding first")


_EXPIRING = {
    "items": [
        {
            "authorization_id": _AUTHORIZATION,
            "recording_id": _RECORDING,
            "expires_at": "2019-10-13T02:15:12Z",
            "asked_at": None,
        }
    ]
}
_WITHDRAWALS = {
    "items": [
        {
            "blank_serial": "BLK-000123",
            "recording_id": _RECORDING,
            "authorization_id": _AUTHORIZATION,
            "state": "printed",
            "reason": "same-person",
            "revoked_at": "2017-11-02T03:00:00Z",
            "replaced_by": None,
        }
    ]
}


@dataclass(frozen=True)
class PermissionLifeDoors(Doors):
    """How permissions end."""

    database: Database
    clock: Clock

    @door.get(
        "/print-authorizations/expiring",
        responses={
            200: {
                "description": "Unspent permissions that end soon, or ended; at most 500.",
                "content": {"application/json": {"example": _EXPIRING}},
            },
            **problem_responses(InvalidInput),
        },
        summary="See which permissions are about to expire",
    )
    async def list_expiring(
        self,
        caller: Watch,
        days: Annotated[int, Query(ge=1, le=730, description="Days ahead")] = EXPIRING_DAYS,
    ) -> ExpiringList:
        """Print these first. One that has ended is given up, and another asked for, by itself."""
        before = self.clock.now() + timedelta(days=days)
        async with self.database.begin() as transaction:
            found = await endings.expiring(transaction, before, endings.SHOWN_MAX)
        return ExpiringList(
            items=[
                ExpiringPermission(
                    authorization_id=one.authorization_id,
                    recording_id=one.recording_id,
                    expires_at=one.expires_at,
                    asked_at=one.asked_at,
                )
                for one in found
            ]
        )

    @door.get(
        "/withdrawals",
        responses={
            200: {
                "description": "Cards that must not be handed over or kept; at most 500.",
                "content": {"application/json": {"example": _WITHDRAWALS}},
            }
        },
        summary="See which cards are to be taken back",
    )
    async def list_withdrawals(self, caller: Watch) -> Withdrawals:
        """Cards whose permission the centre took back after they were begun.

        Take the card, destroy it with minutes, and report its blank as spoiled: the centre is told.
        """
        async with self.database.begin() as transaction:
            found = await endings.to_withdraw(transaction, endings.SHOWN_MAX)
        return Withdrawals(
            items=[
                CardToTakeBack(
                    blank_serial=one.blank_serial,
                    recording_id=one.recording_id,
                    authorization_id=one.authorization_id,
                    state=one.state,
                    reason=one.reason,
                    revoked_at=one.revoked_at,
                    replaced_by=one.replaced_by,
                )
                for one in found
            ]
        )


EXCEPTION_WORDS_MIN, EXCEPTION_WORDS_MAX = 10, 300
ExceptionWords = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=EXCEPTION_WORDS_MIN,
        max_length=EXCEPTION_WORDS_MAX,
        pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$",
    ),
]


class ExceptionGiven(Strict):
    reason: Ground
    words: ExceptionWords = Field(
        description="Kept for ever and counted in public; write no names or numbers of citizens"
    )


class ExceptionView(BaseModel):
    authorization_id: UUID
    recording_id: UUID
    reason: str
    words: str
    officer: str = Field(description="Who answers for it")
    made_at: datetime
    card_state: str | None = Field(description="Of the card printed on it; null: none yet")


class ExceptionList(BaseModel):
    items: list[ExceptionView] = Field(description="The newest first")


class HeldPermission(BaseModel):
    authorization_id: UUID
    recording_id: UUID
    issued_at: datetime
    printable_on: date = Field(description="The holder's day: 17 years, by the office's calendar")


class HeldList(BaseModel):
    items: list[HeldPermission] = Field(description="The next day first")


_WORDS = "Keluarga menunjukkan surat rumah sakit; operasi pekan ini."
_EXCEPTION: dict[str, Any] = {
    "authorization_id": _AUTHORIZATION,
    "recording_id": _RECORDING,
    "reason": "medical",
    "words": _WORDS,
    "officer": "officer-12",
    "made_at": "2017-11-02T03:00:00Z",
    "card_state": None,
}
_HELD = {
    "authorization_id": _AUTHORIZATION,
    "recording_id": _RECORDING,
    "issued_at": "2017-10-13T02:15:12Z",
    "printable_on": "2018-01-04",
}
EXCEPTION = JsonBody(ExceptionGiven, {"reason": "medical", "words": _WORDS})


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


def exception_view(one: turns.LetBefore) -> ExceptionView:
    return ExceptionView(
        authorization_id=one.authorization_id,
        recording_id=one.recording_id,
        reason=one.reason,
        words=one.words,
        officer=one.officer,
        made_at=one.made_at,
        card_state=one.state,
    )


@dataclass(frozen=True)
class TurnDoors(Doors):
    """Whose card is printed before whose, and who waits for a birthday."""

    database: Database
    region: str
    zone: ZoneInfo
    clock: Clock

    @door.put(
        "/print-exceptions/{authorization_id}",
        openapi_extra=EXCEPTION.openapi,
        responses={
            **_shown(_EXCEPTION, "From now on this card may be printed before older ones."),
            **problem_responses(
                NotFound,
                ExceptionStands,
                PermissionSpent,
                PermissionRevoked,
                PermissionReplaced,
                PermissionContested,
                PermissionExpired,
                AmendmentWaits,
                ServerFenced,
                InvalidInput,
            ),
        },
        summary="Let somebody be printed before others",
    )
    async def let_before(
        self,
        authorization_id: Annotated[
            UUID, Path(description="From the list of permissions", examples=[_AUTHORIZATION])
        ],
        request: Request,
        caller: Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE)],
    ) -> ExceptionView:
        """Under your name, with a reason and words. It is never changed and never removed."""
        given = await EXCEPTION.read(request)
        who = desk.Desk(self.region, caller.subject, self.clock.now())
        made = await self.database.repeat(
            lambda transaction: desk.let_before(
                transaction, who, authorization_id, given.reason, given.words
            )
        )
        return exception_view(made)

    @door.get(
        "/print-exceptions",
        responses=_shown({"items": [_EXCEPTION]}, "Exceptions to the order; at most 500."),
        summary="See who was let before others, and by whom",
    )
    async def list_exceptions(self, caller: Watch) -> ExceptionList:
        """Every exception with its reason and officer, the newest first."""
        async with self.database.begin() as transaction:
            found = await turns.exceptions(transaction, endings.SHOWN_MAX)
        return ExceptionList(items=[exception_view(one) for one in found])

    @door.get(
        "/print-authorizations/held",
        responses=_shown({"items": [_HELD]}, "Permissions of people under 17; at most 500."),
        summary="See whose card waits for the 17th birthday",
    )
    async def list_held(self, caller: Watch) -> HeldList:
        """Permitted and not printable yet: each with its day. They are in nobody's way."""
        today = self.clock.now().astimezone(self.zone).date()
        async with self.database.begin() as transaction:
            await steps.learn_days(transaction)
            found = await turns.held_for_age(transaction, today, endings.SHOWN_MAX)
        return HeldList(
            items=[
                HeldPermission(
                    authorization_id=one.held.authorization_id,
                    recording_id=one.held.recording_id,
                    issued_at=one.held.issued_at,
                    printable_on=one.printable_on,
                )
                for one in found
                if one.printable_on is not None
            ]
        )
