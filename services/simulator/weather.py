"""The weather over a line: clear, rain, storm, outage. Pure, seeded, no clock.

A semi-Markov process: each state lasts a gamma-distributed while (shape 2: neither regular nor
without memory), then hands over by fixed odds. The same seed and climate give the same weather
on every machine. The figures are chosen to be plausible, not measured; docs/LINE.md lists them.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from types import MappingProxyType
from typing import Final, Literal

from services.simulator.link import Toxic, both_ways

WeatherState = Literal["clear", "rain", "storm", "outage"]

SPELL_SECONDS_MIN: Final = 1.0
SPELLS_AHEAD_MAX: Final = 500
GAMMA_SHAPE: Final = 2.0
MINUTE: Final = 60.0
HOUR: Final = 3600.0
DEMO_SPELL_SHARES: Final = (0.3, 0.2, 0.2, 0.3)  # clear, rain, storm, outage in one round


@dataclass(frozen=True, slots=True)
class Spell:
    """One stretch of one weather."""

    starts_at_seconds: float  # from the forecast's beginning
    state: WeatherState
    duration_seconds: float
    toxics: tuple[Toxic, ...]

    @property
    def ends_at_seconds(self) -> float:
        """The very number the next spell starts at."""
        return self.starts_at_seconds + self.duration_seconds

    @property
    def is_outage(self) -> bool:
        return self.state == "outage"


@dataclass(frozen=True, slots=True)
class Sky:
    """One state of a climate."""

    seconds_mean: float
    odds: Mapping[WeatherState, float]  # of what follows; weights
    toxics: tuple[Toxic, ...]


@dataclass(frozen=True, slots=True)
class Climate:
    """A line's kind and its weather.

    silent_share: share of outages that swallow (`blackhole`); the others refuse (`down`).
    """

    name: str
    description: str
    skies: Mapping[WeatherState, Sky]
    silent_share: float = 0.5


class ClimateUnknown(ValueError):
    """No climate has this name."""


def forecast(seed: int, climate: Climate) -> Iterator[Spell]:
    """Tell the weather for ever, from a clear sky at second 0, without gaps or overlaps."""
    draw = Random(seed)
    state: WeatherState = "clear"
    starts_at = 0.0
    while True:
        sky = climate.skies[state]
        drawn = draw.gammavariate(GAMMA_SHAPE, sky.seconds_mean / GAMMA_SHAPE)
        spell = Spell(
            starts_at,
            state,
            max(SPELL_SECONDS_MIN, drawn),
            _outage(climate, draw) if state == "outage" else sky.toxics,
        )
        yield spell
        starts_at = spell.ends_at_seconds
        state = draw.choices(list(sky.odds), list(sky.odds.values()))[0]


def demo_storm(seed: int, length_seconds: float, outages: int) -> Iterator[Spell]:
    """Tell a short, rough day: rounds of clear, rain, storm, outage, and a clear end.

    Exactly `outages` outages, silent and refusing ones by turns, end before `length_seconds`,
    where the forecast ends. Raises ValueError if `outages` < 1 or the length is not positive.
    """
    if outages < 1 or not length_seconds > 0:
        raise ValueError("a storm needs at least one outage and a positive length")
    draw = Random(seed)
    refuses_first = draw.random() < 0.5
    lengths: list[tuple[WeatherState, float]] = []
    for _ in range(outages):
        shares = [share * draw.uniform(0.6, 1.4) for share in DEMO_SPELL_SHARES]
        lengths += zip(("clear", "rain", "storm", "outage"), shares, strict=True)
    lengths.append(("clear", DEMO_SPELL_SHARES[0] * draw.uniform(0.6, 1.4)))
    scale = length_seconds / sum(share for _, share in lengths)
    starts_at, outage = 0.0, 0
    for state, share in lengths:
        toxics = DEMO.skies[state].toxics
        if state == "outage":
            toxics = REFUSING if (outage % 2 == 0) is refuses_first else SILENT
            outage += 1
        spell = Spell(starts_at, state, share * scale, toxics)
        yield spell
        starts_at = spell.ends_at_seconds


class Outlook:
    """A forecast that can be looked ahead in while somebody obeys it."""

    def __init__(self, spells: Iterable[Spell]) -> None:
        self._coming = iter(spells)
        self._seen: deque[Spell] = deque()

    def __iter__(self) -> Iterator[Spell]:
        return self

    def __next__(self) -> Spell:
        return self._seen.popleft() if self._seen else next(self._coming)

    def until(self, moment_seconds: float) -> list[Spell]:
        """Spells still to come that begin by then, at most `SPELLS_AHEAD_MAX`."""
        while not self._seen or (
            self._seen[-1].starts_at_seconds <= moment_seconds
            and len(self._seen) <= SPELLS_AHEAD_MAX
        ):
            spell = next(self._coming, None)
            if spell is None:
                break
            self._seen.append(spell)
        near = (spell for spell in self._seen if spell.starts_at_seconds <= moment_seconds)
        return list(islice(near, SPELLS_AHEAD_MAX))


def hastened(spells: Iterable[Spell], speed: float) -> Iterator[Spell]:
    """Let the weather pass `speed` times faster; its faults keep their strength."""
    starts_at = 0.0
    for spell in spells:
        spell = replace(  # noqa: PLW2901 the same spell, shorter
            spell, starts_at_seconds=starts_at, duration_seconds=spell.duration_seconds / speed
        )
        yield spell
        starts_at = spell.ends_at_seconds


def climate_named(name: str) -> Climate:
    """Find a climate by name. Raises ClimateUnknown."""
    try:
        return CLIMATES[name]
    except KeyError:
        raise ClimateUnknown(f"no such profile; there are: {', '.join(CLIMATES)}") from None


def _outage(climate: Climate, draw: Random) -> tuple[Toxic, ...]:
    return SILENT if draw.random() < climate.silent_share else REFUSING


def _slow(latency_ms: int, jitter_ms: int, rate_kb: int) -> tuple[Toxic, ...]:
    """Delay both ways and one capacity for all connections of a direction, as a real line."""
    latency = both_ways("latency", attributes={"latency": latency_ms, "jitter": jitter_ms})
    capacity = both_ways("bandwidth", attributes={"rate": rate_kb, "shared": 1})
    return (*latency, *capacity)


def _answers_lost(share: float, after_ms: int) -> Toxic:
    """That share of requests is acted on, and the answer is cut when it comes back."""
    return Toxic("answer_lost", "downstream", share, {"timeout": after_ms})


SILENT: Final = both_ways("blackhole")
REFUSING: Final = (Toxic("down", "upstream"),)

FIBRE: Final = Climate(
    "fibre",
    "A city on fibre: 8 ms each way, 100 Mbit/s; the cable is cut about once a month.",
    {
        "clear": Sky(72 * HOUR, {"rain": 0.9, "outage": 0.1}, _slow(8, 2, 12_500)),
        "rain": Sky(2 * HOUR, {"clear": 0.95, "storm": 0.05}, _slow(10, 5, 12_500)),
        "storm": Sky(
            40 * MINUTE,
            {"clear": 0.8, "outage": 0.2},
            (*_slow(25, 20, 2_500), _answers_lost(0.05, 200)),
        ),
        "outage": Sky(5 * HOUR, {"clear": 1.0}, REFUSING),
    },
    silent_share=0.3,
)
VSAT_RAIN_SEASON: Final = Climate(
    "vsat_rain_season",
    "A satellite dish in the rainy season: 290 ms each way, 1 Mbit/s, rain fade every afternoon.",
    {
        "clear": Sky(5 * HOUR, {"rain": 0.8, "storm": 0.2}, _slow(290, 30, 125)),
        "rain": Sky(50 * MINUTE, {"clear": 0.6, "storm": 0.4}, _slow(400, 150, 40)),
        "storm": Sky(
            35 * MINUTE,
            {"rain": 0.5, "clear": 0.1, "outage": 0.4},
            (*_slow(900, 600, 10), _answers_lost(0.3, 500)),
        ),
        "outage": Sky(90 * MINUTE, {"storm": 0.5, "rain": 0.3, "clear": 0.2}, SILENT),
    },
    silent_share=0.8,
)
KBIT_128: Final = Climate(
    "kbit_128",
    "An old leased line: 128 kbit/s for everybody together, 60 ms each way, days without it.",
    {
        "clear": Sky(10 * HOUR, {"rain": 0.7, "storm": 0.3}, _slow(60, 20, 16)),
        "rain": Sky(90 * MINUTE, {"clear": 0.7, "storm": 0.3}, _slow(150, 80, 8)),
        "storm": Sky(
            HOUR,
            {"rain": 0.5, "clear": 0.2, "outage": 0.3},
            (*_slow(600, 400, 4), _answers_lost(0.3, 1000)),
        ),
        "outage": Sky(9 * HOUR, {"storm": 0.4, "clear": 0.6}, REFUSING),
    },
)
DEMO: Final = Climate(
    "demo_storm",
    "Mild delays, lost answers and as many outages as asked for, within minutes.",
    {
        "clear": Sky(12.0, {"rain": 1.0}, ()),
        "rain": Sky(8.0, {"storm": 1.0}, both_ways("latency", 1.0, {"latency": 15, "jitter": 10})),
        "storm": Sky(
            8.0,
            {"outage": 1.0},
            (
                *both_ways("latency", 1.0, {"latency": 40, "jitter": 30}),
                _answers_lost(0.5, 0),
            ),
        ),
        "outage": Sky(12.0, {"clear": 1.0}, SILENT),
    },
)

CLIMATES: Final[Mapping[str, Climate]] = MappingProxyType(
    {climate.name: climate for climate in (FIBRE, VSAT_RAIN_SEASON, KBIT_128, DEMO)}
)
