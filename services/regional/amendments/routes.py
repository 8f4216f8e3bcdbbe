"""The desk's doors: ask for a change or a reprint, see how it stands, see what held when."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Path, Request, Response

from services.regional.amendments import steps, store, views
from services.regional.amendments.refusals import (
    REFUSALS,
    AmendmentDiffers,
    AnotherRequestWaits,
    ConfirmationNotProven,
)
from services.regional.amendments.rules import Arrival
from services.regional.amendments.views import HistoryView, RequestView
from shared.amendment.law import Objected
from shared.amendment.objections import Objection
from shared.clock import Clock
from shared.contracts.amendments import AmendmentContent, ReprintContent
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, Refusal, problem_responses
from shared.roles import Caller, Role, needs

AMENDMENT = JsonBody(AmendmentContent, views.AMENDMENT_EXAMPLE)
REPRINT = JsonBody(ReprintContent, views.REPRINT_EXAMPLE)
# The centre alone finds these; a request's status names them.
FOUND_AT_CENTRE = frozenset({Objection.TAKEN_BACK, Objection.UNREADABLE, Objection.SET_ASIDE})
REPRINT_OBJECTIONS = (
    Objection.DOCUMENTS_MISSING,
    Objection.DOCUMENT_TOO_NEW,
    Objection.NOT_PROVEN,
    Objection.OTHER_RECORDING,
    Objection.ELSEWHERE,
    Objection.NO_CARD,
)
AMENDMENT_OBJECTIONS = tuple(
    one for one in Objection if one not in FOUND_AT_CENTRE and one is not Objection.NO_CARD
)
RequestId = Annotated[
    UUID, Path(description="Made at the desk, once for ever", examples=[views.REQUEST_ID])
]
Desk = Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE)]


def _responses(*objections: Objection) -> dict[int | str, dict[str, Any]]:
    example = {**views.REQUEST_EXAMPLE, "state": "waiting", "decided_at": None}
    example["is_card_due"] = False
    return {
        202: {
            "description": "Queued for the centre, which judges it again.",
            "content": {"application/json": {"example": example}},
            "headers": {
                "Idempotent-Replayed": {
                    "description": "`true` when this request was kept before",
                    "schema": {"type": "string", "enum": ["true"]},
                }
            },
        },
        **problem_responses(
            AmendmentDiffers,
            AnotherRequestWaits,
            ConfirmationNotProven,
            InvalidInput,
            *(REFUSALS[one] for one in objections),
        ),
    }


def refusal_of(reply: steps.ContentDiffers | steps.AnotherWaits | Objected) -> Refusal:
    match reply:
        case steps.ContentDiffers():
            return AmendmentDiffers()
        case steps.AnotherWaits(request_id):
            return AnotherRequestWaits(extra={"earlier": str(request_id)})
        case Objected(objection, element, needed):
            extra: dict[str, Any] = {}
            if element is not None:
                extra["element"] = element.value
            if needed:
                extra["needs"] = [kind.value for kind in needed]
            return REFUSALS[objection](extra=extra)


@dataclass(frozen=True)
class AmendmentDoors(Doors):
    """Changes and reprints of cards whose holders are proven."""

    database: Database
    region: str
    zone: ZoneInfo
    clock: Clock

    @door.put(
        "/amendments/{request_id}",
        status_code=202,
        response_model=RequestView,
        openapi_extra=AMENDMENT.openapi,
        responses=_responses(*AMENDMENT_OBJECTIONS),
        summary="Ask for a change of data",
    )
    async def ask_amendment(
        self, request_id: RequestId, request: Request, caller: Desk
    ) -> Response:
        """Queue a change for the centre, if the documents are enough for every element.

        The NIK is never changed; birth place and date are mended only where they were miswritten;
        another name, and sex, take a court ruling. No biometrics are taken again. While the answer
        is awaited no card is printed of data that is to change. Sending the same again gets the
        same answer.
        """
        content = await AMENDMENT.read(request)
        if content.confirmed_by is not None and (
            Role.HEAD_OF_OFFICE not in caller.roles or caller.subject != content.confirmed_by
        ):
            raise ConfirmationNotProven
        return await self._take(Arrival.of(request_id, content), caller)

    @door.put(
        "/reprints/{request_id}",
        status_code=202,
        response_model=RequestView,
        openapi_extra=REPRINT.openapi,
        responses=_responses(*REPRINT_OBJECTIONS),
        summary="Ask for a lost or damaged card to be printed again",
    )
    async def ask_reprint(self, request_id: RequestId, request: Request, caller: Desk) -> Response:
        """Queue a reprint: nothing on the card changes, and the old one counts no more."""
        content = await REPRINT.read(request)
        return await self._take(Arrival.of(request_id, content), caller)

    async def _take(self, arrival: Arrival, caller: Caller) -> Response:
        now = self.clock.now()
        today = now.astimezone(self.zone).date()
        reply = await self.database.repeat(
            lambda transaction: steps.take(
                transaction, self.region, arrival, caller.subject, today, now
            )
        )
        if not isinstance(reply, steps.Taken):
            raise refusal_of(reply)
        return Response(
            views.view_of(reply.kept).model_dump_json(),
            status_code=202,
            media_type="application/json",
            headers={"Idempotent-Replayed": "true"} if reply.is_repeat else None,
        )

    @door.get(
        "/amendments/{request_id}",
        responses={
            200: {
                "description": "Waiting, accepted, or refused with its remedy.",
                "content": {"application/json": {"example": views.REQUEST_EXAMPLE}},
            },
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Follow an amendment or a reprint",
    )
    async def get_amendment(self, request_id: RequestId, caller: Desk) -> RequestView:
        """How a request stands; a refusal says what to do about it, in Indonesian too."""
        async with self.database.begin() as transaction:
            kept = await store.kept(transaction, request_id)
        if kept is None:
            raise NotFound("No request with this id was made here.")
        return views.view_of(kept)

    @door.get(
        "/recordings/{recording_id}/history",
        responses={
            200: {
                "description": "Every state of the person's data, and every request.",
                "content": {"application/json": {"example": views.HISTORY_EXAMPLE}},
            },
            **problem_responses(NotFound, InvalidInput),
        },
        summary="See what held of a person when",
    )
    async def get_history(
        self,
        recording_id: Annotated[
            UUID, Path(description="The id its station made", examples=[views.RECORDING_ID])
        ],
        caller: Desk,
    ) -> HistoryView:
        """As recorded first; nothing is ever changed or taken out of a history."""
        async with self.database.begin() as transaction:
            versions = await steps.history(transaction, recording_id)
            requests = await store.of_recording(transaction, recording_id)
        return views.history_of(recording_id, versions, requests)
