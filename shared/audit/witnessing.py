"""What a witness makes of another's checkpoints. Pure.

Whoever holds a checkpoint believes a later one only when it goes on from it: the proof says that
no entry before was changed or left out. Anything else is a doubt, kept with the signed word itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.audit.merkle import is_consistent


class Doubt(StrEnum):
    """Why a checkpoint and what is known of the chain cannot both be true."""

    REWRITTEN = "rewritten"  # an entry that was counted before is another now
    SHORTER = "shorter"  # entries are gone from the end, in the same epoch
    RESTORED = "restored"  # entries are gone from the end, and the epoch says of a restore
    OLDER_EPOCH = "older-epoch"


# After a restore by the book the witness goes on from what is there, and the loss stays told.
GRAVE = frozenset({Doubt.REWRITTEN, Doubt.SHORTER, Doubt.OLDER_EPOCH})


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint without its signature."""

    epoch: int
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """A later checkpoint, and what it says it goes on from."""

    mark: Mark
    previous_size: int
    proof: Sequence[bytes]


def judge(kept: Mark | None, step: Step) -> Doubt | None:
    """Whether a checkpoint goes on from the one that is kept; the first one is believed."""
    if kept is None:
        return None
    mark = step.mark
    if mark.epoch < kept.epoch:
        return Doubt.OLDER_EPOCH
    goes_on = step.previous_size == kept.size and is_consistent(
        kept.size, kept.root, mark.size, mark.root, step.proof
    )
    if goes_on:
        return None
    if mark.epoch > kept.epoch:
        return Doubt.RESTORED
    return Doubt.SHORTER if mark.size < kept.size else Doubt.REWRITTEN


def judge_head(kept: Mark | None, head: Mark | None) -> Doubt | None:
    """Whether the newest checkpoint of a chain can be true beside the one that is kept.

    It tells nothing of a newer one of more entries: that takes the steps between.
    """
    if kept is None:
        return None
    if head is None:
        return Doubt.SHORTER
    if head.epoch < kept.epoch:
        return Doubt.OLDER_EPOCH
    if head.epoch > kept.epoch:
        return Doubt.RESTORED if head.size < kept.size else None
    if head.size < kept.size:
        return Doubt.SHORTER
    return Doubt.REWRITTEN if head.size == kept.size and head.root != kept.root else None
