"""The weather: the same for the same seed, without gaps, and every outage ends."""

from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.simulator.weather import (
    CLIMATES,
    FIBRE,
    KBIT_128,
    REFUSING,
    SILENT,
    VSAT_RAIN_SEASON,
    Climate,
    ClimateUnknown,
    climate_named,
    demo_storm,
    forecast,
)

pytestmark = pytest.mark.rules

climates = st.sampled_from(list(CLIMATES.values()))
seeds = st.integers(-(2**63), 2**63)


@given(seed=seeds, climate=climates)
def test_the_same_seed_brings_the_same_weather(seed: int, climate: Climate) -> None:
    assert list(islice(forecast(seed, climate), 60)) == list(islice(forecast(seed, climate), 60))


def test_another_seed_brings_other_weather() -> None:
    weathers = {tuple(islice(forecast(seed, FIBRE), 5)) for seed in range(20)}

    assert len(weathers) == 20


@given(seed=seeds, climate=climates)
def test_a_forecast_covers_time_without_gaps(seed: int, climate: Climate) -> None:
    spells = list(islice(forecast(seed, climate), 60))

    assert spells[0].starts_at_seconds == 0
    assert all(spell.duration_seconds >= 1 for spell in spells)
    assert all(now.ends_at_seconds == then.starts_at_seconds for now, then in pairwise(spells))


@given(seed=seeds, climate=climates)
def test_a_spell_is_followed_only_by_what_its_sky_allows(seed: int, climate: Climate) -> None:
    for now, then in pairwise(islice(forecast(seed, climate), 60)):
        assert climate.skies[now.state].odds[then.state] > 0


@pytest.mark.parametrize("climate", CLIMATES.values(), ids=lambda climate: climate.name)
def test_every_climate_brings_outages_that_end(climate: Climate) -> None:
    spells = list(islice(forecast(1, climate), 2000))

    outages = [spell for spell in spells[:-1] if spell.is_outage]
    assert len(outages) > 10
    assert all(spell.toxics in (SILENT, REFUSING) for spell in outages)
    assert all(climate.skies["outage"].odds.get("outage", 0) == 0 for _ in outages)


@pytest.mark.parametrize(
    ("climate", "least", "most"),
    [(FIBRE, 0.002, 0.02), (VSAT_RAIN_SEASON, 0.02, 0.15), (KBIT_128, 0.05, 0.30)],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_share_of_time_without_a_line_is_what_the_page_says(
    climate: Climate, least: float, most: float
) -> None:
    spells = list(islice(forecast(7, climate), 20_000))

    out = sum(spell.duration_seconds for spell in spells if spell.is_outage)
    assert least < out / spells[-1].ends_at_seconds < most


@given(
    seed=seeds,
    length_seconds=st.floats(1, 86_400),
    outages=st.integers(1, 50),
)
def test_a_demo_storm_has_exactly_the_outages_asked_for(
    seed: int, length_seconds: float, outages: int
) -> None:
    spells = list(demo_storm(seed, length_seconds, outages))

    out = [spell for spell in spells if spell.is_outage]
    assert len(out) == outages
    assert spells[-1].state == "clear"
    assert spells[-1].ends_at_seconds == pytest.approx(length_seconds)
    assert all(now.ends_at_seconds == then.starts_at_seconds for now, then in pairwise(spells))
    assert all(now.toxics != then.toxics for now, then in pairwise(out)), "both kinds by turns"
    assert spells == list(demo_storm(seed, length_seconds, outages))


@pytest.mark.parametrize(("length_seconds", "outages"), [(0, 1), (60, 0), (float("nan"), 1)])
def test_a_demo_storm_of_nothing_is_refused(length_seconds: float, outages: int) -> None:
    with pytest.raises(ValueError, match="at least one outage"):
        next(demo_storm(1, length_seconds, outages))


def test_an_unknown_climate_names_the_known_ones() -> None:
    with pytest.raises(ClimateUnknown, match="vsat_rain_season"):
        climate_named("tropical")
