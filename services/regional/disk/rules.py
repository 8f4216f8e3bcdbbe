"""How many recordings still fit, when the disk is full, and when to refuse. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# Until our own tables hold enough to be measured: a recording without images and with templates
# (domain facts: 10 to 15 KB), its indexes and its answer.
TABLE_BYTES_ASSUMED = 20_000
RECORDINGS_MEASURED_MIN = 500
# PostgreSQL's log holds each row once, and each page once after a checkpoint.
LOG_BYTES_PER_TABLE_BYTE = 2.0
# Below this a checkpoint may fail, and PostgreSQL stops: the ballast goes before that.
BALLAST_RELEASE_BYTES = 8 * 1024**2
RATE_DAYS = (1, 7, 14)
DAY_SECONDS = 86_400.0
# A region that began an hour ago says little about its days.
SPAN_SECONDS_MIN = 3_600.0


@dataclass(frozen=True, slots=True)
class Room:
    """What was measured of the disk, in bytes.

    budget_left_bytes: None without a budget. log_left_bytes: how far PostgreSQL's log (WAL) may
    still grow before it is used again from its beginning.
    """

    free_bytes: int
    budget_left_bytes: int | None
    reserve_bytes: int
    table_bytes_each: float
    log_bytes_each: float
    log_left_bytes: int

    @property
    def usable_bytes(self) -> int:
        """Room for new recordings; negative when the reserve is touched already."""
        free_bytes = self.free_bytes
        if self.budget_left_bytes is not None:
            free_bytes = min(free_bytes, self.budget_left_bytes)
        return free_bytes - self.reserve_bytes


def cost_each(recordings: int, table_bytes: int) -> float:
    """Bytes of tables and indexes one recording costs: measured, once there are enough of them."""
    if recordings < RECORDINGS_MEASURED_MIN:
        return TABLE_BYTES_ASSUMED
    return max(1.0, table_bytes / recordings)


def log_cost_each(recordings: int, log_bytes: int, table_bytes_each: float) -> float:
    """Bytes of log one recording costs, from what was written while `recordings` came."""
    if recordings < RECORDINGS_MEASURED_MIN:
        return LOG_BYTES_PER_TABLE_BYTE * table_bytes_each
    return max(0.0, log_bytes / recordings)


def recordings_left(room: Room) -> int:
    """How many recordings fit into the usable room: their tables for good, their log for a while.

    The log grows with them until it reaches its bound, and is used again from then on.
    """
    usable_bytes = room.usable_bytes
    if usable_bytes <= 0:
        return 0
    tables, log = room.table_bytes_each, room.log_bytes_each
    log_left_bytes = max(0, room.log_left_bytes)
    until_bound = log_left_bytes / log if log > 0 else 0.0
    if usable_bytes <= until_bound * (tables + log):
        return int(usable_bytes / (tables + log))
    return int((usable_bytes - (log_left_bytes if log > 0 else 0)) / tables)


def may_take(room: Room, taken_since: int) -> bool:
    """Whether new recordings may be taken, `taken_since` having come after the measure."""
    spent_bytes = taken_since * (room.table_bytes_each + room.log_bytes_each)
    return room.usable_bytes - spent_bytes > 0


@dataclass(frozen=True, slots=True)
class Rates:
    """Recordings a day, at the calmest and the busiest of the last day, week and fortnight."""

    calm: float
    busy: float


def rates(curve: Sequence[tuple[datetime, int]], now: datetime) -> Rates | None:
    """From points of the rising count (moment, seq), oldest first; None while nothing came."""
    if not curve:
        return None
    first_at, last = curve[0][0], curve[-1][1]
    found = []
    for days in RATE_DAYS:
        begin = max(first_at, now - timedelta(days=days))
        span_seconds = max((now - begin).total_seconds(), SPAN_SECONDS_MIN)
        count = last - _count_at(curve, begin)
        found.append(count * DAY_SECONDS / span_seconds)
    return Rates(min(found), max(found)) if max(found) > 0 else None


def _count_at(curve: Sequence[tuple[datetime, int]], moment: datetime) -> float:
    """The count at a moment, on straight lines between the points."""
    before: tuple[datetime, int] | None = None
    for at, seq in curve:
        if at >= moment:
            if before is None or at == moment:
                # The first point is itself a recording that came at that moment.
                return seq - 1 if before is None else seq
            share = (moment - before[0]) / (at - before[0])
            return before[1] + share * (seq - before[1])
        before = (at, seq)
    return curve[-1][1]


@dataclass(frozen=True, slots=True)
class FullDay:
    """Between which moments the room is used up; `until` None: not within ten years."""

    not_before: datetime
    until: datetime | None


DAYS_FORESEEN_MAX = 3_650.0


def full_day(left: int, found: Rates | None, now: datetime) -> FullDay | None:
    """When `left` recordings will have come; None when none come or it is too far away."""
    if found is None or found.busy <= 0:
        return None
    early_days = left / found.busy
    late_days = left / found.calm if found.calm > 0 else DAYS_FORESEEN_MAX + 1
    if early_days > DAYS_FORESEEN_MAX:
        return None
    until = now + timedelta(days=late_days) if late_days <= DAYS_FORESEEN_MAX else None
    return FullDay(now + timedelta(days=early_days), until)
