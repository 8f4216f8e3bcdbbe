"""Images over a line that breaks, in virtual time, by the region's own rules. Pure."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from services.regional.central_client.rules import wait_seconds
from services.regional.evidence import rules
from services.regional.evidence.rules import Append, Ask, Pace, Part, Rest, Upload
from shared.ids import new_id

RETRY_CAP_SECONDS = 60.0
Z_95 = 1.96


@dataclass(frozen=True, slots=True)
class Road:
    """A line of one speed that breaks and is back at once; every answer takes a round trip."""

    bytes_per_second: float
    cut_mean_seconds: float
    round_trip_seconds: float = 0.2


class _Cuts:
    """When the line breaks next: no memory, so exponential."""

    def __init__(self, mean_seconds: float, draw: Random) -> None:
        self._mean = mean_seconds
        self._draw = draw
        self.next_at = draw.expovariate(1 / mean_seconds)

    def survives(self, begins_at: float, seconds: float) -> bool:
        """Whether nothing breaks from now on for so long; cuts of before are forgotten."""
        while self.next_at <= begins_at:
            self.next_at += self._draw.expovariate(1 / self._mean)
        return begins_at + seconds < self.next_at


def resumed_seconds(size_bytes: int, road: Road, draw: Random) -> float:
    """How long an image takes with the real plan, pace and waits; a cut costs a piece."""
    cuts = _Cuts(road.cut_mean_seconds, draw)
    part = Part(new_id(), "face", size_bytes)
    now, synced, pace = 0.0, 0, Pace()
    upload: Upload | None = None
    while True:
        match rules.plan(part, upload, pace, envelopes_waiting=0, is_line_down=False):
            case Ask():
                if pace.failures_in_a_row:
                    now += wait_seconds(pace.failures_in_a_row, draw.random(), RETRY_CAP_SECONDS)
                seconds, length, is_last = road.round_trip_seconds, 0, False
            case Append(_, _, length, is_last):
                seconds = length / road.bytes_per_second + road.round_trip_seconds
            case Rest():
                raise AssertionError  # an image waits and nothing else does
        if not cuts.survives(now, seconds):
            now, pace, upload = cuts.next_at, rules.after_failure(pace), None
            continue
        now, synced = now + seconds, synced + length
        if is_last:
            return now
        pace = rules.after_piece(pace, length, seconds) if length else rules.after_answer(pace)
        upload = Upload(part, synced)


def restarted_seconds(size_bytes: int, road: Road, draw: Random) -> float:
    """The same in one piece that begins at zero after every cut, with the same waits."""
    cuts = _Cuts(road.cut_mean_seconds, draw)
    seconds = size_bytes / road.bytes_per_second + road.round_trip_seconds
    now, failures = 0.0, 0
    while not cuts.survives(now, seconds):
        failures += 1
        # The line is back at once, so that a long outage's wait would be our invention.
        now = cuts.next_at + wait_seconds(1, draw.random(), RETRY_CAP_SECONDS)
    return now + seconds


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over independent runs, with its 95 % bounds."""

    value: float
    low: float
    high: float

    @property
    def relative_error(self) -> float:
        return (self.high - self.value) / self.value / Z_95

    @classmethod
    def of(cls, values: Sequence[float]) -> "Mean":
        """values: two at least."""
        middle = statistics.fmean(values)
        half = Z_95 * statistics.stdev(values) / math.sqrt(len(values))
        return cls(middle, middle - half, middle + half)


def ratio(slow: Mean, fast: Mean) -> Mean:
    """How many times faster, of two independent means (first order)."""
    value = slow.value / fast.value
    half = Z_95 * value * math.hypot(slow.relative_error, fast.relative_error)
    return Mean(value, value - half, value + half)


def seconds_to_decision(
    road: Road, essentials_bytes: int, before_bytes: int, settle_seconds: float
) -> float:
    """From the recording to its decision, on an unbroken line.

    before_bytes: what crosses the line before the essentials, or within the same envelope: 0 when
    images follow. settle_seconds: the centre's and the feed's share, the same either way.
    """
    crossing = (essentials_bytes + before_bytes) / road.bytes_per_second
    return crossing + road.round_trip_seconds + settle_seconds
