"""How long the line needs for what waits, from what it carried lately. Pure, and no promise.

Only envelopes are counted: images follow when no envelope waits, and prolong nothing here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import mul
from statistics import median

# Fewer batches say nothing about a line.
BATCHES_MIN = 5
# A small batch measures the delay of the line, not its width (the uplink's smallest aim).
TELLING_BYTES_MIN = 16 * 1024
# A batch that took this much longer than usual waited for the line; less is a slow line.
OUT_SECONDS_MIN = 60.0
FAST_SHARE = 0.9
# Larger batches than the past ones spend less of their time on the round trip.
FAST_MARGIN = 1.1
# Storms come in clusters: with 1.0, the weather we simulate was later than said in 18 % of seeds.
SLOW_MARGIN = 1.5
HOUR_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Carried:
    """One acknowledged batch; `first_sent_at` is of its first try, before any outage it met."""

    payload_bytes: int
    first_sent_at: datetime
    acknowledged_at: datetime

    @property
    def seconds(self) -> float:
        return max(0.001, (self.acknowledged_at - self.first_sent_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Pace:
    """Bytes per second while the line works: usual and fast; how much of the time it was out."""

    usual: float
    fast: float
    out_share: float
    longest_out_seconds: float

    @property
    def net(self) -> float:
        """Bytes per second, outages included."""
        return self.usual * (1 - self.out_share)


def pace_of(batches: Sequence[Carried]) -> Pace | None:
    """From past batches, oldest first; None when they are too few to tell.

    Time in which nothing was sent counts as time with a line: nobody tried it.
    """
    if len(batches) < BATCHES_MIN:
        return None
    bytes_min = TELLING_BYTES_MIN
    if sum(one.payload_bytes >= bytes_min for one in batches) < BATCHES_MIN:
        bytes_min = 0
    telling = [one for one in batches if one.payload_bytes >= bytes_min]
    middle = median(one.payload_bytes / one.seconds for one in telling)
    outs = [_out_seconds(one, middle) for one in batches]
    # A batch speaks for the time since the one before it: a busy line and a quiet one count alike.
    begins = [batches[0].first_sent_at, *(one.acknowledged_at for one in batches)]
    spans = [
        max(0.001, (one.acknowledged_at - begin).total_seconds())
        for one, begin in zip(batches, begins, strict=False)
    ]
    rates, weights = [], []
    for one, out, span in zip(batches, outs, spans, strict=True):
        if one.payload_bytes >= bytes_min:
            rates.append(one.payload_bytes / max(0.001, one.seconds - out))
            weights.append(max(0.001, span - out))
    usual = sum(map(mul, rates, weights)) / sum(weights)
    fast = sorted(rates)[min(len(rates) - 1, int(FAST_SHARE * len(rates)))]
    out_share = min(1.0, sum(outs) / sum(spans))
    return Pace(usual, max(usual, fast), out_share, max(outs))


def _out_seconds(batch: Carried, pace: float) -> float:
    out = batch.seconds - batch.payload_bytes / pace if pace > 0 else batch.seconds
    return out if out >= OUT_SECONDS_MIN else 0.0


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Seconds until nothing waits: with no outage at all, and with outages as of late."""

    from_seconds: float
    to_seconds: float


@dataclass(frozen=True, slots=True)
class Never:
    """More is recorded than the line carries, its outages included."""


@dataclass(frozen=True, slots=True)
class LineNeeded:
    """The line is down: nobody knows until when, but so many hours of a working one are needed."""

    hours: float


Plan = CatchUp | Never | LineNeeded


def plan(
    waiting_bytes: float, arriving_bytes_per_second: float, pace: Pace | None, *, is_down: bool
) -> Plan | None:
    """When what waits, and what comes meanwhile, will be at the centre; None without a pace."""
    if waiting_bytes <= 0:
        return CatchUp(0.0, 0.0)
    if pace is None:
        return None
    if is_down:
        return LineNeeded(waiting_bytes / pace.usual / HOUR_SECONDS)
    if arriving_bytes_per_second >= pace.net:
        return Never()
    return CatchUp(
        waiting_bytes / (pace.fast * FAST_MARGIN),
        SLOW_MARGIN * waiting_bytes / (pace.net - arriving_bytes_per_second)
        + pace.longest_out_seconds,
    )


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the office does now, in both languages."""

    text: str
    text_id: str


_FULL = NextAction(
    "Stop recording here: the disk is full. Nothing is lost; tell operations to make room.",
    "Hentikan perekaman di sini: disk penuh. Tidak ada data hilang; minta operasi menambah ruang.",
)
_DOWN = NextAction(
    "Go on recording: all is kept here and sent when the line is back. "
    "Tell operations that the line is down.",
    "Teruskan perekaman: semua tersimpan di sini dan dikirim saat jalur pulih. "
    "Laporkan jalur putus ke bagian operasi.",
)
_NEVER = NextAction(
    "Go on recording, and tell operations that the line carries less than is recorded: "
    "it takes a better line, or `tunggal carry`.",
    "Teruskan perekaman, dan laporkan ke bagian operasi bahwa jalur tidak memadai: "
    "perlu jalur lebih baik, atau `tunggal carry`.",
)
_GOES_ON = NextAction(
    "Go on recording: what waits is sent by itself.",
    "Teruskan perekaman: yang menunggu terkirim dengan sendirinya.",
)


def next_action(found: Plan | None, *, takes_recordings: bool, is_down: bool) -> NextAction:
    """found: None while too little was carried to tell."""
    if not takes_recordings:
        return _FULL
    if is_down:
        return _DOWN
    return _NEVER if isinstance(found, Never) else _GOES_ON
