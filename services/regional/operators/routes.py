"""The head of office's doors: officers' irises in, and out again."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Request
from pydantic import BaseModel, Field

from services.regional.operators import steps, store
from services.regional.operators.steps import (
    Head,
    IrisesUnreadable,
    OperatorEyes,
    OperatorTemplates,
)
from shared.clock import Clock
from shared.contracts.recording import ShortCode
from shared.database.engine import Database
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.iris import FORMAT, TEMPLATE_BYTES
from shared.refusals import InvalidInput, problem_responses
from shared.roles import Caller, Role, needs

Head_ = Annotated[Caller, needs(Role.HEAD_OF_OFFICE)]
Watch = Annotated[Caller, needs(Role.HEAD_OF_OFFICE, Role.OPERATIONS)]
OfficerPath = Annotated[ShortCode, Path(description="The officer's id", examples=["officer-12"])]


class OperatorView(BaseModel):
    """Whose irises are known here, never the irises themselves."""

    officer: str
    is_enrolled: bool
    eyes: list[str] = Field(description="left, right, or both")
    head_of_office: str | None = Field(description="Who enrolled them")
    enrolled_at: datetime | None


class OperatorList(BaseModel):
    items: list[OperatorView]


_VIEW: dict[str, Any] = {
    "officer": "officer-12",
    "is_enrolled": True,
    "eyes": ["left", "right"],
    "head_of_office": "kepala-1",
    "enrolled_at": "2017-10-16T02:15:09Z",
}
# An eye that nobody has: every bit trusted, none set.
_EYE = {
    "format": FORMAT,
    "data": base64.b64encode(bytes(TEMPLATE_BYTES // 2) + b"\xff" * (TEMPLATE_BYTES // 2)).decode(),
}
IRISES = JsonBody(OperatorTemplates, {"left": _EYE, "right": None, "own_nik": None})


def _shown(example: Any, description: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"description": description, "content": {"application/json": {"example": example}}}
    }


def view_of(one: store.Enrolled) -> OperatorView:
    is_there = {"left": one.has_left, "right": one.has_right}
    return OperatorView(
        officer=one.officer,
        is_enrolled=True,
        eyes=[eye for eye, is_so in is_there.items() if is_so],
        head_of_office=one.head_of_office,
        enrolled_at=one.enrolled_at,
    )


@dataclass(frozen=True)
class OperatorDoors(Doors):
    """Known officers: whoever carries their eyes is no citizen's recording."""

    database: Database
    region: str
    clock: Clock
    eyes: OperatorEyes

    @door.get(
        "/operators",
        responses=_shown({"items": [_VIEW]}, "Officers whose irises are known here."),
        summary="See which officers' irises are known",
    )
    async def list_operators(self, caller: Watch) -> OperatorList:
        """By officer; nothing of the irises is shown."""
        async with self.database.begin() as transaction:
            found = await store.enrolled(transaction)
        return OperatorList(items=[view_of(one) for one in found])

    @door.put(
        "/operators/{officer}/irises",
        openapi_extra=IRISES.openapi,
        responses={
            **_shown(_VIEW, "Known from now on, here and soon at the centre."),
            **problem_responses(IrisesUnreadable, InvalidInput),
        },
        summary="Enrol an officer's irises",
    )
    async def enrol_operator(
        self, officer: OfficerPath, request: Request, caller: Head_
    ) -> OperatorView:
        """In the place of earlier ones. From now on no citizen's recording carries them unseen."""
        templates = await IRISES.read(request)
        head = Head(self.region, caller.subject, self.clock.now())
        one = await self.database.repeat(
            lambda transaction: steps.enrol(transaction, head, officer, templates, self.eyes.keys)
        )
        await self._reload()
        return view_of(one)

    @door.delete(
        "/operators/{officer}/irises",
        status_code=204,
        responses=problem_responses(InvalidInput),
        summary="Remove an officer's irises",
    )
    async def remove_operator(self, officer: OfficerPath, caller: Head_) -> None:
        """When somebody leaves the office. That they were enrolled stays in the books.

        Afterwards nobody is known under this id, here and soon at the centre; removing twice is
        removing once.
        """
        head = Head(self.region, caller.subject, self.clock.now())
        await self.database.repeat(lambda transaction: steps.remove(transaction, head, officer))
        await self._reload()

    async def _reload(self) -> None:
        async with self.database.begin() as transaction:
            await self.eyes.load(transaction)
