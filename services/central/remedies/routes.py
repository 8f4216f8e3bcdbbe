"""The officer's doors at the centre: what regions ask to delete, and the word on it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import structlog
from fastapi import Path, Query, Request
from pydantic import BaseModel, Field

from services.central.journey.refusals import CentreWaits
from services.central.remedies import steps, store
from services.central.remedies.hands import Hands
from services.central.remedies.rules import State
from services.central.remedies.steps import (
    DeletionAlreadyDecided,
    DeletionContradicts,
    Word,
)
from shared.clock import Clock
from shared.contracts.remedies import ConsentHow, DeletionReason, RecordingAt, Requester
from shared.contracts.strict import RegionCode, Strict
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, problem_responses
from shared.roles import Caller, Role, needs

log = structlog.get_logger()

Judge = Annotated[Caller, needs(Role.ADJUDICATOR)]
Watch = Annotated[Caller, needs(Role.ADJUDICATOR, Role.OPERATIONS)]
RegionPath = Annotated[RegionCode, Path(description="Region that asked", examples=["61.72"])]
_REQUEST = "01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f10"
RequestPath = Annotated[UUID, Path(description="The request's id", examples=[_REQUEST])]


class RefusalReason(StrEnum):
    """Why a deletion is refused. A list, so that nobody writes a person into the answer."""

    LETTER_DOES_NOT_FIT = "letter-does-not-fit"
    CONSENT_IN_DOUBT = "consent-in-doubt"
    OTHER_PERSON = "other-person"
    KEEP_AND_MOVE = "keep-and-move"
    NOTHING_TO_DELETE = "nothing-to-delete"


class ConsentView(BaseModel):
    letter_sha256: str
    given_on: date
    how: ConsentHow


class DeletionRequestView(BaseModel):
    """A request without the person: the NIK that is kept is in the region's own letter."""

    region: str
    request_id: UUID
    recordings: list[RecordingAt] = Field(description="To be deleted")
    keeps_recording: RecordingAt | None
    requester: Requester
    consent: ConsentView
    cause: DeletionReason = Field(
        description="Why there is more than one recording, or a wrong one"
    )
    asked_by: str = Field(description="The region's officer")
    requested_at: datetime
    received_at: datetime
    state: Literal["waiting", "confirmed", "refused"]
    decided_by: str | None = Field(description="The centre's officer; null while it waits")
    reason: str | None = Field(description="Code of a refusal, or null")
    decided_at: datetime | None


class DeletionRequestList(BaseModel):
    items: list[DeletionRequestView]


class DeletionRefusal(Strict):
    reason: RefusalReason = Field(description="What the region's officer reads")


_VIEW: dict[str, Any] = {
    "region": "61.72",
    "request_id": _REQUEST,
    "recordings": [{"recording_id": "01890a5d-ac96-774b-bcce-b302099a8057", "region": "61.72"}],
    "keeps_recording": None,
    "requester": "citizen",
    "consent": {"letter_sha256": "9f" * 32, "given_on": "2017-10-16", "how": "signed"},
    "cause": "recorded_twice",
    "asked_by": "officer-12",
    "requested_at": "2017-10-16T02:15:09Z",
    "received_at": "2017-10-16T02:15:11Z",
    "state": "waiting",
    "decided_by": None,
    "reason": None,
    "decided_at": None,
}
_CONFIRMED = {
    **_VIEW,
    "state": "confirmed",
    "decided_by": "pusat-3",
    "decided_at": "2017-10-17T03:00:00Z",
}
_REFUSED = {**_CONFIRMED, "state": "refused", "reason": "letter-does-not-fit"}
REFUSE = JsonBody(DeletionRefusal, {"reason": "letter-does-not-fit"})


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


def view_of(kept: store.Kept) -> DeletionRequestView:
    asked = kept.request
    return DeletionRequestView(
        region=kept.region,
        request_id=asked.request_id,
        recordings=list(asked.recordings),
        keeps_recording=asked.keeps_recording,
        requester=asked.requester,
        consent=ConsentView(**asked.consent.model_dump()),
        cause=asked.reason,
        asked_by=asked.officer,
        requested_at=asked.requested_at,
        received_at=kept.received_at,
        state=kept.state.value,
        decided_by=kept.officer,
        reason=kept.reason,
        decided_at=kept.decided_at,
    )


@dataclass(frozen=True)
class RemedyDoors(Doors):
    """Nothing is deleted but here, by a named officer."""

    database: Database
    hands: Hands
    clock: Clock

    @door.get(
        "/deletion-requests",
        responses={
            **_shown({"items": [_VIEW]}, "The oldest first, at most 500."),
            **problem_responses(InvalidInput),
        },
        summary="See what regions ask to delete",
    )
    async def list_deletion_requests(
        self,
        caller: Watch,
        state: Annotated[
            Literal["waiting", "confirmed", "refused"], Query(description="How they stand")
        ] = "waiting",
    ) -> DeletionRequestList:
        """Each with the consent it rests on: the letter's hash, its day, and how it was given."""
        async with self.database.begin() as transaction:
            found = await store.requests(transaction, State(state))
        return DeletionRequestList(items=[view_of(one) for one in found])

    @door.get(
        "/deletion-requests/{region}/{request_id}",
        responses={
            **_shown(_VIEW, "The request, and how it stands."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Look at one request to delete",
    )
    async def get_deletion_request(
        self, region: RegionPath, request_id: RequestPath, caller: Watch
    ) -> DeletionRequestView:
        """Kept for ever, whatever became of it."""
        async with self.database.begin() as transaction:
            found = await store.request_of(transaction, region, request_id)
        if found is None:
            raise NotFound("No such request came from this region.")
        return view_of(found)

    @door.post(
        "/deletion-requests/{region}/{request_id}/confirm",
        responses={
            **_shown(_CONFIRMED, "Deleted; every region concerned is told."),
            **problem_responses(
                NotFound,
                DeletionAlreadyDecided,
                DeletionContradicts,
                CentreWaits,
                InvalidInput,
            ),
        },
        summary="Confirm a deletion",
    )
    async def confirm_deletion(
        self, region: RegionPath, request_id: RequestPath, caller: Judge
    ) -> DeletionRequestView:
        """Delete the recordings named, free the NIK, and tell the regions.

        The bytes and the history stay for ever; what ends is their standing in anybody's way.
        Confirming twice is confirming once.
        """
        return await self._decide(region, request_id, Word(caller.subject, None))

    @door.post(
        "/deletion-requests/{region}/{request_id}/refuse",
        openapi_extra=REFUSE.openapi,
        responses={
            **_shown(_REFUSED, "Refused; the region is told why."),
            **problem_responses(NotFound, DeletionAlreadyDecided, CentreWaits, InvalidInput),
        },
        summary="Refuse a deletion",
    )
    async def refuse_deletion(
        self, region: RegionPath, request_id: RequestPath, request: Request, caller: Judge
    ) -> DeletionRequestView:
        """Nothing is deleted; the region may ask again, under another id."""
        told = await REFUSE.read(request)
        return await self._decide(region, request_id, Word(caller.subject, told.reason.value))

    async def _decide(self, region: str, request_id: UUID, word: Word) -> DeletionRequestView:
        found = await self.database.repeat(
            lambda transaction: steps.decide(
                transaction, self.hands, region, request_id, word, self.clock.now()
            )
        )
        log.info("remedies.decided", region=region, request=str(request_id), by=word.officer)
        return view_of(found)
