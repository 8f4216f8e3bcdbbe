"""What is mounted on one line, by people and by weather, and what came of it. Pure.

`now` is seconds on any clock that never goes back.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from services.simulator.bites import Fitting
from services.simulator.link import Toxic

EVENTS_KEPT = 1000

Happening = Literal[
    "mounted", "changed", "begun", "lifted", "expired", "cut", "restored", "moved", "weather"
]


@dataclass(frozen=True, slots=True)
class LineEvent:
    """Something that happened to a line, or is going to.

    at: seconds on the clock of whoever asks. name: of the toxic, or the state of the weather.
    """

    at: float
    what: Happening
    name: str = ""


class Mounts:
    def __init__(self) -> None:
        self.events: deque[LineEvent] = deque(maxlen=EVENTS_KEPT)
        self._mounted: list[Fitting] = []  # by people
        self._weather: list[Fitting] = []
        self._fired_before: Counter[str] = Counter()  # by toxics lifted since

    def mount(self, toxics: Iterable[Toxic], now: float) -> None:
        """Let people's toxics be exactly these; one already there under its name carries on."""
        self.keep_terms(now)
        before = {fitting.toxic.name: fitting.toxic for fitting in self._mounted}
        self._mounted = self._refit(self._mounted, toxics, now)
        for fitting in self._mounted:
            was = before.pop(fitting.toxic.name, None)
            if was is None or (was.type, was.stream) != (fitting.toxic.type, fitting.toxic.stream):
                self.tell(now, "mounted", fitting.toxic.name)
            elif (was.attributes, was.toxicity) != (
                fitting.toxic.attributes,
                fitting.toxic.toxicity,
            ):
                self.tell(now, "changed", fitting.toxic.name)
        for name in before:
            self.tell(now, "lifted", name)

    def obey(self, toxics: Iterable[Toxic], now: float) -> None:
        """Let the weather's toxics be exactly these."""
        self._weather = self._refit(self._weather, toxics, now)

    def keep_terms(self, now: float) -> None:
        """Drop what has expired and note what has begun."""
        for fitting in self._mounted:
            if fitting.mounted_at < fitting.starts_at <= now and not fitting.has_begun:
                fitting.has_begun = True
                self.tell(fitting.starts_at, "begun", fitting.toxic.name)
        over = [fitting for fitting in self._mounted if fitting.ends_at <= now]
        for fitting in over:
            self._mounted.remove(fitting)
            self._fired_before[fitting.toxic.name] += fitting.fired
            self.tell(fitting.ends_at, "expired", fitting.toxic.name)

    def biting(self, now: float) -> Iterator[Fitting]:
        """What is on now, people's first."""
        yield from (fitting for fitting in self._mounted if fitting.is_on(now))
        yield from self._weather

    def toxics(self, now: float) -> list[Toxic]:
        """People's toxics with what is left of their terms, waiting ones too."""
        return [fitting.seen_at(now) for fitting in self._mounted if now < fitting.ends_at]

    def coming(self, now: float) -> list[LineEvent]:
        """Which toxics begin or expire later than now, soonest first."""
        turns = [
            turn
            for fitting in self._mounted
            for turn in (
                LineEvent(fitting.starts_at, "begun", fitting.toxic.name),
                LineEvent(fitting.ends_at, "expired", fitting.toxic.name),
            )
            if now < turn.at < float("inf")
        ]
        return sorted(turns, key=lambda turn: turn.at)

    @property
    def fired(self) -> dict[str, int]:
        """How often each toxic has bitten, by name; one that never did is absent."""
        fired = Counter(self._fired_before)
        for fitting in (*self._mounted, *self._weather):
            fired[fitting.toxic.name] += fitting.fired
        return dict(+fired)

    def tell(self, now: float, what: Happening, name: str = "") -> None:
        self.events.append(LineEvent(now, what, name))

    def _refit(self, mounted: list[Fitting], toxics: Iterable[Toxic], now: float) -> list[Fitting]:
        """Keep the fitting of a toxic that has the name and kind of one already there."""
        known = {(f.toxic.name, f.toxic.type, f.toxic.stream): f for f in mounted}
        fittings = []
        for toxic in toxics:
            kind = (toxic.name, toxic.type, toxic.stream)
            fitting = known.pop(kind, None) or Fitting(toxic, now)
            fitting.toxic = toxic
            fittings.append(fitting)
        for lifted in known.values():
            self._fired_before[lifted.toxic.name] += lifted.fired
        return fittings
