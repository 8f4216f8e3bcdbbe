"""The line's last days as shapes: three bands drawn by the server, no script, no image. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.regional.console.history import Column, Seen, Spell

WIDTH, HEIGHT = 960, 40
# How tall each look is: the shape says it, the colour only helps.
_TALL = {Seen.UP: 8, Seen.SLOW: 22, Seen.DOWN: 40}


@dataclass(frozen=True, slots=True)
class Band:
    """One band: paths by their class, and the largest value of its columns."""

    paths: Sequence[tuple[str, str]]
    largest: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """What a page draws, on a field of WIDTH times HEIGHT for each band."""

    line: Band
    waiting: Band
    carried: Band
    midnights: str  # a path: where the office's days begin


def drawn(
    spells: Sequence[Spell],
    columns: Sequence[Column],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
) -> Picture:
    return Picture(
        _line(spells, since, until),
        _bars([one.waiting_max for one in columns]),
        _bars([one.carried_bytes for one in columns]),
        _midnights(since, until, zone),
    )


def _line(spells: Sequence[Spell], since: datetime, until: datetime) -> Band:
    whole = until - since
    paths: dict[Seen, list[str]] = {look: [] for look in _TALL}
    for one in spells:
        if one.seen in paths:
            left = WIDTH * ((one.began_at - since) / whole)
            wide = WIDTH * (one.length / whole)
            # An outage of a minute among days is still to be seen.
            paths[one.seen].append(_box(left, max(wide, 1.5), _TALL[one.seen]))
    return Band([(look.value, "".join(shapes)) for look, shapes in paths.items() if shapes])


def _bars(values: Sequence[int]) -> Band:
    largest = max(values, default=0)
    if largest == 0:
        return Band([])
    wide = WIDTH / len(values)
    shapes = [
        _box(place * wide, wide * 0.85, max(1.0, HEIGHT * value / largest))
        for place, value in enumerate(values)
        if value
    ]
    return Band([("bar", "".join(shapes))], largest)


def _box(left: float, wide: float, tall: float) -> str:
    return f"M{left:.1f} {HEIGHT}v-{tall:.1f}h{wide:.1f}V{HEIGHT}z"


def _midnights(since: datetime, until: datetime, zone: ZoneInfo) -> str:
    whole = until - since
    day = since.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    shapes = []
    while (day := day + timedelta(days=1)) < until:
        shapes.append(f"M{WIDTH * ((day - since) / whole):.1f} 0V{HEIGHT}")
    return "".join(shapes)
