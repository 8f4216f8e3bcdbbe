"""The deterministic storm: it replays, it holds, and it would notice."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from services.command.storm import bugs
from services.command.storm.core import part
from services.command.storm.core.run import Scene, run_seed
from services.command.storm.core.world import SILENCE_SECONDS, World
from services.command.storm.parts import Plan

pytestmark = pytest.mark.rules

SMALL = Scene(regions=3, hours=24.0, recordings=600)


def test_a_seed_tells_the_same_story_again_and_another_seed_another() -> None:
    first, again, other = run_seed(5, SMALL), run_seed(5, SMALL), run_seed(6, SMALL)

    assert (first.trace_hash, first.fired, first.events) == (
        again.trace_hash,
        again.fired,
        again.events,
    )
    assert first.trace_hash != other.trace_hash


def test_calm_that_comes_while_the_other_side_is_down_is_silence() -> None:
    world = World(seed=1, regions=1, tear_share=0.0)
    world.is_calm = True
    heard: list[Any] = []

    world.exchange("61.72", 0, (100, 100), lambda _: None, heard.append)
    world.exchange("61.72", 0, (100, 100), lambda _: ("receipt", 7), heard.append)
    world.run(SILENCE_SECONDS * 2)

    assert sorted(heard, key=str) == [(("receipt", 7), False), None]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_weather_nothing_is_lost_doubled_or_overtaken(seed: int) -> None:
    told = run_seed(seed, SMALL)

    assert told.found.holds, told.found.sentences
    assert told.found.recordings == 3 * 600
    assert told.fired["answer_lost"] > 0
    # Senders that were paused hear words overtaken since: late ones, nobody else's.
    assert told.fired["worker_paused"] > 0
    assert "foreign_position" not in told.fired
    assert told.fired["centre_crash"] + told.fired["region_crash"] > 0


@pytest.mark.parametrize("changes", bugs.all_planted().values(), ids=bugs.all_planted().keys())
def test_a_planted_bug_is_found(changes: Mapping[str, Any]) -> None:
    assert bugs.seeds_until_found(changes) is not None


@pytest.mark.parametrize("parts", bugs.MASKED.values(), ids=bugs.MASKED.keys())
def test_a_masked_bug_is_harmless_with_any_part_put_right(
    parts: Sequence[Mapping[str, Any]],
) -> None:
    """Else finding them all together would say nothing of the part that was hidden."""
    for left in bugs.one_put_right(parts):
        assert bugs.seeds_until_found(left, 4) is None, list(left)


def test_there_are_enough_bugs_and_masked_ones() -> None:
    assert len(bugs.BUGS) >= 20
    assert len(bugs.MASKED) >= 3


def test_every_planted_bug_is_named_on_the_page() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "RELIABILITY.md").read_text()

    assert [name for name in bugs.all_planted() if f"- {name}\n" not in page] == []


def test_one_seed_is_told_step_by_step(tmp_path: Any) -> None:
    told = part.run(Plan(tmp_path, seed=2))

    assert not told.failures
    assert any("answer_lost" in line for line in told.notes)
