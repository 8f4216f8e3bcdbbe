"""The sample city: what `tunggal up` opens with, and what a restart does to it."""

import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.command.sample.fill import NOTE, Note
from services.command.sample.plan import RECORDINGS, UNDER_17, SamplePlan, id_of, nik_of
from services.regional.coverage.rules import percent
from tests.command.up_world import Up, place, up

NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)
FILLED_SECONDS_MAX = 240


def test_the_same_day_gives_the_same_city_again() -> None:
    one, other = SamplePlan(NOON), SamplePlan(NOON)

    assert one.recordings() == other.recordings()
    assert one.under_17() == other.under_17()
    assert list(one.line()) == list(other.line())


def test_the_city_is_recorded_in_the_last_weeks_and_its_young_wait_for_a_birthday() -> None:
    plan = SamplePlan(NOON)
    taken = plan.recordings()
    moments = [datetime.fromisoformat(one["captured_at"]) for one in taken]
    young = [one["card"]["birth_date"] for one in plan.under_17()]

    assert len({id_of(one) for one in taken}) == RECORDINGS == len({nik_of(one) for one in taken})
    assert NOON - timedelta(days=40) < min(moments) < max(moments) < NOON
    assert moments != sorted(moments)  # a field team came home late
    assert len(young) == UNDER_17
    assert all(born > "2009-11-25" for born in young)


def test_the_list_names_people_who_are_blocked_or_gone(tmp_path: Path) -> None:
    head, *lines = SamplePlan(NOON).residents_csv(tmp_path).decode().splitlines()

    found = Counter(line.rsplit(",", 1)[1] for line in lines)
    assert head.endswith(",residency")
    assert set(found) == {"active", "blocked", "moved", "dead"}
    assert percent(RECORDINGS, sum(",yes," in line for line in lines)) == pytest.approx(73, abs=1)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_note_is_no_note(tmp_path: Path) -> None:
    (tmp_path / NOTE).write_text('{"begun_at": 3}')

    assert Note.read(tmp_path) is None


def asked(running: Up, folder: Path, path: str) -> dict[str, Any]:
    token = (folder / ".tunggal" / "up" / "tokens" / "desk").read_text().strip()
    answer = httpx.get(
        running.addresses["regional"] + path,
        headers={"authorization": f"Bearer {token}"},
        trust_env=False,
    )
    found: dict[str, Any] = answer.json()
    return found


def work_of(running: Up, folder: Path) -> dict[str, Any]:
    return asked(running, folder, "/v1/work")


def until_said(running: Up, words: str) -> None:
    deadline = time.monotonic() + FILLED_SECONDS_MAX
    while words not in running.said.read_text():
        assert time.monotonic() < deadline, running.said.read_text()
        assert "not whole" not in running.said.read_text(), running.said.read_text()
        time.sleep(0.1)


@pytest.mark.timeout(600)
def test_up_opens_with_a_city_that_has_work_of_every_kind_and_keeps_it() -> None:
    with place() as folder:
        with up(folder, "--central-port=0") as running:
            until_said(running, "sample: ready")
            work = work_of(running, folder)
            places = asked(running, folder, "/v1/unrecorded/places?within=61.72")["places"]
        with up(folder, "--central-port=0") as again:
            until_said(again, "sample: ready")
            kept = work_of(again, folder)
            lists = asked(again, folder, "/v1/residents/change-sets")["items"]
            frozen = asked(again, folder, "/v1/coverage/snapshots")["items"]

    counts = {name: pile["count"] for name, pile in work.items() if isinstance(pile, dict)}
    assert counts["recorded"] == RECORDINGS + UNDER_17
    assert all(counts[pile] > 0 for pile in ("problems", "with_others", "printable", "uncollected"))
    assert (counts["unsent"], counts["undecided"], work["deletions_asked"]) == (0, 0, 1)
    for heard in ("unrecorded", "lettered", "answered", "home_visits", "to_check", "closed"):
        assert sum(one[heard] for one in places) > 0, heard
    assert [one["state"] for one in lists] == ["read", "applied"]
    assert all(lists[0]["changes"][kind] for kind in ("ward", "changed", "left", "missing"))
    assert lists[0]["left_out"] > 0
    assert len(frozen) == 1
    # Whose day is still to come is learned by and by: until then they count as printable.
    counts["printable"] += work["held"]
    kept["printable"]["count"] += kept["held"]
    assert {pile: kept[pile]["count"] for pile in counts} == counts
    assert json.dumps(kept["problems"]) == json.dumps(work["problems"])
