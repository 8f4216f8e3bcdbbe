"""When what waits will be at the centre: the rules, and their word against the weather."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.regional.status.catch_up import (
    Carried,
    CatchUp,
    LineNeeded,
    Never,
    Pace,
    next_action,
    pace_of,
    plan,
)
from services.simulator.road import Road
from services.simulator.weather import climate_named, forecast
from tests.recordings import NOON

pytestmark = pytest.mark.rules

paces = st.builds(
    lambda usual, more, out_share, longest: Pace(usual, usual + more, out_share, longest),
    st.floats(1, 1e7),
    st.floats(0, 1e7),
    st.floats(0, 1),
    st.floats(0, 1e6),
)
amounts = st.floats(0, 1e10)


@given(paces, amounts, amounts, st.floats(0, 1e7), st.booleans())
def test_more_waiting_never_takes_less(
    pace: Pace, waiting: float, more: float, arriving: float, is_down: bool
) -> None:
    assume(waiting > 0)

    less, later = (plan(w, arriving, pace, is_down=is_down) for w in (waiting, waiting + more))

    assert type(less) is type(later)
    if isinstance(less, CatchUp) and isinstance(later, CatchUp):
        assert less.from_seconds <= later.from_seconds
        assert less.to_seconds <= later.to_seconds
    if isinstance(less, LineNeeded) and isinstance(later, LineNeeded):
        assert less.hours <= later.hours


@given(paces, st.floats(1, 1e10), st.floats(0, 1e7))
def test_never_is_said_exactly_when_more_comes_than_the_line_carries(
    pace: Pace, waiting: float, arriving: float
) -> None:
    found = plan(waiting, arriving, pace, is_down=False)

    assert isinstance(found, Never) == (arriving >= pace.usual * (1 - pace.out_share))
    if isinstance(found, CatchUp):
        assert 0 < found.from_seconds <= found.to_seconds


@given(paces, st.floats(0, 1e7), st.booleans())
def test_nothing_waiting_takes_no_time(pace: Pace, arriving: float, is_down: bool) -> None:
    assert plan(0, arriving, pace, is_down=is_down) == CatchUp(0, 0)


def carried(*batches: tuple[float, float, int]) -> list[Carried]:
    return [
        Carried(size, NOON + timedelta(seconds=begin), NOON + timedelta(seconds=end))
        for begin, end, size in batches
    ]


def test_a_batch_that_waited_for_the_line_counts_as_an_outage_and_not_as_slowness() -> None:
    steady = [(at, at + 10.0, 100_000) for at in range(0, 100, 10)]

    pace = pace_of(carried(*steady, (100.0, 210.0, 100_000)))

    assert pace is not None
    assert (pace.usual, pace.fast) == pytest.approx((10_000, 10_000))
    assert (pace.out_share, pace.longest_out_seconds) == pytest.approx((100 / 210, 100))
    assert plan(36_000_000, 0, pace, is_down=True) == LineNeeded(pytest.approx(1.0))


def test_few_batches_say_nothing() -> None:
    assert pace_of(carried(*[(at, at + 1.0, 50_000) for at in range(4)])) is None


def test_a_full_disk_is_told_before_a_broken_line() -> None:
    assert "Stop" in next_action(None, takes_recordings=False, is_down=True).text
    assert "Stop" not in next_action(None, takes_recordings=True, is_down=True).text
    assert "carry" in next_action(Never(), takes_recordings=True, is_down=False).text


DAY = 86_400.0
PAST_DAYS = 14
BATCH_BYTES = 128 * 1024
EVERY_SECONDS = 900.0
RETRY_SECONDS = 30.0
PATIENCE_SECONDS = 120.0
SEEDS = 40
SHARE_WANTED = 0.8


def delivered(road: Road, at: float) -> Iterator[tuple[float, bool]]:
    """Send one batch until it is acknowledged: (moment, whether this try did it)."""
    while True:
        came = road.exchange(at, BATCH_BYTES, 600, patience_seconds=PATIENCE_SECONDS)
        yield came.ends_at, came.fate == "delivered"
        at = came.ends_at + RETRY_SECONDS


def acknowledged_at(road: Road, at: float) -> float:
    return next(moment for moment, is_there in delivered(road, at) if is_there)


def share_within(climate: str, bytes_per_second: int) -> tuple[float, float]:
    """Share of seeds whose real finish lies within the range; and the middle of to / real."""
    hits, widths = 0, []
    for seed in range(SEEDS):
        draw = Random(f"{seed}/backlog")
        road = Road(forecast(seed, climate_named(climate)), seed=seed)
        now, past = 0.0, []
        while now < PAST_DAYS * DAY:
            end = acknowledged_at(road, now)
            past.append((now, end, BATCH_BYTES))
            now = max(end, now + EVERY_SECONDS)
        pace = pace_of(carried(*past))
        assert pace is not None
        waiting = draw.choice([0.5, 2, 6, 12]) * 3_600 * bytes_per_second
        arriving = draw.choice([0, 0.1, 0.2]) * bytes_per_second
        found = plan(waiting, arriving, pace, is_down=False)
        assert isinstance(found, CatchUp)
        end, sent = now, 0
        while sent < waiting + arriving * (end - now):
            end, sent = acknowledged_at(road, end), sent + BATCH_BYTES
        hits += found.from_seconds <= end - now <= found.to_seconds
        widths.append(found.to_seconds / (end - now))
    return hits / SEEDS, sorted(widths)[SEEDS // 2]


@pytest.mark.parametrize(
    ("climate", "bytes_per_second"), [("kbit_128", 16_000), ("vsat_rain_season", 125_000)]
)
def test_the_range_holds_what_the_weather_does(climate: str, bytes_per_second: int) -> None:
    share, width = share_within(climate, bytes_per_second)

    told = f"{climate}: {share:.0%} of {SEEDS} seeds within; to / real in the middle {width:.1f}"
    assert share >= SHARE_WANTED, told
