"""`tunggal letters`: a small city's letters, in the order they are carried."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from services.command.letters import campaign
from services.command.letters.command import FIRST_DAY, letters
from services.simulator.population import city

SEED, RECORDED, PER_DAY = 8, 300, 3
ADDRESS = "https://dukcapil.singkawang.example"


def test_everybody_unrecorded_gets_one_letter_in_the_order_of_districts_and_neighbours() -> None:
    people = campaign.unrecorded(city(SEED, RECORDED))
    bundles = [*campaign.bundles(people, SEED, FIRST_DAY, PER_DAY, ADDRESS)]

    sent = [letter for bundle in bundles for letter in bundle.letters]
    assert [one.name for one in sent] == [one.name for one in people]
    assert len(sent) == city(SEED, RECORDED).count.unrecorded
    assert len({one.address for one in sent}) == len({one.number for one in sent}) == len(sent)
    places = [(one.ward, one.rw, one.rt) for one in people]
    assert all(before <= after for before, after in pairwise(places))


def test_no_day_of_a_ward_has_more_letters_than_it_carries() -> None:
    people = campaign.unrecorded(city(SEED, RECORDED))
    days: dict[tuple[str, str], int] = {}
    for bundle in campaign.bundles(people, SEED, FIRST_DAY, PER_DAY, ADDRESS):
        assert bundle.monday.weekday() == 0
        for letter in bundle.letters:
            days[bundle.ward, letter.day] = days.get((bundle.ward, letter.day), 0) + 1

    assert max(days.values()) == PER_DAY


def test_the_command_writes_every_letter_reads_some_back_and_tells_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    letters(recordings=RECORDED, seed=SEED, per_day=PER_DAY, folder=tmp_path / "out")

    report = json.loads((tmp_path / ".tunggal/office-report.json").read_text())
    files = sorted((tmp_path / "out").rglob("*.pdf"))
    assert report["letters"] == city(SEED, RECORDED).count.unrecorded
    assert report["letters_files"] == len(files)
    assert report["letters_pages"] >= report["letters"] + len(files) / 2
    assert report["letters_read_back"] >= 20
    assert report["letters_seconds"] > 0
