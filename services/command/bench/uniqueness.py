"""`tunggal bench-uniqueness`: searches by irises against every comparison made in full."""

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from rich.console import Console
from rich.table import Table

from services.central.penunggalan.iris import thresholds
from services.central.penunggalan.iris.gallery import Gallery
from services.central.penunggalan.iris.layout import BLOCK
from services.central.penunggalan.iris.matcher import Likeness, Probe, Row
from services.central.penunggalan.iris.thresholds import Thresholds
from services.command.bench import eyes
from services.command.bench.bounds import highest_share
from shared.iris import to_bytes

REPORT = Path(".tunggal/uniqueness-report.json")
SEED = 20_261
PEOPLE = 200_000
DUPLICATES, LADDER, STRANGERS = 500, 500, 1_000
MORE_STRANGERS = 4_000  # searched in looks alone, for the rate of false alarms
PAIRS = 1_000_000
HARD_PAIRS = 250_000  # at every distance, so that very many lie where a look could err
FAISS_EYES = 16
PROBES_AT_ONCE = 32
ROUNDS = 7
BATCH = 8
COARSE_BYTES = 128  # what a first look reads of an eye
BANDS = (0.0, 0.1, 0.2, 0.3, 0.32, 0.34, 0.36, 0.38, 0.5)
FLOORS: dict[str, tuple[str, float]] = {
    "decisions_differing": ("<=", 0),
    "templates_per_second_per_core": (">=", 30_000_000),
    "ratio_to_faiss_flat": (">=", 50),
    "genuine_lost": ("<=", 0),
}

Found = list[list[Likeness]]


def bench_uniqueness(scale: float) -> None:
    """Search a synthetic gallery in looks and in full, and compare; floors are told, not kept."""
    talk = Console(stderr=True)
    report = _measure(scale, talk)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n")
    Console().print(_table(report))
    talk.print(f"report: {REPORT}")


def _measure(scale: float, talk: Console) -> dict[str, Any]:
    people = max(int(PEOPLE * scale), 2 * BLOCK)
    started = time.perf_counter()
    load = os.getloadavg()[0]
    talk.print(f"making a gallery of {people:,} people")
    gallery = eyes.gallery_of(SEED, people)
    limits = thresholds.for_gallery(people)
    report: dict[str, Any] = {
        "gallery": people,
        "thresholds": {"one_eye": limits.one_eye, "mean_of_two": limits.mean_of_two},
    }
    talk.print("measuring speed, memory and faiss")
    report |= speed(gallery, limits, _stranger_probes(people, BATCH, 1))
    report |= against_faiss(gallery, report["templates_per_second_per_core"], scale)
    talk.print("comparing decisions")
    report |= decisions(gallery, limits, scale)
    del gallery
    gc.collect()
    for name, count, draw in (
        ("genuine", PAIRS, eyes.as_published),
        ("hard", HARD_PAIRS, eyes.at_every_distance),
    ):
        pairs = int(count * scale)
        talk.print(f"comparing {pairs:,} {name} pairs")
        report |= _told(name, pairs, *genuine_pairs(limits, people, pairs, draw))
    report["conditions"] = {
        "cores": os.cpu_count(),
        "load_before": load,
        "load_after": os.getloadavg()[0],
        "python": platform.python_version(),
        "minutes": round((time.perf_counter() - started) / 60, 1),
        "data": "synthetic, services.simulator.irises, OPEN_IRIS",
        "speed_is": "per second of processor time of one thread; wall time beside it",
        "scale": scale,
    }
    return report


def _stranger_probes(people: int, count: int, call: int) -> list[Probe]:
    """Captures of people who are not in the gallery."""
    strangers = people + call * 10_000_000 + np.arange(count)
    return eyes.probes_of(eyes.first_eyes(SEED, strangers))


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    """(processor seconds of this thread, wall seconds) of one run."""
    wall, own = time.perf_counter(), time.thread_time()
    run()
    return time.thread_time() - own, time.perf_counter() - wall


