"""The restore drill: our way gives no second permission, the careless ways do."""

from pathlib import Path

import pytest

from services.command.storm import restore
from services.command.storm.parts import Plan
from services.command.storm.restore import play
from services.command.storm.restore_parties import Way

pytestmark = pytest.mark.rules

SEEDS = range(40)


def test_a_restored_centre_gives_no_second_permission_and_decides_everything() -> None:
    played = [play(seed, Way()) for seed in SEEDS]

    assert sum(one.lost_entries for one in played) > 100  # there was something to forget
    assert [one.sentences for one in played if one.sentences] == []
    assert sum(one.doubled for one in played) == 0
    assert all(one.decided == one.recorded for one in played)


def test_a_restore_nobody_noticed_is_found_by_what_regions_hold_and_comes_to_rest() -> None:
    played = [play(seed, Way(is_told=False)) for seed in SEEDS]

    assert [one.sentences for one in played if one.sentences and not one.doubled] == []
    assert all(one.decided == one.recorded for one in played)


@pytest.mark.parametrize(
    "way",
    [Way(has_barrier=False), Way(has_witnesses=False)],
    ids=["no-barrier", "no-witnesses"],
)
def test_the_careless_ways_show_doubles(way: Way) -> None:
    assert sum(play(seed, way).doubled for seed in SEEDS) > 0


def test_what_a_waived_region_brings_back_too_many_is_contested() -> None:
    played = [play(seed, Way(waives=True)) for seed in SEEDS]

    assert sum(one.contested for one in played) > 0
    assert all(one.doubled <= one.contested for one in played)


def test_the_part_tells_its_figures(tmp_path: Path) -> None:
    told = restore.run(Plan(tmp_path, scale=0.02))

    assert not told.failures
    assert told.figures["restore_doubled"] == 0
