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
