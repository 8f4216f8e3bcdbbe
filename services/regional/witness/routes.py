"""How this region's audit stands, and what it holds of the centre's, for people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.regional.audit.entries import CHAIN, LEDGER
from services.regional.witness.steps import CENTRE, WITNESS
from shared.audit.checkpoints import Testimony
from shared.database.engine import Database
from shared.doors.room import Doors, door
from shared.roles import Caller, Role, needs

_JWS = "eyJhbGciOiJFZDI1NTE5In0.eyJzaXplIjoxMjB9.c2lnbmF0dXJl"
_WORD = {
    "epoch": 1,
    "size": 120,
    "root": "6e" * 32,
    "checkpoint": _JWS,
    "doubt": None,
    "kept_at": "2017-10-13T02:15:12Z",
}
_EXAMPLE = {"chain": CHAIN, "size": 42, "centre": _WORD, "doubts": []}
Watch = Annotated[Caller, needs(Role.OPERATIONS, Role.HEAD_OF_OFFICE)]


class WordView(BaseModel):
    """A checkpoint of the centre's audit, as it was signed."""

    epoch: int
    size: int = Field(description="Entries it counts")
    root: str
    checkpoint: str = Field(description="The signed word itself, for `tunggal audit verify`")
    doubt: str | None = Field(description="Why it cannot be true beside what was signed before")
    kept_at: datetime

    @classmethod
    def of(cls, one: Testimony) -> "WordView":
        return cls(
            epoch=one.mark.epoch,
            size=one.mark.size,
            root=one.mark.root.hex(),
            checkpoint=one.jws,
            doubt=one.doubt,
            kept_at=one.kept_at,
        )


class AuditView(BaseModel):
    chain: str
    size: int = Field(description="Entries in this region's own chain")
    centre: WordView | None = Field(description="The newest of the centre's that is believed")
    doubts: list[WordView] = Field(description="The newest first; none is ever removed")


@dataclass(frozen=True)
class AuditDoors(Doors):
    """The audit here, and the testimony kept on the centre's."""

    database: Database

    @door.get(
        "/audit",
        responses={
            200: {
                "description": "Sizes, the centre's newest checkpoint, and doubts.",
                "content": {"application/json": {"example": _EXAMPLE}},
            }
        },
        summary="See how the audit stands",
    )
    async def get_audit(self, caller: Watch) -> AuditView:
        """Keep what it says apart from the centre: it proves what the centre once signed."""
        async with self.database.begin() as transaction:
            head = await LEDGER.head(transaction)
            centre = await WITNESS.last(transaction, CENTRE)
            doubts = await WITNESS.doubts(transaction)
        return AuditView(
            chain=CHAIN,
            size=head.position,
            centre=WordView.of(centre) if centre else None,
            doubts=[WordView.of(one) for one in doubts],
        )
