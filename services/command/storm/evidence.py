"""What resumable images and essentials first are worth: measured on sockets, and by a model."""

import os
from dataclasses import dataclass
from random import Random

from pydantic import JsonValue

from services.command.storm.evidence_lines import (
    PLAIN_SPEED,
    Seen,
    Trial,
    mean_between,
    run_trial,
)
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
WINDOW_SECONDS = 150
WINDOW_SECONDS_MIN = 20
PLAIN_LINES = 16
WORTH_MIN = 2.0  # whatever else a busy machine does to them


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """The model's: virtual time, 95 % bounds over independent runs; nothing ran on sockets."""

    resumed_seconds: Mean
    restarted_seconds: Mean
    resume_speedup: Mean
    essentials_first_seconds: float
    images_first_seconds: float
    essentials_speedup: float


def measure(seed: int, runs: int = 1_000) -> ModelFigures:
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
    return ModelFigures(resumed, restarted, ratio(restarted, resumed), first, last, last / first)


def trial_of(plan: Plan) -> Trial:
    """The lines of the plan; a small one lets the narrow line run faster, to end in its time."""
    window = plan.times(WINDOW_SECONDS, WINDOW_SECONDS_MIN)
    return Trial(
        seed=plan.seed or 1,
        window_seconds=window,
        restarting=PLAIN_LINES,
        images_bytes=IMAGES_BYTES,
        breaking_bytes_per_second=BREAKING.bytes_per_second,
        steady_bytes_per_second=STEADY.bytes_per_second,
        break_mean_seconds=BREAKING.cut_mean_seconds,
        round_trip_seconds=BREAKING.round_trip_seconds,
        steady_speed=max(1.0, WINDOW_SECONDS / window),
    )


def run(plan: Plan) -> Outcome:
    """The storm's part: figures of real lines, the model's beside them."""
    trial = trial_of(plan)
    seen = run_trial(trial, plan.folder)
    model = measure(trial.seed, plan.times(1_000, least=100))
    by_model: dict[str, JsonValue] = {
        "resume_speedup": round(model.resume_speedup.value, 1),
        "resumed_minutes": round(model.resumed_seconds.value / 60, 2),
        "restarted_minutes": round(model.restarted_seconds.value / 60, 2),
        "essentials_speedup": round(model.essentials_speedup, 1),
    }
    figures: dict[str, JsonValue] = {
        **measured(trial, seen),
        "evidence_model": by_model,
        "evidence_conditions": "on sockets, by the services' processes: 2 MB at 64 kbit/s, broken "
        "every 60 s on average, the plain client's lines "
        f"{PLAIN_SPEED} times faster with as many more breaks, load "
        f"{os.getloadavg()[0]:.0f} on {os.cpu_count()} cores; decisions at 128 kbit/s, "
        f"{trial.steady_speed:.0f} times faster, while images are under way",
    }
    return Outcome(figures, tuple(_failures(figures, trial.seed)))


def measured(trial: Trial, seen: Seen) -> dict[str, JsonValue]:
    """Figures of what was seen; those for which too little was seen are None."""
    figures: dict[str, JsonValue] = {
        "resume_speedup": None,
        "resume_speedup_95": None,
        "restarted_images": len(seen.restarted),
        "line_breaks": seen.breaks.total(),
        "decisions_timed": len(seen.decisions),
        "essentials_speedup": None,
    }
    watched = trial.restarting * trial.window_seconds * PLAIN_SPEED
    carried = watched * trial.breaking_bytes_per_second
    # Well below 0.9 the machine was too busy for these lines, and beginning again is made too slow.
    figures["restarted_lines_used"] = round(seen.plain_bytes / carried, 2)
    if len(seen.resumed) > 1 and seen.restarted:
        resumed, restarted = Mean.of(seen.resumed), mean_between(len(seen.restarted), watched)
        speedup = ratio(restarted, resumed)
        figures["resume_speedup"] = round(speedup.value, 1)
        figures["resume_speedup_95"] = [round(speedup.low, 1), round(speedup.high, 1)]
        figures["resumed_minutes"] = round(resumed.value / 60, 2)
        figures["restarted_minutes"] = round(restarted.value / 60, 1)
    if seen.decisions and seen.images_first:
        first = sum(seen.decisions) / len(seen.decisions)
        last = seen.images_first[0] + first
        figures["decision_seconds_essentials_first"] = round(first, 2)
        figures["decision_seconds_essentials_first_max"] = round(max(seen.decisions), 2)
        figures["decision_seconds_images_first"] = round(last, 1)
        figures["essentials_speedup"] = round(last / first, 1)
    return figures


def _failures(figures: dict[str, JsonValue], seed: int) -> list[str]:
    found = []
    for name in ("resume_speedup", "essentials_speedup"):
        worth = figures[name]
        if not isinstance(worth, float) or worth < WORTH_MIN:
            found.append(f"{name} is {worth}. See: {again('evidence', seed)}")
    return found
