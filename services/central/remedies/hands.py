"""What remedies move in rooms that are not theirs to import; `settling` fills it in."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.central.journey.entries import NewEntry
from shared.database.engine import Transaction

# (region, recording id, basis, rival, now): the decision is published by whoever decides.
DecideAgain = Callable[[Transaction, str, UUID, str, UUID | None, datetime], Awaitable[None]]
# Gives up the registry's row of a NIK, if this recording holds it.
Free = Callable[[Transaction, int, UUID], Awaitable[None]]
# Takes recordings, given as (region, id), out of the gallery and out of what is undecided.
Forget = Callable[[Transaction, Sequence[tuple[str, UUID]], datetime], Awaitable[None]]
# Takes back a recording's permission, given (region, id, officer); gives what its region is told.
Revoke = Callable[[Transaction, str, UUID, str, datetime], Awaitable[NewEntry | None]]
# Has a recording, (region, id, seq), searched for once more, as one that could not be.
OrderSearch = Callable[[Transaction, str, UUID, int, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Hands:
    """What a remedy moves in rooms that are not this one's to import."""

    free: Free
    forget: Forget
    revoke: Revoke
    order_search: OrderSearch
