"""What the head of office watches: permissions near their end, and cards to be taken back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.regional.printing import endings
from shared.clock import Clock
from shared.database.engine import Database
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, problem_responses
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
