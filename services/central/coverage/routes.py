"""National coverage and the dashboard of outcomes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.central.coverage import steps
from shared.database.engine import Database
from shared.doors.room import Doors, door
from shared.roles import Caller, Role, needs


class RegionView(BaseModel):
    region: str
    population: int
    obliged: int
    recorded: int = Field(description="Persons whose recording the centre has decided")
    percent_of_obliged: float | None = Field(description="May exceed 100; null without a base")
    counted_at: datetime | None = Field(description="When the region counted its residents")


class NationalCoverage(BaseModel):
    total: RegionView
    regions: list[RegionView]


class Outcomes(BaseModel):
    regions: dict[str, dict[str, int]] = Field(description="Decisions by region and outcome")


_REGION = {
    "region": "61.72",
    "population": 262210,
    "obliged": 187433,
    "recorded": 137533,
    "percent_of_obliged": 73.38,
    "counted_at": "2017-10-13T05:00:00Z",
}
Watch = Annotated[Caller, needs(Role.OPERATIONS, Role.ADJUDICATOR, Role.HEAD_OF_OFFICE)]


def _view(one: steps.RegionCoverage) -> RegionView:
    return RegionView(
        region=one.region,
        population=one.population,
        obliged=one.obliged,
        recorded=one.recorded,
        percent_of_obliged=round(100 * one.recorded / one.obliged, 2) if one.obliged else None,
        counted_at=one.counted_at,
    )


@dataclass(frozen=True)
class CoverageDoors(Doors):
    """National figures."""

    database: Database

    @door.get(
        "/coverage",
        responses={
            200: {
                "description": "Each percentage with both of its numbers.",
                "content": {
                    "application/json": {
                        "example": {"total": {**_REGION, "region": "ID"}, "regions": [_REGION]}
                    }
                },
            }
        },
        summary="See national coverage",
    )
    async def get_national_coverage(self, caller: Watch) -> NationalCoverage:
        """Recorded / obliged / population by region, with the day each base was counted."""
        async with self.database.begin() as transaction:
            found = await steps.by_region(transaction)
        total = steps.RegionCoverage(
            "ID",
            sum(one.population for one in found),
            sum(one.obliged for one in found),
            sum(one.recorded for one in found),
            None,
        )
        return NationalCoverage(total=_view(total), regions=[_view(one) for one in found])

    @door.get(
        "/outcomes",
        responses={
            200: {
                "description": "Decisions by region and outcome.",
                "content": {
                    "application/json": {
                        "example": {"regions": {"61.72": {"PRINT_READY_RECORD": 137354}}}
                    }
                },
            }
        },
        summary="See how recordings ended",
    )
    async def get_outcomes(self, caller: Watch) -> Outcomes:
        """The six outcomes of penunggalan, counted by region."""
        async with self.database.begin() as transaction:
            return Outcomes(regions=await steps.outcomes_by_region(transaction))
