"""Ask where a recording is and why; ask how the queue and fairness stand."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Path, Request

from services.regional.disk.loop import DiskWatch
from services.regional.status import steps, store
from services.regional.status.views import (
    FAIRNESS_EXAMPLE,
    OUTAGE_EXAMPLE,
    QUEUE_EXAMPLE,
    STATUS_EXAMPLE,
    FairnessView,
    Found,
    OutageView,
    QueueView,
    RecordingStatus,
    SearchByNik,
)
from shared.clock import Clock
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, problem_responses
from shared.roles import Caller, Role, needs

SEARCH = JsonBody(SearchByNik, {"nik": "6172025207900003"})
Desk = Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE, Role.PRINTER, Role.ADJUDICATOR)]
Watch = Annotated[Caller, needs(Role.OPERATIONS, Role.OFFICER, Role.HEAD_OF_OFFICE)]


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


@dataclass(frozen=True)
class StatusDoors(Doors):
    """Questions about one recording, the queue and fairness."""

    database: Database
    region: str
    zone: ZoneInfo
    clock: Clock
    disk: DiskWatch

    @door.get(
        "/recordings/{recording_id}",
        responses={
            **_shown(STATUS_EXAMPLE, "Stage, official status, timeline and explanation."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Follow one recording",
    )
    async def get_recording_status(
        self,
        recording_id: Annotated[
            UUID,
            Path(description="The id its station made", examples=[STATUS_EXAMPLE["recording_id"]]),
        ],
        caller: Desk,
    ) -> RecordingStatus:
        """Where a recording is, since when, what it waits for, and who must act next."""
        async with self.database.begin() as transaction:
            return await steps.status_of(
                transaction,
                self.region,
                recording_id,
                self.clock.now().astimezone(self.zone).date(),
            )

    @door.post(
        "/recordings/search",
        openapi_extra=SEARCH.openapi,
        responses={
            **_shown(
                {"items": [STATUS_EXAMPLE["recording_id"]]}, "Ids of this NIK's recordings here."
            ),
            **problem_responses(InvalidInput),
        },
        summary="Find recordings by NIK",
    )
    async def search_recordings(
        self,
        request: Request,
        caller: Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE)],
    ) -> Found:
        """The NIK travels in the body: an address ends up in logs."""
        wanted = await SEARCH.read(request)
        async with self.database.begin() as transaction:
            return Found(items=await store.ids_by_nik(transaction, int(wanted.nik)))

    @door.get(
        "/queue",
        responses=_shown(QUEUE_EXAMPLE, "Waiting, oldest, line, goodput, expected time."),
        summary="See the queue to the centre",
    )
    async def get_queue(self, caller: Watch) -> QueueView:
        """How much waits, how old it is, how the line does, how long it may take (as a range)."""
        disk = self.disk.state(self.clock.now())
        async with self.database.begin() as transaction:
            return await steps.queue_state(transaction, self.region, disk)

    @door.get(
        "/outage",
        responses=_shown(OUTAGE_EXAMPLE, "Line, waiting, disk, catching up, what to do now."),
        summary="See whether to go on while the line fails",
    )
    async def get_outage(self, caller: Watch) -> OutageView:
        """Line, room for recordings, when what waits will be at the centre, and what to do now."""
        disk = self.disk.state(self.clock.now())
        async with self.database.begin() as transaction:
            return await steps.outage(transaction, self.region, disk)

    @door.get(
        "/fairness",
        responses=_shown(FAIRNESS_EXAMPLE, "Overtakes by cause, and waiting times."),
        summary="See whether anybody was overtaken",
    )
    async def get_fairness(self, caller: Watch) -> FairnessView:
        """Pairs in which the later capture was permitted first, with the cause of each kind."""
        async with self.database.begin() as transaction:
            return await steps.fairness(transaction)
