"""Coverage for the office's programs: any day, frozen semesters, all cells as CSV."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import Field

from services.regional.coverage import rules, steps, store
from services.regional.coverage.rules import Coverage
from services.regional.coverage.steps import Office
from services.regional.coverage.views import (
    EXAMPLE,
    SNAPSHOT_EXAMPLE,
    CoverageView,
    Snapshots,
    cells_csv,
    snapshot_of,
    view_of,
)
from shared.clock import Clock
from shared.contracts.strict import Day, Strict
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, problem_responses
from shared.roles import Caller, Role, needs, needs_whole_region

Watch = Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
Keep = Annotated[Caller, needs_whole_region(Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
At = Annotated[
    Day | None,
    Query(description="The end of this day; empty: now", examples=["2017-10-13"]),
]
AsOf = Annotated[Day, Path(description="A frozen day", examples=["2017-12-31"])]


class Freezing(Strict):
    as_of: date = Field(description="A 30 June or a 31 December that is over")


FREEZING = JsonBody(Freezing, {"as_of": "2017-12-31"})


def _shown(example: Any, said: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": said, "content": {"application/json": {"example": example}}}}


@dataclass(frozen=True)
class CoverageDoors(Doors):
    database: Database
    office: Office
    clock: Clock

    @door.get(
        "/coverage",
        responses={
            **_shown(EXAMPLE, "Each percentage with both of its numbers."),
            **problem_responses(InvalidInput),
        },
        summary="See how many are recorded",
    )
    async def get_coverage(self, caller: Watch, at: At = None) -> CoverageView:
        """Recorded / obliged / population by district, ward, sex and age, at the end of a day.

        By domicile: obliged residents who are recorded here. By place of recording: all that this
        office recorded, which may be above 100 %. `unknowns` says what a past day cannot tell.
        """
        return self._view(await self._count(at))

    @door.get(
        "/coverage/cells",
        response_class=Response,
        responses={
            200: {
                "description": "Ward by sex by age group.",
                "content": {
                    "text/csv": {
                        "schema": {"type": "string"},
                        "example": "at,ward,sex,age_group,population,obliged,obliged_recorded\n"
                        "2017-10-13,61.72.01.1001,female,17-22,1583,1583,1104\n",
                    }
                },
            },
            **problem_responses(InvalidInput),
        },
        summary="Take all cells of coverage away as CSV",
    )
    async def get_coverage_cells(self, caller: Watch, at: At = None) -> Response:
        """One line for each ward, sex and age group; small cells are not hidden from the office."""
        return Response(
            cells_csv(await self._count(at)),
            media_type="text/csv; charset=utf-8",
        )

    @door.get(
        "/coverage/snapshots",
        responses=_shown({"items": [SNAPSHOT_EXAMPLE]}, "The latest first."),
        summary="See the frozen semesters",
    )
    async def list_coverage_snapshots(self, caller: Watch) -> Snapshots:
        """What coverage was counted to be on each 30 June and 31 December; it never changes."""
        async with self.database.begin() as transaction:
            return Snapshots(items=[snapshot_of(row) for row in await store.snapshots(transaction)])

    @door.post(
        "/coverage/snapshots",
        openapi_extra=FREEZING.openapi,
        responses={
            **_shown(
                {**EXAMPLE, "at": "2017-12-31", "frozen_at": "2018-01-01T01:00:00Z"},
                "The frozen figures, now or from before.",
            ),
            **problem_responses(InvalidInput, NotFound),
        },
        summary="Freeze a semester",
    )
    async def freeze_coverage(self, request: Request, caller: Keep) -> CoverageView:
        """Freeze a semester that is over, as its last day is known now.

        Semesters are frozen by themselves from the first list on; a day frozen before stays as it
        was.
        """
        asked = await FREEZING.read(request)
        async with self.database.begin() as transaction:
            found = await steps.freeze(transaction, self.office, asked.as_of, self.clock.now())
            head = await store.find_snapshot(transaction, asked.as_of)
        if found is None or head is None:
            raise NotFound("There is nobody on the residents' list of that day.")
        return self._view(found, head.taken_at)

    @door.get(
        "/coverage/snapshots/{as_of}",
        responses={
            **_shown(
                {**EXAMPLE, "at": "2017-12-31", "frozen_at": "2018-01-01T01:00:00Z"},
                "The figures as they were frozen.",
            ),
            **problem_responses(NotFound, InvalidInput),
        },
        summary="See a frozen semester",
    )
    async def get_coverage_snapshot(self, as_of: AsOf, caller: Watch) -> CoverageView:
        """Coverage of a semester's last day as it was counted when it was frozen."""
        async with self.database.begin() as transaction:
            head = await store.find_snapshot(transaction, as_of)
            if head is None:
                raise NotFound
            return self._view(await store.read_snapshot(transaction, head), head.taken_at)

    async def _count(self, at: date | None) -> Coverage:
        today = self.office.today(self.clock.now())
        check_day(at or today, today)
        async with self.database.begin() as transaction:
            return await steps.count(transaction, self.office, at or today)

    def _view(self, coverage: Coverage, frozen_at: Any = None) -> CoverageView:
        now = self.clock.now()
        return view_of(coverage, self.office.region, now, self.office.today(now), frozen_at)


def check_day(at: date, today: date) -> None:
    """Refuses: InvalidInput for a day nobody can know of."""
    if not rules.FIRST_DAY <= at <= today:
        raise InvalidInput("A day from 1 January 1990 until today.")
