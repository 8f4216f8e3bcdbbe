"""Room in recordings, the day the disk is full, and when to refuse."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.regional.disk.rules import (
    Room,
    full_day,
    may_take,
    rates,
    recordings_left,
)
from tests.recordings import NOON

pytestmark = pytest.mark.rules

sizes = st.integers(0, 10**12)
rooms = st.builds(
    Room,
    free_bytes=sizes,
    budget_left_bytes=st.none() | st.integers(-(10**9), 10**12),
    reserve_bytes=st.integers(0, 10**10),
    table_bytes_each=st.floats(1_000, 1_000_000),
    log_bytes_each=st.floats(0, 1_000_000),
    log_left_bytes=st.integers(0, 10**10),
)


@given(rooms)
def test_what_is_said_to_fit_fits_and_one_percent_more_does_not(room: Room) -> None:
    def cost(recordings: float) -> float:
        log = min(recordings * room.log_bytes_each, room.log_left_bytes)
        return recordings * room.table_bytes_each + log

    left = recordings_left(room)

    if left:
        assert cost(left) <= room.usable_bytes * (1 + 1e-9)
    assert cost(left * 1.01 + 2) > room.usable_bytes


@given(rooms, st.integers(0, 10**9))
def test_more_reserve_never_leaves_more_room(room: Room, more: int) -> None:
    less = replace(room, reserve_bytes=room.reserve_bytes + more)

    assert recordings_left(less) <= recordings_left(room)


@given(rooms, st.integers(0, 10**6))
def test_nothing_is_taken_once_the_reserve_is_touched(room: Room, taken: int) -> None:
    if may_take(room, taken):
        assert room.usable_bytes > taken * room.table_bytes_each
    if room.usable_bytes <= 0:
        assert not may_take(room, 0)
        assert recordings_left(room) == 0


@given(st.integers(1, 20_000), st.integers(15, 400))
def test_a_steady_region_is_foreseen_to_the_day(per_day: int, days: int) -> None:
    curve = [(NOON - timedelta(days=days - day), 1 + per_day * day) for day in range(days + 1)]

    found = rates(curve, NOON)
    full = full_day(per_day * 30, found, NOON)

    assert found is not None
    assert found.calm == pytest.approx(per_day)
    assert found.busy == pytest.approx(per_day)
    assert full is not None
    assert full.not_before == pytest.approx(NOON + timedelta(days=30), abs=timedelta(hours=1))


def test_a_quiet_day_after_a_busy_week_widens_the_range() -> None:
    curve = [(NOON - timedelta(days=20), 1), (NOON - timedelta(days=1), 19_001), (NOON, 19_001)]

    found = rates(curve, NOON)

    assert found is not None
    assert found.calm == 0
    full = full_day(1_000, found, NOON)
    assert full is not None
    assert full.until is None


def test_nothing_is_foreseen_where_nothing_comes() -> None:
    assert rates([], NOON) is None
    assert full_day(1_000, None, NOON) is None
