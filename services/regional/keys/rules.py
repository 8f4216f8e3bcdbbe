"""What to do about this region's key now. Pure."""

from datetime import datetime
from enum import Enum

from shared.contracts.region_keys import is_enrolled
from shared.lives import Life, LifeState


class Move(Enum):
    REST = "rest"
    ASK = "ask"  # the key was handed in; nobody here knows yet until when it counts
    MAKE_NEXT = "make next"
    HAND_IN_NEXT = "hand in next"


def plan(kid: str, life: Life | None, *, has_next: bool, now: datetime) -> Move:
    """A pinned key (`kid` without a fingerprint) is people's business, unless they made a next one.

    An enrolled key is renewed from the last third of its life on, and after its end, too.
    """
    if has_next:
        return Move.HAND_IN_NEXT
    if not is_enrolled(kid):
        return Move.REST
    if life is None:
        return Move.ASK
    return Move.REST if life.state(now) is LifeState.GOOD else Move.MAKE_NEXT
