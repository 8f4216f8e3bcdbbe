"""The pure model of a line: what becomes of a message, by forecast and seed alone."""

from collections import Counter
from itertools import islice, pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.simulator.link import Toxic, ToxicType, both_ways
from services.simulator.road import (
    FATES,
    ROUGH,
    Arrived,
    Broken,
    Exchange,
    Perils,
    Refused,
    Road,
    Vanished,
)
from services.simulator.weather import (
    CLIMATES,
    KBIT_128,
    REFUSING,
    SILENT,
    VSAT_RAIN_SEASON,
    Climate,
    Spell,
    WeatherState,
    forecast,
    hastened,
)

pytestmark = pytest.mark.rules

climates = st.sampled_from(list(CLIMATES.values()))


def weather(*parts: tuple[float, tuple[Toxic, ...]]) -> list[Spell]:
    """Spells of so many seconds under these toxics, one after the other."""
    spells, starts_at = [], 0.0
    for seconds, toxics in parts:
        state: WeatherState = "outage" if toxics in (SILENT, REFUSING) else "clear"
        spells.append(Spell(starts_at, state, seconds, toxics))
        starts_at += seconds
    return spells


def under(*toxics: Toxic, seed: int = 0) -> Road:
    return Road(weather((inf, toxics)), seed=seed)


def exchanges(road: Road, count: int = 300) -> list[Exchange]:
    return [road.exchange(n * 60.0, 2_000, 300, patience_seconds=30) for n in range(count)]


@given(seed=st.integers(0, 2**32), climate=climates)
def test_the_same_forecast_and_seed_bring_the_same_fates(seed: int, climate: Climate) -> None:
    first, second = (Road(forecast(seed, climate), seed=seed, perils=ROUGH) for _ in range(2))

    assert exchanges(first, 50) == exchanges(second, 50)


def test_another_seed_brings_other_fates() -> None:
    roads = [Road(forecast(1, KBIT_128), seed=seed, perils=ROUGH) for seed in range(10)]

    assert len({tuple(exchanges(road, 50)) for road in roads}) == 10


def test_a_road_without_weather_delivers_at_once() -> None:
    road = Road([])

    assert road.there(5.0, 1000) == Arrived(5.0)
    assert road.exchange(5.0, 1000, 1000).ends_at == 5.0


def test_delays_add_up_in_each_direction() -> None:
    road = under(*both_ways("latency", attributes={"latency": 300}))

    gone = road.exchange(10.0, 1, 1, serve_seconds=2.0)

    assert gone.acts_at == (10.3,)
    assert gone.ends_at == pytest.approx(12.6)


def test_a_shared_line_serves_one_message_after_the_other() -> None:
    road = under(Toxic("bandwidth", "upstream", attributes={"rate": 16, "shared": 1}))

    arrivals = [road.there(0.0, 16_000) for _ in range(3)]

    assert arrivals == [Arrived(1.0), Arrived(2.0), Arrived(3.0)]


def test_messages_on_their_own_bandwidth_do_not_wait_for_each_other() -> None:
    road = under(Toxic("bandwidth", "upstream", attributes={"rate": 16}))

    assert [road.there(0.0, 16_000) for _ in range(3)] == [Arrived(1.0)] * 3


def test_a_long_message_goes_on_at_the_next_spells_rate() -> None:
    fast, slow = (
        (Toxic("bandwidth", "upstream", attributes={"rate": rate, "shared": 1}),)
        for rate in (10, 1)
    )
    road = Road(weather((5.0, fast), (inf, slow)))

    assert road.there(0.0, 60_000) == Arrived(15.0), "50,000 bytes fast, 10,000 slowly"
    assert road.there(1.0, 1_000) == Arrived(16.0)


def test_a_refusing_outage_takes_nothing_and_cuts_what_is_under_way() -> None:
    slow = (Toxic("bandwidth", "upstream", attributes={"rate": 1, "shared": 1}),)
    road = Road(weather((10.0, slow), (60.0, REFUSING)))

    assert road.there(0.0, 20_000) == Broken(10.0, 10_000)
    assert road.there(20.0, 1) == Refused(20.0)
    assert road.back(20.0, 1) == Broken(20.0, 0)
    assert road.there(70.0, 1) == Arrived(70.0)


def test_a_message_in_the_air_is_lost_when_the_line_is_cut() -> None:
    latency = both_ways("latency", attributes={"latency": 5000})
    road = Road(weather((10.0, latency), (60.0, REFUSING)))

    assert road.there(4.0, 1) == Arrived(9.0)
    assert road.there(6.0, 1) == Broken(10.0, 0)


def test_a_silent_outage_delivers_late_what_its_sender_has_given_up() -> None:
    road = Road(weather((10.0, ()), (3600.0, SILENT), (inf, ())))

    gone = road.exchange(60.0, 100, 100, patience_seconds=30)

    assert gone.acts_at == (3610.0,)
    assert (gone.fate, gone.ends_at) == ("answer_lost", 90.0)


def test_silence_for_ever_tells_nobody() -> None:
    road = under(*SILENT)

    assert road.there(1.0, 1) == Vanished()
    assert road.exchange(1.0, 1, 1) == Exchange(Vanished(), None, "silent", inf)
    assert road.exchange(1.0, 1, 1, patience_seconds=5).ends_at == 6.0


