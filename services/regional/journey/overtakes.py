"""Who got a permission before somebody captured earlier, and for which named cause. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from shared.contracts.outcomes import REMEDIES, Outcome, Owner

Moments = NDArray[np.int64]
CHUNK = 512
SET_ASIDE = "set-aside"


class OvertakeCause(StrEnum):
    """Why the earlier capture was permitted later."""

    LATE_ARRIVAL = "late_arrival"  # it reached this office's queue later: a team came home
    PEOPLE = "people"  # two officers at the centre compared it with another recording
    SEARCH = "search"  # the centre had to search once more
    OFFICE = "office"  # this office had to look at the person, or record again
    CITIZEN = "citizen"  # the person had to come and choose
    SET_ASIDE = "set_aside"  # the centre could not settle it at first
    PROGRAM = "program"  # the answer is here, and this program cannot act on it yet
    UNEXPLAINED = "unexplained"  # it was in the queue first, and nothing is known against it


_OWNERS = {
    Owner.ADJUDICATOR: OvertakeCause.PEOPLE,
    Owner.CENTRE: OvertakeCause.SEARCH,
    Owner.REGION: OvertakeCause.OFFICE,
    Owner.CITIZEN: OvertakeCause.CITIZEN,
}


def trouble_of(outcome: Outcome, reason: str | None) -> OvertakeCause:
    """What a decision other than a permission makes a recording wait for."""
    if reason == SET_ASIDE:
        return OvertakeCause.SET_ASIDE
    return _OWNERS[REMEDIES[outcome].owner]


@dataclass(frozen=True, slots=True)
class Permitted:
    """One recording that was permitted. trouble: why not at once, None when it was at once."""

    captured_at: datetime
    seq: int
    trouble: OvertakeCause | None = None


def overtakes(order: Sequence[Permitted]) -> dict[OvertakeCause, int]:
    """Pairs whose later capture was permitted first, by cause; `order` is that of permission."""
    captured = moments_of([one.captured_at for one in order])
    seqs = np.array([one.seq for one in order], np.int64)
    troubles = {place: one.trouble for place, one in enumerate(order) if one.trouble is not None}
    return count(captured, seqs, troubles)


def count(
    captured: Moments, seqs: Moments, troubles: Mapping[int, OvertakeCause]
) -> dict[OvertakeCause, int]:
    """The same from columns. troubles: by place in the order of permission."""
    # Equal captures count as captured in the order they were permitted: nobody overtook.
    ranks = np.empty(len(captured), np.int64)
    ranks[np.argsort(captured, kind="stable")] = np.arange(len(captured))
    pairs = _inversions(ranks)
    # Of the pairs that fell in either order, those that fell in one of them only are the pairs in
    # which capture and seq disagree; the rest fell in both, counted twice.
    in_queue_order = (pairs + _inversions(seqs) - _inversions(ranks[np.argsort(seqs)])) // 2
    found = {OvertakeCause.LATE_ARRIVAL: pairs - in_queue_order}
    named = 0
    for place, trouble in troubles.items():
        was_behind = (captured[:place] > captured[place]) & (seqs[:place] > seqs[place])
        overtakers = int(np.count_nonzero(was_behind))
        found[trouble] = found.get(trouble, 0) + overtakers
        named += overtakers
    found[OvertakeCause.UNEXPLAINED] = in_queue_order - named
    return {cause: pairs for cause, pairs in found.items() if pairs}


def moments_of(moments: Sequence[datetime]) -> Moments:
    """Microseconds, so that they can be compared by the thousand."""
    return np.array([round(one.timestamp() * 1_000_000) for one in moments], np.int64)


def _inversions(values: Moments) -> int:
    """Pairs that stand in falling order; equal ones are none."""
    seen = np.empty(0, np.int64)
    found = 0
    for start in range(0, len(values), CHUNK):
        chunk = values[start : start + CHUNK]
        found += int(len(seen) * len(chunk) - np.searchsorted(seen, chunk, side="right").sum())
        found += int(np.count_nonzero(np.triu(chunk[:, None] > chunk[None, :], 1)))
        seen = np.sort(np.concatenate((seen, chunk)), kind="stable")
    return found