def speed(gallery: Gallery, limits: Thresholds, probes: Sequence[Probe]) -> dict[str, Any]:
    """Templates of the gallery decided in a second: one probe at a time, and a batch."""
    people = len(gallery.people)

    def rate(batch: Sequence[Probe]) -> tuple[float, float]:
        spent = [
            _timed(lambda: gallery.search(batch, people, limits, exhaustive=False))
            for _ in range(ROUNDS)
        ]
        templates = 2 * people * len(batch)
        return tuple(templates / statistics.median(way) for way in zip(*spent, strict=True))

    rate(probes[:1])  # compiled, and the memory touched
    alone, alone_wall = rate(probes[:1])
    together, together_wall = rate(probes)
    few = probes[:1]
    some = min(people, 20_000)
    full = statistics.median(
        _timed(lambda: gallery.search(few, some, limits, exhaustive=True))[0] for _ in range(3)
    )
    stream = _stream_bytes_per_second()
    return {
        "templates_per_second_per_core": round(together),
        "one_probe_templates_per_second_per_core": round(alone),
        "wall_templates_per_second": {"batch": round(together_wall), "one": round(alone_wall)},
        "exhaustive_templates_per_second_per_core": round(2 * some / full),
        "stream_bytes_per_second": round(stream),
        "stream_share": round(alone * COARSE_BYTES / stream, 3),
    }


def _stream_bytes_per_second() -> float:
    """How fast one core reads memory, by numpy, from an array no cache holds."""
    array = np.ones(1 << 27, np.uint64)
    spent = [_timed(lambda: np.bitwise_or.reduce(array))[0] for _ in range(ROUNDS)]
    return float(array.nbytes / statistics.median(spent))


def against_faiss(gallery: Gallery, ours: float, scale: float) -> dict[str, Any]:
    """What faiss IndexBinaryFlat does over the same codes, 31 rotations a probe, without masks."""
    import faiss

    faiss.omp_set_num_threads(1)
    people = len(gallery.people)
    index = faiss.IndexBinaryFlat(256 * 64)
    for first, last in eyes.in_parts(people, eyes.PEOPLE_AT_ONCE):
        codes = eyes.first_eyes(SEED, np.arange(first, last))[:, :, 0]
        index.add(np.ascontiguousarray(codes).reshape(-1, 256).view(np.uint8))
    count = max(int(FAISS_EYES * min(scale, 1)), 3)
    asked = eyes.planted(SEED, np.arange(count), np.full((count, 2), 0.1), 1 << 30).eyes[:, 0, 0]
    spent, first_is_right = [], 0
    for nth, code in enumerate(asked):
        turned = np.stack([np.roll(code, turn) for turn in range(-15, 16)]).view(np.uint8)
        answer: list[Any] = []
        spent.append(_timed(lambda: answer.append(index.search(turned, 1)))[0])  # noqa: B023
        distances, places = answer[0]
        first_is_right += int(places[distances.argmin(), 0] == 2 * nth)
    rate = 2 * people / statistics.median(spent)
    return {
        "ratio_to_faiss_flat": round(ours / rate, 1),
        "faiss": {
            "templates_per_second_per_core": round(rate),
            "queries": count,
            "nearest_is_the_person": first_is_right,
            "bits": 256 * 64,
            "rotations": 31,
            "masks": "none: it knows no masks",
        },
    }


def decisions(gallery: Gallery, limits: Thresholds, scale: float) -> dict[str, Any]:
    """Search planted duplicates and strangers both ways, and count what differs."""
    people = len(gallery.people)
    chance = np.random.default_rng(SEED)
    counts = [max(int(count * scale), 20) for count in (DUPLICATES, LADDER, STRANGERS)]
    who = chance.choice(people, counts[0] + counts[1], replace=people < counts[0] + counts[1])
    published = eyes.planted(SEED, who[: counts[0]], eyes.as_published(chance, counts[0]), 1)
    ladder = eyes.planted(
        SEED, who[counts[0] :], eyes.at_every_distance(chance, counts[1]), 1 << 20
    )
    strangers = _stranger_probes(people, counts[2], 2)
    probes = [*eyes.probes_of(np.concatenate([published.eyes, ladder.eyes])), *strangers]
    looked = _search(gallery, probes, limits, exhaustive=False)
    started = time.perf_counter()
    compared = _search(gallery, probes, limits, exhaustive=True)
    seconds = time.perf_counter() - started
    found = np.array(
        [
            eyes.person_id(int(person)) in {one.recording_id for one in alike}
            for person, alike in zip(who, looked, strict=False)
        ]
    )
    own = {eyes.person_id(int(person)) for person in who}
    more = _stranger_probes(people, max(int(MORE_STRANGERS * scale), 20), 3)
    alarms = sum(map(bool, [*looked[len(who) :], *_search(gallery, more, limits)]))
    searched = len(strangers) + len(more)
    return {
        "probes": len(probes),
        "decisions_differing": sum(
            one != other for one, other in zip(looked, compared, strict=True)
        ),
        "candidates_in_full": sum(map(len, compared)),
        "candidates_of_others": sum(
            one.recording_id not in own for alike in compared for one in alike
        ),
        "exhaustive_minutes": round(seconds / 60, 1),
        "planted": counts[0],
        "planted_recall": round(float(found[: counts[0]].mean()), 5),
        "recall_by_distance": _by_band(ladder.distances.mean(axis=1), found[counts[0] :]),
        "strangers": searched,
        "false_alarms": alarms,
        "false_alarm_rate": round(alarms / searched, 6),
        "false_alarm_rate_below_95": highest_share(alarms, searched),
    }


