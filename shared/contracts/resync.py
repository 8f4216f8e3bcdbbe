"""After the centre was restored: what a region hands back, and who speaks for a region.

A witness is something the centre itself signed earlier, given back word for word. It proves what a
restored centre no longer knows: how far it had receipted, and what it had answered.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from shared.contracts.strict import RegionCode, Sha256Hex, Strict
from shared.signing import JWS_CHARACTERS_MAX

WITNESS_CHARACTERS_MAX = 8 * 1024 * 1024
LIFE_HEADER = "Tunggal-Life"

Position = Annotated[int, Field(ge=0, le=2**62)]
Epoch = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Witness(Strict):
    """A receipt or a feed page as the centre signed it, with that signature."""

    version: Literal[1]
    kind: Literal["receipt", "page"]
    content: Annotated[str, Field(max_length=WITNESS_CHARACTERS_MAX)]
    signature: Annotated[str, Field(max_length=JWS_CHARACTERS_MAX)]


class ResyncClaim(Strict):
    """A region says it has handed back all it holds: how far it applied and was receipted."""

    version: Literal[1]
    epoch: Epoch
    applied_pos: Position
    acked_seq: Position


class ResyncWord(Strict):
    """The centre's signed word on where it stands with a region, and what it still misses."""

    version: Literal[1]
    region: RegionCode
    epoch: Epoch
    state: Literal["awaiting", "waived", "done"] = Field(
        description="awaiting: permissions wait for this region; waived: they do not, by an "
        "officer's word, and it has not come back; done: nothing is missing"
    )
    accepted_seq: Position
    last_pos: Position
    fits: bool = Field(description="The entry the region asked about is here, and the same")
    wanted_pos: Annotated[int, Field(ge=1, le=2**62)] | None = Field(
        description="Hand in the page that holds this pos first; null: nothing before what came"
    )


class Mark(Strict):
    """The last entry a region applied, by its hash: the centre says whether it is there."""

    pos: Annotated[int, Field(ge=1, le=2**62)]
    sha256: Sha256Hex


class LifeClaim(Strict):
    """A server's start takes a region's name over from the start before it."""

    version: Literal[1]
    life: UUID
    predecessor: UUID | None


class LifeWord(Strict):
    version: Literal[1]
    region: RegionCode
    life: UUID
    is_current: bool = Field(description="Whether this life speaks for the region now")


WITNESS = TypeAdapter(Witness)
CLAIM = TypeAdapter(ResyncClaim)
WORD = TypeAdapter(ResyncWord)
LIFE_CLAIM = TypeAdapter(LifeClaim)
LIFE_WORD = TypeAdapter(LifeWord)
