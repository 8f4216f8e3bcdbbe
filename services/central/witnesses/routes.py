"""Checkpoints for regions, and how the audit stands, for people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.central.audit.entries import CHAIN, LEDGER
from services.central.identity.refusals import REGION_REFUSALS
from services.central.identity.regions import Regions
from services.central.witnesses import steps
from services.central.witnesses.steps import CHECKPOINTS, WITNESS
from shared.audit.checkpoints import Made
from shared.clock import Clock
from shared.contracts.audit import (
    CHECKPOINTS_MAX,
    JWS_CHARACTERS_MAX,
    PAGE,
    CheckpointPage,
    NextCheckpoint,
)
from shared.contracts.strict import RegionCode
from shared.database.engine import Database
from shared.doors.room import Doors, door
from shared.refusals import InvalidInput, problem_responses
from shared.roles import Caller, Role, needs
from shared.signing import SIGNATURE_HEADER, SigningKey, sign_message

EXAMPLE_JWS = "eyJhbGciOiJFZDI1NTE5In0.eyJzaXplIjoxMjB9.c2lnbmF0dXJl"
_PAGE_EXAMPLE = {
    "version": 1,
    "region": "61.72",
    "items": [{"jws": EXAMPLE_JWS, "previous_size": 118, "proof": ["6e" * 32]}],
    "head": EXAMPLE_JWS,
}
_AUDIT_EXAMPLE = {
    "chain": CHAIN,
    "size": 120,
    "checkpoint": EXAMPLE_JWS,
    "checkpoint_size": 120,
    "doubts": [],
}
_SIGNED: dict[str, Any] = {"security": [{"region_signature": []}]}
Watch = Annotated[Caller, needs(Role.OPERATIONS)]


class DoubtView(BaseModel):
    """A signed word of ours that cannot be true beside what is here."""

    told_by: str = Field(description="The region that showed it")
    doubt: str = Field(description="rewritten, shorter, restored or older-epoch")
    epoch: int
    size: int
    checkpoint: str = Field(description="The signed checkpoint, for `tunggal audit verify`")
    kept_at: datetime


class AuditView(BaseModel):
    chain: str
    size: int = Field(description="Entries in the chain")
    checkpoint: str | None = Field(description="The newest signed checkpoint")
    checkpoint_size: int = Field(description="Entries it counts")
    doubts: list[DoubtView] = Field(description="The newest first; none is ever removed")


@dataclass(frozen=True)
class WitnessDoors(Doors):
    """What a region asks as a witness."""

    database: Database
    regions: Regions
    key: SigningKey
    clock: Clock

    @door.get(
        "/audit-checkpoints",
        response_model=CheckpointPage,
        openapi_extra=_SIGNED,
        responses={
            200: {
                "description": "Later checkpoints in order, and the newest; signed by the centre.",
                "content": {"application/json": {"example": _PAGE_EXAMPLE}},
            },
            **problem_responses(*REGION_REFUSALS, InvalidInput),
        },
        summary="Read checkpoints of the centre's audit",
    )
    async def give_checkpoints(
        self,
        request: Request,
        region: Annotated[RegionCode, Path(description="Region's code", examples=["61.72"])],
        epoch: Annotated[
            int, Query(ge=0, le=2**31 - 1, description="Epoch of the one it holds")
        ] = 0,
        size: Annotated[int, Query(ge=0, le=2**62, description="Entries that one counts")] = 0,
        witness: Annotated[
            str | None,
            Query(
                max_length=JWS_CHARACTERS_MAX,
                pattern=r"^[A-Za-z0-9_.-]*$",
                description="That checkpoint itself, as it was signed",
            ),
        ] = None,
    ) -> Response:
        """Each proves that it goes on from the one before; what a region shows is compared."""
        await self.regions.prove_question(request, region)
        shown = steps.read_showing(self.key, region, witness) if witness else None
        async with self.database.begin() as transaction:
            if shown is not None:
                await steps.hear(transaction, shown, self.clock.now())
            found = await CHECKPOINTS.after(transaction, epoch, size, CHECKPOINTS_MAX)
            last = await CHECKPOINTS.last(transaction)
        page = CheckpointPage(
            version=1,
            region=region,
            items=[_told(one) for one in found],
            head=last.jws if last else None,
        )
        content = PAGE.dump_json(page)
        return Response(
            content,
            media_type="application/json",
            headers={
                SIGNATURE_HEADER: sign_message(self.key, f"audit-checkpoints {region}", content)
            },
        )


@dataclass(frozen=True)
class AuditDoors(Doors):
    """How the centre's audit stands."""

    database: Database

    @door.get(
        "/audit",
        responses={
            200: {
                "description": "The chain's size, its newest checkpoint, and doubts of witnesses.",
                "content": {"application/json": {"example": _AUDIT_EXAMPLE}},
            }
        },
        summary="See how the audit stands",
    )
    async def get_audit(self, caller: Watch) -> AuditView:
        """Entries themselves are read by `tunggal audit verify`, at the database."""
        async with self.database.begin() as transaction:
            head = await LEDGER.head(transaction)
            last = await CHECKPOINTS.last(transaction)
            doubts = await WITNESS.doubts(transaction)
        return AuditView(
            chain=CHAIN,
            size=head.position,
            checkpoint=last.jws if last else None,
            checkpoint_size=last.mark.size if last else 0,
            doubts=[
                DoubtView(
                    told_by=one.told_by,
                    doubt=str(one.doubt),
                    epoch=one.mark.epoch,
                    size=one.mark.size,
                    checkpoint=one.jws,
                    kept_at=one.kept_at,
                )
                for one in doubts
            ],
        )


def _told(one: Made) -> NextCheckpoint:
    return NextCheckpoint(
        jws=one.jws,
        previous_size=one.previous_size,
        proof=[node.hex() for node in one.proof],
    )
