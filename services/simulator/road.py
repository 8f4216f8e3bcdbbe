"""What becomes of a message on a line in given weather. Pure: moments in, fates out.

The same forecast that drives the socket proxy drives this road; no socket, no clock, no waiting.
One message is one connection to the toxics that have a toxicity. `at` and every answer are seconds
from the forecast's beginning. The same forecast, seed and questions in the same order give the
same fates. slicer, slow_close and status change no message's fate and are not looked at; `skip`
and `times` count answers of a socket line and mean nothing here.

    road = Road(forecast(7, climate_named("kbit_128")), seed=7)
    road.there(at=60.0, size_bytes=2_000)     # Arrived(at=60.193, ...)
    road.exchange(at=60.0, request_bytes=2_000, answer_bytes=300).fate     # "delivered"
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from random import Random
from types import MappingProxyType
from typing import Final, Literal

from services.simulator.link import (
    BYTES_PER_KB,
    STREAMS,
    Flips,
    Stream,
    Toxic,
    ToxicType,
    delay_seconds,
)
from services.simulator.weather import Spell, WeatherState

Flip = tuple[int, int]  # (byte from the message's start, bit)
Fate = Literal["delivered", "answer_lost", "refused", "cut", "silent"]
FATES: Final[tuple[Fate, ...]] = ("delivered", "answer_lost", "refused", "cut", "silent")


@dataclass(frozen=True, slots=True)
class Arrived:
    """The whole message is there.

    again_at: the same message arrives once more, a ghost nobody waits for.
    flips: bits that are not what was sent.
    """

    at: float
    again_at: float | None = None
    flips: tuple[Flip, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing left: the line takes no connection."""

    at: float


@dataclass(frozen=True, slots=True)
class Broken:
    """The connection was cut, which both sides are told; so many bytes had come through."""

    at: float
    arrived_bytes: int


@dataclass(frozen=True, slots=True)
class Vanished:
    """The message never arrives and nobody is ever told."""


