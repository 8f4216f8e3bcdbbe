"""514 regions come back after one storm: what arrives at the centre, and who gets served.

A simulation in virtual time over the real rules: when the uplink tries, probes and sends, how its
batches grow, and which appointment the centre gives with every answer. Only the lines, the backlogs
and the centre's speed are made up, by seed; docs/RELIABILITY.md says how.
"""

import heapq
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Final

from services.central.intake import rules as intake
from services.command.storm.parts import Outcome, Plan, again
from services.regional.central_client.rules import wait_seconds
from services.regional.uplink import rules as uplink

REGIONS: Final = 514
SEEDS: Final = 10
ENVELOPE_BYTES: Final = 2_300  # body and its place in the manifest
BACKLOG_MEDIAN: Final = 1_200  # some days of a regency's recordings
BACKLOG_SPREAD: Final = 0.6  # of the logarithm: one in forty has over four times the median
GOODPUTS: Final = (32_000.0, 125_000.0, 500_000.0)  # bytes/s: 256 kbit/s, VSAT, fibre
CENTRE_PER_SECOND: Final = 5_000.0
RETRY_CAP_SECONDS: Final = 60.0
ROUND_TRIP_SECONDS: Final = 0.6
WINDOW_SECONDS: Final = 5.0
# Afterwards only the slowest lines with the longest backlogs still send, each for itself.
BUSY_SHARE: Final = 0.95
PEAK_TO_MEAN_MAX: Final = 2.0
_START: Final = datetime(2017, 10, 13, tzinfo=UTC)


