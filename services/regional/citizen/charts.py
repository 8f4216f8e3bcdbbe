"""Where the marks of two small charts stand. The tables beside them say the same. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from services.regional.citizen.views import OvertakeView, QuantilesView
from shared.pages.language import N_

WIDTH = 600
ROW_HEIGHT = 34
LABEL_HEIGHT = 16
BAR_MAX = WIDTH - 70
# Waits go from a minute to a year, so the axis is logarithmic.
LEAST_SECONDS, MOST_SECONDS = 60.0, 365 * 86_400.0
TICKS = (
    (60.0, N_("1 menit")),
    (3_600.0, N_("1 jam")),
    (86_400.0, N_("1 hari")),
    (30 * 86_400.0, N_("30 hari")),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One cause: y of its label, width of its bar."""

    y: int
    width: float
    count: int
    text: str


def bars_of(overtakes: Sequence[OvertakeView]) -> list[Bar]:
    most = max((one.pairs for one in overtakes), default=1)
    return [
        Bar(number * (ROW_HEIGHT + 6), round(BAR_MAX * one.pairs / most, 1), one.pairs, one.text)
        for number, one in enumerate(overtakes)
    ]


@dataclass(frozen=True, slots=True)
class Span:
    """One stage: from `start` to `stop` eight in ten waits, `half` the middle. None: not known."""

    y: int
    start: float
    stop: float
    half: float | None
    is_open: bool
    text: str


def ranges_of(waits: Sequence[QuantilesView]) -> list[Span]:
    """Only stages of which enough was seen."""
    seen = [one for one in waits if one.p10 is not None]
    return [
        Span(
            number * (ROW_HEIGHT + 6),
            place_of(one.p10 or 0),
            place_of(one.p90 or MOST_SECONDS),
            place_of(one.p50) if one.p50 is not None else None,
            one.p90 is None,
            one.text,
        )
        for number, one in enumerate(seen)
    ]


def place_of(seconds: float) -> float:
    """Along the axis, 0..WIDTH."""
    inside = min(max(seconds, LEAST_SECONDS), MOST_SECONDS)
    share = log(inside / LEAST_SECONDS) / log(MOST_SECONDS / LEAST_SECONDS)
    return round(share * WIDTH, 1)


def ticks() -> list[tuple[float, str]]:
    return [(place_of(seconds), text) for seconds, text in TICKS]
