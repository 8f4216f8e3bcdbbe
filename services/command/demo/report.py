"""The report: what was measured and what must hold. No number is invented here."""

import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.command.demo.audit import Findings
from services.command.demo.cards import CardSample
from services.command.demo.handins import HandIns
from services.command.demo.irises import Truth, are_alarms_rare, are_found, told
from services.command.demo.load import History
from services.command.demo.officers import OfficerSample
from services.command.town import NEIGHBOUR, REGION
from services.simulator.population import CENSUS, city, scaled
from services.simulator.weather import Spell
from shared.contracts.outcomes import Outcome

REPORT_VERSION = 1
OUTAGES_MIN = 3
SOURCE = (
    "Totals of Singkawang on 13 October 2017 as reported by ANTARA Kalbar;"
    " wards and every person are invented."
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything the run gathered, before it is put into words."""

    hand_ins: HandIns
    truth: Truth
    officers: OfficerSample
    history: History
    findings: Findings
    cards: CardSample
    coverage: Mapping[str, Any]  # the region's answers and the centre's, as they came
    fairness: Mapping[str, Any]
    national: Mapping[str, Any]
    outcomes: Mapping[str, Mapping[str, int]]
    spells: Sequence[Spell]
    outages_survived: int
    connections_reset: int
    seconds: float  # first POST, when the storm began too, to last decision applied
    phase_seconds: Mapping[str, float]
    retry_cap_seconds: float
    paced_seconds: float  # over which the stations spread their recordings

    @property
    def outages(self) -> int:
        """Outages that met recordings on their way and are over."""
        met = [one for one in self.spells if one.is_outage and one.starts_at_seconds < self.seconds]
        return min(len(met), self.outages_survived)


def report_of(run: Measured) -> dict[str, Any]:
    """The report as it is written to JSON; `passed` is true when every invariant held."""
    total, outcomes = run.coverage["total"], run.outcomes.get(REGION, {})
    fairness, found = run.fairness, run.findings
    invariants = _invariants(run)
    return {
        "version": REPORT_VERSION,
        "passed": all(invariants.values()),
        "seed": run.hand_ins.seed,
        "synthetic": True,
        "city": _city_in_words(run),
        "source": SOURCE,
        "coverage_percent": total["percent_of_obliged"],
        "recorded": total["obliged_recorded"],
        "obliged": total["obliged"],
        "population": total["population"],
        "authorized": outcomes.get(Outcome.PRINT_READY_RECORD, 0),
        "duplicates": outcomes.get(Outcome.DUPLICATE_RECORD, 0),
        "lost": found.lost,
        "doubled": found.doubled,
        "overtakes": fairness["overtakes_unexplained"],
        "overtakes_late_arrival": fairness["overtakes_late_arrival"],
        "outages": run.outages,
        "recordings_per_second": round(run.hand_ins.count / run.seconds, 1),
        "seconds": round(run.seconds, 2),
        "waited_seconds": fairness["waited_seconds"],
        "outcomes": {region: dict(counts) for region, counts in run.outcomes.items()},
        "districts": [
            {
                "code": one["code"],
                "recorded": one["obliged_recorded"],
                "obliged": one["obliged"],
                "population": one["population"],
                "percent": one["percent_of_obliged"],
            }
            for one in run.coverage["districts"]
        ],
        "national_percent": run.national["total"]["percent_of_obliged"],
        "handed_in": _handed_in(run),
        "irises": told(run.truth, run.truth.count(found.outcomes), found.waiting, run.officers),
        "cards": asdict(run.cards),
        "audit": _audit(found),
        "weather": [
            {
                "state": spell.state,
                "starts_at_seconds": round(spell.starts_at_seconds, 2),
                "seconds": round(spell.duration_seconds, 2),
                "faults": [toxic.type for toxic in spell.toxics],
            }
            for spell in run.spells
        ],
        "seconds_by_phase": dict(run.phase_seconds),
        "conditions": _conditions(run),
        "invariants": invariants,
    }


def _city_in_words(run: Measured) -> str:
    if scaled(run.hand_ins.count) == dict(CENSUS):
        return "Singkawang whole: every ward of the census of 13 October 2017."
    return (
        f"A smaller city of Singkawang's proportions, made so that exactly {run.hand_ins.count:,}"
        " of its people are recorded."
    )


def _handed_in(run: Measured) -> dict[str, int]:
    history = run.history
    return {
        "in_bulk": history.in_bulk,
        "one_by_one": history.one_by_one,
        "resent": history.resent,
        "resent_same_receipt": history.resent_same_receipt,
        "second_attempts": history.second_attempts,
        "second_attempts_refused": history.second_attempts_refused,
        "requests_repeated": history.requests_repeated,
    }


def _audit(found: Findings) -> dict[str, Any]:
    figures = asdict(found)
    for elsewhere in ("database", "last_applied_at", "payload_bytes_mean", "lost", "doubled"):
        del figures[elsewhere]
    for by_id in ("outcomes", "rivals"):
        del figures[by_id]
    figures["duplicates_by_rival"] = dict(Counter(found.rivals.values()))
    return figures


def _conditions(run: Measured) -> dict[str, Any]:
    return {
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "postgres": run.findings.database.get("server_version"),
        "fsync": run.findings.database.get("fsync"),
        "synchronous_commit": run.findings.database.get("synchronous_commit"),
        "full_page_writes": run.findings.database.get("full_page_writes"),
        "payload_bytes_mean": run.findings.payload_bytes_mean,
        "recordings_per_post": run.hand_ins.post_recordings,
        "line": "demo_storm",
        "storm_seconds": round(run.spells[-1].ends_at_seconds, 2),
        "connections_reset": run.connections_reset,
        "retry_cap_seconds": run.retry_cap_seconds,
        "stations_paced_over_seconds": round(run.paced_seconds, 2),
        "client_on_the_same_cores": True,
    }


def _invariants(run: Measured) -> dict[str, bool]:
    """Name → whether it held. Each is a claim somebody can check again with SQL."""
    found, history, plan, cards = run.findings, run.history, run.hand_ins.plan, run.cards
    everything = plan.recordings + cards.under_17_recorded
    counted = run.truth.count(found.outcomes)
    searched = set(run.truth.recording_ids.values())
    by_nik = Counter(
        outcome
        for recording_id, outcome in found.outcomes.items()
        if recording_id in history.planned and recording_id not in searched
    )
    last = Counter(found.outcomes[one] for one in history.planned.keys() & found.outcomes.keys())
    rivals = Counter(rival for one, rival in found.rivals.items() if one not in searched)
    return {
        "every_recording_receipted": found.receipts == plan.recordings,
        "nothing_lost": found.lost == 0
        and everything
        == found.region_recordings
        == found.centre_recordings
        == found.decisions_applied,
        "nothing_doubled": found.doubled == 0 and found.decided_twice == 0,
        "contents_equal_everywhere": found.contents_wrong == 0,
        "nothing_held_back": found.notes == 0 and found.held_entries == 0,
        "seq_gapless": found.seq_gaps == 0,
        "feed_gapless": found.feed_gaps == 0,
        "nobody_overtaken_without_cause": run.fairness["overtakes_unexplained"] == 0
        and found.out_of_queue_order == 0,
        "permissions_verify_offline": found.signatures_checked > 0 and found.signatures_wrong == 0,
        "outcomes_as_planned": by_nik
        == {
            Outcome.PRINT_READY_RECORD: plan.authorized - len(searched),
            Outcome.DUPLICATE_RECORD: plan.neighbours,
        }
        and last == run.outcomes.get(REGION, {}),
        "planted_cases_found": are_found(counted),
        "officers_irises_refused": run.officers.attempts_refused == run.officers.attempts,
        "false_alarms_rare": are_alarms_rare(counted),
        "duplicates_name_the_neighbour": rivals == {NEIGHBOUR: plan.neighbours},
        "coverage_as_planned": _is_coverage_planned(run),
        "resent_got_the_same_receipt": history.resent_same_receipt == history.resent == plan.resent,
        "second_attempts_refused": history.second_attempts_refused
        == history.second_attempts
        == plan.second_attempts,
        "double_spend_refused": cards.double_spends_refused == cards.double_spends_tried > 0,
        "spoiled_blank_got_a_fresh_permission": cards.fresh_permissions == cards.spoiled > 0,
        "under_17_held": cards.under_17_held == cards.under_17_recorded > 0,
        "outages_survived": run.outages >= OUTAGES_MIN,
    }


def _is_coverage_planned(run: Measured) -> bool:
    """Every district, the total, and the centre's own figure equal the city's plan."""
    planned = city(run.hand_ins.seed, recorded=run.hand_ins.count)
    counted = {
        one["code"]: (one["population"], one["obliged"], one["obliged_recorded"])
        for one in run.coverage["districts"]
    }
    wanted = {
        code: (count.population, count.obliged, count.recorded)
        for code, count in planned.by_district.items()
    }
    at_centre = {one["region"]: one for one in run.national["regions"]}[REGION]
    return (
        counted == wanted
        and run.coverage["total"]["percent_of_obliged"] == planned.count.coverage_percent
        and (at_centre["population"], at_centre["obliged"], at_centre["recorded"])
        == (planned.count.population, planned.count.obliged, planned.count.recorded)
    )