def _search(
    gallery: Gallery, probes: Sequence[Probe], limits: Thresholds, *, exhaustive: bool = False
) -> Found:
    """Everybody, some probes at a time, on all cores."""

    def part(ends: tuple[int, int]) -> Found:
        return gallery.search(
            probes[ends[0] : ends[1]], gallery.position, limits, exhaustive=exhaustive
        )

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = pool.map(part, eyes.in_parts(len(probes), PROBES_AT_ONCE))
        return [alike for found in parts for alike in found]


def _by_band(distances: eyes.Numbers, found: Any) -> list[dict[str, Any]]:
    bands = []
    for low, high in pairwise(BANDS):
        here = (distances >= low) & (distances < high)
        if here.any():
            bands.append(
                {
                    "from": low,
                    "to": high,
                    "planted": int(here.sum()),
                    "found": int(found[here].sum()),
                }
            )
    return bands


def genuine_pairs(
    limits: Thresholds, people: int, pairs: int, draw: Callable[..., eyes.Numbers]
) -> tuple[int, int]:
    """Second captures of people, against these people: (alike in full, of those lost in looks)."""

    def count(ends: tuple[int, int]) -> tuple[int, int]:
        chance = np.random.default_rng([SEED, *ends])
        who = chance.integers(0, people, ends[1] - ends[0])
        drawn = draw(chance, len(who))
        captured = eyes.planted(SEED, who, drawn, (1 << 32) + 2 * ends[0])
        return _lost_of(who, captured.eyes, limits)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counted = list(pool.map(count, eyes.in_parts(pairs, 64 * BLOCK)))
    return sum(alike for alike, _ in counted), sum(lost for _, lost in counted)


def _told(name: str, pairs: int, alike: int, lost: int) -> dict[str, Any]:
    return {
        f"{name}_pairs": pairs,
        f"{name}_alike": alike,
        f"{name}_lost": lost,
        f"{name}_lost_below_95": highest_share(lost, alike),
    }


def _lost_of(who: Any, captured: eyes.Eyes, limits: Thresholds) -> tuple[int, int]:
    """(candidates by the full distance, those of them the looks lost)."""
    alike = lost = 0
    for first, last in eyes.in_parts(len(who), BLOCK):
        own = eyes.first_eyes(SEED, who[first:last])
        few = Gallery(segment_people=BLOCK)
        few.take(
            [
                Row(nth, "person", eyes.person_id(nth), "61.72", None, to_bytes(pair))
                for nth, pair in enumerate(own, 1)
            ]
        )
        probes = eyes.probes_of(captured[first:last])
        found = few.search(probes, few.position, limits, exhaustive=False)
        missed = [nth for nth, likenesses in enumerate(found) if not _has(nth, likenesses)]
        in_full = few.search([probes[nth] for nth in missed], few.position, limits, exhaustive=True)
        here = sum(_has(nth, alike) for nth, alike in zip(missed, in_full, strict=True))
        alike, lost = alike + len(probes) - len(missed) + here, lost + here
    return alike, lost


def _has(person: int, likenesses: Sequence[Likeness]) -> bool:
    return any(one.recording_id == eyes.person_id(person + 1) for one in likenesses)


def _table(report: dict[str, Any]) -> Table:
    table = Table(title="Tunggal bench-uniqueness")
    for heading in ("measure", "value", "floor", ""):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    for name, value in report.items():
        if isinstance(value, dict | list):
            continue
        if name not in FLOORS:
            table.add_row(name, f"{value:,}", "", "")
            continue
        sense, floor = FLOORS[name]
        is_kept = value >= floor if sense == ">=" else value <= floor
        table.add_row(name, f"{value:,}", f"{sense} {floor:,}", "kept" if is_kept else "missed")
    conditions = report["conditions"]
    table.caption = (
        f"{conditions['cores']} cores, Python {conditions['python']}, load average before: "
        f"{conditions['load_before']:.1f}; {conditions['data']}; speed {conditions['speed_is']}"
    )
    return table
