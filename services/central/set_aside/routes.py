"""See what was set aside, and order another try."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, Field

from services.central.set_aside import steps, store
from services.central.set_aside.steps import StillHeld
from shared.clock import Clock
from shared.contracts.strict import RegionCode
from shared.database.engine import Database
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, problem_responses
from shared.roles import Caller, Role, needs


class SetAsideView(BaseModel):
    """One envelope that is kept and not acted on. Nothing in it says whose it is."""

    region: str
    seq: int
    envelope_id: UUID
    kind: str
    version: int
    note: str = Field(description="set-aside: it could not be settled; held: unknown here yet")
    reason: str | None = Field(description="The kind of trouble; null while it was never tried")
    attempts: int
    since: datetime
    again_at: datetime | None = Field(description="When another try was ordered; null for none")


class SetAsideList(BaseModel):
    items: list[SetAsideView]


class Ordered(BaseModel):
    region: str
    seq: int
    again_at: datetime


_EXAMPLE = {
    "region": "61.72",
    "seq": 1204,
    "envelope_id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "kind": "recording",
    "version": 1,
    "note": "set-aside",
    "reason": "sqlstate-23514",
    "attempts": 3,
    "since": "2017-10-13T02:15:12Z",
    "again_at": None,
}
_ORDERED = {"region": "61.72", "seq": 1204, "again_at": "2017-10-14T01:00:00Z"}
Watch = Annotated[Caller, needs(Role.OPERATIONS, Role.ADJUDICATOR, Role.HEAD_OF_OFFICE)]
Mend = Annotated[Caller, needs(Role.OPERATIONS)]


@dataclass(frozen=True)
class SetAsideDoors(Doors):
    """Envelopes nobody waits behind."""

    database: Database
    known_versions: Mapping[str, int]
    clock: Clock

    @door.get(
        "/set-aside",
        responses={
            200: {
                "description": "By region and seq; at most 500, /v1/health counts them all.",
                "content": {"application/json": {"example": {"items": [_EXAMPLE]}}},
            }
        },
        summary="See what was set aside",
    )
    async def get_set_aside(self, caller: Watch) -> SetAsideList:
        """Envelopes that could not be settled or read: where, since when, and the kind of trouble.

        Each keeps its place and its bytes; those behind it were settled.
        """
        async with self.database.begin() as transaction:
            found = await store.listed(transaction)
        return SetAsideList(
            items=[
                SetAsideView(
                    region=one.region,
                    seq=one.seq,
                    envelope_id=one.envelope_id,
                    kind=one.kind,
                    version=one.version,
                    note=one.note,
                    reason=one.reason,
                    attempts=one.attempts or 0,
                    since=one.since,
                    again_at=one.again_at,
                )
                for one in found
            ]
        )

    @door.post(
        "/set-aside/{region}/{seq}/retry",
        status_code=202,
        responses={
            202: {
                "description": "Ordered; the settler tries it in its next round.",
                "content": {"application/json": {"example": _ORDERED}},
            },
            **problem_responses(NotFound, StillHeld, InvalidInput),
        },
        summary="Order another try",
    )
    async def order_another_try(
        self,
        region: Annotated[RegionCode, Path(description="Region's code", examples=["61.72"])],
        seq: Annotated[int, Path(ge=1, le=2**62, description="Its place", examples=[1204])],
        caller: Mend,
    ) -> Ordered:
        """After an upgrade, or when the cause is mended: settle it as if it were new.

        What is decided then follows in the region's feed as a further entry. Ordering twice is
        ordering once.
        """
        now = self.clock.now()
        async with self.database.begin() as transaction:
            await steps.order(transaction, region, seq, self.known_versions, now)
        return Ordered(region=region, seq=seq, again_at=now)
