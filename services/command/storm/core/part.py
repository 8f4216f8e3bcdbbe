"""The storm's part `core`: seeds until a million recordings have been through, and replays."""

from collections import Counter
from typing import Final

from services.command.storm.books import Findings
from services.command.storm.core.run import Scene, Told, run_seed
from services.command.storm.parts import Outcome, Plan, again

RECORDINGS: Final = 1_000_000
SCENE: Final = Scene()
FAULTS: Final = (
    *("refused", "request_cut", "request_corrupt", "ghost", "silence"),
    *("answer_lost", "answer_corrupt", "worker_paused"),
    *("centre_crash", "region_crash", "printer_crash", "spent_again", "reported_again"),
)
STORY_LINES: Final = 60


def run(plan: Plan) -> Outcome:
    """A seed of the plan is told step by step; else seeds from 0 on."""
    if plan.seed is not None:
        return _told(run_seed(plan.seed, SCENE, is_told=True))
    wanted = plan.times(RECORDINGS, least=1)
    total, fired, failures = Findings(), Counter[str](dict.fromkeys(FAULTS, 0)), list[str]()
    first = run_seed(0, SCENE)
    seeds = 0
    while total.recordings < wanted:
        told = first if seeds == 0 else run_seed(seeds, SCENE)
        fired.update(told.fired)
        total.recordings += told.found.recordings
        total.lost += told.found.lost
        total.doubled += told.found.doubled
        total.overtakes += told.found.overtakes
        if not told.found.holds:
            failures += [*told.found.sentences, f"See it again: {again('core', seeds)}"]
        seeds += 1
    if run_seed(0, SCENE).trace_hash != first.trace_hash:
        failures.append("Seed 0 told another story the second time.")
    if silent := [kind for kind in FAULTS if not fired[kind]]:
        failures.append(f"Never happened: {', '.join(silent)}.")
    return Outcome(
        {
            "core_recordings": total.recordings,
            "lost": total.lost,
            "doubled": total.doubled,
            "overtakes": total.overtakes,
            "core_seeds": seeds,
            "core_region_days": round(seeds * SCENE.regions * SCENE.hours / 24),
            "core_faults": dict(sorted(fired.items())),
            "core_trace_hash": first.trace_hash,
        },
        tuple(failures),
    )


def _told(told: Told) -> Outcome:
    """One seed: its faults, how its story ended, and what was wrong with it."""
    faults = [line for line in told.story if line.split(" ")[1] in FAULTS]
    shown = [*faults[:STORY_LINES], "…", *told.story[-STORY_LINES:]]
    failures = [*told.found.sentences]
    return Outcome(
        {
            "core_recordings": told.found.recordings,
            "lost": told.found.lost,
            "doubled": told.found.doubled,
            "overtakes": told.found.overtakes,
            "core_faults": dict(sorted(told.fired.items())),
            "core_events": told.events,
            "core_trace_hash": told.trace_hash,
        },
        tuple(failures),
        tuple(shown),
    )