@dataclass(slots=True)
class Region:
    goodput: float
    line: uplink.Line
    waiting: int
    last_turn_at: float | None = None

    def next_batch(self) -> int:
        """How many envelopes the real uplink would offer now."""
        move = uplink.plan(self.waiting, self.line)
        assert isinstance(move, uplink.Send)
        return min(self.waiting, move.items_max, max(1, move.bytes_max // ENVELOPE_BYTES))

    def hear(self, sent: int, queued_seconds: float, now: float) -> None:
        """An answer: to a probe (nothing sent) or to a batch, which the centre kept waiting."""
        moment = _START + timedelta(seconds=now)
        if not sent:
            self.line = uplink.after_probe(self.line, moment)
            return
        self.waiting -= sent
        payload = sent * ENVELOPE_BYTES
        took = payload / self.goodput + ROUND_TRIP_SECONDS + queued_seconds
        self.line = uplink.after_answer(self.line, payload, took, moment)


@dataclass(slots=True)
class Arrivals:
    """What reached the centre: (second, requests, envelopes)."""

    seen: list[tuple[float, int]] = field(default_factory=list)

    def taken_by(self, share: float) -> float:
        """When this share of all envelopes had arrived."""
        left = share * sum(envelopes for _, envelopes in self.seen)
        for at, envelopes in self.seen:
            left -= envelopes
            if left <= 0:
                return at
        raise AssertionError  # a share is at most all of them

    def peak_to_mean(self, until: float, *, is_requests: bool) -> float:
        """The fullest window against the mean of all, from the line's return to `until`."""
        windows = [0] * max(1, int(until / WINDOW_SECONDS))
        for at, envelopes in self.seen:
            place = int(at / WINDOW_SECONDS)
            if place < len(windows):
                windows[place] += 1 if is_requests else envelopes
        return max(windows) / (sum(windows) / len(windows))


@dataclass(frozen=True, slots=True)
class Herd:
    requests_peak: float
    envelopes_peak: float
    share_spread: float  # between two turns of a region: the 99th of a hundred pauses to the 50th
    longest_pause_seconds: float
    busy_seconds: float
    seconds: float


class Centre:
    """It takes one batch after another and gives appointments by the real rule."""

    def __init__(self) -> None:
        self._diary = intake.Diary()
        self._free_at = 0.0

    def taken_at(self, moment: float, envelopes: int) -> float:
        cost = envelopes + intake.REQUEST_COST_ENVELOPES
        self._free_at = max(self._free_at, moment) + cost / CENTRE_PER_SECOND
        return self._free_at

    def pause(self, waiting: int, sent: int, moment: float) -> float:
        self._diary, pause = intake.appointment(
            self._diary, waiting, sent, moment, CENTRE_PER_SECOND
        )
        return pause


def come_back(seed: int, *, are_booked: bool = True) -> Herd:
    """Let the line come back for all of them at second 0. `are_booked`: appointments are obeyed."""
    draw = Random(seed)
    regions = [_region(draw) for _ in range(REGIONS)]
    order = count()
    events: list[tuple[float, int, str, int, int]] = []

    def at(moment: float, what: str, region: int, envelopes: int = 0) -> None:
        heapq.heappush(events, (moment, next(order), what, region, envelopes))

    for number in range(REGIONS):
        # Each was in the middle of a wait when the storm ended.
        whole = wait_seconds(20, draw.random(), RETRY_CAP_SECONDS)
        at(draw.random() * whole, "probe", number)
    centre, arrivals, ended = Centre(), Arrivals(), 0.0
    pauses: list[float] = []
    while events:
        moment, _, what, number, envelopes = heapq.heappop(events)
        region = regions[number]
        if what == "send":
            size = region.next_batch()
            seconds = size * ENVELOPE_BYTES / region.goodput + ROUND_TRIP_SECONDS / 2
            at(moment + seconds, "batch", number, size)
            continue
        arrivals.seen.append((moment, envelopes))
        done_at = moment
        if what == "batch":
            done_at = ended = centre.taken_at(moment, envelopes)
            if region.last_turn_at is not None:
                pauses.append(moment - region.last_turn_at)
            region.last_turn_at = moment
        answered_at = done_at + ROUND_TRIP_SECONDS / 2
        region.hear(envelopes, done_at - moment, answered_at)
        pause = centre.pause(region.waiting, envelopes, moment)
        if region.waiting:
            at(answered_at + (pause if are_booked else 0.0), "send", number)
    return _told(arrivals, pauses, ended)


def _region(draw: Random) -> Region:
    backlog = max(20, int(BACKLOG_MEDIAN * draw.lognormvariate(0, BACKLOG_SPREAD)))
    line = uplink.Line(failures_in_a_row=20, failing_since=_START)
    return Region(draw.choice(GOODPUTS), line, backlog)


def _told(arrivals: Arrivals, pauses: list[float], ended: float) -> Herd:
    busy = arrivals.taken_by(BUSY_SHARE)
    pauses.sort()
    return Herd(
        requests_peak=arrivals.peak_to_mean(busy, is_requests=True),
        envelopes_peak=arrivals.peak_to_mean(busy, is_requests=False),
        share_spread=pauses[int(len(pauses) * 0.99)] / pauses[len(pauses) // 2],
        longest_pause_seconds=pauses[-1],
        busy_seconds=busy,
        seconds=ended,
    )


def run(plan: Plan) -> Outcome:
    """Every seed with appointments, and without them to show that the measure can fail."""
    seeds = [plan.seed] if plan.seed is not None else range(plan.times(SEEDS, least=2))
    booked = {seed: come_back(seed) for seed in seeds}
    unruly = [come_back(seed, are_booked=False) for seed in list(seeds)[:2]]
    worst = max(max(one.requests_peak, one.envelopes_peak) for one in booked.values())
    failures = [
        f"A window held {max(one.requests_peak, one.envelopes_peak):.2f} times the mean."
        f" See it again: {again('herd', seed)}"
        for seed, one in booked.items()
        if max(one.requests_peak, one.envelopes_peak) > PEAK_TO_MEAN_MAX
    ]
    if min(one.envelopes_peak for one in unruly) <= PEAK_TO_MEAN_MAX:
        failures.append("Without appointments nothing is amiss either: the measure shows nothing.")
    return Outcome(
        {
            "herd_regions": REGIONS,
            "herd_seeds": len(booked),
            "herd_peak_to_mean": round(worst, 2),
            "herd_peak_to_mean_without": round(max(one.envelopes_peak for one in unruly), 2),
            "herd_share_spread": round(max(one.share_spread for one in booked.values()), 2),
            "herd_longest_pause_seconds": round(
                max(one.longest_pause_seconds for one in booked.values()), 1
            ),
            "herd_busy_seconds": round(max(one.busy_seconds for one in booked.values())),
            "herd_busy_seconds_without": round(max(one.busy_seconds for one in unruly)),
        },
        tuple(failures),
    )
