"""The order in which people were permitted, as columns: who was earlier than whom, and why. Pure.

The newest ORDER_MAX first permissions are kept, 33 bytes each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from services.regional.journey import overtakes
from services.regional.journey.overtakes import Moments, OvertakeCause, moments_of

ORDER_MAX = 200_000
_CAUSES = tuple(OvertakeCause)
_NONE = -1


class New(Protocol):
    """One first permission."""

    @property
    def pos(self) -> int: ...
    @property
    def captured_at(self) -> datetime: ...
    @property
    def seq(self) -> int: ...
    @property
    def applied_at(self) -> datetime: ...
    @property
    def trouble(self) -> OvertakeCause | None: ...


def _none() -> Moments:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Order:
    """pos, captured, seq, applied: int64[n], ascending by pos; moments in microseconds.

    trouble: int8[n], which cause kept it from its permission at first; -1 for none.
    """

    pos: Moments = field(default_factory=_none)
    captured: Moments = field(default_factory=_none)
    seq: Moments = field(default_factory=_none)
    applied: Moments = field(default_factory=_none)
    trouble: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))

    @property
    def last_pos(self) -> int:
        return int(self.pos[-1]) if self.pos.size else 0

    def followed_by(self, rows: Sequence[New]) -> "Order":
        """With more permissions, all of them later than those here."""
        codes = [_CAUSES.index(row.trouble) if row.trouble else _NONE for row in rows]
        return Order(
            _kept(self.pos, np.array([row.pos for row in rows], np.int64)),
            _kept(self.captured, moments_of([row.captured_at for row in rows])),
            _kept(self.seq, np.array([row.seq for row in rows], np.int64)),
            _kept(self.applied, moments_of([row.applied_at for row in rows])),
            np.concatenate((self.trouble, np.array(codes, np.int8)))[-ORDER_MAX:],
        )

    def overtakes_since(self, since: datetime) -> dict[OvertakeCause, int]:
        """Overtakes of those permitted from `since` on, by whoever was permitted before."""
        from_then_on = self.applied >= moments_of([since])[0]
        first = int(np.argmax(from_then_on)) if from_then_on.any() else len(self.pos)
        every, before = self._counted(len(self.pos)), self._counted(first)
        return {
            cause: pairs - before.get(cause, 0)
            for cause, pairs in every.items()
            if pairs > before.get(cause, 0)
        }

    def permitted_since(self, since: datetime) -> int:
        return int(np.count_nonzero(self.applied >= moments_of([since])[0]))

    def _counted(self, stop: int) -> dict[OvertakeCause, int]:
        troubled = np.flatnonzero(self.trouble[:stop] != _NONE)
        troubles = {int(place): _CAUSES[self.trouble[place]] for place in troubled}
        return overtakes.count(self.captured[:stop], self.seq[:stop], troubles)

    def earlier_than(self, mine: "Mine") -> dict[OvertakeCause, int]:
        """How many captured after me were permitted before me, and what kept me."""
        before = self.captured > moments_of([mine.captured_at])[0]
        trouble = mine.trouble
        if mine.permitted_pos is not None:
            before &= self.pos < mine.permitted_pos
            place = int(np.searchsorted(self.pos, mine.permitted_pos))
            is_here = place < len(self.pos) and self.pos[place] == mine.permitted_pos
            if is_here and self.trouble[place] != _NONE:
                trouble = _CAUSES[self.trouble[place]]
        was_ahead_in_queue = before & (self.seq < mine.seq)
        late = int(np.count_nonzero(was_ahead_in_queue))
        rest = int(np.count_nonzero(before)) - late
        found = {OvertakeCause.LATE_ARRIVAL: late}
        cause = trouble or OvertakeCause.UNEXPLAINED
        found[cause] = found.get(cause, 0) + rest
        return {cause: count for cause, count in found.items() if count}


@dataclass(frozen=True, slots=True)
class Mine:
    """permitted_pos: of my first permission, None while there is none. trouble: what keeps me."""

    captured_at: datetime
    seq: int
    permitted_pos: int | None = None
    trouble: OvertakeCause | None = None


def _kept(old: Moments, new: Moments) -> Moments:
    return np.concatenate((old, new))[-ORDER_MAX:]
