"""The line's last days from samples; who may be recorded at the desk. Pure."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.console.history import (
    COLUMNS,
    Carried,
    Sample,
    Seen,
    columns,
    spells,
    totals,
)
from services.regional.console.rules import MAY_RECORD, Advice, Listed, check
from shared.contracts.recording import MaritalStatus
from shared.nik import Nik, NikWarning, Sex

pytestmark = pytest.mark.rules

NOON = datetime(2017, 10, 13, 5, tzinfo=UTC)
TODAY = date(2017, 10, 13)
MINUTE = timedelta(minutes=1)
# Born 7 July 1990: a woman's day plus 40.
NIK = Nik.parse("6172024707900003")


def sample(
    minute: int, state: str = "up", failing: float | None = None, waiting: int = 0
) -> Sample:
    since = NOON + failing * MINUTE if failing is not None else None
    return Sample(NOON + minute * MINUTE, state, since, waiting, None)


def looks(samples: list[Sample], minutes: int = 10) -> list[tuple[Seen, float]]:
    found = spells(samples, NOON, NOON + minutes * MINUTE)
    return [(one.seen, one.length / MINUTE) for one in found]


def test_an_outage_begins_when_it_began_and_ends_with_the_minute_that_heard_an_answer() -> None:
    seen = [sample(n) for n in range(4)]
    seen += [sample(4, "down", 3.5), sample(5, "down", 3.5)]
    seen += [sample(n) for n in range(6, 10)]

    assert looks(seen) == [(Seen.UP, 3.5), (Seen.DOWN, 2.5), (Seen.UP, 4)]
    assert totals(spells(seen, NOON, NOON + 10 * MINUTE)).longest == 2.5 * MINUTE


def test_what_nobody_saw_is_neither_up_nor_down() -> None:
    seen = [sample(0), sample(1), sample(8, "down", 0.5)]

    # It failed since half past the first minute, yet at minute one an answer was heard: what lies
    # between the last look and this one may all have been the outage.
    assert looks(seen) == [(Seen.UP, 4), (Seen.DOWN, 6)]


def test_a_server_that_was_off_leaves_a_gap() -> None:
    assert looks([sample(0), sample(9)]) == [(Seen.UP, 3), (Seen.UNSEEN, 6), (Seen.UP, 1)]
    assert looks([]) == [(Seen.UNSEEN, 10)]


@pytest.mark.parametrize("state", ["foreign", "fenced"])
def test_a_line_that_waits_for_people_counts_as_down(state: str) -> None:
    assert looks([sample(0, state)], minutes=1) == [(Seen.DOWN, 1)]


states = st.sampled_from(["up", "slow", "down", "unknown", "foreign"])


@given(
    st.lists(
        st.tuples(st.integers(0, 200), states, st.integers(-300, 200)),
        max_size=60,
        unique_by=lambda one: one[0],
    )
)
def test_spells_cover_the_whole_time_once_and_never_repeat_a_look(
    seen: list[tuple[int, str, int]],
) -> None:
    samples = [
        sample(minute, state, min(failing, minute) if state == "down" else None)
        for minute, state, failing in sorted(seen)
    ]

    found = spells(samples, NOON, NOON + 120 * MINUTE)

    assert found[0].began_at == NOON
    assert found[-1].ended_at == NOON + 120 * MINUTE
    assert all(one.began_at < one.ended_at for one in found)
    for one, other in pairwise(found):
        assert one.ended_at == other.began_at
        assert one.seen is not other.seen


def test_columns_hold_the_longest_queue_and_all_that_was_carried() -> None:
    samples = [sample(0, waiting=3), sample(1, waiting=9), sample(190, waiting=4)]
    samples.insert(2, replace(samples[1], minute=NOON + 1.5 * MINUTE, waiting=5))
    sent = [Carried(NOON, 100), Carried(NOON + 191 * MINUTE, 20), Carried(NOON - MINUTE, 7)]

    # Two minutes to a column.
    found = columns(samples, sent, NOON, NOON + 192 * MINUTE)

    assert len(found) == COLUMNS
    assert [(n, one.waiting_max) for n, one in enumerate(found) if one.waiting_max] == [
        (0, 9),
        (95, 4),
    ]
    assert sum(one.carried_bytes for one in found) == 120


def listed(birth_date: date = date(1990, 7, 7), **changes: object) -> Listed:
    told = {"sex": Sex.FEMALE, "ward": "61.72.02.1001", "obliged": True} | changes
    return Listed(birth_date=birth_date, **told)  # type: ignore[arg-type]


def advice_for(one: Listed | None, *, is_recorded_here: bool = False) -> Advice:
    return check(NIK, one, TODAY, is_recorded_here=is_recorded_here).advice


def test_a_recording_that_stands_here_comes_before_anything_a_list_says() -> None:
    for one in (None, listed(), listed(residency="dead")):
        assert advice_for(one, is_recorded_here=True) is Advice.DO_NOT_RECORD_AGAIN


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (None, Advice.NOT_LISTED),
        (listed(), Advice.RECORD),
        (listed(residency="blocked"), Advice.RECORD_REVIVES),
        (listed(residency="moved"), Advice.LISTED_AS_MOVED),
        (listed(residency="dead"), Advice.LISTED_AS_DEAD),
        (listed(date(2001, 10, 14), obliged=False), Advice.TOO_YOUNG),
        (listed(date(2001, 10, 13), obliged=False), Advice.RECORD_EARLY),
        (listed(date(2000, 10, 13), obliged=False), Advice.RECORD),
        (
            listed(date(2002, 1, 1), obliged=True, marital_status=MaritalStatus.MARRIED),
            Advice.RECORD,
        ),
    ],
)
def test_the_list_says_whether_to_record(one: Listed | None, wanted: Advice) -> None:
    assert advice_for(one) is wanted


def test_who_is_too_young_is_told_the_first_day_and_who_is_16_when_the_card_comes() -> None:
    child = check(NIK, listed(date(2002, 2, 28), obliged=False), TODAY, is_recorded_here=False)
    at_16 = check(NIK, listed(date(2001, 1, 2), obliged=False), TODAY, is_recorded_here=False)

    assert child.recordable_on == date(2018, 2, 28)
    assert at_16.printable_on == date(2018, 1, 2)
    assert at_16.advice in MAY_RECORD
    assert child.advice not in MAY_RECORD


def test_a_nik_that_disagrees_with_the_list_is_told() -> None:
    found = check(NIK, listed(date(1991, 7, 7), sex=Sex.MALE), TODAY, is_recorded_here=False)

    assert found.warnings == (NikWarning.BIRTH_DATE_DIFFERS, NikWarning.SEX_DIFFERS)
    assert found.advice is Advice.RECORD
