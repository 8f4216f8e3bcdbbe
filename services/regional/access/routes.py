"""The report's doors: for a head of office, who gives it to whoever asks for their own."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Request

from services.regional.access.steps import Reports
from services.regional.access.views import (
    REPORT_EXAMPLE,
    REQUEST_EXAMPLE,
    AccessReport,
    AccessView,
    WhoseReport,
)
from shared.clock import Clock
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, problem_responses
from shared.roles import Caller, Role, needs

ASKED = JsonBody(WhoseReport, REQUEST_EXAMPLE)
Head = Annotated[Caller, needs(Role.HEAD_OF_OFFICE)]


@dataclass(frozen=True)
class AccessDoors(Doors):
    """Who looked at one person's data."""

    reports: Reports
    clock: Clock

    @door.post(
        "/access-reports",
        openapi_extra=ASKED.openapi,
        responses={
            200: {
                "description": "Every entry of this region's audit that names the person.",
                "content": {"application/json": {"example": REPORT_EXAMPLE}},
            },
            **problem_responses(InvalidInput),
        },
        summary="Tell who looked at a person's data",
    )
    async def get_access_report(self, request: Request, caller: Head) -> AccessReport:
        """The NIK travels in the body. Looks at the centre are the centre's to tell."""
        asked = await ASKED.read(request)
        found = await self.reports.of(int(asked.nik))
        return AccessReport(made_at=self.clock.now(), items=[AccessView.of(one) for one in found])
