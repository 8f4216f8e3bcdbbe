"""See the schedule with what is past its time, and have it obeyed now."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from shared.audit.entries import Purpose
from shared.audit.writing import Write
from shared.doors.room import Doors, door
from shared.retention.loop import Retention
from shared.roles import Caller, Role, needs

Watch = Annotated[Caller, needs(Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
Mend = Annotated[Caller, needs(Role.OPERATIONS)]


class TermView(BaseModel):
    """One line of the schedule."""

    kind: str
    days: int = Field(description="How long it is kept; 0: for ever")
    what: str
    why: str
    due: int = Field(description="Rows past their time now: the next turn takes them")


class Schedule(BaseModel):
    items: list[TermView]


class Removed(BaseModel):
    """What one turn took away."""

    rows: dict[str, int] = Field(description="By kind; 0 where nothing was past its time")


ORDERED_BATCHES_MAX = 5
_TERM = {
    "kind": "letters",
    "days": 365,
    "what": "Whom a letter went to, and its code, counted from its delivery",
    "why": "A code nobody used for a year opens nothing any more",
    "due": 12,
}


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


@dataclass(frozen=True)
class RetentionDoors(Doors):
    """How long data is kept here."""

    retention: Retention
    write: Write

    @door.get(
        "/retention",
        responses=_shown({"items": [_TERM]}, "Every kind with its days and what is past them."),
        summary="See how long data is kept, and what would go now",
    )
    async def get_retention(self, caller: Watch) -> Schedule:
        """The schedule of the settings. Nothing is removed by looking."""
        due = await self.retention.due()
        return Schedule(
            items=[
                TermView(
                    kind=one.kind, days=one.days, what=one.what, why=one.why, due=due[one.kind]
                )
                for one in self.retention.terms()
            ]
        )

    @door.post(
        "/retention/turns",
        responses=_shown({"rows": {"letters": 12}}, "What went."),
        summary="Remove now what is past its time",
    )
    async def obey_retention(self, caller: Mend) -> Removed:
        """A shorter turn than the loop makes every hour: asked again, it goes on where it ended."""
        rows = await self.retention.turn(ORDERED_BATCHES_MAX)
        async with self.retention.database.begin() as transaction:
            now = self.retention.clock.now()
            await self.write(transaction, caller, "retention-obeyed", Purpose.SECURITY, (), now)
        return Removed(rows=rows)
