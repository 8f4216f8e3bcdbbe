"""Import the residents' list; see coverage."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from services.regional.coverage import rules, store
from services.regional.coverage.rules import Counted
from shared.clock import Clock
from shared.database.engine import Database
from shared.doors.room import Doors, door
from shared.roles import Caller, Role, needs


class PlaceCoverage(BaseModel):
    code: str
    population: int
    obliged: int
    obliged_recorded: int = Field(description="Obliged residents who are recorded (by domicile)")
    recorded_here: int = Field(description="Recordings taken here of people of this ward")
    percent_of_obliged: float | None = Field(description="obliged_recorded / obliged")


class CoverageView(BaseModel):
    """Each percentage with both of its numbers, at a moment."""

    counted_at: datetime
    total: PlaceCoverage
    districts: list[PlaceCoverage]
    wards: list[PlaceCoverage]


def _view(one: Counted) -> PlaceCoverage:
    return PlaceCoverage(
        code=one.code,
        population=one.population,
        obliged=one.obliged,
        obliged_recorded=one.obliged_recorded,
        recorded_here=one.recorded_here,
        percent_of_obliged=rules.percent(one.obliged_recorded, one.obliged),
    )


_TOTAL = {
    "code": "61.72",
    "population": 262210,
    "obliged": 187433,
    "obliged_recorded": 137533,
    "recorded_here": 137533,
    "percent_of_obliged": 73.38,
}


def _shown(example: Any) -> dict[int | str, dict[str, Any]]:
    return {
        200: {
            "description": "Each percentage with both of its numbers.",
            "content": {"application/json": {"example": example}},
        }
    }


@dataclass(frozen=True)
class CoverageDoors(Doors):
    """The residents' list in, the figures out."""

    database: Database
    region: str
    clock: Clock

    @door.get(
        "/coverage",
        responses=_shown(
            {
                "counted_at": "2017-10-13T05:00:00Z",
                "total": _TOTAL,
                "districts": [{**_TOTAL, "code": "61.72.01"}],
                "wards": [{**_TOTAL, "code": "61.72.01.1001"}],
            }
        ),
        summary="See how many are recorded",
    )
    async def get_coverage(
        self,
        caller: Annotated[Caller, needs(Role.OFFICER, Role.HEAD_OF_OFFICE, Role.OPERATIONS)],
    ) -> CoverageView:
        """Recorded / obliged / population by district and ward, counted now."""
        async with self.database.begin() as transaction:
            wards = await store.count_by_ward(transaction)
        total = Counted(self.region, 0, 0, 0, 0)
        for ward in wards:
            total = rules.add(total, ward)
        return CoverageView(
            counted_at=self.clock.now(),
            total=_view(total),
            districts=[_view(one) for one in rules.by_district(wards)],
            wards=[_view(one) for one in wards],
        )
