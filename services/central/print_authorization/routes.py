"""An officer takes a permission back, or gives it again; everybody sees which were."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import Path, Query, Request
from pydantic import BaseModel, Field, StringConstraints

from services.central.journey.permissions import Grounds
from services.central.journey.refusals import CentreWaits
from services.central.print_authorization import store
from shared.clock import Clock
from shared.contracts.strict import RegionCode, Strict
from shared.database.engine import Database, Transaction
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import (
    InvalidInput,
    NotFound,
    Refusal,
    UnsupportedMediaType,
    problem_responses,
)
from shared.roles import Caller, Role, needs

log = structlog.get_logger()

SHOWN_MAX = 500
GIVEN_IN_ERROR = "revoked-in-error"
ByOfficer = Callable[[Transaction, str, UUID, Grounds, datetime], Awaitable[bool]]
Note = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{3,300}$")]
_RECORDING = "01890a5d-ac96-774b-bcce-b302099a8057"
RegionPath = Annotated[RegionCode, Path(description="Region's code", examples=["61.72"])]
RecordingPath = Annotated[UUID, Path(description="Whose permission", examples=[_RECORDING])]
Judge = Annotated[Caller, needs(Role.ADJUDICATOR)]
Watch = Annotated[Caller, needs(Role.OPERATIONS, Role.ADJUDICATOR)]


class NothingToRevoke(Refusal):
    """No permission was given for this recording, or it was taken back before."""

    code, status = "nothing-to-revoke", 409
    title = "There is no permission to take back"
    next_action = "Look at the list of revocations, and at the recording's decision."
    next_action_id = "Lihat daftar pencabutan dan putusan perekaman itu."


class NothingToGiveAgain(Refusal):
    """This recording's permission was not taken back, or another recording holds its NIK now."""

    code, status = "nothing-to-give-again", 409
    title = "There is no revoked permission to replace"
    next_action = "Look at the list of revocations; a permission that stands needs no other."
    next_action_id = "Lihat daftar pencabutan; izin yang masih berlaku tidak perlu diganti."


class Cause(StrEnum):
    """Why an officer takes a permission back."""

    SAME_PERSON = "same-person"
    WRONG_PERSON = "wrong-person"
    WRONG_DATA = "wrong-data"
    DIED = "died"
    COURT_ORDER = "court-order"
    GIVEN_IN_ERROR = "given-in-error"


class RevocationOrder(Strict):
    reason: Cause = Field(description="The region reads this code", strict=False)
    note: Note = Field(description="Kept for ever at the centre; no names of citizens")


class PermissionOrder(Strict):
    note: Note = Field(description="Why the revocation was wrong; no names of citizens")


class RevocationView(BaseModel):
    region: str
    recording_id: UUID
    authorization_id: UUID
    reason: str
    revoked_at: datetime
    officer: str | None = Field(description="null: the centre, by its own rules")
    replaced_by: UUID | None = Field(description="The permission that follows, or null")
    is_given_again: bool = Field(description="An officer found it a mistake; the words are kept")
    card: str | None = Field(description="What the region told of its card; null: of none")
    blank_serial: str | None
    is_to_withdraw: bool = Field(description="The card is out, and must come back")


class RevocationList(BaseModel):
    items: list[RevocationView] = Field(description="The newest first")


_VIEW = {
    "region": "61.72",
    "recording_id": _RECORDING,
    "authorization_id": "01890a5d-b096-7c5e-8a51-6a1b0e3e2f10",
    "reason": "same-person",
    "revoked_at": "2017-11-02T03:00:00Z",
    "officer": "SITI",
    "replaced_by": None,
    "is_given_again": False,
    "card": "printed",
    "blank_serial": "BLK-000123",
    "is_to_withdraw": True,
}
_ORDER = JsonBody(
    RevocationOrder,
    {"reason": "same-person", "note": "case 01890a5d: both recordings show one person"},
)
_AGAIN = JsonBody(PermissionOrder, {"note": "the court found the first ruling mistaken"})


