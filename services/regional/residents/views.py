"""How a change set is told, to programs and to pages."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Row

from services.regional.residents import rules, steps
from services.regional.residents.faults import FAULTS
from services.regional.residents.rules import Change, LineFault, Missing, SetState


class LeftOut(BaseModel):
    line: int = Field(description="Line of the file; the header is line 1")
    why: str
    next_action: str
    next_action_id: str

    @classmethod
    def of(cls, fault: LineFault) -> "LeftOut":
        advice = FAULTS[fault.why]
        return cls(
            line=fault.line,
            why=fault.why,
            next_action=f"{advice.wrong} {advice.do}",
            next_action_id=f"{advice.wrong_id} {advice.do_id}",
        )


class Changes(BaseModel):
    """How many people a list changes, by what it changes; who stays as before is not counted."""

    arrived: int
    ward: int = Field(description="Live in another ward of this region")
    changed: int = Field(description="Something else is written differently")
    died: int
    left: int = Field(description="The list says that they moved away")
    missing: int = Field(description="Were on the last list and are not on this")
    missing_recorded: int = Field(description="Of these, recorded here")


class ChangeSetView(BaseModel):
    change_set_id: UUID
    state: SetState
    listed_on: date = Field(description="The day the list is of")
    handed_in_by: str
    handed_in_at: datetime
    size_bytes: int
    lines_read: int
    residents: int
    left_out: int
    trouble: str | None = Field(description="Why the file as a whole could not be read")
    seems_rounded: bool = Field(description="NIKs seem to have lost their last digits")
    living_before: int | None
    living_listed: int | None
    changes: Changes
    missing_proposed: Missing
    missing_choice: Missing | None
    closed_by: str | None
    closed_at: datetime | None


def view_of(one: Row[Any], counts: Mapping[tuple[Change, bool], int]) -> ChangeSetView:
    found = {
        kind: sum(counts.get((kind, recorded), 0) for recorded in (True, False)) for kind in Change
    }
    if one.living_before == 0 and not counts and one.state in (SetState.READ, SetState.APPLIED):
        found[Change.ARRIVED] = one.living_listed  # of a first list each is new: not written down
    return ChangeSetView(
        change_set_id=one.change_set_id,
        state=one.state,
        listed_on=one.listed_on,
        handed_in_by=one.handed_in_by,
        handed_in_at=one.handed_in_at,
        size_bytes=one.size_bytes,
        lines_read=one.lines_read,
        residents=one.residents,
        left_out=one.left_out,
        trouble=one.trouble,
        seems_rounded=steps.is_rounded(one),
        living_before=one.living_before,
        living_listed=one.living_listed,
        changes=Changes(
            **{kind.value: number for kind, number in found.items()},
            missing_recorded=counts.get((Change.MISSING, True), 0),
        ),
        missing_proposed=rules.missing_default(
            found[Change.MISSING], one.living_before or 0, one.left_out
        ),
        missing_choice=one.missing_choice,
        closed_by=one.closed_by,
        closed_at=one.closed_at,
    )


EXAMPLE = {
    "change_set_id": "01890a5d-c0de-7aaa-8bbb-6a1b0e3e2f10",
    "state": "read",
    "listed_on": "2017-10-13",
    "handed_in_by": "officer-12",
    "handed_in_at": "2017-10-13T05:00:00Z",
    "size_bytes": 35_651_584,
    "lines_read": 262_212,
    "residents": 262_210,
    "left_out": 1,
    "trouble": None,
    "seems_rounded": False,
    "living_before": 262_101,
    "living_listed": 262_196,
    "changes": {
        "arrived": 201,
        "ward": 57,
        "changed": 310,
        "died": 14,
        "left": 92,
        "missing": 3,
        "missing_recorded": 1,
    },
    "missing_proposed": "keep",
    "missing_choice": None,
    "closed_by": None,
    "closed_at": None,
}