Trip = Arrived | Broken | Vanished


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer.

    answer: None when there is nothing to answer.
    ends_at: when the asker knows or gives up; inf without patience on a silent road.
    """

    request: Trip | Refused
    answer: Trip | None
    fate: Fate
    ends_at: float

    @property
    def acts_at(self) -> tuple[float, ...]:
        """When the other side has the whole request: never, once, or once more (a ghost)."""
        if not isinstance(self.request, Arrived):
            return ()
        again_at = self.request.again_at
        return (self.request.at,) if again_at is None else (self.request.at, again_at)


@dataclass(frozen=True, slots=True)
class Perils:
    """Shares of messages, 0..1, struck by what is rarer than weather; together at most 1.

    refused, cut, ghost strike requests; answer_lost, corrupt strike answers.
    ghost_seconds_mean: how much later a ghost comes, exponentially spread.
    """

    refused: float = 0.0
    cut: float = 0.0
    ghost: float = 0.0
    answer_lost: float = 0.0
    corrupt: float = 0.0
    ghost_seconds_mean: float = 600.0


# Shares chosen to strike often, so that short runs meet every fault; no road is measured so bad.
ROUGH: Final[Mapping[WeatherState, Perils]] = MappingProxyType(
    {
        "clear": Perils(0.004, 0.004, 0.004, 0.004, 0.004),
        "rain": Perils(0.03, 0.03, 0.03, 0.03, 0.03),
        "storm": Perils(0.08, 0.08, 0.08, 0.08, 0.08),
    }
)
CALM: Final[Mapping[WeatherState, Perils]] = MappingProxyType({})


class Road:
    """A line's fates under a forecast.

    forecast: spells without gaps, from second 0; after its last one the road is perfect.
    seed: fixes what is drawn, message by message.
    perils: beside the weather, by its state; a state not named has none.
    """

    def __init__(
        self,
        forecast: Iterable[Spell],
        *,
        seed: int | str = 0,
        perils: Mapping[WeatherState, Perils] = CALM,
    ) -> None:
        self._draw = Random(f"{seed}/road")
        self._perils = perils
        self._skies = _Skies(forecast)
        self._free_at: dict[Stream, float] = {"upstream": 0.0, "downstream": 0.0}
        self._flips = {stream: Flips(self._draw) for stream in self._free_at}

    def state_at(self, at: float) -> WeatherState:
        """Tell the weather of a moment; "clear" once the forecast is over."""
        return self._skies.at(at).state

    def there(self, at: float, size_bytes: int) -> Trip | Refused:
        """Send a request of so many bytes, headers included."""
        sky = self._skies.at(at)
        if sky.is_down:
            return Refused(at)
        perils = self._perils.get(sky.state)
        luck = self._draw.random() if perils else 1.0
        if perils and luck < perils.refused:
            return Refused(at)
        trip = self._travel("upstream", at, size_bytes)
        if perils is None or not isinstance(trip, Arrived):
            return trip
        luck -= perils.refused
        if luck < perils.cut:
            arrived_bytes = self._draw.randrange(max(1, size_bytes))
            return Broken(trip.at, arrived_bytes)
        if luck < perils.cut + perils.ghost:
            later = self._draw.expovariate(1 / perils.ghost_seconds_mean)
            return Arrived(trip.at, trip.at + later, trip.flips)
        return trip

    def back(self, at: float, size_bytes: int) -> Trip:
        """Send an answer on the connection its request came by."""
        sky = self._skies.at(at)
        perils = self._perils.get(sky.state)
        luck = self._draw.random() if perils else 1.0
        trip = self._travel("downstream", at, size_bytes)
        if perils is None or not isinstance(trip, Arrived):
            return trip
        if luck < perils.answer_lost:
            return Broken(trip.at, 0)
        if luck < perils.answer_lost + perils.corrupt and size_bytes:
            flip = (self._draw.randrange(size_bytes), self._draw.randrange(8))
            return Arrived(trip.at, None, (*trip.flips, flip))
        return trip

    def exchange(
        self,
        at: float,
        request_bytes: int,
        answer_bytes: int,
        *,
        serve_seconds: float = 0.0,
        patience_seconds: float = inf,
    ) -> Exchange:
        """Send a request and its answer; the asker gives up after its patience.

        A request may arrive after that: its fate is then "answer_lost", and it acts.
        """
        gives_up_at = at + patience_seconds
        request = self.there(at, request_bytes)
        match request:
            case Refused(refused_at):
                return Exchange(request, None, "refused", refused_at)
            case Broken(broken_at, _):
                return Exchange(request, None, "cut", min(broken_at, gives_up_at))
            case Vanished():
                return Exchange(request, None, "silent", gives_up_at)
        answer = self.back(request.at + serve_seconds, answer_bytes)
        match answer:
            case Arrived(came_at) if came_at <= gives_up_at:
                return Exchange(request, answer, "delivered", came_at)
            case Broken(broken_at, _):
                return Exchange(request, answer, "answer_lost", min(broken_at, gives_up_at))
        return Exchange(request, answer, "answer_lost", gives_up_at)

    def _travel(self, stream: Stream, at: float, size_bytes: int) -> Trip:
        sky = self._skies.at(at)
        for toxic in sky.ways[stream].enders:
            if self._bites(toxic):
                return _ended_by(toxic, at)
        left_bytes, now = float(size_bytes), at
        while True:  # Through what is slow or silent, spell by spell.
            if sky.is_down:
                return Broken(now, int(size_bytes - left_bytes))
            through_at, passed_bytes = self._pass(stream, sky, now, left_bytes)
            if through_at == sky.ends_at == inf:
                return Vanished()
            if through_at <= sky.ends_at:
                return self._arrive(stream, sky, through_at, size_bytes)
            left_bytes -= passed_bytes
            now = sky.ends_at
            sky = self._skies.after(sky)

    def _pass(
        self, stream: Stream, sky: "_Sky", now: float, left_bytes: float
    ) -> tuple[float, float]:
        """When all is through if this sky lasts, and how much of it gets through under it."""
        way = sky.ways[stream]
        if way.is_silent:
            return inf, 0.0
        if not way.bytes_per_second:
            return now, left_bytes
        starts_at = max(now, self._free_at[stream]) if way.is_shared else now
        through_at = starts_at + left_bytes / way.bytes_per_second
        if way.is_shared:
            self._free_at[stream] = min(through_at, max(starts_at, sky.ends_at))
        return through_at, max(0.0, sky.ends_at - starts_at) * way.bytes_per_second

    def _arrive(self, stream: Stream, sky: "_Sky", sent_off_at: float, size_bytes: int) -> Trip:
        way = sky.ways[stream]
        due = sent_off_at
        for latency_ms, jitter_ms in way.delays:
            due += delay_seconds(latency_ms, jitter_ms, self._draw)
        while due > sky.ends_at:  # What is under way meets the weather that comes meanwhile.
            sky = self._skies.after(sky)
            if sky.is_down:
                return Broken(sky.starts_at, 0)
            if sky.ways[stream].is_silent:
                due = max(due, sky.ends_at)
            if due == inf:
                return Vanished()
        return self._land(stream, way, due, size_bytes)

    def _land(self, stream: Stream, way: "_Way", due: float, size_bytes: int) -> Trip:
        for toxic in way.limits:
            if toxic.attributes["bytes"] <= size_bytes and self._bites(toxic):
                return Broken(due, toxic.attributes["bytes"])
        for toxic in way.answer_losers:
            if self._bites(toxic):
                return Broken(
                    due + toxic.attributes["timeout"] / 1000,
                    min(toxic.attributes["bytes"], max(0, size_bytes - 1)),
                )
        flips: tuple[Flip, ...] = ()
        for toxic in way.flippers:
            if self._bites(toxic):
                flips += tuple(self._flips[stream].places(size_bytes, toxic.attributes["every"]))
        return Arrived(due, None, flips)

    def _bites(self, toxic: Toxic) -> bool:
        return toxic.toxicity >= 1.0 or self._draw.random() < toxic.toxicity


def _ended_by(toxic: Toxic, at: float) -> Trip:
    if toxic.type == "half_open":
        return Vanished()
    wait_ms = toxic.attributes["timeout"]
    if toxic.type == "timeout" and not wait_ms:
        return Vanished()
    return Broken(at + wait_ms / 1000, 0)


class _Way:
    """One direction under one sky."""

    __slots__ = (
        "answer_losers",
        "bytes_per_second",
        "delays",
        "enders",
        "flippers",
        "is_shared",
        "is_silent",
        "limits",
    )

    def __init__(self, toxics: Sequence[Toxic]) -> None:
        def of(*kinds: ToxicType) -> tuple[Toxic, ...]:
            return tuple(toxic for toxic in toxics if toxic.type in kinds)

        attributes = [toxic.attributes for toxic in of("bandwidth") if toxic.attributes["rate"]]
        slowest = min(attributes, key=lambda given: given["rate"], default=None)
        self.bytes_per_second = slowest["rate"] * BYTES_PER_KB if slowest else 0
        self.is_shared = bool(slowest and slowest["shared"])
        self.is_silent = bool(of("blackhole"))
        self.delays = tuple(
            (toxic.attributes["latency"], toxic.attributes["jitter"]) for toxic in of("latency")
        )
        self.enders = of("half_open", "timeout", "reset_peer")
        self.answer_losers = of("answer_lost")
        self.limits = of("limit_data")
        self.flippers = of("corrupt")


class _Sky:
    """One spell as the road sees it."""

    __slots__ = ("ends_at", "is_down", "number", "starts_at", "state", "ways")

    def __init__(
        self,
        number: int,
        state: WeatherState,
        starts_at: float,
        ends_at: float,
        toxics: Sequence[Toxic],
    ) -> None:
        self.number, self.state = number, state
        self.starts_at, self.ends_at = starts_at, ends_at
        self.is_down = any(toxic.type == "down" for toxic in toxics)
        self.ways = {
            stream: _Way([toxic for toxic in toxics if toxic.stream == stream])
            for stream in STREAMS
        }


class _Skies:
    """The forecast as far as anybody asked: told once, kept, found by moment."""

    def __init__(self, forecast: Iterable[Spell]) -> None:
        self._coming = iter(forecast)
        self._told: list[_Sky] = []
        self._starts: list[float] = []
        self._last = self._tell()

    def at(self, moment: float) -> _Sky:
        last = self._last
        if not last.starts_at <= moment < last.ends_at:
            while self._told[-1].ends_at <= moment:
                self._tell()
            last = self._told[max(0, bisect_right(self._starts, moment) - 1)]
            self._last = last
        return last

    def after(self, sky: _Sky) -> _Sky:
        if sky.number + 1 == len(self._told):
            return self._tell()
        return self._told[sky.number + 1]

    def _tell(self) -> _Sky:
        number = len(self._told)
        spell = next(self._coming, None)
        if spell is None:
            starts_at = self._told[-1].ends_at if self._told else 0.0
            sky = _Sky(number, "clear", starts_at, inf, ())
        else:
            sky = _Sky(
                number, spell.state, spell.starts_at_seconds, spell.ends_at_seconds, spell.toxics
            )
        self._told.append(sky)
        self._starts.append(sky.starts_at)
        return sky