@dataclass(frozen=True)
class RevocationDoors(Doors):
    """Permissions taken back."""

    database: Database
    clock: Clock
    revoke: ByOfficer
    permit_again: ByOfficer

    @door.get(
        "/revocations",
        responses={
            200: {
                "description": "Permissions taken back; at most 500.",
                "content": {"application/json": {"example": {"items": [_VIEW]}}},
            },
            **problem_responses(InvalidInput),
        },
        summary="See which permissions were taken back",
    )
    async def get_revocations(
        self,
        caller: Watch,
        region: Annotated[RegionCode | None, Query(description="Of one region")] = None,
        only_to_withdraw: Annotated[
            bool, Query(description="Only those whose card is out")
        ] = False,
    ) -> RevocationList:
        """With who said so, the reason's code, and whether a card is out that must come back.

        The officer's own words are kept at the centre and shown by no door: people write names.
        """
        async with self.database.begin() as transaction:
            found = await store.revocations(
                transaction, region, SHOWN_MAX, only_out=only_to_withdraw
            )
        return RevocationList(items=[_view(one) for one in found])

    @door.post(
        "/regions/{region}/recordings/{recording_id}/revocation",
        openapi_extra=_ORDER.openapi,
        responses={
            200: {
                "description": "Taken back; the region reads it in its feed.",
                "content": {"application/json": {"example": _VIEW}},
            },
            **problem_responses(
                NothingToRevoke, CentreWaits, NotFound, InvalidInput, UnsupportedMediaType
            ),
        },
        summary="Take a permission back",
    )
    async def revoke_permission(
        self, request: Request, region: RegionPath, recording_id: RecordingPath, caller: Judge
    ) -> RevocationView:
        """By name and with a reason, kept for ever. Spent or not: a card that is out comes back.

        The recording keeps its NIK. A region whose program is older holds the word until it is
        updated: its list of held entries shows it.
        """
        order = await _ORDER.read(request)
        grounds = Grounds(order.reason.value, caller.subject, order.note)
        now = self.clock.now()
        async with self.database.begin() as transaction:
            if not await self.revoke(transaction, region, recording_id, grounds, now):
                raise NothingToRevoke
            found = await store.newest_revocation(transaction, region, recording_id)
        log.warning("permission.revoked_by_officer", region=region, by=caller.subject)
        return _view(_there(found))

    @door.post(
        "/regions/{region}/recordings/{recording_id}/permission",
        openapi_extra=_AGAIN.openapi,
        responses={
            200: {
                "description": "The revocation that was followed by a fresh permission.",
                "content": {"application/json": {"example": _VIEW}},
            },
            **problem_responses(
                NothingToGiveAgain, CentreWaits, NotFound, InvalidInput, UnsupportedMediaType
            ),
        },
        summary="Give a permission again that was taken back in error",
    )
    async def permit_again_by_officer(
        self, request: Request, region: RegionPath, recording_id: RecordingPath, caller: Judge
    ) -> RevocationView:
        """A fresh permission follows in the region's feed; the old one stays void."""
        order = await _AGAIN.read(request)
        grounds = Grounds(GIVEN_IN_ERROR, caller.subject, order.note)
        now = self.clock.now()
        async with self.database.begin() as transaction:
            if not await self.permit_again(transaction, region, recording_id, grounds, now):
                raise NothingToGiveAgain
            found = await store.newest_revocation(transaction, region, recording_id)
        log.warning("permission.given_again", region=region, by=caller.subject)
        return _view(_there(found))


def _there(found: store.Revoked | None) -> store.Revoked:
    if found is None:
        raise NotFound("No permission of this recording was taken back.")
    return found


def _view(one: store.Revoked) -> RevocationView:
    return RevocationView(
        region=one.region,
        recording_id=one.recording_id,
        authorization_id=one.authorization_id,
        reason=one.reason,
        revoked_at=one.revoked_at,
        officer=one.officer,
        replaced_by=one.replaced_by,
        is_given_again=one.given_again is not None,
        card=one.card,
        blank_serial=one.blank_serial,
        is_to_withdraw=one.card in store.OUT,
    )
