"""The officer's doors for recordings that cannot be printed as they stand."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Path, Query, Request, Response

from services.regional.remedies import steps, store, views
from services.regional.remedies.steps import (
    AddressNotHere,
    ConsentNotYetGiven,
    DeletionAlreadyAsked,
    NothingToValidate,
    NotMovedYet,
    Office,
    RecorderMayNotConfirm,
    RecordingNotDecided,
    RequestDiffers,
)
from services.regional.remedies.views import (
    ASKED_EXAMPLE,
    MOVE_EXAMPLE,
    RECORDING,
    REQUEST,
    RIVAL,
    UNSETTLED_EXAMPLE,
    VALIDATION_EXAMPLE,
    DeletionAsked,
    DeletionsAsked,
    MoveView,
    UnsettledPage,
    ValidationView,
)
from shared.clock import Clock
from shared.contracts.remedies import DeletionContent, MoveContent, ValidationContent
from shared.database.engine import Database, Transaction
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, problem_responses
from shared.roles import Caller, Role, needs

DELETION = JsonBody(
    DeletionContent,
    {
        "recordings": [{"recording_id": RECORDING, "region": "61.72"}],
        "keeps_nik": "6172025207900003",
        "keeps_recording": None,
        "requester": "citizen",
        "consent": {"letter_sha256": "9f" * 32, "given_on": "2017-10-16", "how": "signed"},
        "reason": "recorded_twice",
    },
)
VALIDATION = JsonBody(
    ValidationContent,
    {
        "result": "confirmed",
        "checks": {
            "person_present": True,
            "fingers_rechecked": True,
            "photo_compared": True,
            "sex_compared": True,
        },
        "remark": None,
    },
)
MOVE = JsonBody(
    MoveContent,
    {
        "nik": "6107025207900003",
        "recording": {"recording_id": RIVAL, "region": "61.07"},
        "letter_number": "SKPWNI/6107/13102017/0001",
        "letter_sha256": "9e" * 32,
        "moved_on": "2017-10-13",
        "address": {"street": "JALAN CONTOH 7", "rt": "003", "rw": "001", "ward": "61.72.02.1001"},
    },
)
PAST_ALL = 2**62
Desk = Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE)]
RequestPath = Annotated[UUID, Path(description="Made by the office, once", examples=[REQUEST])]
MovePath = Annotated[UUID, Path(description="Made by the office, once", examples=[REQUEST])]
RecordingPath = Annotated[UUID, Path(description="The id its station made", examples=[RECORDING])]
REPLAYED = "Idempotent-Replayed"


def shown(example: Any, description: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"description": description, "content": {"application/json": {"example": example}}}
    }


def replay_header(response: Response, *, is_repeat: bool) -> None:
    if is_repeat:
        response.headers[REPLAYED] = "true"


@dataclass(frozen=True)
class RemedyDoors(Doors):
    """Ask for a deletion, answer a validation, see what waits for whom."""

    database: Database
    region: str
    zone: ZoneInfo
    clock: Clock

    @door.get(
        "/unsettled",
        responses={
            **shown(
                {"items": [UNSETTLED_EXAMPLE], "next_cursor": None},
                "Recordings somebody must act on, with the next step of each.",
            ),
            **problem_responses(InvalidInput),
        },
        summary="See recordings with problems and their remedies",
    )
    async def list_unsettled(
        self,
        caller: Desk,
        limit: Annotated[int, Query(ge=1, le=500, description="Recordings a page")] = 50,
        cursor: Annotated[int, Query(ge=0, le=2**62, description="`next_cursor` of a page")] = 0,
    ) -> UnsettledPage:
        """Who stands in the way, who acts next, and what to do: delete, move first, validate, wait.

        A person who was recorded again is not listed any more.
        """
        async with self.database.begin() as transaction:
            found = await store.unsettled(transaction, cursor, limit)
        return UnsettledPage(
            items=[views.unsettled_view(one, self.region) for one in found],
            next_cursor=found[-1].pos if len(found) == limit else None,
        )

    @door.put(
        "/deletion-requests/{request_id}",
        status_code=202,
        openapi_extra=DELETION.openapi,
        responses={
            **shown(ASKED_EXAMPLE, "On this region's disk; it climbs in its turn.", 202),
            **problem_responses(
                NotFound,
                RequestDiffers,
                RecordingNotDecided,
                DeletionAlreadyAsked,
                ConsentNotYetGiven,
                InvalidInput,
            ),
        },
        summary="Ask the centre to delete recordings",
    )
    async def ask_deletion(
        self, request_id: RequestPath, request: Request, response: Response, caller: Desk
    ) -> DeletionAsked:
        """With the person's consent in writing; a named officer at the centre decides.

        Until the centre confirms, recording the same NIK again is refused. The same request again
        gets the same answer.
        """
        content = await DELETION.read(request)
        office = self._office(caller)

        async def ask(transaction: Transaction) -> tuple[DeletionAsked, bool]:
            asked, is_repeat = await steps.ask_deletion(transaction, office, request_id, content)
            named = await store.named(transaction, request_id)
            return views.asked_view(asked, named), is_repeat

        found, is_repeat = await self.database.repeat(ask)
        replay_header(response, is_repeat=is_repeat)
        return found

    @door.get(
        "/deletion-requests",
        responses={
            **shown({"items": [ASKED_EXAMPLE], "next_cursor": None}, "The newest first."),
            **problem_responses(InvalidInput),
        },
        summary="See what this office asked to delete",
    )
    async def list_deletion_requests(
        self,
        caller: Desk,
        limit: Annotated[int, Query(ge=1, le=200, description="Requests a page")] = 50,
        cursor: Annotated[
            int, Query(ge=1, le=2**62, description="`next_cursor` of a page")
        ] = PAST_ALL,
    ) -> DeletionsAsked:
        """Every request with its state; none is ever removed."""
        async with self.database.begin() as transaction:
            found = await store.all_asked(transaction, cursor, limit)
            items = [
                views.asked_view(one, await store.named(transaction, one.request_id))
                for one in found
            ]
        return DeletionsAsked(
            items=items, next_cursor=found[-1].seq if len(found) == limit else None
        )

    @door.get(
        "/deletion-requests/{request_id}",
        responses={
            **shown(ASKED_EXAMPLE, "The request, and how it stands."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Follow one request to delete",
    )
    async def get_deletion_request(self, request_id: RequestPath, caller: Desk) -> DeletionAsked:
        """Waiting, confirmed or refused, with the reason."""
        async with self.database.begin() as transaction:
            found = await store.asked(transaction, request_id)
            named = await store.named(transaction, request_id)
        if found is None:
            raise NotFound("This office made no such request.")
        return views.asked_view(found, named)

    @door.put(
        "/validations/{recording_id}",
        status_code=202,
        openapi_extra=VALIDATION.openapi,
        responses={
            **shown(VALIDATION_EXAMPLE, "On this region's disk; it climbs in its turn.", 202),
            **problem_responses(
                NotFound,
                NothingToValidate,
                RequestDiffers,
                RecorderMayNotConfirm,
                InvalidInput,
            ),
        },
        summary="Answer what the centre asks about a recording",
    )
    async def answer_validation(
        self, recording_id: RecordingPath, request: Request, response: Response, caller: Desk
    ) -> ValidationView:
        """Confirmed or not, by an officer who has the person there and did not record them.

        Confirmed, the centre decides again; not confirmed, the person is recorded again.
        """
        content = await VALIDATION.read(request)
        office = self._office(caller)

        async def answer(transaction: Transaction) -> tuple[ValidationView, bool]:
            told, is_repeat = await steps.answer_validation(
                transaction, office, recording_id, content
            )
            one = await store.unsettled_one(transaction, recording_id)
            return views.validation_view(recording_id, one, told), is_repeat

        found, is_repeat = await self.database.repeat(answer)
        replay_header(response, is_repeat=is_repeat)
        return found

    @door.get(
        "/validations/{recording_id}",
        responses={
            **shown(VALIDATION_EXAMPLE, "What is asked, and what was answered."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="See what to check for the centre",
    )
    async def get_validation(self, recording_id: RecordingPath, caller: Desk) -> ValidationView:
        """What the centre doubts about a recording, and what to look at, the person being here."""
        async with self.database.begin() as transaction:
            own = await store.own(transaction, [recording_id])
            one = await store.unsettled_one(transaction, recording_id)
            answer = await store.newest_checked(transaction, recording_id)
        if not own:
            raise NotFound("No recording with this id was taken here.")
        return views.validation_view(recording_id, one, answer)

    @door.put(
        "/moves/{move_id}",
        status_code=202,
        openapi_extra=MOVE.openapi,
        responses={
            **shown(MOVE_EXAMPLE, "On this region's disk; it climbs in its turn.", 202),
            **problem_responses(RequestDiffers, AddressNotHere, NotMovedYet, InvalidInput),
        },
        summary="Process a move of domicile to this region",
    )
    async def ask_move(
        self, move_id: MovePath, request: Request, response: Response, caller: Desk
    ) -> MoveView:
        """For a person who is recorded elsewhere: by the moving letter, without a new recording.

        The centre takes the permission back there and gives one here. The same move again gets the
        same answer.
        """
        content = await MOVE.read(request)
        office = self._office(caller)
        found, is_repeat = await self.database.repeat(
            lambda transaction: steps.ask_move(transaction, office, move_id, content)
        )
        replay_header(response, is_repeat=is_repeat)
        return views.move_view(found)

    @door.get(
        "/moves/{move_id}",
        responses={
            **shown(MOVE_EXAMPLE, "The move, and how it stands."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Follow one move",
    )
    async def get_move(self, move_id: MovePath, caller: Desk) -> MoveView:
        """Waiting, moved or refused, with the reason and what to do next."""
        async with self.database.begin() as transaction:
            found = await store.moving(transaction, move_id)
        if found is None:
            raise NotFound("This office processed no such move.")
        return views.move_view(found)

    def _office(self, caller: Caller) -> Office:
        now = self.clock.now()
        return Office(self.region, caller.subject, now.astimezone(self.zone).date(), now)
