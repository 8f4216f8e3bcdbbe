"""The demonstration is run as a newcomer would, and its report read as a reviewer would."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.simulator.population import DemoPlan, city
from shared.database.placement import data_folders_below, homes_of

RECORDINGS, SEED = 300, 11
DEMO = [sys.executable, "-m", "services.command.main", "demo"]
REPOSITORY = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY)}


def demo_in(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DEMO, "--recordings", str(RECORDINGS), "--seed", str(SEED), *options],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_a_city_is_recorded_through_a_storm_and_every_invariant_holds(tmp_path: Path) -> None:
    """One run for all of it: a demonstration takes some 15 seconds."""
    try:
        done = demo_in(tmp_path, "--json")

        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert report["passed"] is True
        assert [name for name, has_held in report["invariants"].items() if not has_held] == []
        assert len(report["invariants"]) >= 21
        assert json.loads((tmp_path / ".tunggal/demo-report.json").read_text()) == report
        figures_are_the_citys(report)
        storm_was_met(report)
        nothing_personal_in(done.stdout + done.stderr + logs_in(tmp_path))
    finally:
        remove(tmp_path)


def figures_are_the_citys(report: Any) -> None:
    planned, plan = city(SEED, recorded=RECORDINGS), DemoPlan.of(city(SEED, recorded=RECORDINGS))
    count = planned.count
    assert report["seed"] == SEED
    assert report["recorded"] == RECORDINGS
    assert (report["obliged"], report["population"]) == (count.obliged, count.population)
    assert report["coverage_percent"] == count.coverage_percent
    irises = report["irises"]
    found = {case: one["found"] for case, one in irises["planted"].items()}
    assert irises["searched"] == RECORDINGS // 10
    # This seed's captures are good ones: everything planted is found, and nobody else.
    assert (irises["planted_recall"], irises["false_alarms"]) == (1.0, 0)
    assert all(one["found"] == one["planted"] for one in irises["planted"].values())
    assert report["duplicates"] == plan.neighbours + found["two_niks"]
    assert irises["cases_waiting"] == found["lenses"] + found["swapped"] > 0
    assert irises["validations_waiting"] == found["officer"] == 1
    assert irises["officers"]["attempts_refused"] == irises["officers"]["attempts"] == 2
    waiting = irises["cases_waiting"] + irises["validations_waiting"]
    assert report["authorized"] == RECORDINGS - report["duplicates"] - waiting
    assert (report["lost"], report["doubled"], report["overtakes"]) == (0, 0, 0)
    assert {one["code"]: one["recorded"] for one in report["districts"]} == {
        code: count.recorded for code, count in planned.by_district.items()
    }


def storm_was_met(report: Any) -> None:
    """Outages were met and waited out; a late team overtaking has its cause; cards were printed."""
    assert report["outages"] >= 3
    assert report["overtakes_late_arrival"] > 0
    assert report["recordings_per_second"] > 0
    assert report["waited_seconds"]["max"] >= report["waited_seconds"]["p50"] > 0
    assert report["conditions"]["fsync"] == "on"
    assert report["cards"]["spoiled"] == report["cards"]["fresh_permissions"] > 0


def nothing_personal_in(told: str) -> None:
    people = list(city(SEED, recorded=RECORDINGS).residents())
    assert [person.number for person in people if person.nik in told] == []
    # One-word names may be words of the report; two words together are a person's.
    named = [one for one in people if " " in one.name and one.name in told]
    assert [person.number for person in named] == []


def logs_in(folder: Path) -> str:
    """What both servers logged; there must be something, or the search proves nothing."""
    text = "".join(log.read_text() for log in folder.rglob("*.log"))
    assert "uplink.line_is_back" in text
    return text


def test_a_folder_that_no_demonstration_made_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "mine" / "letter.txt"
    kept.parent.mkdir()
    kept.write_text("mine")

    done = demo_in(tmp_path, "--folder", "mine")

    assert done.returncode == 2
    assert kept.read_text() == "mine"
    assert "--folder" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_server_that_dies_fails_the_demonstration(tmp_path: Path) -> None:
    """No report of an earlier run may speak for it."""
    report = tmp_path / ".tunggal" / "demo-report.json"
    report.parent.mkdir()
    report.write_text("{}")
    with (tmp_path / "said").open("w") as said:
        running = subprocess.Popen(
            [*DEMO, "--recordings", str(RECORDINGS)], cwd=tmp_path, env=environment(), stderr=said
        )
    try:
        until(lambda: "handed its recordings in" in (tmp_path / "said").read_text())
        (centre,) = [pid for pid in processes_in(tmp_path) if "central" in arguments_of(pid)]
        os.kill(centre, signal.SIGKILL)

        assert running.wait(60) == 1
        assert "central ended by itself" in (tmp_path / "said").read_text()
        assert not report.exists()
    finally:
        running.kill()
        running.wait()
        until(lambda: not processes_in(tmp_path))
        remove(tmp_path)


def arguments_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_whatever_it_started_ends_with_it(tmp_path: Path, how: signal.Signals) -> None:
    running = subprocess.Popen(
        [*DEMO, "--recordings", str(RECORDINGS)],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until((tmp_path / ".tunggal/demo/town/regional.address").exists)
        # Two services, and two databases with processes of their own.
        assert len(processes_in(tmp_path) - {running.pid}) > 4

        running.send_signal(how)
        code = running.wait(60)

        assert code == (130 if how is signal.SIGINT else -signal.SIGKILL)
        until(lambda: not processes_in(tmp_path))
    finally:
        running.kill()
        running.wait()
        until(lambda: not processes_in(tmp_path))
        remove(tmp_path)


def processes_in(folder: Path) -> set[int]:
    """Those that work in the folder, or in a database's that lies elsewhere: as root it does."""
    homes = {folder.resolve()}
    for data_folder in data_folders_below(folder):
        homes |= {home.resolve() for home in homes_of(data_folder)}
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            cwd = (entry / "cwd").readlink()
        except OSError:  # ended since, or somebody else's
            continue
        if any(cwd.is_relative_to(home) for home in homes):
            found.add(int(entry.name))
    return found


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to be in a minute"
        time.sleep(0.05)


def remove(folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "shared.database.embedded", "remove", str(folder)],
        cwd=REPOSITORY,
        check=True,
    )
