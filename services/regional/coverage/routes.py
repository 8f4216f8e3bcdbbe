"""Import the residents' list; see coverage."""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, Field

from services.regional.coverage import rules, steps, store
from services.regional.coverage.rules import Counted, NotAResidentsList
from shared.clock import Clock
from shared.database.engine import Database
from shared.doors.bodies import expect_media_type
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, UnsupportedMediaType, problem_responses
from shared.roles import Caller, Role, needs

RESIDENTS_BYTES_MAX = 64 * 1024 * 1024
RESIDENTS_EXAMPLE = (
    "nik,sex,birth_date,ward,obliged\n6172025207900003,female,1990-07-12,61.72.02.1001,true\n"
)


class LeftOut(BaseModel):
    line: int = Field(description="Line of the file; the header is line 1")
    why: str


class ImportReport(BaseModel):
    residents: int
    left_out: int
    first_faults: list[LeftOut] = Field(description="At most 100; lines are named, never shown")


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

    @door.put(
        "/residents",
        max_body_size=RESIDENTS_BYTES_MAX,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "text/csv": {"schema": {"type": "string"}, "example": RESIDENTS_EXAMPLE}
                },
            }
        },
        responses={
            200: {
                "description": "The list is in place; damaged lines are named.",
                "content": {
                    "application/json": {
                        "example": {
                            "residents": 262210,
                            "left_out": 1,
                            "first_faults": [{"line": 17, "why": "nik-not-16-digits"}],
                        }
                    }
                },
            },
            **problem_responses(InvalidInput, UnsupportedMediaType),
        },
        summary="Import the residents' list",
    )
    async def import_residents(
        self,
        request: Request,
        caller: Annotated[Caller, needs(Role.HEAD_OF_OFFICE, Role.OPERATIONS)],
    ) -> ImportReport:
        """Put a CSV of the civil registry in the place of the last one; leading zeros are kept.

        Columns: nik, sex (male/female), birth_date, ward, obliged (true/false); others are let
        pass.
        """
        expect_media_type(request, "text/csv")
        try:
            text = (await request.body()).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidInput("The file is not UTF-8 text.") from None
        try:
            async with self.database.begin() as transaction:
                taken, faults = await steps.import_residents(
                    transaction, self.region, io.StringIO(text), self.clock.now()
                )
        except NotAResidentsList as unreadable:
            raise InvalidInput(str(unreadable)) from None
        return ImportReport(
            residents=taken,
            left_out=len(faults),
            first_faults=[
                LeftOut(line=fault.line, why=fault.why)
                for fault in faults[: rules.FAULTS_SHOWN_MAX]
            ],
        )

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
