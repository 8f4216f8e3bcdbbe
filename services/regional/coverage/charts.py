"""Drawings of figures, worked out here and written as SVG by the templates. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from services.regional.coverage.showing import Row

WIDTH, LABEL_WIDTH, VALUE_WIDTH, ROW_HEIGHT, BAR_HEIGHT = 480, 150, 58, 26, 16
CURVE_WIDTH, CURVE_HEIGHT, MARGIN = 480, 150, 18


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    percent: float | None  # None: hidden, or nobody there
    y: int
    length: float
    over: float  # of the length, what lies above 100 %


@dataclass(frozen=True, slots=True)
class Bars:
    """Percentages side by side, with a mark at 100."""

    bars: Sequence[Bar]
    height: int
    hundred_x: float
    start_x: int = LABEL_WIDTH
    width: int = WIDTH
    bar_height: int = BAR_HEIGHT


def bars_of(rows: Iterable[Row]) -> Bars:
    """As long as their percentage; the scale reaches 100, or the highest above it."""
    rows = list(rows)
    most = max([100.0, *(row.percent_of_obliged or 0.0 for row in rows)])
    unit = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / most
    bars = [
        Bar(
            row.name,
            row.percent_of_obliged,
            number * ROW_HEIGHT,
            round((row.percent_of_obliged or 0.0) * unit, 1),
            round(max(0.0, (row.percent_of_obliged or 0.0) - 100) * unit, 1),
        )
        for number, row in enumerate(rows)
    ]
    return Bars(bars, len(bars) * ROW_HEIGHT, round(LABEL_WIDTH + 100 * unit, 1))


@dataclass(frozen=True, slots=True)
class Curve:
    """How many were recorded by when, under the line of how many are obliged."""

    points: str
    obliged_y: float
    first: date
    last: date
    total: int
    width: int = CURVE_WIDTH
    height: int = CURVE_HEIGHT
    floor: int = CURVE_HEIGHT - MARGIN


def curve_of(months: Sequence[tuple[date, int]], obliged: int) -> Curve | None:
    """months: the first day of each and its recordings, in order. None of fewer than two."""
    if len(months) < 2:
        return None
    sums = list(accumulate(number for _, number in months))
    first, last = months[0][0], months[-1][0]
    span = (last - first).days
    most = max(sums[-1], obliged)
    usable = CURVE_HEIGHT - 2 * MARGIN

    def height(number: int) -> float:
        return round(CURVE_HEIGHT - MARGIN - usable * number / most, 1)

    points = " ".join(
        f"{CURVE_WIDTH * (month - first).days / span:.1f},{height(number)}"
        for (month, _), number in zip(months, sums, strict=True)
    )
    return Curve(points, height(obliged), first, last, sums[-1])
