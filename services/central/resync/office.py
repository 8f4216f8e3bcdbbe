"""What operations at the centre see and say of a re-sync: barrier, waivers, contested claims."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import structlog
from fastapi import Path, Request
from pydantic import BaseModel, Field, StringConstraints

from services.central import epochs
from services.central.resync import store, waivers
from shared.clock import Clock
from shared.contracts.resync import Epoch
from shared.contracts.strict import RegionCode, Strict
from shared.database.engine import Database, Transaction
from shared.doors.bodies import JsonBody
from shared.doors.room import Doors, door
from shared.four_eyes import is_another
from shared.refusals import InvalidInput, Refusal, UnsupportedMediaType, problem_responses
from shared.roles import Caller, Role, needs

log = structlog.get_logger()

Reason = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{3,300}$")]
RegionPath = Annotated[RegionCode, Path(description="Region's code", examples=["61.72"])]
Operate = Annotated[Caller, needs(Role.OPERATIONS)]
Judge = Annotated[Caller, needs(Role.OPERATIONS, Role.ADJUDICATOR)]
CONTESTED_SHOWN_MAX = 500


class EpochDiffers(Refusal):
    """The epoch named is not the present one: somebody raised it first, or it was misread."""

    code, status = "epoch-differs", 409
    title = "The centre is in another epoch"
    next_action = "Look at the present epoch and say it again only if it is still meant."
    next_action_id = "Lihat epoch sekarang; ulangi hanya bila memang masih dimaksud."


class NotAwaited(Refusal):
    """Nothing waits for this region: it has handed back what it holds, or was waived already."""

    code, status = "not-awaited", 409
    title = "Nothing waits for this region"
    next_action = "Look at the list of awaited regions."
    next_action_id = "Lihat daftar daerah yang ditunggu."


class SecondWaiver(Refusal):
    """You asked for this waiver yourself; whoever agrees to it has to be somebody else."""

    code, status = "second-waiver-needed", 409
    title = "A second officer has to agree"
    next_action = "Ask another officer of operations to waive the region, too."
    next_action_id = "Minta petugas operasi lain ikut menyatakan daerah ini tidak ditunggu."


class Restored(Strict):
    """An officer's word that this centre was put back from a backup."""

    epoch: Epoch = Field(description="The present epoch, so that two officers raise it once")
    reason: Reason = Field(description="Kept for ever; no names of citizens")


class Waiver(Strict):
    """An officer's word that permissions need not wait for a region."""

    reason: Reason = Field(description="Kept for ever; no names of citizens")


class AwaitedRegion(BaseModel):
    region: str
    state: Literal["awaiting", "waived", "done"]
    awaiting_since: datetime
    synced_at: datetime | None
    waiver_asked_by: str | None = Field(description="Who asked not to wait; another has to agree")
    waived_at: datetime | None
    waived_by: str | None
    reason: str | None


class ResyncView(BaseModel):
    """The present epoch, and the regions it waits for. Those still awaited come first."""

    epoch: int
    began_at: datetime
    raised_by: str | None
    reason: str | None
    is_settling: bool = Field(description="false while any region is awaited")
    awaited: int
    regions: list[AwaitedRegion]


class RivalClaim(BaseModel):
    recording_id: UUID
    region: str
    captured_at: datetime


class ContestedClaim(BaseModel):
    recording_id: UUID
    region: str
    authorization_id: UUID = Field(description="Not to be spent; its card may be printed already")
    rival: RivalClaim
    found_at: datetime
    told_at: datetime | None = Field(description="When the region was told; null: not yet")


class ContestedList(BaseModel):
    items: list[ContestedClaim] = Field(description="Oldest first")


RESYNC_EXAMPLE = {
    "epoch": 2,
    "began_at": "2017-10-14T02:15:09Z",
    "raised_by": "SITI",
    "reason": "disk of the centre replaced, restored to the archive's end",
    "is_settling": False,
    "awaited": 1,
    "regions": [
        {
            "region": "61.72",
            "state": "awaiting",
            "awaiting_since": "2017-10-14T02:15:09Z",
            "synced_at": None,
            "waiver_asked_by": None,
            "waived_at": None,
            "waived_by": None,
            "reason": None,
        }
    ],
}
CONTESTED_EXAMPLE = {
    "items": [
        {
            "recording_id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "region": "61.72",
            "authorization_id": "01890a5d-b096-7c5e-8a51-6a1b0e3e2f10",
            "rival": {
                "recording_id": "01890a5d-ac96-774b-bcce-b302099a8058",
                "region": "61.07",
                "captured_at": "2017-10-14T03:15:09Z",
            },
            "found_at": "2017-10-16T03:15:09Z",
            "told_at": None,
        }
    ]
}
_RESTORED = JsonBody(Restored, {"epoch": 7, "reason": "restored from last night's base backup"})
_WAIVER = JsonBody(Waiver, {"reason": "the office was flooded; its disk is being dried"})
_VIEW_ANSWER = {
    "description": "The barrier and whom it waits for.",
    "content": {"application/json": {"example": RESYNC_EXAMPLE}},
}


