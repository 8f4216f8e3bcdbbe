"""What an audit compares, and when it runs. Pure."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.central.penunggalan import audit
from services.central.penunggalan.iris.matcher import Likeness
from services.central.penunggalan.iris.thresholds import for_gallery
from tests.town import REGION

pytestmark = pytest.mark.rules

LIMITS = for_gallery(1)
LEFT, RIGHT = 0.1, 0.2


def a_likeness(number: int, left: float | None = LEFT, right: float | None = RIGHT) -> Likeness:
    return Likeness(UUID(int=number), REGION, number, "person", left, right)


def kept(*alike: Likeness, found: int | None = None, one_eye: float = 0.33) -> dict[str, Any]:
    return {
        "thresholds": {"one_eye": one_eye, "mean_of_two": 0.37},
        "likenesses": [
            {"recording_id": str(one.recording_id), "left": one.left, "right": one.right}
            for one in alike
        ],
        "likenesses_found": len(alike) if found is None else found,
    }


@pytest.mark.parametrize(
    ("evidence", "found", "missed_ids", "unfound_ids"),
    [
        pytest.param(kept(), [], [], [], id="nobody, both times"),
        pytest.param(kept(a_likeness(1)), [a_likeness(1)], [], [], id="the same one"),
        pytest.param(kept(), [a_likeness(1)], [1], [], id="one was missed"),
        pytest.param(kept(a_likeness(1)), [], [], [1], id="one is found no more"),
        pytest.param(
            kept(one_eye=0.3), [a_likeness(1, 0.32, None)], [], [], id="no candidate by its limits"
        ),
        pytest.param(
            kept(a_likeness(1, 0.3299, None), one_eye=0.34), [], [], [], id="none by ours"
        ),
        pytest.param(
            kept(a_likeness(1), found=3), [a_likeness(n) for n in (1, 2, 3)], [], [], id="counted"
        ),
        pytest.param(
            kept(a_likeness(1), found=2),
            [a_likeness(n) for n in (1, 2, 3)],
            [2, 3],
            [],
            id="more than counted",
        ),
    ],
)
def test_who_was_missed(
    evidence: dict[str, Any],
    found: list[Likeness],
    missed_ids: list[int],
    unfound_ids: list[int],
) -> None:
    limits = replace(LIMITS, one_eye=0.3294)

    compared = audit.compare(evidence, found, limits)

    assert [one.recording_id.int for one in compared.missed] == missed_ids
    assert [one.int for one in compared.unfound] == unfound_ids


@pytest.mark.parametrize(
    ("now", "hour", "day"),
    [
        pytest.param("2017-10-13T19:00", 2, date(2017, 10, 14), id="two in the morning, WIB"),
        pytest.param("2017-10-13T18:59", 2, None, id="a minute before"),
        pytest.param("2017-10-14T00:59", 2, date(2017, 10, 14), id="nearly six hours later"),
        pytest.param("2017-10-14T01:00", 2, None, id="six hours later"),
        pytest.param("2017-10-13T18:00", 23, date(2017, 10, 13), id="past midnight"),
    ],
)
def test_a_night_begins_at_its_hour_and_ends(now: str, hour: int, day: date | None) -> None:
    night = audit.night_of(datetime.fromisoformat(now).replace(tzinfo=UTC), hour)

    assert (night.day if night else None) == day
