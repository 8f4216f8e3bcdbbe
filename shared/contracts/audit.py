"""Signed checkpoints of an audit, and how one goes on from another; the line's part of the audit.

A checkpoint is a compact JWS of its own, so that whoever keeps it can show it to anybody. New kinds
of members may come: a reader that does not know them looks at those it knows.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.contracts.strict import Moment, Sha256Hex
from shared.signing import BadSignature, PinnedKeys, SigningKey

CHECKPOINT_TYPE = "tunggal-audit+jws"
JWS_CHARACTERS_MAX = 4_000
CHECKPOINTS_MAX = 50
PROOF_NODES_MAX = 130
Size = Annotated[int, Field(ge=0, le=2**62)]


class Checkpoint(BaseModel):
    """The Merkle root over the first `size` entries of a chain, at a moment of an epoch."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    version: Literal[1]
    chain: Annotated[str, Field(pattern=r"^[a-z0-9.]{2,20}$")]
    epoch: Annotated[int, Field(ge=0, le=2**31 - 1)]
    size: Size
    root: Sha256Hex
    made_at: Moment


class NextCheckpoint(BaseModel):
    """A signed checkpoint, and the proof that it goes on from the one of `previous_size`."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    jws: Annotated[str, Field(max_length=JWS_CHARACTERS_MAX)]
    previous_size: Size
    proof: Annotated[list[Sha256Hex], Field(max_length=PROOF_NODES_MAX)]


class CheckpointPage(BaseModel):
    """What came after the checkpoint a witness holds, in order; `head` is the newest of all."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    version: Literal[1]
    region: str
    items: Annotated[list[NextCheckpoint], Field(max_length=CHECKPOINTS_MAX)]
    head: Annotated[str, Field(max_length=JWS_CHARACTERS_MAX)] | None


CHECKPOINT: TypeAdapter[Checkpoint] = TypeAdapter(Checkpoint)
PAGE: TypeAdapter[CheckpointPage] = TypeAdapter(CheckpointPage)


def sign_checkpoint(
    key: SigningKey, chain: str, epoch: int, size: int, root: bytes, made_at: datetime
) -> str:
    told = Checkpoint(
        version=1, chain=chain, epoch=epoch, size=size, root=root.hex(), made_at=made_at
    )
    return key.sign(told.model_dump_json().encode(), CHECKPOINT_TYPE)


def read_checkpoint(keys: PinnedKeys, jws: str, chain: str) -> Checkpoint:
    """Whenever it was signed: a key that has ended since vouched for it then.

    Raises BadSignature, also for a word of another chain or version.
    """
    try:
        found = CHECKPOINT.validate_json(keys.verify(jws, CHECKPOINT_TYPE).payload)
    except ValidationError as doubt:
        raise BadSignature from doubt
    if found.chain != chain:
        raise BadSignature
    return found