def test_silence_one_way_acts_and_never_answers() -> None:
    gone = under(Toxic("blackhole", "downstream")).exchange(1.0, 1, 1, patience_seconds=5)

    assert gone.acts_at == (1.0,)
    assert (gone.fate, gone.ends_at) == ("answer_lost", 6.0)


@pytest.mark.parametrize(
    ("toxic", "trip"),
    [
        (Toxic("reset_peer", "upstream", attributes={"timeout": 500}), Broken(1.5, 0)),
        (Toxic("timeout", "upstream", attributes={"timeout": 500}), Broken(1.5, 0)),
        (Toxic("timeout", "upstream"), Vanished()),
        (Toxic("limit_data", "upstream", attributes={"bytes": 40}), Broken(1.0, 40)),
        (Toxic("limit_data", "upstream", attributes={"bytes": 400}), Arrived(1.0)),
        (Toxic("slicer", "upstream", attributes={"average_size": 10}), Arrived(1.0)),
        (Toxic("half_open", "upstream"), Vanished()),
        (Toxic("reset_peer", "downstream"), Arrived(1.0)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_each_toxic_means_for_a_message_what_it_means_for_bytes(toxic: Toxic, trip: object) -> None:
    assert under(toxic).there(1.0, 100) == trip


@pytest.mark.parametrize("kind", ["reset_peer", "answer_lost"])
def test_a_lost_answer_was_acted_on(kind: ToxicType) -> None:
    gone = under(Toxic(kind, "downstream", attributes={"timeout": 500})).exchange(1.0, 100, 100)

    assert gone == Exchange(Arrived(1.0), Broken(1.5, 0), "answer_lost", 1.5)


def test_a_toxic_bites_its_share_of_messages() -> None:
    road = under(Toxic("reset_peer", "downstream", 0.3))

    fates = Counter(one.fate for one in exchanges(road, 2000))

    assert fates["answer_lost"] / 2000 == pytest.approx(0.3, abs=0.05)
    assert fates["delivered"] == 2000 - fates["answer_lost"]


def test_corrupted_bits_lie_within_the_message_as_often_as_asked() -> None:
    road = under(Toxic("corrupt", "upstream", attributes={"every": 1000}))

    trips = [road.there(0.0, 700) for _ in range(1000)]

    flips = [flip for trip in trips if isinstance(trip, Arrived) for flip in trip.flips]
    assert all(0 <= place < 700 and 0 <= bit < 8 for place, bit in flips)
    assert len(flips) == pytest.approx(700, rel=0.1)


def test_perils_strike_their_shares_and_a_ghost_acts_twice() -> None:
    perils: dict[WeatherState, Perils] = {"clear": Perils(0.1, 0.1, 0.1, 0.1, 0.1)}
    gone = exchanges(Road([], seed=3, perils=perils), 4000)

    fates = Counter(one.fate for one in gone)
    acted_twice = [one for one in gone if len(one.acts_at) == 2]
    corrupt = [one for one in gone if isinstance(one.answer, Arrived) and one.answer.flips]
    assert fates["refused"] / 4000 == pytest.approx(0.1, abs=0.02)
    assert fates["cut"] / 4000 == pytest.approx(0.1, abs=0.02)
    assert fates["answer_lost"] / 3200 == pytest.approx(0.1, abs=0.02)
    assert len(acted_twice) / 4000 == pytest.approx(0.1, abs=0.02)
    assert len(corrupt) / 3200 == pytest.approx(0.1, abs=0.02)
    assert all(first < again for first, again in (one.acts_at for one in acted_twice))


@given(seed=st.integers(0, 2**32), climate=climates, at=st.floats(0, 5_000))
def test_no_answer_comes_before_its_request_and_no_wait_is_longer_than_patience(
    seed: int, climate: Climate, at: float
) -> None:
    road = Road(forecast(seed, climate), seed=seed, perils=ROUGH)

    gone = road.exchange(at, 5_000, 500, patience_seconds=60)

    assert at <= gone.ends_at <= at + 60
    assert all(at <= acted_at for acted_at in gone.acts_at)
    if gone.fate == "delivered":
        assert gone.acts_at[0] <= gone.ends_at


def test_a_month_of_satellite_meets_every_fate_but_endless_silence() -> None:
    road = Road(forecast(7, VSAT_RAIN_SEASON), seed=7, perils=ROUGH)

    fates = {one.fate for one in exchanges(road, 40_000)}

    assert fates == set(FATES) - {"silent"}


@given(seed=st.integers(0, 2**32), climate=climates, speed=st.floats(0.1, 1000))
def test_hastened_weather_is_shorter_without_gaps(
    seed: int, climate: Climate, speed: float
) -> None:
    slow = list(islice(forecast(seed, climate), 30))
    fast = list(hastened(slow, speed))

    assert fast[-1].ends_at_seconds == pytest.approx(slow[-1].ends_at_seconds / speed)
    assert all(now.ends_at_seconds == then.starts_at_seconds for now, then in pairwise(fast))
    assert [spell.toxics for spell in fast] == [spell.toxics for spell in slow]
