"""The doors of a region's name: claim it, see who has it, hand it over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import Path, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from services.central.fencing import steps
from services.central.identity import REGION_REFUSALS, Regions
from shared.clock import Clock
from shared.contracts.resync import LIFE_WORD, LifeClaim, LifeWord
from shared.contracts.strict import RegionCode, Strict
from shared.database.engine import Database
from shared.doors.bodies import JsonBody, expect_media_type
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, NotFound, UnsupportedMediaType, problem_responses
from shared.roles import Caller, Role, needs
from shared.signing import SIGNATURE_HEADER, SigningKey, sign_message

log = structlog.get_logger()

RegionPath = Annotated[RegionCode, Path(description="Region's code", examples=["61.72"])]
Reason = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{3,300}$")]
Operate = Annotated[Caller, needs(Role.OPERATIONS)]
_LIFE = "01890a5d-ac96-774b-bcce-b302099a8057"
_SIGNED: dict[str, Any] = {"security": [{"region_signature": []}]}


class Takeover(Strict):
    """Which server is to speak for the region from now on."""

    life: UUID = Field(description="As the fenced server tells it in its log and in doctor")
    reason: Reason = Field(description="Kept for ever; no names of citizens")


class TakenOver(BaseModel):
    region: str
    life: UUID
    since: datetime


_CLAIM = JsonBody(LifeClaim, {"version": 1, "life": _LIFE, "predecessor": None})
_TAKEOVER = JsonBody(
    Takeover, {"life": _LIFE, "reason": "the old server burnt; this is its standby"}
)


@dataclass(frozen=True)
class FencingDoors(Doors):
    """Who speaks for a region."""

    database: Database
    regions: Regions
    key: SigningKey
    clock: Clock

    @door.put(
        "/life",
        response_model=LifeWord,
        openapi_extra={**_CLAIM.openapi, **_SIGNED},
        responses={
            200: {
                "description": "Whether this start speaks for the region; signed by the centre.",
                "content": {
                    "application/json": {
                        "example": {
                            "version": 1,
                            "region": "61.72",
                            "life": _LIFE,
                            "is_current": True,
                        }
                    }
                },
            },
            **problem_responses(*REGION_REFUSALS, InvalidInput, UnsupportedMediaType),
        },
        summary="Claim a region's name for this start of its server",
    )
    async def claim_life(self, request: Request, region: RegionPath) -> Response:
        """Counts if the predecessor is the current life. Repeatable; a copied disk claims in vain.

        Envelopes and questions that name another life than the current one are refused
        (`region-fenced`).
        """
        expect_media_type(request, "application/json")
        body = await request.body()
        await self.regions.prove_word(request, region, body)
        claimed = await _CLAIM.read(request)
        now = self.clock.now()
        is_current = await self.database.repeat(
            lambda transaction: steps.claim(transaction, region, claimed, now)
        )
        if not is_current:
            log.error("fencing.claimed_in_vain", region=region, life=str(claimed.life))
        content = LIFE_WORD.dump_json(
            LifeWord(version=1, region=region, life=claimed.life, is_current=is_current)
        )
        return Response(
            content,
            media_type="application/json",
            headers={SIGNATURE_HEADER: sign_message(self.key, f"life {region}", content)},
        )

    @door.post(
        "/takeover",
        openapi_extra=_TAKEOVER.openapi,
        responses={
            200: {
                "description": "That server speaks for the region; every other is fenced.",
                "content": {
                    "application/json": {
                        "example": {
                            "region": "61.72",
                            "life": _LIFE,
                            "since": "2017-10-14T02:15:09Z",
                        }
                    }
                },
            },
            **problem_responses(NotFound, InvalidInput, UnsupportedMediaType),
        },
        summary="Hand a region's name to one of its servers",
    )
    async def hand_over(self, request: Request, region: RegionPath, caller: Operate) -> TakenOver:
        """Only to a server that has asked for it. Look first which one holds what nobody else has.

        The officer and the reason are kept for ever.
        """
        told = await _TAKEOVER.read(request)
        now = self.clock.now()
        async with self.database.begin() as transaction:
            await steps.hand_over(transaction, region, told.life, caller.subject, told.reason, now)
        log.error("fencing.handed_over", region=region, life=str(told.life), by=caller.subject)
        return TakenOver(region=region, life=told.life, since=now)
