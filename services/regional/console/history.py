"""What samples of the line tell about the last days: spells, outages, columns. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SAMPLE_SECONDS = 60.0
# A sample speaks until the next one; after so long without one nobody was looking.
SEEN_MAX = timedelta(minutes=3)
DAYS_KEPT = 14
COLUMNS = 96


class Seen(StrEnum):
    """How the line looked to the uplink."""

    UP = "up"
    SLOW = "slow"
    DOWN = "down"  # no answer, or people must look first
    UNSEEN = "unseen"  # this server did not run


_SEEN = {
    "up": Seen.UP,
    "slow": Seen.SLOW,
    "down": Seen.DOWN,
    "foreign": Seen.DOWN,
    "fenced": Seen.DOWN,
    "key": Seen.DOWN,
    "unknown": Seen.UNSEEN,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """The line at one minute, as the queue's own document tells it."""

    minute: datetime
    state: str
    failing_since: datetime | None
    waiting: int
    goodput_bytes_per_second: int | None

    @property
    def seen(self) -> Seen:
        return _SEEN.get(self.state, Seen.UNSEEN)


@dataclass(frozen=True, slots=True)
class Carried:
    """An acknowledged batch."""

    acknowledged_at: datetime
    payload_bytes: int


@dataclass(frozen=True, slots=True)
class Spell:
    """From `began_at` until `ended_at` the line looked the same."""

    seen: Seen
    began_at: datetime
    ended_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ended_at - self.began_at


def spells(samples: Sequence[Sample], since: datetime, until: datetime) -> list[Spell]:
    """The whole time from `since` to `until`, without a gap; samples in order of time.

    An outage begins when it began, not at the minute that saw it; it ends with the minute that no
    longer did.
    """
    marks: list[tuple[datetime, Seen]] = [(since, Seen.UNSEEN)]
    seen_until = since
    for one in samples:
        if one.minute >= until:
            break
        if one.minute > seen_until:
            marks.append((seen_until, Seen.UNSEEN))
        began = one.minute
        if one.seen is Seen.DOWN and one.failing_since is not None:
            # What was seen before it, or could have been seen, stays.
            began = min(began, max(one.failing_since, marks[-1][0]))
        marks.append((max(since, began), one.seen))
        seen_until = max(seen_until, min(until, one.minute + SEEN_MAX))
    if seen_until < until:
        marks.append((seen_until, Seen.UNSEEN))
    return _joined(marks, until)


def _joined(marks: Sequence[tuple[datetime, Seen]], until: datetime) -> list[Spell]:
    found: list[Spell] = []
    ends = [at for at, _ in marks[1:]] + [until]
    for (began, seen), end in zip(marks, ends, strict=True):
        if end <= began:
            continue
        if found and found[-1].seen is seen:
            found[-1] = Spell(seen, found[-1].began_at, end)
        else:
            found.append(Spell(seen, began, end))
    return found


@dataclass(frozen=True, slots=True)
class Totals:
    """How long of each; `longest` of the outages."""

    outages: int
    down: timedelta
    slow: timedelta
    unseen: timedelta
    longest: timedelta


def totals(found: Sequence[Spell]) -> Totals:
    none = timedelta()
    down = [one.length for one in found if one.seen is Seen.DOWN]
    return Totals(
        len(down),
        sum(down, none),
        sum((one.length for one in found if one.seen is Seen.SLOW), none),
        sum((one.length for one in found if one.seen is Seen.UNSEEN), none),
        max(down, default=none),
    )


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the picture: the longest queue and the bytes carried in its time."""

    began_at: datetime
    waiting_max: int
    carried_bytes: int


def columns(
    samples: Sequence[Sample],
    carried: Sequence[Carried],
    since: datetime,
    until: datetime,
    count: int = COLUMNS,
) -> list[Column]:
    """`count` columns of equal width; what lies outside is left out."""
    width = (until - since) / count
    waiting, sent = [0] * count, [0] * count
    for one in samples:
        if since <= one.minute < until:
            place = min(count - 1, int((one.minute - since) / width))
            waiting[place] = max(waiting[place], one.waiting)
    for batch in carried:
        if since <= batch.acknowledged_at < until:
            place = min(count - 1, int((batch.acknowledged_at - since) / width))
            sent[place] += batch.payload_bytes
    return [Column(since + width * n, waiting[n], sent[n]) for n in range(count)]
