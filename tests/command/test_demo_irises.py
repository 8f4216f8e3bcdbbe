"""What a demonstration says of planted cases: what is written down, counted and required."""

from pathlib import Path
from uuid import UUID

import pytest

from services.command.demo.irises import Truth, are_alarms_rare, are_found, part_of, told
from services.command.demo.officers import OfficerSample
from services.simulator.irises.cases import Case, Count, Tally
from services.simulator.population import city, recordings
from shared.contracts.outcomes import Outcome

pytestmark = pytest.mark.rules


def test_the_truth_is_read_as_it_was_written_and_counts_by_id(tmp_path: Path) -> None:
    town = city(7, recorded=300)
    part = part_of(town, 60)
    truth = Truth.of(part)
    ids = [one.recording_id for one in truth.noting(recordings(town), part)]
    truth.write(tmp_path / "truth")

    again = Truth.read(tmp_path / "truth")

    assert again.recording_ids == {order: ids[order] for order in part.orders}
    later = {ids[one.later] for one in part.planted if one.case is Case.TWO_NIKS}
    outcomes = dict.fromkeys(ids, Outcome.PRINT_READY_RECORD)
    outcomes |= dict.fromkeys(later, Outcome.DUPLICATE_RECORD)
    report = told(again, again.count(outcomes), {"ADJUDICATE_RECORD": 3}, OfficerSample())
    assert report["planted"]["two_niks"] == {"planted": 1, "found": 1}
    assert report["planted"]["swapped"] == {"planted": 1, "found": 0}
    assert (report["planted_recall"], report["false_alarms"]) == (1.0, 0)
    assert (report["searched"], report["cases_waiting"]) == (60, 3)


def test_a_demonstration_without_irises_has_nothing_to_say() -> None:
    truth = Truth.of(part_of(city(7, recorded=100), 0))

    counted = truth.count({UUID(int=1): Outcome.PRINT_READY_RECORD})

    assert told(truth, counted, {}, OfficerSample())["searched"] == 0
    assert are_found(counted)
    assert are_alarms_rare(counted)


@pytest.mark.parametrize(
    ("planted", "found", "is_enough"),
    [(1, 0, True), (2, 0, False), (40, 38, True), (40, 37, False)],
)
def test_more_than_one_overlooked_is_too_many_unless_it_is_few_of_many(
    planted: int, found: int, *, is_enough: bool
) -> None:
    counted = Count({Case.TWO_NIKS: Tally(40, 40), Case.SWAPPED: Tally(planted, found)}, 100, 0)

    assert are_found(counted) is is_enough


@pytest.mark.parametrize(
    ("honest", "alarms", "is_rare"), [(100, 1, True), (100, 2, False), (2_000, 10, True)]
)
def test_a_false_alarm_may_happen_and_few_more(honest: int, alarms: int, *, is_rare: bool) -> None:
    assert are_alarms_rare(Count({}, honest, alarms)) is is_rare
