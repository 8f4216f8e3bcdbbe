"""What resumable images and essentials first are worth, by a model that runs the real rules."""

from dataclasses import dataclass
from random import Random

from services.command.storm.evidence_model import (
    Mean,
    Road,
    ratio,
    restarted_seconds,
    resumed_seconds,
    seconds_to_decision,
)
from services.command.storm.parts import Outcome, Plan, again

IMAGES_BYTES = 2_000_000
ESSENTIALS_BYTES = 12_000
SETTLE_SECONDS = 0.5
# 64 kbit/s that breaks once a minute; 128 kbit/s that does not break.
BREAKING = Road(bytes_per_second=8_000, cut_mean_seconds=60.0)
STEADY = Road(bytes_per_second=16_000, cut_mean_seconds=float("inf"))


@dataclass(frozen=True, slots=True)
class EvidenceFigures:
    """Model figures: virtual time, 95 % bounds over independent runs; nothing ran on sockets."""

    resumed_seconds: Mean
    restarted_seconds: Mean
    resume_speedup: Mean
    essentials_first_seconds: float
    images_first_seconds: float
    essentials_speedup: float


def measure(seed: int, runs: int = 1_000) -> EvidenceFigures:
    """runs: 2 or more; the same seed gives the same figures."""
    resumed = Mean.of(
        [
            resumed_seconds(IMAGES_BYTES, BREAKING, Random(f"{seed}/resumed/{n}"))
            for n in range(runs)
        ]
    )
    restarted = Mean.of(
        [
            restarted_seconds(IMAGES_BYTES, BREAKING, Random(f"{seed}/restarted/{n}"))
            for n in range(runs)
        ]
    )
    first = seconds_to_decision(STEADY, ESSENTIALS_BYTES, 0, SETTLE_SECONDS)
    last = seconds_to_decision(STEADY, ESSENTIALS_BYTES, IMAGES_BYTES, SETTLE_SECONDS)
    return EvidenceFigures(resumed, restarted, ratio(restarted, resumed), first, last, last / first)


def run(plan: Plan) -> Outcome:
    """The storm's part: figures of the model, and whether resuming is worth its while at all."""
    figures = measure(plan.seed or 1, plan.times(1_000, least=100))
    speedup = figures.resume_speedup
    failures = (
        ()
        if speedup.low > 2
        else (f"Resuming is worth only {speedup.value:.1f} times. See: {again('evidence', 1)}",)
    )
    return Outcome(
        {
            "resume_speedup": round(speedup.value, 1),
            "resume_speedup_95": [round(speedup.low, 1), round(speedup.high, 1)],
            "resumed_minutes": round(figures.resumed_seconds.value / 60, 2),
            "restarted_minutes": round(figures.restarted_seconds.value / 60, 2),
            "essentials_speedup": round(figures.essentials_speedup, 1),
            "decision_seconds_essentials_first": round(figures.essentials_first_seconds, 2),
            "decision_seconds_images_first": round(figures.images_first_seconds, 2),
            "evidence_conditions": "model in virtual time by the region's rules, not on sockets:"
            " 2 MB at 64 kbit/s, cut every 60 s on average; decision of 12 KB at 128 kbit/s,"
            f" {SETTLE_SECONDS} s assumed for settling",
        },
        failures,
    )
