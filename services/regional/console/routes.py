"""Today's work, the line's last days, the check at the desk and a recording's story as JSON."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from fastapi import Path, Query, Request

from services.regional.console import examples, rules, steps, store, views
from services.regional.console.board import Board
from services.regional.console.history import DAYS_KEPT
from services.regional.console.sources import Sources
from services.regional.console.views import (
    DeskCheck,
    DeskCheckView,
    DossierView,
    LineHistoryView,
    WorkView,
)
from shared.clock import Clock
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.nik import Nik
from shared.refusals import InvalidInput, NotFound, problem_responses
from shared.roles import Caller, Role, needs

DESK = JsonBody(DeskCheck, {"nik": "6172025207900003"})
DESK_ROLES = (Role.OFFICER, Role.HEAD_OF_OFFICE)
WATCH_ROLES = (Role.OFFICER, Role.HEAD_OF_OFFICE, Role.PRINTER, Role.OPERATIONS)
Desk = Annotated[Caller, needs(*DESK_ROLES)]
Watch = Annotated[Caller, needs(*WATCH_ROLES)]
RecordingPath = Annotated[
    UUID,
    Path(
        description="The id its station made", examples=[examples.DOSSIER_EXAMPLE["recording_id"]]
    ),
]

log = structlog.get_logger()


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


@dataclass(frozen=True)
class ConsoleDoors(Doors):
    """What an office does next, and what is known of one recording or one person."""

    database: Database
    region: str
    zone: ZoneInfo
    clock: Clock
    sources: Sources

    @door.get(
        "/work",
        responses=_shown(examples.WORK_EXAMPLE, "Each pile with its count and its first rows."),
        summary="See today's work",
    )
    async def get_work(self, caller: Watch) -> WorkView:
        """To record, waiting, problems with their remedy, ready to print, to hand over."""
        return views.work_view(await self.board.work())

    @door.get(
        "/line/history",
        responses={
            **_shown(examples.LINE_EXAMPLE, "Spells, outages, the queue and what was carried."),
            **problem_responses(InvalidInput),
        },
        summary="See how the line did in the last days",
    )
    async def get_line_history(
        self,
        caller: Watch,
        days: Annotated[int, Query(ge=1, le=DAYS_KEPT, description="How far back")] = 3,
    ) -> LineHistoryView:
        """One look a minute while this server ran; an outage begins when it began."""
        return views.line_view(await self.line_story(days))

    @door.post(
        "/desk-checks",
        openapi_extra=DESK.openapi,
        responses={
            **_shown(examples.DESK_EXAMPLE, "Whether to record, and why not."),
            **problem_responses(InvalidInput),
        },
        summary="Ask whether a person may be recorded now",
    )
    async def check_at_the_desk(self, request: Request, caller: Desk) -> DeskCheckView:
        """By the residents' list and the recordings here, before anybody is photographed.

        The NIK travels in the body: an address ends up in logs. What another region holds is known
        to the centre alone, and comes out when the recording is proved.
        """
        wanted = await DESK.read(request)
        found = await self.at_the_desk(Nik.parse(wanted.nik), caller.subject)
        return views.desk_view(found, may_record=found.checked.advice in rules.MAY_RECORD)

    @door.get(
        "/recordings/{recording_id}/dossier",
        responses={
            **_shown(examples.DOSSIER_EXAMPLE, "Every event with its own time, and the images."),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="Read everything about one recording",
    )
    async def get_dossier(self, recording_id: RecordingPath, caller: Desk) -> DossierView:
        """Sending, decisions, permissions, cards, remedies, amendments and images, by time."""
        return views.dossier_view((await self.whole(recording_id)).dossier)

    @cached_property
    def board(self) -> Board:
        """One for everybody who looks at this server."""
        return Board(self._count_work, self.pulse, self.today)

    async def pulse(self) -> store.Pulse:
        async with self.database.begin() as transaction:
            return await store.pulse(transaction, self.region)

    async def _count_work(self) -> steps.Work:
        async with self.database.begin() as transaction:
            return await steps.work_of(
                transaction, self.region, self.zone, self.sources, self.clock.now()
            )

    async def line_story(self, days: int) -> steps.LineStory:
        async with self.database.begin() as transaction:
            return await steps.line_story(transaction, days, self.clock.now())

    async def at_the_desk(self, nik: Nik, officer: str) -> steps.AtTheDesk:
        """Whoever looks somebody up is written down in the log; whom they looked up is not."""
        async with self.database.begin() as transaction:
            found = await steps.at_the_desk(transaction, self.sources, nik, self.today())
        log.info("console.looked_up", officer=officer, advice=found.checked.advice.value)
        return found

    async def whole(self, recording_id: UUID) -> steps.Whole:
        async with self.database.begin() as transaction:
            return await steps.whole(transaction, self.sources, recording_id, self.today())

    def today(self) -> date:
        return self.clock.now().astimezone(self.zone).date()