@dataclass(frozen=True)
class OfficeDoors(Doors):
    """The barrier, for operations."""

    database: Database
    clock: Clock

    @door.get(
        "/resync",
        responses={200: _VIEW_ANSWER},
        summary="See which regions a restored centre waits for",
    )
    async def get_resync(self, caller: Operate) -> ResyncView:
        """While one is awaited nothing is settled; envelopes go on being taken and receipted."""
        async with self.database.begin() as transaction:
            return await view(transaction)

    @door.post(
        "/resync",
        openapi_extra=_RESTORED.openapi,
        responses={
            200: _VIEW_ANSWER,
            **problem_responses(EpochDiffers, InvalidInput, UnsupportedMediaType),
        },
        summary="Say that this centre was restored from a backup",
    )
    async def raise_epoch(self, request: Request, caller: Operate) -> ResyncView:
        """Begin a new epoch: no permission leaves until every region has handed back or is waived.

        The present epoch must be named.
        """
        told = await _RESTORED.read(request)
        now = self.clock.now()
        async with self.database.begin() as transaction:
            epoch = await epochs.raise_to(transaction, told.epoch, caller.subject, told.reason, now)
            if epoch is None:
                raise EpochDiffers(extra={"epoch": await epochs.current(transaction)})
            found = await view(transaction)
        log.error("resync.epoch_raised", epoch=epoch, by=caller.subject)
        return found

    @door.post(
        "/regions/{region}/waiver",
        openapi_extra=_WAIVER.openapi,
        responses={
            200: _VIEW_ANSWER,
            **problem_responses(NotAwaited, SecondWaiver, InvalidInput, UnsupportedMediaType),
        },
        summary="Go on without a region that cannot be reached",
    )
    async def waive_region(
        self, request: Request, region: RegionPath, caller: Operate
    ) -> ResyncView:
        """Stop waiting for one region, by two officers' names and reasons, kept for ever.

        The first one's word asks; the region is waited for until another officer says the same.
        What it was permitted and the centre forgot may be permitted again elsewhere; when it comes
        back, such claims are contested and its office must not print them. Cards it printed stay.
        """
        waiver = await _WAIVER.read(request)
        now = self.clock.now()
        async with self.database.begin() as transaction:
            epoch = await epochs.current(transaction)
            said = (transaction, region, epoch, caller.subject, waiver.reason, now)
            awaited = await waivers.lock_awaited(transaction, region, epoch)
            if awaited is None:
                raise NotAwaited
            asked_by: str | None = awaited.waiver_asked_by
            if asked_by is None:
                await waivers.ask(*said)
            elif is_another(caller.subject, [asked_by]):
                await waivers.waive(*said)
            else:
                raise SecondWaiver
            found = await view(transaction)
        event = "resync.waiver_asked" if asked_by is None else "resync.region_waived"
        log.error(event, region=region, epoch=epoch, by=caller.subject)
        return found

    @door.get(
        "/contested",
        responses={
            200: {
                "description": "Permissions that came back for a NIK given on meanwhile.",
                "content": {"application/json": {"example": CONTESTED_EXAMPLE}},
            }
        },
        summary="See claims that two officers must compare",
    )
    async def get_contested(self, caller: Judge) -> ContestedList:
        """Kept for ever: both recordings, and whether the region knows that it must not print."""
        async with self.database.begin() as transaction:
            rows = await store.contested_list(transaction, limit=CONTESTED_SHOWN_MAX)
        return ContestedList(
            items=[
                ContestedClaim(
                    recording_id=one.recording_id,
                    region=one.region,
                    authorization_id=one.authorization_id,
                    rival=RivalClaim(
                        recording_id=one.rival.recording_id,
                        region=one.rival.region,
                        captured_at=one.rival.captured_at,
                    ),
                    found_at=one.found_at,
                    told_at=one.told_at,
                )
                for one in rows
            ]
        )


async def view(transaction: Transaction) -> ResyncView:
    epoch = await store.epoch_row(transaction, await epochs.current(transaction))
    regions = [
        AwaitedRegion(
            region=row.region_code,
            state="done" if row.synced_at else "waived" if row.waived_at else "awaiting",
            awaiting_since=row.awaiting_since,
            synced_at=row.synced_at,
            waiver_asked_by=row.waiver_asked_by,
            waived_at=row.waived_at,
            waived_by=row.officer,
            reason=row.reason,
        )
        for row in await store.regions_of(transaction, epoch.epoch)
    ]
    awaited = sum(one.state == "awaiting" for one in regions)
    return ResyncView(
        epoch=epoch.epoch,
        began_at=epoch.began_at,
        raised_by=epoch.officer,
        reason=epoch.reason,
        is_settling=not awaited,
        awaited=awaited,
        regions=sorted(regions, key=lambda one: (one.state, one.region)),
    )
